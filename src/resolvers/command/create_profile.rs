//! Create a user, a service account or a bot.

use super::super::policy::Action;
use super::{Command, ProfilePatch, Target, WriteContext, set_manager, set_owner};
use crate::domain::profile::ProfileStatus;
use crate::domain::{Error, NodeId, NodeKind, OrganizationId, Profile, Result};
use serde::Serialize;
use serde_json::Map;

/// Creates a user, a service account or a bot.
#[derive(Debug, Clone, Serialize)]
pub struct CreateProfile {
    /// Where.
    pub organization: OrganizationId,
    /// User, service account or bot.
    pub kind: NodeKind,
    /// The name to sign in with.
    pub username: String,
    /// Everything else.
    pub fields: ProfilePatch,
    /// Staged or active.
    pub status: ProfileStatus,
    /// Who the profile reports to.
    pub manager: Option<NodeId>,
    /// The user or team that owns the service account or bot.
    pub owner: Option<NodeId>,
}

impl Command for CreateProfile {
    type Output = NodeId;
    const ACTION: &'static str = "profile.create";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organizationId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        super::require_tenant(context).await?;
        context.authorize_tenant(Action::EditDirectory)?;
        if !matches!(self.status, ProfileStatus::Staged | ProfileStatus::Active) {
            return Err(Error::invalid(
                "status",
                "A new profile is STAGED or ACTIVE; use suspendProfile or disableProfile, which ask for a reason.",
            ));
        }
        let id = context.new_id(self.kind);
        let mut profile = Profile::new(id, self.organization, self.username.clone());
        self.fields.apply(&mut profile);
        profile.extensions = context.extended(id, &Map::new(), &self.fields.extensions).await?;
        profile.status = self.status;
        context.create(profile)?;
        if let Some(manager) = self.manager {
            set_manager::appoint(context, id, Some(manager), "managerId").await?;
        }
        if let Some(owner) = self.owner {
            set_owner::hand_over(context, id, Some(owner), "ownerId").await?;
        }
        Ok(id)
    }
}
