//! From what a client sent to what its attribute allows.

use super::{MAX_VALUES, Trail, deduplicate, whole_number};
use crate::error::ScimError;
use crate::moment::parse_date_time;
use crate::schema::{Attribute, Type};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reads the value of an attribute as a body has it. None, if that is null, an empty array, or an object without
/// anything that could be kept.
pub(crate) fn read_all(attribute: &Attribute, value: Value, trail: &Trail<'_>) -> Result<Option<Value>, ScimError> {
    if !attribute.multi_valued {
        return read_one(attribute, value, trail);
    }
    match value {
        Value::Null => Ok(None),
        Value::Array(elements) => {
            let elements = read_elements(attribute, elements, trail)?;
            Ok((!elements.is_empty()).then_some(Value::Array(elements)))
        }
        _ => Err(trail.misfit("has to be an array")),
    }
}

/// Reads the element with this index of a multi-valued attribute.
pub(crate) fn read_element(
    attribute: &Attribute,
    element: Value,
    index: usize,
    trail: &Trail<'_>,
) -> Result<Option<Value>, ScimError> {
    read_one(attribute, element, &Trail::Element(trail, index))
}

/// Reads the elements of a multi-valued attribute: without those that are null, each once, at most one of them primary.
fn read_elements(attribute: &Attribute, elements: Vec<Value>, trail: &Trail<'_>) -> Result<Vec<Value>, ScimError> {
    let mut read = Vec::with_capacity(elements.len());
    for (index, element) in elements.into_iter().enumerate() {
        read.extend(read_element(attribute, element, index, trail)?);
    }
    deduplicate(attribute, &mut read);
    if read.len() > MAX_VALUES && !attribute.detached {
        return Err(trail.misfit(format_args!("has more than {MAX_VALUES} values")));
    }
    if read.iter().filter(|element| is_primary(element)).count() > 1 {
        return Err(trail.misfit("has more than one primary value"));
    }
    Ok(read)
}

/// Whether an element is the primary one.
pub(crate) fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

/// Reads one value: that of a single attribute, or an element. None, if it is null, or an object without anything that
/// could be kept.
pub(crate) fn read_one(attribute: &Attribute, value: Value, trail: &Trail<'_>) -> Result<Option<Value>, ScimError> {
    if value.is_null() {
        return Ok(None);
    }
    let read = match (attribute.kind, value) {
        (Type::Complex, value) => return read_complex(attribute, value, trail),
        (Type::Boolean, value) => boolean(value),
        (Type::Integer, Value::Number(number)) => whole_number(&number).map(Value::from),
        (Type::Decimal, value @ Value::Number(_)) => Some(value),
        (Type::String | Type::Reference, value @ Value::String(_)) => Some(value),
        (Type::DateTime, Value::String(text)) => parse_date_time(&text).map(|_| Value::String(text)),
        (Type::Binary, Value::String(text)) => is_base64(&text).then_some(Value::String(text)),
        _ => None,
    };
    read.map(Some).ok_or_else(|| trail.misfit(format_args!("has to be a {}", attribute.kind.as_str())))
}

/// An object; or its `value` alone, as some clients send a manager.
fn read_complex(attribute: &Attribute, value: Value, trail: &Trail<'_>) -> Result<Option<Value>, ScimError> {
    let parts = match (value, attribute.value_attribute()) {
        (Value::Object(parts), _) => parts,
        (bare @ (Value::String(_) | Value::Number(_) | Value::Bool(_)), Some(value)) => {
            Map::from_iter([(value.name.clone(), bare)])
        }
        _ => return Err(trail.misfit("has to be an object")),
    };
    let read = read_parts(|name| attribute.sub_attribute(name), parts, trail)?;
    Ok((!read.is_empty()).then_some(Value::Object(read)))
}

/// Reads the attributes of an object, with their canonical names: without unknown and readOnly ones, and those without
/// a value.
pub(crate) fn read_parts<'a>(
    find: impl Fn(&str) -> Option<&'a Arc<Attribute>>,
    parts: Map<String, Value>,
    trail: &Trail<'_>,
) -> Result<Map<String, Value>, ScimError> {
    let mut read = Map::new();
    let mut seen = BTreeSet::new();
    for (name, value) in parts {
        let Some(attribute) = find(&name) else { continue };
        let trail = Trail::Part(trail, &attribute.name);
        if !seen.insert(attribute.name.as_str()) {
            return Err(trail.misfit("is given twice"));
        }
        if attribute.is_read_only() {
            continue;
        }
        if let Some(value) = read_all(attribute, value, &trail)? {
            read.insert(attribute.name.clone(), value);
        }
    }
    Ok(read)
}

/// `true` or `false`, also as strings and in any case, as Microsoft Entra ID sends them.
fn boolean(value: Value) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(Value::Bool(false)),
        _ => None,
    }
}

/// Base64 of either alphabet, with or without padding (RFC 7643 §2.3.6).
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let is_whole = match digits.len() % 4 {
        0 => padding == 0,
        2 => padding == 0 || padding == 2,
        3 => padding <= 1,
        _ => false,
    };
    is_whole && digits.chars().all(|digit| digit.is_ascii_alphanumeric() || "+/-_".contains(digit))
}
