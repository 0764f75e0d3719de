//! Change an API token.

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::{Command, Target};
use crate::domain::{ApiToken, NodeId, Result};
use serde::Serialize;

/// Calls an API token something else. What it may do stays as it was made.
#[derive(Debug, Clone, Serialize)]
pub struct UpdateToken {
    /// Which.
    pub id: NodeId,
    /// What it is for.
    pub name: String,
}

impl Command for UpdateToken {
    type Output = NodeId;
    const ACTION: &'static str = "token.update";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let mut token: ApiToken = context.load(self.id, "id").await?;
        context.authorize_tenant(Action::Own)?;
        token.name.clone_from(&self.name);
        context.save(token)?;
        Ok(self.id)
    }
}
