//! Say who answers for a service account or bot.

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::{Command, Target};
use crate::domain::{EdgeKind, Error, NodeId, NodeKind, Profile, Result};
use crate::store::{NewEdge, Side};
use serde::Serialize;

/// Says which user or team owns a service account or bot, or that nobody does.
#[derive(Debug, Clone, Serialize)]
pub struct SetOwner {
    /// The service account or bot.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// The user or team.
    pub owner: Option<NodeId>,
}

impl Command for SetOwner {
    type Output = NodeId;
    const ACTION: &'static str = "profile.set_owner";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let _: Profile = context.load(self.id, "id").await?;
        context.authorize_tenant(Action::EditDirectory)?;
        context.expect_version(self.id, self.expected_version)?;
        hand_over(context, self.id, self.owner, "ownerId").await?;
        Ok(self.id)
    }
}

/// Puts an owner in the place of the one there was, for a profile that the context has loaded or made.
pub(super) async fn hand_over(
    context: &mut WriteContext<'_>,
    id: NodeId,
    owner: Option<NodeId>,
    field: &str,
) -> Result<()> {
    if id.kind == NodeKind::User && owner.is_some() {
        return Err(Error::invalid(field, "A user has no owner; only service accounts and bots have one."));
    }
    if let Some(owner) = owner {
        if !matches!(owner.kind, NodeKind::User | NodeKind::Team) {
            return Err(Error::invalid(field, "An owner is a user or a team."));
        }
        context.load_all(&[owner]).await?;
        if !context.has(owner) {
            return Err(Error::not_found(field, owner.kind));
        }
    }
    let current = context.unit().open_edges(EdgeKind::Owner, Side::Out, &[id.uuid], None).await?.pop();
    let new = owner.map(|owner| NewEdge::new(EdgeKind::Owner, id, owner));
    context.replace_edge(current.as_ref(), new)
}
