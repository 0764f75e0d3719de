//! How risky accounts are. Whether the viewer may know is asked by whoever asks these ([`Reader::allow_private`]).

use super::Reader;
use crate::domain::risk::{Finding, Overview, ScorePoint, State};
use crate::domain::{Page, Result, Slice, Timestamp};
use crate::resolvers::risk::score;
use chrono::TimeDelta;
use std::cmp::Reverse;
use std::collections::HashMap;
use uuid::Uuid;

/// How much evidence is read of an account: more than a state tells apart.
const EVIDENCE: u32 = 200;
/// Since when scores are taken to have risen.
const RISEN: TimeDelta = TimeDelta::hours(24);
/// How many accounts are named that have risen most.
const RISERS: usize = 10;
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
        let mut overviews = self.store().risk_overviews(self.account_scope()?, organizations, times).await?;
        for overview in overviews.values_mut() {
            // Stored scores have faded since.
            let risers = std::mem::take(&mut overview.risers).into_iter();
            let risen =
                risers.map(|riser| (i16::from(score(Some(&riser.state), now).0) - i16::from(riser.before), riser));
            let mut risen: Vec<_> = risen.filter(|(risen, _)| *risen > 0).collect();
            risen.sort_by_key(|(risen, riser)| (Reverse(*risen), riser.identity.uuid));
            overview.risers = risen.into_iter().map(|(_, riser)| riser).take(RISERS).collect();
        }
        Ok(overviews)
    }
}
