//! Change an organization.

use super::super::policy::Action;
use super::{Command, Target, WriteContext};
use crate::domain::{NodeId, Organization, OrganizationId, Patch, Result};
use serde::Serialize;
use serde_json::{Map, Value};

/// Changes fields of an organization.
#[derive(Debug, Clone, Serialize)]
pub struct UpdateOrganization {
    /// Which.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// Short name.
    pub slug: Option<String>,
    /// Name to show.
    pub name: Option<String>,
    /// What it is.
    pub description: Patch<String>,
    /// Free JSON; replaces what there was.
    pub metadata: Patch<Map<String, Value>>,
}

impl Command for UpdateOrganization {
    type Output = NodeId;
    const ACTION: &'static str = "organization.update";

    fn target(&self) -> Target {
        Target::Organization(OrganizationId(self.id.uuid), "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let mut organization: Organization = context.load(self.id, "id").await?;
        context.authorize_tenant(Action::Administer)?;
        context.expect_version(self.id, self.expected_version)?;
        if let Some(slug) = self.slug.as_ref().filter(|slug| **slug != organization.slug) {
            Organization::check_new_slug(slug)?;
            organization.slug.clone_from(slug);
        }
        organization.name = self.name.clone().unwrap_or(organization.name);
        self.description.clone().apply(&mut organization.description);
        self.metadata.clone().apply_or_default(&mut organization.metadata);
        context.save(organization)?;
        Ok(self.id)
    }
}
