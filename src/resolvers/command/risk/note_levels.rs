//! Tell that levels of risk have changed.

use super::super::super::policy::Action;
use super::super::super::write::WriteContext;
use super::super::{Command, Target};
use crate::domain::diff::Difference;
use crate::domain::risk::Level;
use crate::domain::{NodeId, OrganizationId, Result};
use serde::Serialize;

/// That the level of an account has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RiskLevelChange {
    /// The account.
    pub identity: NodeId,
    /// The level that was told last.
    pub before: Level,
    /// The level that it has now.
    pub after: Level,
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
        for RiskLevelChange { identity, before, after } in &self.changes {
            // An account that is gone has no history to tell it in.
            if context.has(*identity) {
                let (before, after) = (before.name().into(), after.name().into());
                context.tell(*identity, Difference { path: "risk_level".to_owned(), before, after })?;
            }
        }
        Ok(())
    }
}
