//! Forget what has no bearing on the risk of anybody any more.

use super::super::super::policy::Action;
use super::super::super::risk::alerts::day_of;
use super::super::super::write::WriteContext;
use super::super::{Command, Target};
use crate::domain::risk::{Baseline, millis};
use crate::domain::{OrganizationId, Result};
use chrono::TimeDelta;
use serde::Serialize;

/// For how long scores of the past are kept, and from where accounts came.
const SCORES_KEPT: TimeDelta = TimeDelta::days(90);
/// For how long it is kept what an address has failed at. What is reported late may be of that time.
const ADDRESSES_KEPT: TimeDelta = TimeDelta::days(1);

/// Forgets old scores, old counts and old addresses of an organization; for no organization, gathers anew what is usual for
/// everyone.
#[derive(Debug, Clone, Serialize)]
pub struct TidyRisk {
    /// The organization, or none of them.
    pub organization: OrganizationId,
}

impl Command for TidyRisk {
    type Output = ();
    const ACTION: &'static str = "risk.tidy";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organizationId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<()> {
        context.authorize_tenant(Action::Administer)?;
        let now = context.now();
        let is_for_everyone = self.organization == OrganizationId::INSTANCE;
        let facts = context.facts()?;
        if is_for_everyone {
            return facts.gather_usual().await;
        }
        facts.forget_usual(Baseline::epochs(millis(now)).0).await?;
        facts.forget_addresses(now - ADDRESSES_KEPT).await?;
        facts.forget_address_uses(day_of(now - SCORES_KEPT)).await?;
        facts.forget_scores(now - SCORES_KEPT).await
    }
}
