//! Delete a profile, organization, team, group or role.

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::{Command, Target};
use crate::domain::profile::ProfileStatus;
use crate::domain::session::SessionEnd;
use crate::domain::{Collective, EdgeKind, NodeId, NodeKind, Organization, Profile, Result, Role};
use crate::store::Side;
use serde::Serialize;

/// Deletes a node: it is gone from every list and look-up, and its names are free again. Its edges stay as they are, so
/// that [`RestoreNode`](super::RestoreNode) brings it back whole; they lead nowhere meanwhile.
#[derive(Debug, Clone, Serialize)]
pub struct DeleteNode {
    /// Which.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

impl Command for DeleteNode {
    type Output = NodeId;
    const ACTION: &'static str = "node.delete";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let (id, now) = (self.id, context.now());
        match id.kind {
            NodeKind::User | NodeKind::ServiceAccount | NodeKind::Bot => {
                let mut profile: Profile = context.load(id, "id").await?;
                self.begin(context, Action::Administer)?;
                profile.status = ProfileStatus::Deleted;
                profile.status_reason.clone_from(&self.reason);
                profile.meta.deleted_at = Some(now);
                context.save(profile)?;
                super::account::revoke_sessions_of_profile(context, id, SessionEnd::Disabled).await?;
            }
            NodeKind::Team | NodeKind::Group => {
                let mut collective: Collective = context.load(id, "id").await?;
                self.begin(context, Action::Administer)?;
                super::members::guard_privilege(context, &[id.uuid]).await?;
                for (container, contained) in containments(context, id).await? {
                    context.release(container, contained).await?;
                }
                context.leave_containment(id).await?;
                collective.meta.deleted_at = Some(now);
                context.save(collective)?;
            }
            NodeKind::Role => {
                let mut role: Role = context.load(id, "id").await?;
                self.begin(context, if role.privileged { Action::Own } else { Action::ManageRoles })?;
                role.meta.deleted_at = Some(now);
                context.save(role)?;
            }
            NodeKind::Organization | NodeKind::LinkedIdentity | NodeKind::Token => {
                let mut organization: Organization = context.load(id, "id").await?;
                self.begin(context, Action::Own)?;
                organization.meta.deleted_at = Some(now);
                context.save(organization)?;
            }
        }
        Ok(id)
    }
}

impl DeleteNode {
    fn begin(&self, context: &mut WriteContext<'_>, action: Action) -> Result<()> {
        context.authorize_tenant(action)?;
        context.expect_version(self.id, self.expected_version)?;
        context.because(self.reason.as_deref())
    }
}

/// The direct containments between a team or group and others that are alive, from the containing to the contained.
pub(super) async fn containments(context: &mut WriteContext<'_>, id: NodeId) -> Result<Vec<(NodeId, NodeId)>> {
    let mut pairs = Vec::new();
    for kind in [EdgeKind::Parent, EdgeKind::Member] {
        for side in [Side::Out, Side::In] {
            let edges = context.unit().open_edges(kind, side, &[id.uuid], None).await?;
            pairs.extend(
                edges.into_iter().filter(|edge| edge.from.kind.is_collective()).map(|edge| (edge.to, edge.from)),
            );
        }
    }
    let others: Vec<NodeId> =
        pairs.iter().map(|(container, contained)| if *container == id { *contained } else { *container }).collect();
    let alive: Vec<NodeId> = context.unit().nodes(&others, false).await?.iter().map(crate::domain::Node::id).collect();
    pairs.retain(|(container, contained)| alive.contains(if *container == id { contained } else { container }));
    Ok(pairs)
}
