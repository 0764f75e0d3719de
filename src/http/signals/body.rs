//! What receivers send: objects of JSON. Members that are not known are passed over, as extensions may have more.

use super::super::body;
use super::{Asked, Refused};
use crate::domain::json::SaidOnce;
use crate::domain::{Error, Patch};
use axum::body::Body;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// How many bytes a body may have.
const MAX_BYTES: usize = 262_144;

/// Reads the object of a request. Without a body, it is empty.
pub(super) async fn object(asked: &Asked<'_>, body: Body) -> Result<Map<String, Value>, Refused> {
    let limit = MAX_BYTES.min(asked.state.server.max_body_bytes);
    let bytes = body::read(body, limit).await.map_err(|unreadable| Refused::Body(unreadable, limit))?;
    match serde_json::from_slice(&bytes) {
        Ok(SaidOnce(Value::Object(object))) if !has_nul(&object) => Ok(object),
        Ok(_) => Err(malformed("The body is no JSON object, or contains the character NUL; send one without.")),
        Err(_) if bytes.is_empty() => Ok(Map::new()),
        Err(error) => Err(malformed(format!("The body is no JSON: {error}."))),
    }
}

fn malformed(message: impl Into<std::borrow::Cow<'static, str>>) -> Refused {
    Refused::Error(Error { field: None, ..Error::invalid("", message) })
}

/// No database keeps U+0000 in texts.
fn has_nul(object: &Map<String, Value>) -> bool {
    fn any(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains('\0'),
            Value::Array(items) => items.iter().any(any),
            Value::Object(object) => object.iter().any(|(name, value)| name.contains('\0') || any(value)),
            _ => false,
        }
    }
    object.iter().any(|(name, value)| name.contains('\0') || any(value))
}

/// What an object says.
pub(super) fn read<T: for<'de> Deserialize<'de>>(object: Map<String, Value>) -> Result<T, Refused> {
    serde_path_to_error::deserialize(Value::Object(object)).map_err(|error| {
        let path = error.path().to_string();
        let message = format!("This is not what is wanted here: {}.", error.inner());
        Refused::Error(Error { field: Some(path).filter(|path| path != "."), ..Error::invalid("", message) })
    })
}

/// A member that may be left out, null or a value.
pub(super) fn patch<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Patch<T>, D::Error> {
    Option::<T>::deserialize(deserializer).map(|value| value.map_or(Patch::Null, Patch::Value))
}
