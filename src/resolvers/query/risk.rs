//! How risky accounts are. Whether the viewer may know is asked by whoever asks these ([`Reader::allow_private`]).

use super::Reader;
use crate::domain::risk::{Finding, Overview, ScorePoint, State};
use crate::domain::{Page, Result, Slice, Timestamp};
use chrono::TimeDelta;
use std::collections::HashMap;
use uuid::Uuid;

/// How much evidence is read of an account: more than a state tells apart.
const EVIDENCE: u32 = 200;
/// Since when scores are taken to have risen.
const RISEN: TimeDelta = TimeDelta::hours(24);
/// Since when signals are counted.
const FOUND: TimeDelta = TimeDelta::days(7);

impl Reader<'_> {
    /// What the risk of accounts follows from. Those of which nothing is known are left out.
    pub async fn risk_states(&self, identities: &[Uuid]) -> Result<HashMap<Uuid, State>> {
        self.store().risk_states(self.account_scope()?, identities).await
    }

    /// The evidence about many accounts, the latest first.
    pub async fn findings(&self, identities: &[Uuid]) -> Result<HashMap<Uuid, Slice<Finding>>> {
        self.store().findings(self.account_scope()?, identities, EVIDENCE).await
    }

    /// The scores of many accounts when they were written down, the latest first, page by page; only those up to a time, if
    /// one is given.
    pub async fn scores(
        &self,
        identities: &[Uuid],
        until: Option<Timestamp>,
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<ScorePoint>>> {
        self.store().score_pages(self.account_scope()?, identities, until, page).await
    }

    /// How many scores of many accounts were written down.
    pub async fn score_counts(&self, identities: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        self.store().score_counts(self.account_scope()?, identities).await
    }

    /// How risky the accounts of organizations are.
    pub async fn risk_overviews(&self, organizations: &[Uuid]) -> Result<HashMap<Uuid, Overview>> {
        let now = self.app.clock.now();
        let times = (now, now - RISEN, now - FOUND);
        self.store().risk_overviews(self.account_scope()?, organizations, times).await
    }
}
