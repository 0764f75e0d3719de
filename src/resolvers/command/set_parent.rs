//! Hang a team, group or organization below another of its kind.

use super::super::policy::{self, Action, Resource};
use super::super::write::WriteContext;
use super::{Command, Target};
use crate::domain::{Collective, EdgeKind, Error, NodeId, NodeKind, Organization, OrganizationId, Result};
use crate::store::{NewEdge, Side};
use serde::Serialize;

/// The deepest hierarchy that is allowed, counted in nodes from the top to the bottom.
const MAX_DEPTH: i64 = 32;

/// Hangs a team, group or organization below another of its kind, or at the top.
#[derive(Debug, Clone, Serialize)]
pub struct SetParent {
    /// What is hung.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// Below what; none for the top.
    pub parent: Option<NodeId>,
}

impl Command for SetParent {
    type Output = NodeId;
    const ACTION: &'static str = "hierarchy.set_parent";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        if self.id.kind == NodeKind::Organization {
            let _: Organization = context.load(self.id, "id").await?;
            context.authorize_tenant(Action::OwnServer)?;
        } else {
            let _: Collective = context.load(self.id, "id").await?;
            context.authorize_tenant(Action::EditDirectory)?;
        }
        context.expect_version(self.id, self.expected_version)?;
        place(context, self.id, self.parent, "parentId").await?;
        Ok(self.id)
    }
}

/// Hangs a node that the context has loaded, or made, below another.
pub(super) async fn place(
    context: &mut WriteContext<'_>,
    id: NodeId,
    parent: Option<NodeId>,
    field: &str,
) -> Result<()> {
    if parent.is_some_and(|parent| parent.kind != id.kind) {
        return Err(Error::invalid(field, format!("The parent of a {0} is a {0}.", id.kind)));
    }
    let current = context.unit().open_edges(EdgeKind::Parent, Side::Out, &[id.uuid], None).await?.pop();
    if current.as_ref().map(|edge| edge.to) == parent {
        return Ok(());
    }
    if let Some(parent) = parent {
        if id.kind == NodeKind::Organization {
            check_organization(context, id, parent, field).await?;
        } else {
            let _: Collective = context.load(parent, field).await?;
        }
        check_depth(context, id, parent, field).await?;
    }
    if id.kind.is_collective() {
        // Whoever is in it gains what the new parent confers, and loses what the old one did.
        let conferring: Vec<_> = [Some(id), parent].into_iter().flatten().map(|id| id.uuid).collect();
        super::members::guard_privilege(context, &conferring).await?;
    }
    if id.kind.is_collective() {
        if let Some(edge) = &current {
            context.release(edge.to, id).await?;
        }
        if let Some(parent) = parent {
            context.contain(parent, id, field).await?;
        }
    }
    let new = parent.map(|parent| NewEdge::new(EdgeKind::Parent, id, parent));
    context.replace_edge(current.as_ref(), new)
}

async fn check_organization(context: &WriteContext<'_>, id: NodeId, parent: NodeId, field: &str) -> Result<()> {
    // The hierarchy of organizations spans tenants, so the lock of one tenant does not protect it.
    context.unit().lock_organization_hierarchy().await?;
    if context.unit().nodes_anywhere(&[parent]).await?.is_empty() {
        return Err(Error::not_found(field, parent.kind));
    }
    policy::allow(context.viewer(), Action::OwnServer, Resource::of(OrganizationId(parent.uuid)))?;
    if context.unit().is_above(id.uuid, parent.uuid).await? {
        return Err(Error::conflict(field, "This would close a cycle: the parent lies below the organization."));
    }
    Ok(())
}

async fn check_depth(context: &WriteContext<'_>, id: NodeId, parent: NodeId, field: &str) -> Result<()> {
    let (above, _) = context.unit().depth(parent.uuid).await?;
    let (_, below) = context.unit().depth(id.uuid).await?;
    if above + below + 2 > MAX_DEPTH {
        return Err(Error::invalid(
            field,
            format!("The hierarchy would be more than {MAX_DEPTH} deep; make it flatter."),
        ));
    }
    Ok(())
}
