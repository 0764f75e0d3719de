//! Tell that levels of risk have changed.

use super::super::super::policy::Action;
use super::super::super::write::WriteContext;
use super::super::{Command, Target};
use crate::domain::diff::Difference;
use crate::domain::risk::{Level, Levels};
use crate::domain::{NodeId, OrganizationId, Result};
use serde::Serialize;

/// The path under which the level of an account is told.
pub const RISK_LEVEL: &str = "risk_level";
/// The path under which the level is told without what others have signalled.
pub const OWN_RISK_LEVEL: &str = "own_risk_level";

/// That the level of an account has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RiskLevelChange {
    /// The account.
    pub identity: NodeId,
    /// The levels that were told last.
    pub before: Levels,
    /// The levels that it has now.
    pub after: Levels,
}

impl RiskLevelChange {
    /// How a history tells it. The level without what others have signalled is told where it goes another way than the whole one,
    /// also if it stays: then that is what others hear.
    #[must_use]
    pub fn told(&self) -> Vec<Difference> {
        let Self { before, after, .. } = self;
        let told = |path: &str, before: Level, after: Level| Difference {
            path: path.to_owned(),
            before: before.name().into(),
            after: after.name().into(),
        };
        let whole = (before.whole != after.whole).then(|| told(RISK_LEVEL, before.whole, after.whole));
        let is_alike = (before.own, after.own) == (before.whole, after.whole);
        let own = (!is_alike).then(|| told(OWN_RISK_LEVEL, before.own, after.own));
        whole.into_iter().chain(own).collect()
    }
}

/// Tells that levels have changed in the histories of the accounts. It is a part of whatever has changed them.
#[derive(Debug, Clone, Serialize)]
pub struct NoteRiskLevels {
    /// Of which organization the accounts are.
    pub organization: OrganizationId,
    /// What has changed.
    pub changes: Vec<RiskLevelChange>,
}

impl Command for NoteRiskLevels {
    type Output = ();
    const ACTION: &'static str = "identity.risk_level";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organizationId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<()> {
        context.authorize_tenant(Action::EditDirectory)?;
        let ids: Vec<NodeId> = self.changes.iter().map(|change| change.identity).collect();
        context.load_all(&ids).await?;
        // An account that is gone has no history to tell it in.
        let known: Vec<&RiskLevelChange> = self.changes.iter().filter(|change| context.has(change.identity)).collect();
        for change in known {
            for difference in change.told() {
                context.tell(change.identity, difference)?;
            }
        }
        Ok(())
    }
}
