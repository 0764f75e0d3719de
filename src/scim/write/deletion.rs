//! Deletion.

use super::Conditions;
use crate::domain::{Collective, Error, NodeId, OrganizationId, Profile, Result};
use crate::resolvers::command::DeleteNode;
use crate::resolvers::policy::Action;
use crate::resolvers::{Command, Target, WriteContext};
use crate::scim::registry::Kind;
use serde::Serialize;

/// Deletes a resource.
#[derive(Debug, Clone, Serialize)]
pub struct DeleteResource {
    /// Of which type.
    pub kind: Kind,
    /// Of which organization: in others there is no such resource for whoever writes to this one.
    pub organization: OrganizationId,
    /// Which.
    pub id: NodeId,
    /// At which versions the client wants it deleted.
    #[serde(skip)]
    pub conditions: Conditions,
}

impl Command for DeleteResource {
    type Output = NodeId;
    const ACTION: &'static str = "scim.delete";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let (organization, version) = if self.kind == Kind::Group {
            let group: Collective = context.load(self.id, "id").await?;
            (group.organization, group.meta.version)
        } else {
            let profile: Profile = context.load(self.id, "id").await?;
            (profile.organization, profile.meta.version)
        };
        if organization != self.organization {
            return Err(Error::not_found("id", self.kind.name()));
        }
        context.authorize_tenant(Action::Administer)?;
        if !self.conditions.hold(version) {
            return Err(Error::stale(version));
        }
        context.perform(&DeleteNode { id: self.id, expected_version: None, reason: None }).await
    }
}
