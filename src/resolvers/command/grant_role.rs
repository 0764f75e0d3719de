//! Grant a role, and take it back.

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::{Command, Target};
use crate::domain::{EdgeKind, Error, NodeId, NodeKind, Result, Role};
use crate::store::{NewEdge, Side};
use serde::Serialize;

/// Grants a role to a profile or a group.
#[derive(Debug, Clone, Serialize)]
pub struct GrantRole {
    /// The role.
    pub role: NodeId,
    /// The profile or group.
    pub principal: NodeId,
    /// Why.
    pub reason: Option<String>,
}

/// Takes a role back from a profile or a group. Who does not have it stays without.
#[derive(Debug, Clone, Serialize)]
pub struct RevokeRole {
    /// The role.
    pub role: NodeId,
    /// The profile or group.
    pub principal: NodeId,
    /// Why.
    pub reason: Option<String>,
}

impl Command for GrantRole {
    type Output = NodeId;
    const ACTION: &'static str = "role.grant";

    fn target(&self) -> Target {
        Target::Node(self.role, "roleId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let new = NewEdge::new(EdgeKind::Grant, self.principal, self.role);
        change(context, (self.role, self.principal), self.reason.as_deref(), Some(new)).await
    }
}

impl Command for RevokeRole {
    type Output = NodeId;
    const ACTION: &'static str = "role.revoke";

    fn target(&self) -> Target {
        Target::Node(self.role, "roleId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        change(context, (self.role, self.principal), self.reason.as_deref(), None).await
    }
}

async fn change(
    context: &mut WriteContext<'_>,
    (role_id, principal): (NodeId, NodeId),
    reason: Option<&str>,
    new: Option<NewEdge>,
) -> Result<NodeId> {
    let role: Role = context.load(role_id, "roleId").await?;
    context.authorize_tenant(if role.privileged { Action::Own } else { Action::ManageRoles })?;
    context.because(reason)?;
    if !principal.kind.is_profile() && principal.kind != NodeKind::Group {
        return Err(Error::invalid("principalId", "A role is granted to a profile or a group."));
    }
    context.load_all(&[principal]).await?;
    if !context.has(principal) {
        return Err(Error::not_found("principalId", principal.kind));
    }
    let current =
        context.unit().open_edges(EdgeKind::Grant, Side::Out, &[principal.uuid], Some(&[role_id.uuid])).await?.pop();
    context.replace_edge(current.as_ref(), new)?;
    Ok(principal)
}
