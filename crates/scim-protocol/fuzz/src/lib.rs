//! What the targets have in common: the resource types of the tests, and what has to be true of every resource.

#[path = "../../tests/it/fixture.rs"]
pub mod fixture;

use serde_json::{Map, Value};

/// Panics unless a resource is in the canonical form.
pub fn require_canonical(resource: &Map<String, Value>) {
    for (name, value) in resource {
        assert!(is_settled(value), "{name} has a part without a value: {value}");
        let primaries = value.as_array().into_iter().flatten().filter(|element| element["primary"] == true);
        assert!(primaries.count() < 2, "{name} has more than one primary value: {value}");
    }
}

fn is_settled(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(elements) => !elements.is_empty() && elements.iter().all(is_settled),
        Value::Object(parts) => !parts.is_empty() && parts.values().all(is_settled),
        _ => true,
    }
}
