//! Create a team or a group.

use super::super::policy::Action;
use super::{Command, Target, WriteContext, set_parent};
use crate::domain::contact::ExternalId;
use crate::domain::{Collective, Meta, NodeId, NodeKind, OrganizationId, Patch, Result};
use serde::Serialize;
use serde_json::{Map, Value};

/// Creates a team or a group.
#[derive(Debug, Clone, Serialize)]
pub struct CreateCollective {
    /// Where.
    pub organization: OrganizationId,
    /// Team or group.
    pub kind: NodeKind,
    /// Short name, unique among its kind in the organization.
    pub slug: String,
    /// Name to show; the slug if there is none.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// A free word for what kind of team or group it is.
    pub category: Option<String>,
    /// Free JSON.
    pub metadata: Map<String, Value>,
    /// The ids by which clients of the directory know it.
    pub external_ids: Vec<ExternalId>,
    /// The values of declared attributes, by the URN of their schema.
    pub extensions: Map<String, Value>,
    /// The team or group it belongs under.
    pub parent: Option<NodeId>,
}

impl Command for CreateCollective {
    type Output = NodeId;
    const ACTION: &'static str = "collective.create";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organizationId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        super::require_tenant(context).await?;
        context.authorize_tenant(Action::EditDirectory)?;
        let id = context.new_id(self.kind);
        let extensions = context.extended(id, &Map::new(), &Patch::Value(self.extensions.clone())).await?;
        context.create(Collective {
            id,
            organization: self.organization,
            slug: self.slug.clone(),
            name: self.name.clone().unwrap_or_else(|| self.slug.clone()),
            description: self.description.clone(),
            category: self.category.clone(),
            metadata: self.metadata.clone(),
            external_ids: self.external_ids.clone(),
            extensions,
            meta: Meta::default(),
        })?;
        if let Some(parent) = self.parent {
            set_parent::place(context, id, Some(parent), "parentId").await?;
        }
        Ok(id)
    }
}
