//! Fields of a body that changes some of what there is: to leave one out is not to send null.

use crate::domain::Patch;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::borrow::Cow;

/// A field that stays if it is left out, and is cleared by null.
#[derive(Debug, Clone)]
pub struct Change<T>(pub Patch<T>);

impl<T> Default for Change<T> {
    fn default() -> Self {
        Self(Patch::Absent)
    }
}

impl<T> Change<T> {
    /// Whether something is said of the field.
    pub const fn is_said(&self) -> bool {
        !matches!(self.0, Patch::Absent)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<T>::deserialize(deserializer).map(|value| Self(value.map_or(Patch::Null, Patch::Value)))
    }
}

impl<T: JsonSchema> JsonSchema for Change<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}

/// Reads a field that may be left out, but not cleared.
pub fn value<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A field that may be null, but not left out.
#[derive(Debug, Clone)]
pub struct Nullable<T>(pub Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Read as an option, what is missing would be taken for null.
        match Value::deserialize(deserializer)? {
            Value::Null => Ok(Self(None)),
            value => T::deserialize(value).map(|value| Self(Some(value))).map_err(D::Error::custom),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Nullable<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}

/// Has the schema of a member that is read by [`value`] say that it is never null.
pub fn not_null(schema: &mut Schema) {
    schema.remove("default");
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = &types[..] {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(mut any)) = schema.remove("anyOf") {
        any.retain(|one| one.get("type").is_none_or(|name| name != "null"));
        if let [Value::Object(one)] = &any[..] {
            for (name, value) in one {
                schema.insert(name.clone(), value.clone());
            }
        } else {
            schema.insert("anyOf".to_owned(), Value::Array(any));
        }
    }
}
