//! Which required attributes a resource lacks (RFC 7643 §2.2).

use crate::schema::{Attribute, ResourceType, Type};
use crate::value::is_present;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The paths of the required attributes that clients have to give in a body and that are missing.
pub(crate) fn missing_in_body(resource_type: &ResourceType, body: &Map<String, Value>) -> BTreeSet<String> {
    let mut missing = missing(resource_type, body);
    for attribute in resource_type.top_attributes().filter(|attribute| attribute.defaulted) {
        missing.remove(&attribute.name);
    }
    missing
}

/// The paths of the required attributes that are not readOnly and that are missing: of the resource, of the extensions that
/// it has or has to have, and of its complex values.
pub(crate) fn missing(resource_type: &ResourceType, resource: &Map<String, Value>) -> BTreeSet<String> {
    let mut missing = BTreeSet::new();
    look(resource_type.top_attributes(), resource, "", &mut missing);
    for extension in resource_type.extensions() {
        let urn = &extension.schema.id;
        match resource.get(urn).and_then(Value::as_object) {
            Some(parts) => look(extension.schema.attributes.iter(), parts, &format!("{urn}:"), &mut missing),
            None if extension.required => {
                missing.insert(urn.clone());
            }
            None => {}
        }
    }
    missing
}

fn look<'a>(
    attributes: impl Iterator<Item = &'a Arc<Attribute>>,
    parts: &Map<String, Value>,
    prefix: &str,
    missing: &mut BTreeSet<String>,
) {
    for attribute in attributes {
        // What lives elsewhere is not looked for here.
        if attribute.is_read_only() || attribute.detached {
            continue;
        }
        let value = parts.get(&attribute.name);
        match value {
            _ if attribute.required && !value.is_some_and(is_present) => {
                missing.insert(format!("{prefix}{}", attribute.name));
            }
            // Also what consists of empty texts alone is kept, and has to be whole.
            Some(value) if attribute.kind == Type::Complex => {
                let prefix = format!("{prefix}{}.", attribute.name);
                let elements = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                for element in elements.iter().filter_map(Value::as_object) {
                    look(attribute.sub_attributes.iter(), element, &prefix, missing);
                }
            }
            _ => {}
        }
    }
}
