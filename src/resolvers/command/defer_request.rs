//! Accept a request that is done later.

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::{Command, Target};
use crate::domain::deferred::DeferredRequest;
use crate::domain::{Error, ErrorCode, NodeId, OrganizationId, Result};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// How many requests of a credential may wait to be done.
const MAX_WAITING: i64 = 16;

/// Accepts a request that is done later, by whatever this credential may do then. It changes nothing of the graph, so it has
/// no event; what it leads to has.
#[derive(Debug, Clone, Serialize)]
pub struct DeferRequest {
    /// By which name the client knows it.
    pub id: Uuid,
    /// Where it is to be done.
    pub organization: OrganizationId,
    /// The API token that asks.
    pub token: NodeId,
    /// The URL under which the client finds everything.
    pub base: String,
    /// What is to be done. It must hold no secret.
    pub request: Value,
}

impl Command for DeferRequest {
    type Output = ();
    const ACTION: &'static str = "request.defer";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organization")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<()> {
        context.authorize_tenant(Action::EditDirectory)?;
        if context.unit().waiting_requests(self.token).await? >= MAX_WAITING {
            let message =
                format!("{MAX_WAITING} requests of this credential wait to be done; send more when some are.");
            return Err(Error { code: ErrorCode::RateLimited, field: None, keyword: None, message: message.into() });
        }
        let request = DeferredRequest {
            id: self.id,
            organization: self.organization,
            token: self.token,
            base: self.base.clone(),
            request: self.request.clone(),
            accepted_at: context.now(),
            outcome: None,
        };
        context.facts()?.defer(&request).await
    }
}
