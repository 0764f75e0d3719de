//! Alerts. Whether the viewer may know is asked by whoever asks these ([`Reader::allow_private`]).

use super::Reader;
use crate::domain::alert::Alert;
use crate::domain::{Page, Result, Slice};
use crate::store::AlertFilter;
use std::collections::HashMap;
use uuid::Uuid;

impl Reader<'_> {
    /// The alerts of organizations, the latest first, page by page.
    pub async fn alerts(
        &self,
        organizations: &[Uuid],
        filter: &AlertFilter,
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<Alert>>> {
        self.store().alert_pages(self.account_scope()?, organizations, filter, page).await
    }

    /// How many alerts organizations have.
    pub async fn alert_counts(&self, organizations: &[Uuid], filter: &AlertFilter) -> Result<HashMap<Uuid, i64>> {
        self.store().alert_counts(self.account_scope()?, organizations, filter).await
    }

    /// The alerts that count against many accounts, or would if they were not dismissed; the latest first, page by page.
    pub async fn account_alerts(
        &self,
        identities: &[Uuid],
        filter: &AlertFilter,
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<Alert>>> {
        self.store().account_alert_pages(self.account_scope()?, identities, filter, page).await
    }

    /// How many alerts count against many accounts, or would if they were not dismissed.
    pub async fn account_alert_counts(&self, identities: &[Uuid], filter: &AlertFilter) -> Result<HashMap<Uuid, i64>> {
        self.store().account_alert_counts(self.account_scope()?, identities, filter).await
    }

    /// Alerts by id.
    pub async fn alerts_by_ids(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Alert>> {
        self.store().alerts_by_ids(self.account_scope()?, ids).await
    }
}
