//! Change a role.

use super::super::policy::Action;
use super::{Command, Target, WriteContext};
use crate::domain::{NodeId, Patch, Result, Role};
use serde::Serialize;
use serde_json::{Map, Value};

/// Changes fields of a role.
#[derive(Debug, Clone, Serialize)]
pub struct UpdateRole {
    /// Which.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// Short name.
    pub slug: Option<String>,
    /// Name to show.
    pub name: Option<String>,
    /// What it allows.
    pub description: Patch<String>,
    /// Whether whoever has it can do harm.
    pub privileged: Option<bool>,
    /// Free JSON; replaces what there was.
    pub metadata: Patch<Map<String, Value>>,
}

impl Command for UpdateRole {
    type Output = NodeId;
    const ACTION: &'static str = "role.update";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let mut role: Role = context.load(self.id, "id").await?;
        let privileged = role.privileged || self.privileged == Some(true);
        context.authorize_tenant(if privileged { Action::Own } else { Action::ManageRoles })?;
        context.expect_version(self.id, self.expected_version)?;
        role.slug = self.slug.clone().unwrap_or(role.slug);
        role.name = self.name.clone().unwrap_or(role.name);
        role.privileged = self.privileged.unwrap_or(role.privileged);
        self.description.clone().apply(&mut role.description);
        self.metadata.clone().apply_or_default(&mut role.metadata);
        context.save(role)?;
        Ok(self.id)
    }
}
