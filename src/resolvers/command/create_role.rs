//! Create a role.

use super::super::policy::Action;
use super::{Command, Target, WriteContext};
use crate::domain::{Meta, NodeId, NodeKind, OrganizationId, Result, Role};
use serde::Serialize;
use serde_json::{Map, Value};

/// Creates a role.
#[derive(Debug, Clone, Serialize)]
pub struct CreateRole {
    /// Where.
    pub organization: OrganizationId,
    /// Short name, unique among the roles of the organization.
    pub slug: String,
    /// Name to show; the slug if there is none.
    pub name: Option<String>,
    /// What it allows.
    pub description: Option<String>,
    /// Whether whoever has it can do harm.
    pub privileged: bool,
    /// Free JSON.
    pub metadata: Map<String, Value>,
}

impl Command for CreateRole {
    type Output = NodeId;
    const ACTION: &'static str = "role.create";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organizationId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        super::require_tenant(context).await?;
        context.authorize_tenant(if self.privileged { Action::Own } else { Action::ManageRoles })?;
        let id = context.new_id(NodeKind::Role);
        context.create(Role {
            id,
            organization: self.organization,
            slug: self.slug.clone(),
            name: self.name.clone().unwrap_or_else(|| self.slug.clone()),
            description: self.description.clone(),
            privileged: self.privileged,
            metadata: self.metadata.clone(),
            meta: Meta::default(),
        })?;
        Ok(id)
    }
}
