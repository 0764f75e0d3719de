//! The claims of signals (RFC 8417, SSF 1.0 section 4.1): one event each, no `sub`, no `exp`.

use super::super::oauth::Settings;
use super::signals::Signal;
use crate::domain::outlet::Outlet;
use crate::domain::signal::{STREAM_UPDATED, VERIFICATION, set_id};
use crate::domain::{Delivery, Event, NodeId, NodeKind, Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// How many seconds have to lie between two signs of life that the receiver of a stream asks for.
pub const MIN_VERIFICATION_INTERVAL: i64 = 10;

/// What is in every signal.
struct Envelope<'a> {
    id: Uuid,
    issuer: &'a str,
    audience: Uuid,
    at: Timestamp,
}

impl Envelope<'_> {
    fn claims(&self, sub_id: &Value, (event_type, event): (&str, Value)) -> Value {
        json!({
            "iss": self.issuer,
            "jti": set_id(self.id),
            "iat": self.at.timestamp(),
            "aud": NodeId::new(NodeKind::Token, self.audience).to_string(),
            "sub_id": sub_id,
            "events": {event_type: event},
        })
    }
}

/// What a signal says to the receiver of a stream, as a delivery.
#[must_use]
pub fn signal_delivery(
    (outlet, settings_issuer): (&Outlet, &str),
    (signal, event): (&Signal, &Event),
    (sub_id, initiating_entity): (Value, &str),
    (id, at): (Uuid, Timestamp),
) -> Delivery {
    let mut said: Map<String, Value> = signal.claims.clone();
    if signal.kind.is_caep() {
        said.insert("event_timestamp".to_owned(), event.occurred_at.timestamp().into());
        said.insert("initiating_entity".to_owned(), initiating_entity.into());
        if let Some(reason) = &event.reason {
            said.insert("reason_admin".to_owned(), json!({"en": reason}));
        }
    }
    let uri = signal.kind.uri();
    let audience = outlet.token.unwrap_or_default();
    let envelope = Envelope { id, issuer: settings_issuer, audience, at };
    let mut claims = envelope.claims(&sub_id, (&uri, Value::Object(said)));
    // When it happened, for events that do not say so themselves, and what it happened together with.
    claims["toe"] = event.occurred_at.timestamp().into();
    claims["txn"] = event.request_id.as_str().into();
    let mut delivery = Delivery::new(id, (outlet.id, signal.subject.uuid), (&uri, claims), at);
    delivery.seq = Some(event.seq);
    delivery
}

/// A sign of life that the receiver of a stream has asked for.
#[must_use]
pub fn verification(
    settings: &Settings,
    outlet: &Outlet,
    state: Option<&str>,
    (id, at): (Uuid, Timestamp),
) -> Delivery {
    let event = state.map_or_else(|| json!({}), |state| json!({"state": state}));
    about_stream(settings, outlet, (VERIFICATION, event), (id, at))
}

/// That the server has changed the status of a stream.
#[must_use]
pub fn stream_updated(settings: &Settings, outlet: &Outlet, (id, at): (Uuid, Timestamp)) -> Delivery {
    let event = json!({"status": outlet.status.name(), "reason": outlet.status_reason});
    about_stream(settings, outlet, (STREAM_UPDATED, event), (id, at))
}

fn about_stream(
    settings: &Settings,
    outlet: &Outlet,
    (event_type, event): (&str, Value),
    (id, at): (Uuid, Timestamp),
) -> Delivery {
    let envelope = Envelope { id, issuer: &settings.issuer, audience: outlet.token.unwrap_or_default(), at };
    let sub_id = json!({"format": "opaque", "id": outlet.public_id()});
    Delivery::new(id, (outlet.id, outlet.id), (event_type, envelope.claims(&sub_id, (event_type, event))), at)
}
