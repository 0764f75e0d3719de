//! The bodies of POST and PUT: from what a client sent to the canonical form (RFC 7644 §3.3 and §3.5.1).

use crate::error::ScimError;
use crate::required;
use crate::schema::{Attribute, Mutability, ResourceType, Schema, Type};
use crate::value::{Trail, is_same, read_parts};
use serde_json::{Map, Value};
use std::sync::Arc;

/// What a body is for.
#[derive(Debug, Clone, Copy)]
pub enum Purpose<'a> {
    /// To make a resource.
    Create,
    /// To take the place of a resource.
    Replace {
        /// The resource as it is, in the canonical form.
        current: &'a Map<String, Value>,
    },
}

/// Reads the body of a POST or PUT into the canonical form.
///
/// - Names and URNs are recognised in any case. What is unknown is ignored, and so is what is readOnly.
/// - `null`, `[]`, and objects in which nothing remains, are absent. In a PUT, absent means cleared, except for what is
///   immutable and has a value, which stays, and for what is writeOnly, of which there is nothing to be seen: absent
///   from the result, it is to be left alone.
/// - `schemas` has to name the core schema. Extensions of the type that it does not name, or names without need, are
///   put right; URNs that the type does not have are ignored. In the result it names the schemas that have a value.
/// - Values have to be of the type of their attribute. Beyond the standard, `"True"` and `"False"` are booleans, and a
///   complex attribute may be given by its `value` alone.
/// - The elements of a multi-valued attribute are a set: those that are the same become one. At most one may be
///   primary.
/// - Required attributes, of complex values and of extensions with a value too, must have a value, and not an empty
///   string; but for those of the resource that are [`defaulted`](Attribute::defaulted).
/// - Values of attributes that are [`detached`](Attribute::detached) are part of the result, but not required.
///
/// # Errors
/// `invalidSyntax`, if the body is no object; `invalidValue` with the attribute at fault, if it breaks a rule above;
/// `mutability`, if it changes what is immutable and has a value.
pub fn read(resource_type: &ResourceType, body: Value, purpose: Purpose<'_>) -> Result<Map<String, Value>, ScimError> {
    let Value::Object(body) = body else {
        return Err(ScimError::syntax("The body has to be a JSON object."));
    };
    let (mut core, mut extensions) = (Map::new(), Map::new());
    for (name, value) in body {
        if resource_type.top_attribute(&name).is_some() {
            core.insert(name, value);
        } else if let Some(extension) = resource_type.extension(&name) {
            let urn = &extension.schema.id;
            let parts = read_extension(&extension.schema, value)?;
            if !parts.is_empty() && extensions.insert(urn.clone(), Value::Object(parts)).is_some() {
                return Err(ScimError::value(format!("{urn} is given twice.")));
            }
        }
    }
    check_schemas(resource_type, &core)?;
    let mut resource = read_parts(|name| resource_type.top_attribute(name), core, &Trail::Top)?;
    resource.append(&mut extensions);
    if let Purpose::Replace { current } = purpose {
        keep_immutable(resource_type, &mut resource, current)?;
    }
    if let Some(missing) = required::missing_in_body(resource_type, &resource).first() {
        return Err(ScimError::value(format!("{missing} is required.")));
    }
    name_schemas(resource_type, &mut resource);
    Ok(resource)
}

fn read_extension(schema: &Schema, value: Value) -> Result<Map<String, Value>, ScimError> {
    let trail = Trail::Extension(&schema.id);
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(parts) => read_parts(|name| schema.attribute(name), parts, &trail),
        _ => Err(trail.misfit("has to be an object")),
    }
}

/// Requires that `schemas` is an array of strings, with the core schema among them (RFC 7643 §3).
fn check_schemas(resource_type: &ResourceType, body: &Map<String, Value>) -> Result<(), ScimError> {
    let urn = &resource_type.schema().id;
    let schemas = body.iter().find(|(name, _)| name.eq_ignore_ascii_case("schemas")).map(|(_, value)| value);
    let Some(schemas) = schemas.filter(|schemas| !schemas.is_null()) else {
        return Err(ScimError::value(format!("schemas is required; it has to contain {urn}.")));
    };
    if names_schema(schemas, urn) {
        return Ok(());
    }
    Err(ScimError::value(format!("schemas has to be an array of strings that contains {urn}.")))
}

/// Whether a value is an array of strings, one of which is the URN, in any case.
pub(crate) fn names_schema(schemas: &Value, urn: &str) -> bool {
    let Some(schemas) = schemas.as_array() else { return false };
    schemas.iter().all(Value::is_string)
        && schemas.iter().filter_map(Value::as_str).any(|schema| schema.eq_ignore_ascii_case(urn))
}

/// Sets `schemas` to the core schema and the extensions that have a value.
pub(crate) fn name_schemas(resource_type: &ResourceType, resource: &mut Map<String, Value>) {
    let present =
        resource_type.schemas().enumerate().filter(|(index, schema)| *index == 0 || resource.contains_key(&schema.id));
    let urns: Vec<Value> = present.map(|(_, schema)| Value::from(schema.id.as_str())).collect();
    resource.insert("schemas".to_owned(), Value::Array(urns));
}

/// Keeps what is immutable and has a value, and requires that the body says nothing else of it.
fn keep_immutable(
    resource_type: &ResourceType,
    resource: &mut Map<String, Value>,
    current: &Map<String, Value>,
) -> Result<(), ScimError> {
    keep_immutable_of(resource_type.top_attributes(), resource, current, "")?;
    for extension in resource_type.extensions() {
        let urn = &extension.schema.id;
        let Some(current) = current.get(urn).and_then(Value::as_object) else { continue };
        let mut parts = match resource.remove(urn) {
            Some(Value::Object(parts)) => parts,
            _ => Map::new(),
        };
        keep_immutable_of(extension.schema.attributes.iter(), &mut parts, current, &format!("{urn}:"))?;
        if !parts.is_empty() {
            resource.insert(urn.clone(), Value::Object(parts));
        }
    }
    Ok(())
}

fn keep_immutable_of<'a>(
    attributes: impl Iterator<Item = &'a Arc<Attribute>>,
    parts: &mut Map<String, Value>,
    current: &Map<String, Value>,
    prefix: &str,
) -> Result<(), ScimError> {
    for attribute in attributes {
        let Some(before) = current.get(&attribute.name) else { continue };
        let path = || format!("{prefix}{}", attribute.name);
        if attribute.mutability == Mutability::Immutable {
            let after = parts.entry(attribute.name.clone()).or_insert_with(|| before.clone());
            if !is_same(attribute, before, after) {
                return Err(ScimError::mutability(format!("{} is immutable, and has a value already.", path())));
            }
            *after = before.clone();
        } else if let (Type::Complex, Value::Object(before)) = (attribute.kind, before) {
            let mut after = match parts.remove(&attribute.name) {
                Some(Value::Object(after)) => after,
                _ => Map::new(),
            };
            keep_immutable_of(attribute.sub_attributes.iter(), &mut after, before, &format!("{}.", path()))?;
            if !after.is_empty() {
                parts.insert(attribute.name.clone(), Value::Object(after));
            }
        }
    }
    Ok(())
}
