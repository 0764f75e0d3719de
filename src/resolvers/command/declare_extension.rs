//! Declare an extension: attributes of profiles, teams and groups beyond what everybody has.

use super::super::policy::Action;
use super::{Command, Target, WriteContext, extension_rules};
use crate::domain::{Extension, NodeId, Organization, OrganizationId, Result};
use serde::Serialize;

/// Declares an extension of an organization, in the place of what it has declared under the same URN before.
#[derive(Debug, Clone, Serialize)]
pub struct DeclareExtension {
    /// The organization.
    pub organization: OrganizationId,
    /// The version of the organization that the client has seen.
    pub expected_version: Option<i64>,
    /// The URN by which the extension is known.
    pub urn: String,
    /// What is declared.
    pub extension: Extension,
    /// Why.
    pub reason: Option<String>,
}

impl Command for DeclareExtension {
    type Output = NodeId;
    const ACTION: &'static str = "extension.declare";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organizationId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let id = self.organization.node();
        let mut organization: Organization = context.load(id, "organizationId").await?;
        context.authorize_tenant(Action::Administer)?;
        context.expect_version(id, self.expected_version)?;
        context.because(self.reason.as_deref())?;
        let before = organization.extensions.clone();
        organization.extensions.declare(&self.urn, self.extension.clone())?;
        extension_rules::check(context, &before, &organization.extensions).await?;
        context.save(organization)?;
        Ok(id)
    }
}
