//! Requests that are accepted now and done later.

use super::{NodeId, OrganizationId, Timestamp};
use serde_json::Value;
use uuid::Uuid;

/// A request that is accepted now and done later.
#[derive(Debug, Clone, PartialEq)]
pub struct DeferredRequest {
    /// A UUIDv7: requests of one credential are done in this order.
    pub id: Uuid,
    /// The tenant.
    pub organization: OrganizationId,
    /// The API token that asked, which has to be live when the request is done.
    pub token: NodeId,
    /// The URL under which the client finds everything.
    pub base: String,
    /// What is to be done, as the face that accepted it writes it. It holds no secret.
    pub request: Value,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// What has become of it, as the same face writes it; none, as long as it is not done.
    pub outcome: Option<Value>,
}
