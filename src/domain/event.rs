//! Events: what a command did to a node or to its edges, and who did it, from where, and why.
//!
//! A command leaves one event for each node it changed. Changes to edges belong to one end of the edge, the *subject*,
//! under a path that names the other end: `members.usr_…`, `roles.rol_…`, `manager`, `owner`, `parent`, `profile`. So, for
//! one subject and one path, each event's `before` is the `after` of the event before it.

use super::id::{NodeId, OrganizationId};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The token or profile that acted; none for the server itself and for the command line.
    pub id: Option<NodeId>,
    /// The profile on whose behalf the token acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<NodeId>,
    /// Its name at that time.
    pub name: String,
}

/// From where something was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The face: `graphql`, `cli`, and so on.
    pub face: &'static str,
    /// The id of the request, which the logs know too.
    pub request_id: Arc<str>,
}

/// One field, or one edge, that an event changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The path of the field, or of the edge.
    pub path: String,
    /// The value before; null when there was none.
    pub before: Value,
    /// The value after; null when there is none.
    pub after: Value,
    /// Where the new value comes from.
    pub source: String,
}

/// What a command did to one node.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The UUIDv7 of the event.
    pub id: Uuid,
    /// The tenant.
    pub organization: OrganizationId,
    /// The place in the tenant's sequence, which has no gaps.
    pub seq: i64,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What was done, such as `profile.disable`.
    pub action: String,
    /// The node that changed.
    pub subject: NodeId,
    /// The version of the node after the change.
    pub subject_version: i64,
    /// Who did it.
    pub actor: Actor,
    /// Through which face.
    pub face: String,
    /// In which request.
    pub request_id: String,
    /// Why, if somebody said so.
    pub reason: Option<String>,
    /// Where the values come from.
    pub source: String,
    /// What changed.
    pub changes: Vec<FieldChange>,
}
