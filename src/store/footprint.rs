//! About how many bytes nodes take in memory: enough to bound what is kept.

use crate::domain::Extensions;
use crate::domain::details::Details;
use serde_json::{Map, Value};

/// About how many bytes a node takes besides its free JSON.
pub(super) const NODE_BYTES: usize = 2_048;
/// About how many bytes a value of JSON takes besides its text.
const VALUE_BYTES: usize = 64;

/// About how many bytes free JSON takes, taken apart.
pub(super) fn json_bytes(map: &Map<String, Value>) -> usize {
    fn of(value: &Value) -> usize {
        VALUE_BYTES
            + match value {
                Value::String(text) => text.len(),
                Value::Array(items) => items.iter().map(of).sum(),
                Value::Object(map) => json_bytes(map),
                _ => 0,
            }
    }
    map.iter().map(|(key, value)| VALUE_BYTES + key.len() + of(value)).sum()
}

/// About how many bytes the lists of details take; the texts count as part of the node.
pub(super) fn details_bytes(details: &Details) -> usize {
    let lists = [&details.photos, &details.messengers, &details.entitlements, &details.assigned_roles];
    let values = lists.into_iter().chain([&details.certificates]).flatten();
    values.map(|value| 2 * VALUE_BYTES + value.value.len()).sum()
}

/// About how many bytes the declarations of an organization take.
pub(super) fn extensions_bytes(extensions: &Extensions) -> usize {
    let attributes = extensions.iter().flat_map(|(_, extension)| &extension.attributes);
    attributes.map(|attribute| 4 * VALUE_BYTES * (2 + attribute.sub_attributes.len())).sum()
}
