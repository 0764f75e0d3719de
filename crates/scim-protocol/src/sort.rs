//! The order of results (RFC 7644 §3.4.2.3).

use crate::error::ScimError;
use crate::filter::{elements, leaf};
use crate::fold;
use crate::moment::parse_date_time;
use crate::schema::{ResourceType, Target, Type};
use crate::value::{is_present, is_primary};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// An order.
///
/// Resources without a value come last when ascending, and first when descending. Of a multi-valued attribute the
/// primary element counts, or else the first. Texts are ordered by the code points of their [`fold`], or by their own
/// where the attribute is `caseExact`. Ties are for the server to break.
#[derive(Debug, Clone, PartialEq)]
pub struct Sort {
    /// By which attribute. Never complex: where the client named a complex attribute, its sub-attribute `value` is
    /// meant.
    pub target: Target,
    /// Whether from the greatest to the least.
    pub descending: bool,
}

/// What a resource is sorted by.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
enum Key {
    Boolean(bool),
    Integer(i64),
    Decimal(f64),
    Instant(DateTime<Utc>),
    Text(String),
}

impl Sort {
    /// An order by the attribute that `path` names.
    ///
    /// # Errors
    /// `invalidPath`, if there is no such attribute, or if it is complex; `invalidValue`, if it must not be sorted by
    /// (`returned: never`).
    pub fn new(resource_type: &ResourceType, path: &str, descending: bool) -> Result<Self, ScimError> {
        let target = resource_type.target(path)?.or_value();
        if target.is_secret() {
            return Err(ScimError::value(format!("{path} is never returned, so it cannot be sorted by.")));
        }
        if target.leaf().kind == Type::Complex {
            return Err(ScimError::path(format!("{path} is complex; sort by one of its sub-attributes.")));
        }
        Ok(Self { target, descending })
    }

    /// How two resources in the canonical form are ordered.
    #[must_use]
    pub fn compare(&self, left: &Map<String, Value>, right: &Map<String, Value>) -> Ordering {
        self.compare_by(left, right, &fold)
    }

    /// The same, for a server that orders texts whose case does not count by another key than their [`fold`].
    #[must_use]
    pub fn compare_by(
        &self,
        left: &Map<String, Value>,
        right: &Map<String, Value>,
        key_of: &dyn Fn(&str) -> String,
    ) -> Ordering {
        let ordering = match (self.key(left, key_of), self.key(right, key_of)) {
            (Some(left), Some(right)) => left.partial_cmp(&right).unwrap_or(Ordering::Equal),
            (left, right) => left.is_none().cmp(&right.is_none()),
        };
        if self.descending { ordering.reverse() } else { ordering }
    }

    fn key(&self, resource: &Map<String, Value>, key_of: &dyn Fn(&str) -> String) -> Option<Key> {
        let elements = elements(&self.target, resource);
        let element = elements.iter().find(|element| is_primary(element)).or_else(|| elements.first())?;
        let value = leaf(&self.target, element).filter(|value| is_present(value))?;
        let attribute = self.target.leaf();
        match (attribute.kind, value) {
            (Type::DateTime, Value::String(text)) => parse_date_time(text).map(Key::Instant),
            (_, Value::String(text)) if attribute.compares_case() => Some(Key::Text(text.clone())),
            (_, Value::String(text)) => Some(Key::Text(key_of(text))),
            (_, Value::Bool(value)) => Some(Key::Boolean(*value)),
            (Type::Integer, Value::Number(number)) => number.as_i64().map(Key::Integer),
            (_, Value::Number(number)) => number.as_f64().map(Key::Decimal),
            _ => None,
        }
    }
}
