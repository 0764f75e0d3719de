//! The messages of the protocol: JSON objects with a `type`.

use super::close::Close;
use crate::http::graphql::respond::Document;
use async_graphql::ServerError;
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;

/// How many bytes the id of an operation may have.
const MAX_ID: usize = 256;

/// What a client says.
#[derive(Debug, PartialEq)]
pub(super) enum ClientMessage {
    /// It begins, perhaps with a credential.
    ConnectionInit(Map<String, Value>),
    /// It wants to know whether the server is there.
    Ping,
    /// It is there.
    Pong,
    /// It wants an operation to be run, under an id of its own.
    Subscribe(Arc<str>, Map<String, Value>),
    /// It wants no more of an operation.
    Complete(Arc<str>),
}

impl ClientMessage {
    /// Reads a message; what is none closes the connection.
    pub(super) fn parse(text: &str) -> Result<Self, Close> {
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err(Close::BadMessage("A message is a JSON object"));
        };
        let Some(Value::String(kind)) = message.remove("type") else {
            return Err(Close::BadMessage("A message has a type, which is a string"));
        };
        match kind.as_str() {
            "connection_init" => Ok(Self::ConnectionInit(payload(&mut message)?.unwrap_or_default())),
            "ping" => payload(&mut message).map(|_| Self::Ping),
            "pong" => payload(&mut message).map(|_| Self::Pong),
            "subscribe" => {
                let id = id(&mut message)?;
                let payload = payload(&mut message)?.ok_or(Close::BadMessage("subscribe has a payload"))?;
                Ok(Self::Subscribe(id, payload))
            }
            "complete" => id(&mut message).map(Self::Complete),
            _ => Err(Close::BadMessage("There is no message of this type for a client to send")),
        }
    }
}

fn payload(message: &mut Map<String, Value>) -> Result<Option<Map<String, Value>>, Close> {
    match message.remove("payload") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(payload)) => Ok(Some(payload)),
        Some(_) => Err(Close::BadMessage("A payload is a JSON object")),
    }
}

fn id(message: &mut Map<String, Value>) -> Result<Arc<str>, Close> {
    match message.remove("id") {
        Some(Value::String(id)) if (1..=MAX_ID).contains(&id.len()) => Ok(id.into()),
        _ => Err(Close::BadMessage("The id of an operation is a string of 1 to 256 bytes")),
    }
}

/// What the server says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerMessage<'a> {
    /// The connection may be used.
    ConnectionAck,
    /// It wants to know whether the client is there.
    Ping,
    /// It is there.
    Pong,
    /// An answer to an operation.
    Next {
        /// Which operation.
        id: &'a str,
        /// The answer.
        payload: Document<'a>,
    },
    /// An operation is not run, or cannot go on; it is over.
    Error {
        /// Which operation.
        id: &'a str,
        /// Why.
        payload: &'a [ServerError],
    },
    /// An operation is over.
    Complete {
        /// Which operation.
        id: &'a str,
    },
}

impl ServerMessage<'_> {
    /// The message as it is sent; none if it cannot be written, which is a fault of the server.
    pub(super) fn text(&self) -> Option<String> {
        let text = serde_json::to_string(self);
        text.inspect_err(|error| tracing::error!(error = %error, "a message could not be written")).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn every_message_is_read() {
        let read = |message: Value| ClientMessage::parse(&message.to_string());
        let empty = Map::new();
        assert_eq!(read(json!({"type": "connection_init"})), Ok(ClientMessage::ConnectionInit(empty.clone())));
        assert_eq!(
            read(json!({"type": "connection_init", "payload": null})),
            Ok(ClientMessage::ConnectionInit(empty.clone()))
        );
        assert_eq!(read(json!({"type": "ping", "payload": {"a": 1}})), Ok(ClientMessage::Ping));
        assert_eq!(read(json!({"type": "pong"})), Ok(ClientMessage::Pong));
        assert_eq!(
            read(json!({"type": "subscribe", "id": "1", "payload": {}})),
            Ok(ClientMessage::Subscribe("1".into(), empty))
        );
        assert_eq!(read(json!({"type": "complete", "id": "1"})), Ok(ClientMessage::Complete("1".into())));
    }

    #[test]
    fn what_is_no_message_is_a_bad_one() {
        for text in [
            "",
            "[]",
            "1",
            "{",
            "{}",
            r#"{"type": 1}"#,
            r#"{"type": "next", "id": "1"}"#,
            r#"{"type": "start", "id": "1", "payload": {}}"#,
            r#"{"type": "connection_init", "payload": 1}"#,
            r#"{"type": "ping", "payload": []}"#,
            r#"{"type": "subscribe", "payload": {}}"#,
            r#"{"type": "subscribe", "id": "", "payload": {}}"#,
            r#"{"type": "subscribe", "id": 1, "payload": {}}"#,
            r#"{"type": "subscribe", "id": "1"}"#,
            r#"{"type": "complete"}"#,
        ] {
            let close = ClientMessage::parse(text).expect_err(text);
            assert_eq!(close.code(), 4400, "{text}");
        }
    }

    #[test]
    fn the_server_says_what_the_protocol_says() {
        let text = |message: ServerMessage<'_>| message.text().expect("a message");
        assert_eq!(text(ServerMessage::ConnectionAck), r#"{"type":"connection_ack"}"#);
        assert_eq!(text(ServerMessage::Complete { id: "a\"" }), r#"{"type":"complete","id":"a\""}"#);
        assert_eq!(text(ServerMessage::Error { id: "1", payload: &[] }), r#"{"type":"error","id":"1","payload":[]}"#);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text: String) {
            let _ = ClientMessage::parse(&text);
        }
    }
}
