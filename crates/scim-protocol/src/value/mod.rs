//! Values: read by the definition of their attribute, and compared by it (RFC 7643 §2.3 to §2.5).

mod read;
mod same;
mod trail;

pub(crate) use read::{is_primary, read_element, read_one, read_parts};
pub(crate) use same::{deduplicate, fingerprint, is_same};
pub(crate) use trail::Trail;

use serde_json::{Number, Value};

/// How many values a multi-valued attribute may have, unless they live outside of the resource.
///
/// Work on a set follows its size. See also [`MAX_WORK`](crate::patch::MAX_WORK).
pub const MAX_VALUES: usize = 1_000;

/// Whether there is a value at all: neither null, nor an empty string, nor an array or object that contains none.
pub(crate) fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => elements.iter().any(is_present),
        Value::Object(parts) => parts.values().any(is_present),
    }
}

/// The number as an integer of 64 bits, if it is one, be it written `1e3` or `1000.0`.
pub(crate) fn whole_number(number: &Number) -> Option<i64> {
    if let Some(integer) = number.as_i64() {
        return Some(integer);
    }
    // The least integer is a power of two, which a float has exactly.
    let bounds = i64::MIN as f64..-(i64::MIN as f64);
    let float = number.as_f64().filter(|float| float.fract() == 0.0 && bounds.contains(float))?;
    Some(float as i64)
}
