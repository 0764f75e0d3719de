//! Unlink an account from its profile.

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::{Command, Target};
use crate::domain::identity::LOCAL_PROVIDER;
use crate::domain::{EdgeKind, Error, LinkedIdentity, NodeId, Result};
use crate::store::Side;
use serde::Serialize;

/// Unlinks an account from its profile. The identity stays, with its history, and belongs to nobody until it is linked
/// again. The account with which the profile signs in to this server itself stays with it.
#[derive(Debug, Clone, Serialize)]
pub struct UnlinkIdentity {
    /// The identity.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

impl Command for UnlinkIdentity {
    type Output = NodeId;
    const ACTION: &'static str = "identity.unlink";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let identity: LinkedIdentity = context.load(self.id, "id").await?;
        context.authorize_tenant(Action::EditDirectory)?;
        context.expect_version(self.id, self.expected_version)?;
        context.because(self.reason.as_deref())?;
        let current = context.unit().open_edges(EdgeKind::Link, Side::Out, &[self.id.uuid], None).await?.pop();
        if identity.provider == LOCAL_PROVIDER {
            return Err(Error::conflict(
                "id",
                "This is the account of a profile at this server itself, which stays with it; change its status instead.",
            ));
        }
        context.replace_edge(current.as_ref(), None)?;
        Ok(self.id)
    }
}
