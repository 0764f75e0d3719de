//! Withdraw an extension.

use super::super::policy::Action;
use super::{Command, Target, WriteContext};
use crate::domain::{NodeId, Organization, OrganizationId, Result};
use serde::Serialize;

/// Withdraws an extension of an organization: its values are kept, and shown to nobody until it is declared again.
#[derive(Debug, Clone, Serialize)]
pub struct WithdrawExtension {
    /// The organization.
    pub organization: OrganizationId,
    /// The version of the organization that the client has seen.
    pub expected_version: Option<i64>,
    /// The URN by which the extension is known.
    pub urn: String,
    /// Why.
    pub reason: Option<String>,
}

impl Command for WithdrawExtension {
    type Output = NodeId;
    const ACTION: &'static str = "extension.withdraw";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organizationId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let id = self.organization.node();
        let mut organization: Organization = context.load(id, "organizationId").await?;
        context.authorize_tenant(Action::Administer)?;
        context.expect_version(id, self.expected_version)?;
        context.because(self.reason.as_deref())?;
        organization.extensions.withdraw(&self.urn)?;
        context.save(organization)?;
        Ok(id)
    }
}
