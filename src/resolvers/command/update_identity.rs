//! Change what is known of an account at another provider.

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::{Command, IdentityPatch, Target};
use crate::domain::{LinkedIdentity, NodeId, Result};
use serde::Serialize;

/// Changes what is known of an account. What identifies it cannot change.
#[derive(Debug, Clone, Serialize)]
pub struct UpdateIdentity {
    /// The identity.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// The changes.
    pub patch: IdentityPatch,
}

impl Command for UpdateIdentity {
    type Output = NodeId;
    const ACTION: &'static str = "identity.update";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let mut identity: LinkedIdentity = context.load(self.id, "id").await?;
        context.authorize_tenant(Action::EditDirectory)?;
        context.expect_version(self.id, self.expected_version)?;
        self.patch.apply(&mut identity);
        context.save(identity)?;
        Ok(self.id)
    }
}
