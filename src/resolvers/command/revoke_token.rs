//! Revoke an API token.

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::{Command, Target};
use crate::domain::{ApiToken, NodeId, Result};
use serde::Serialize;

/// Revokes an API token, for good.
#[derive(Debug, Clone, Serialize)]
pub struct RevokeToken {
    /// Which.
    pub id: NodeId,
    /// Why.
    pub reason: Option<String>,
}

impl Command for RevokeToken {
    type Output = NodeId;
    const ACTION: &'static str = "token.revoke";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let mut token: ApiToken = context.load(self.id, "id").await?;
        context.authorize_tenant(Action::OwnServer)?;
        context.because(self.reason.as_deref())?;
        token.meta.deleted_at = Some(context.now());
        context.save(token)?;
        Ok(self.id)
    }
}
