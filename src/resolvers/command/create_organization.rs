//! Create an organization.

use super::super::policy::Action;
use super::{Command, Target, WriteContext, set_parent};
use crate::domain::{Extensions, Meta, NodeId, Organization, Result};
use serde::Serialize;
use serde_json::{Map, Value};

/// Creates an organization, which is a tenant of its own.
#[derive(Debug, Clone, Serialize)]
pub struct CreateOrganization {
    /// Short name, unique on the server.
    pub slug: String,
    /// Name to show.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Free JSON.
    pub metadata: Map<String, Value>,
    /// What it declares of its profiles, teams and groups beyond what everybody has.
    pub extensions: Extensions,
    /// The organization it belongs under.
    pub parent: Option<NodeId>,
}

impl Command for CreateOrganization {
    type Output = NodeId;
    const ACTION: &'static str = "organization.create";

    fn target(&self) -> Target {
        Target::NewOrganization
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        context.authorize_tenant(Action::OwnServer)?;
        Organization::check_new_slug(&self.slug)?;
        let id = context.tenant();
        let mut extensions = Extensions::default();
        extensions.become_these(&self.extensions).map_err(|error| error.within("extensions"))?;
        context.create(Organization {
            id,
            slug: self.slug.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            metadata: self.metadata.clone(),
            extensions,
            meta: Meta::default(),
        })?;
        if let Some(parent) = self.parent {
            set_parent::place(context, id.node(), Some(parent), "parentId").await?;
        }
        Ok(id.node())
    }
}
