//! When two values of an attribute are the same.

use crate::fold;
use crate::moment::parse_date_time;
use crate::schema::{Attribute, Type};
use serde_json::Value;
use std::collections::HashSet;

/// A text that is equal for values of an attribute that are the same: but for case where the attribute is not
/// `caseExact`, the same instant whatever its offset, the same sub-attributes in any order.
pub(crate) fn fingerprint(attribute: &Attribute, value: &Value) -> String {
    let mut text = String::new();
    write(attribute, value, &mut text);
    text
}

/// Whether two values of an attribute are the same; of a multi-valued one, in any order.
pub(crate) fn is_same(attribute: &Attribute, left: &Value, right: &Value) -> bool {
    let (Value::Array(left), Value::Array(right)) = (left, right) else {
        return fingerprint(attribute, left) == fingerprint(attribute, right);
    };
    let sorted = |elements: &[Value]| {
        let mut fingerprints: Vec<_> = elements.iter().map(|element| fingerprint(attribute, element)).collect();
        fingerprints.sort_unstable();
        fingerprints
    };
    sorted(left) == sorted(right)
}

/// Leaves each element once: the first of those that are the same.
pub(crate) fn deduplicate(attribute: &Attribute, elements: &mut Vec<Value>) {
    if elements.len() > 1 {
        let mut seen = HashSet::with_capacity(elements.len());
        elements.retain(|element| seen.insert(fingerprint(attribute, element)));
    }
}

fn write(attribute: &Attribute, value: &Value, text: &mut String) {
    match (attribute.kind, value) {
        (Type::Complex, Value::Object(parts)) => {
            text.push('{');
            for sub_attribute in &attribute.sub_attributes {
                if let Some(part) = parts.get(&sub_attribute.name) {
                    // Names need no quoting, and the values after them quote themselves.
                    text.push_str(&sub_attribute.name);
                    text.push(':');
                    write(sub_attribute, part, text);
                }
            }
            text.push('}');
        }
        (_, Value::Array(elements)) => {
            text.push('[');
            for element in elements {
                write(attribute, element, text);
                text.push(',');
            }
            text.push(']');
        }
        (Type::DateTime, Value::String(moment)) => match parse_date_time(moment) {
            Some(instant) => text.push_str(&instant.to_rfc3339()),
            None => push_json(text, value),
        },
        (_, Value::String(string)) if !attribute.compares_case() => push_json(text, &fold(string).into()),
        _ => push_json(text, value),
    }
}

fn push_json(text: &mut String, value: &Value) {
    text.push_str(&value.to_string());
}
