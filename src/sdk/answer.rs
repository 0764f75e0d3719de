//! What comes of an operation, and how it is written in either spelling.

use crate::domain::{Error, ErrorCode, Result};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What is told of a change to those who know what they have changed.
const AFFECTED: &str = "Affected";

/// What comes of an operation.
#[derive(Debug)]
pub enum Answer {
    /// A thing.
    One(Value),
    /// Who the credential is, and its organization.
    Account(Value, Value),
    /// Part of a list, and how many entries there are, if that was asked for or is more than are told.
    List(Vec<Value>, Option<i64>),
    /// Something was changed, and looks so now; null if that is not to be told.
    Changed(Value),
    /// How many there are.
    Count(i64),
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// In an envelope: `{"status": …, "msg": …, "data": …, "data2": …}`.
    Envelope,
    /// By itself; lists under a name of theirs.
    Native,
}

/// The envelope.
#[derive(Serialize)]
struct Envelope<'a> {
    status: &'static str,
    msg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a Value>,
    data: &'a Value,
    data2: &'a Value,
    #[serde(flatten)]
    fault: Option<Fault<'a>>,
}

/// What an envelope says of a refusal besides its message.
#[derive(Serialize)]
struct Fault<'a> {
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    request_id: &'a str,
}

impl Answer {
    /// The answer as it is sent, lists under that name where they have one.
    #[must_use]
    pub fn written(self, spelling: Spelling, list: &str) -> Vec<u8> {
        match spelling {
            Spelling::Envelope => self.in_envelope(),
            Spelling::Native => self.by_itself(list),
        }
    }

    fn in_envelope(self) -> Vec<u8> {
        let (data, data2) = match self {
            Self::One(thing) => (thing, Value::Null),
            Self::Account(thing, organization) => (thing, organization),
            Self::List(items, total) => (Value::Array(items), total.map_or(Value::Null, Value::from)),
            Self::Changed(Value::Null) => (Value::from(AFFECTED), Value::Null),
            Self::Changed(thing) => (thing, Value::Null),
            Self::Count(count) => (Value::from(count), Value::Null),
        };
        let is_account = data2.is_object();
        let (sub, name) = (data.get("id").filter(|_| is_account), data.get("name").filter(|_| is_account));
        bytes(&Envelope { status: "ok", msg: "", sub, name, data: &data, data2: &data2, fault: None })
    }

    fn by_itself(self, list: &str) -> Vec<u8> {
        bytes(&match self {
            Self::One(thing) | Self::Account(thing, _) => thing,
            Self::Changed(thing) => {
                if thing.is_null() {
                    json!({})
                } else {
                    thing
                }
            }
            Self::List(items, total) => {
                let mut body = Map::new();
                body.insert(list.to_owned(), Value::Array(items));
                body.extend(total.map(|total| ("total".to_owned(), Value::from(total))));
                Value::Object(body)
            }
            Self::Count(count) => json!({"count": count}),
        })
    }
}

/// A refusal in an envelope.
#[must_use]
pub fn refusal((code, field): (&str, Option<&str>), message: &str, request_id: &str) -> Vec<u8> {
    let fault = Some(Fault { code, field, request_id });
    let (data, data2) = (&Value::Null, &Value::Null);
    bytes(&Envelope { status: "error", msg: message, sub: None, name: None, data, data2, fault })
}

/// A thing that was asked for, in that spelling: clients of the envelope take nothing for an answer.
pub fn or_nothing(outcome: Result<Answer, Error>, spelling: Spelling) -> Result<Answer, Error> {
    match outcome {
        Err(error) if error.code == ErrorCode::NotFound && spelling == Spelling::Envelope => {
            Ok(Answer::One(Value::Null))
        }
        outcome => outcome,
    }
}

fn bytes(body: &impl Serialize) -> Vec<u8> {
    // Texts, numbers, lists and objects always serialise.
    serde_json::to_vec(body).unwrap_or_default()
}
