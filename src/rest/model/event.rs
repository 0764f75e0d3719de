//! What was done.

use super::moment::Moment;
use crate::domain;
use crate::domain::id::event_id;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// What was done to a node or to its edges: who, when, from where, why, and every value before and after.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Event {
    /// Public id: `evt_…`.
    pub id: String,
    /// The place in the organization's sequence of events, which has no gaps.
    pub sequence: i64,
    /// When it happened.
    pub occurred_at: Moment,
    /// What was done, such as `profile.disable`.
    pub action: String,
    /// Public id of the node that changed.
    pub subject_id: String,
    /// The version of the node after the change.
    pub subject_version: i64,
    /// Who did it.
    pub actor: Actor,
    /// Through which face of the server.
    pub face: String,
    /// In which request.
    pub request_id: String,
    /// Why, if somebody said so.
    pub reason: Option<String>,
    /// Where the values come from.
    pub source: String,
    /// What changed, ordered by path.
    pub changes: Vec<FieldChange>,
}

/// Who did something.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Actor {
    /// Public id of the API token or profile; null for the operator of the server.
    pub id: Option<String>,
    /// Public id of the profile on whose behalf it acted, if any.
    pub profile_id: Option<String>,
    /// Its name at that time.
    pub name: String,
}

/// A field, or an edge, that changed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FieldChange {
    /// Its path, such as `name.given` or `members.usr_…`.
    pub path: String,
    /// The value before; null when there was none.
    pub before: Value,
    /// The value after; null when there is none.
    pub after: Value,
    /// Where the new value comes from.
    pub source: String,
}

impl From<&domain::Event> for Event {
    fn from(event: &domain::Event) -> Self {
        let change = |change: &domain::FieldChange| FieldChange {
            path: change.path.clone(),
            before: change.before.clone(),
            after: change.after.clone(),
            source: change.source.clone(),
        };
        Self {
            id: event_id(event.id),
            sequence: event.seq,
            occurred_at: event.occurred_at.into(),
            action: event.action.clone(),
            subject_id: event.subject.to_string(),
            subject_version: event.subject_version,
            actor: (&event.actor).into(),
            face: event.face.clone(),
            request_id: event.request_id.clone(),
            reason: event.reason.clone(),
            source: event.source.clone(),
            changes: event.changes.iter().map(change).collect(),
        }
    }
}

impl From<&domain::Actor> for Actor {
    fn from(actor: &domain::Actor) -> Self {
        Self {
            id: actor.id.map(|id| id.to_string()),
            profile_id: actor.profile.map(|id| id.to_string()),
            name: actor.name.clone(),
        }
    }
}
