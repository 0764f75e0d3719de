//! Events as JSON, as whoever is told of them outside is told: a reader of the Redis stream, the receiver of a webhook.

use super::event::{Event, FieldChange};
use super::id::event_id;
use chrono::SecondsFormat;
use serde::Serialize;

/// An event as JSON: the names of GraphQL, public ids, times of RFC 3339.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventDocument<'a> {
    id: String,
    organization: String,
    seq: i64,
    occurred_at: String,
    action: &'a str,
    subject: String,
    subject_version: i64,
    actor: ActorDocument<'a>,
    face: &'a str,
    request_id: &'a str,
    reason: Option<&'a str>,
    source: &'a str,
    changes: &'a [FieldChange],
}

#[derive(Debug, Serialize)]
struct ActorDocument<'a> {
    id: Option<String>,
    profile: Option<String>,
    name: &'a str,
}

impl<'a> From<&'a Event> for EventDocument<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            id: event_id(event.id),
            organization: event.organization.to_string(),
            seq: event.seq,
            occurred_at: event.occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true),
            action: &event.action,
            subject: event.subject.to_string(),
            subject_version: event.subject_version,
            actor: ActorDocument {
                id: event.actor.id.map(|id| id.to_string()),
                profile: event.actor.profile.map(|id| id.to_string()),
                name: &event.actor.name,
            },
            face: &event.face,
            request_id: &event.request_id,
            reason: event.reason.as_deref(),
            source: &event.source,
            changes: &event.changes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Actor, NodeId, NodeKind, OrganizationId, time::from_micros};
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn an_event_has_public_ids_and_rfc_3339_times() {
        let uuid = Uuid::from_u128(1);
        let event = Event {
            id: uuid,
            organization: OrganizationId(uuid),
            seq: 7,
            occurred_at: from_micros(1_000_001),
            action: "profile.disable".to_owned(),
            subject: NodeId::new(NodeKind::User, uuid),
            subject_version: 3,
            actor: Actor { id: Some(NodeId::new(NodeKind::Token, uuid)), profile: None, name: "sync".to_owned() },
            face: "graphql".to_owned(),
            request_id: "req_x".to_owned(),
            reason: None,
            source: "graphql".to_owned(),
            changes: vec![FieldChange {
                path: "status".to_owned(),
                before: json!("active"),
                after: json!("disabled"),
                source: "graphql".to_owned(),
            }],
        };
        let document = serde_json::to_value(EventDocument::from(&event)).expect("JSON");
        assert_eq!(
            document,
            json!({
                "id": "evt_00000000000000000000000001",
                "organization": "org_00000000000000000000000001",
                "seq": 7,
                "occurredAt": "1970-01-01T00:00:01.000001Z",
                "action": "profile.disable",
                "subject": "usr_00000000000000000000000001",
                "subjectVersion": 3,
                "actor": {
                    "id": "tok_00000000000000000000000001", "profile": null, "name": "sync"
                },
                "face": "graphql",
                "requestId": "req_x",
                "reason": null,
                "source": "graphql",
                "changes": [{
                    "path": "status", "before": "active", "after": "disabled", "source": "graphql"
                }]
            })
        );
    }
}
