//! What a webhook is told: a CloudEvent (version 1.0, in JSON) for each event, signed as Standard Webhooks has it.

use crate::domain::event_document::EventDocument;
use crate::domain::id::event_id;
use crate::domain::{Delivery, Event, Outlet, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::SecondsFormat;
use ring::hmac;
use serde_json::{Value, json};

/// What the types of our events begin with.
const TYPE: &str = "idgraph.";

/// What an event says to a webhook, as a delivery. The receiver knows it by the id of the event, however often it comes.
#[must_use]
pub fn cloud_event(outlet: &Outlet, event: &Event, issuer: &str, at: Timestamp) -> Delivery {
    // Texts, numbers, lists and objects always serialise.
    let data = serde_json::to_value(EventDocument::from(event)).unwrap_or(Value::Null);
    let body = json!({
        "specversion": "1.0",
        "id": event_id(event.id),
        "source": format!("{issuer}/v1/organizations/{}", event.organization),
        "type": format!("{TYPE}{}", event.action),
        "subject": event.subject.to_string(),
        "time": event.occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        "datacontenttype": "application/json",
        // The extension for sequences wants texts that sort.
        "sequence": format!("{:020}", event.seq),
        "data": data,
    });
    let mut delivery = Delivery::new(event.id, (outlet.id, event.subject.uuid), (&event.action, body), at);
    delivery.seq = Some(event.seq);
    delivery
}

/// The signatures of a message under each of these keys.
#[must_use]
pub fn signatures(keys: &[Vec<u8>], (id, timestamp): (&str, i64), body: &[u8]) -> String {
    let message = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
    let signature = |key: &Vec<u8>| {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &message);
        format!("v1,{}", STANDARD.encode(tag.as_ref()))
    };
    keys.iter().map(signature).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_signed_as_the_specification_says() {
        // The example of the libraries of Standard Webhooks.
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a key");
        let signed = signatures(&[key], ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330), br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn each_key_signs() {
        let keys = [vec![1; 32], vec![2; 32]];
        let both = signatures(&keys, ("x", 1), b"{}");
        let each: Vec<String> = keys.iter().map(|key| signatures(std::slice::from_ref(key), ("x", 1), b"{}")).collect();
        assert_eq!(both, each.join(" "));
    }
}
