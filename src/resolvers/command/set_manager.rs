//! Say who somebody reports to.

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::{Command, Target};
use crate::domain::{EdgeKind, Error, NodeId, Profile, Result};
use crate::store::{NewEdge, Side};
use serde::Serialize;

/// Says who a profile reports to, or that it reports to nobody.
#[derive(Debug, Clone, Serialize)]
pub struct SetManager {
    /// The report.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// The manager.
    pub manager: Option<NodeId>,
}

impl Command for SetManager {
    type Output = NodeId;
    const ACTION: &'static str = "profile.set_manager";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let _: Profile = context.load(self.id, "id").await?;
        context.authorize_tenant(Action::EditDirectory)?;
        context.expect_version(self.id, self.expected_version)?;
        appoint(context, self.id, self.manager, "managerId").await?;
        Ok(self.id)
    }
}

/// Puts a manager in the place of the one there was, for a profile that the context has loaded or made.
///
/// Chains of managers may be long, and directories contain cycles among managers for a day; only the shortest is refused.
pub(super) async fn appoint(
    context: &mut WriteContext<'_>,
    id: NodeId,
    manager: Option<NodeId>,
    field: &str,
) -> Result<()> {
    if manager == Some(id) {
        return Err(Error::invalid(
            field,
            "Nobody is their own manager; leave the field out for somebody who reports to nobody.",
        ));
    }
    if let Some(manager) = manager {
        let _: Profile = context.load(manager, field).await?;
    }
    let current = context.unit().open_edges(EdgeKind::Manager, Side::Out, &[id.uuid], None).await?.pop();
    let new = manager.map(|manager| NewEdge::new(EdgeKind::Manager, id, manager));
    context.replace_edge(current.as_ref(), new)
}
