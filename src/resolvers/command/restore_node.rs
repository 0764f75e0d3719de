//! Bring back what was deleted.

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::delete_node::containments;
use super::{Command, Target};
use crate::domain::{Collective, Error, NodeId, NodeKind, Organization, Profile, Result, Role};
use serde::Serialize;

/// Brings a deleted node back as it was, with the edges it had. Its names must still be free.
#[derive(Debug, Clone, Serialize)]
pub struct RestoreNode {
    /// Which.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

impl Command for RestoreNode {
    type Output = NodeId;
    const ACTION: &'static str = "node.restore";
    const REVIVES_TENANT: bool = true;

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let id = self.id;
        if id.kind != NodeKind::Organization && !context.unit().tenant_is_live() {
            return Err(Error::not_found("id", id.kind));
        }
        match id.kind {
            NodeKind::User | NodeKind::ServiceAccount | NodeKind::Bot => {
                let mut profile: Profile = context.load_deleted_too(id, "id").await?;
                self.begin(context, Action::Administer)?;
                if let Some(survivor) = profile.merged_into {
                    let message = format!("This profile was merged into {survivor}; use unmergeProfile.");
                    return Err(Error::conflict("id", message));
                }
                if profile.meta.deleted_at.take().is_some() {
                    let before = context.unit().profile_in_life(id).await?;
                    (profile.status, profile.status_reason) =
                        before.map(|before| (before.status, before.status_reason)).unwrap_or_default();
                    context.save(profile)?;
                }
            }
            NodeKind::Team | NodeKind::Group => {
                let mut collective: Collective = context.load_deleted_too(id, "id").await?;
                self.begin(context, Action::Administer)?;
                if collective.meta.deleted_at.take().is_some() {
                    context.enter_containment(id).await?;
                    for (container, contained) in containments(context, id).await? {
                        context.contain(container, contained, "id").await?;
                    }
                    super::members::guard_privilege(context, &[id.uuid]).await?;
                    context.save(collective)?;
                }
            }
            NodeKind::Role => {
                let mut role: Role = context.load_deleted_too(id, "id").await?;
                self.begin(context, if role.privileged { Action::Own } else { Action::ManageRoles })?;
                role.meta.deleted_at = None;
                context.save(role)?;
            }
            NodeKind::Organization | NodeKind::LinkedIdentity | NodeKind::Token => {
                let mut organization: Organization = context.load_deleted_too(id, "id").await?;
                self.begin(context, Action::OwnServer)?;
                organization.meta.deleted_at = None;
                context.save(organization)?;
            }
        }
        Ok(id)
    }
}

impl RestoreNode {
    fn begin(&self, context: &mut WriteContext<'_>, action: Action) -> Result<()> {
        context.authorize_tenant(action)?;
        context.expect_version(self.id, self.expected_version)?;
        context.because(self.reason.as_deref())
    }
}
