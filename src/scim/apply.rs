//! What a changed resource means for the fields of its node.
//!
//! Only attributes that look otherwise than before are carried over, so that what the protocol cannot say, such as whether
//! an address is verified, stays as it is wherever the protocol has left things alone.

use super::present::{Resource, stored};
use super::registry::Kind;
use super::table::{Home, Row};
use crate::domain::contact::ExternalId;
use crate::domain::{Collective, Error, Profile, Result};
use scim_protocol::ScimType;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// The profile as a changed resource wants it. Status, manager and password are not fields.
pub(super) fn profile(
    kind: Kind,
    before: &Profile,
    (old, new): (&Resource, &Resource),
    client: &str,
) -> Result<Profile> {
    let mut fields = stored(before)?;
    let changed = carry(kind, &mut fields, (old, new));
    let mut after: Profile = read(fields)?;
    after.meta.clone_from(&before.meta);
    if changed.contains(&"photos") {
        after.avatar = after.details.photo().map(str::to_owned);
    }
    extensions(&mut after.extensions, (old, new), kind);
    external_id(&mut after.external_ids, (old, new), client);
    Ok(after)
}

/// The team or group as a changed resource wants it. Members are not fields.
pub(super) fn group(before: &Collective, (old, new): (&Resource, &Resource), client: &str) -> Result<Collective> {
    let mut fields = stored(before)?;
    carry(Kind::Group, &mut fields, (old, new));
    let mut after: Collective = read(fields)?;
    after.meta.clone_from(&before.meta);
    extensions(&mut after.extensions, (old, new), Kind::Group);
    external_id(&mut after.external_ids, (old, new), client);
    Ok(after)
}

fn read<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T> {
    serde_json::from_value(Value::Object(fields)).map_err(|error| {
        // The schemas of the table are to refuse this before; whatever they let through, the client has sent.
        tracing::warn!(%error, "a resource of SCIM does not fit its node");
        let mut refused = Error::invalid("resource", format!("This cannot be kept: {error}."));
        refused.field = None;
        refused.known_as(ScimType::InvalidValue.as_str())
    })
}

/// Carries over what the table knows, and says what that was.
fn carry(kind: Kind, fields: &mut Map<String, Value>, (old, new): (&Resource, &Resource)) -> Vec<&'static str> {
    let mut changed = Vec::new();
    let mut rows = |rows: &'static [Row], old: Option<&Map<String, Value>>, new: Option<&Map<String, Value>>| {
        for row in rows {
            let (before, after) = (old.and_then(|old| old.get(row.name)), new.and_then(|new| new.get(row.name)));
            if before != after {
                set(row, fields, after);
                changed.push(row.name);
            }
        }
    };
    rows(kind.rows(), Some(old), Some(new));
    if let Some((urn, own)) = kind.extension() {
        rows(own, old.get(urn).and_then(Value::as_object), new.get(urn).and_then(Value::as_object));
    }
    changed
}

/// Writes the value of an attribute to where the graph keeps it.
fn set(row: &Row, fields: &mut Map<String, Value>, value: Option<&Value>) {
    match row.home {
        Home::Computed | Home::Key(_) => {}
        // These are said when the node is made.
        Home::Column("kind" | "slug") => {}
        Home::Column(column) => {
            fields.insert(column.to_owned(), value.cloned().unwrap_or(Value::Null));
        }
        Home::Json(column, key) => {
            if let Some(Value::Object(object)) = fields.get_mut(column) {
                put(object, key, value.cloned());
            }
        }
        Home::Object(column) => {
            let element = fields.get(column).cloned().unwrap_or_else(|| json!({}));
            let empty = json!({});
            fields.insert(column.to_owned(), overlaid(row, element, value.unwrap_or(&empty)));
        }
        Home::List(column) => {
            let elements = elements(row, fields.get(column), value);
            fields.insert(column.to_owned(), elements);
        }
        Home::ListIn(column, key) => {
            if let Some(Value::Object(object)) = fields.get_mut(column) {
                let elements = elements(row, object.get(key), value);
                object.insert(key.to_owned(), elements);
            }
        }
    }
}

fn put(object: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    match value {
        Some(value) => object.insert(key.to_owned(), value),
        None => object.remove(key),
    };
}

/// The elements of a list, each over the one with the same value that there was.
fn elements(row: &Row, before: Option<&Value>, after: Option<&Value>) -> Value {
    let before = before.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let after = after.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let like = |new: &Value, parts: &[&str]| {
        before.iter().find(|old| old.get("value").is_some() && parts.iter().all(|part| old.get(part) == new.get(part)))
    };
    let same = |new: &Value| like(new, &["value", "type"]).or_else(|| like(new, &["value"]));
    after.iter().map(|new| overlaid(row, same(new).cloned().unwrap_or_else(|| json!({})), new)).collect()
}

/// An element of the graph, with the parts that the protocol knows as the protocol says.
fn overlaid(row: &Row, element: Value, new: &Value) -> Value {
    let Value::Object(mut element) = element else { return element };
    for part in row.parts {
        if let Home::Key(key) = part.home {
            put(&mut element, key, new.get(part.name).cloned());
        }
    }
    Value::Object(element)
}

/// Takes over what the organization has declared for the type.
fn extensions(fields: &mut Map<String, Value>, (old, new): (&Resource, &Resource), kind: Kind) {
    let is_declared = |urn: &str| urn.contains(':') && kind.extension().is_none_or(|(own, _)| own != urn);
    for urn in old.keys().chain(new.keys()).filter(|urn| is_declared(urn)) {
        put(fields, urn, new.get(urn).cloned());
    }
}

/// Takes over the id by which the client knows the node.
fn external_id(ids: &mut Vec<ExternalId>, (old, new): (&Resource, &Resource), client: &str) {
    let (before, after) = (old.get("externalId"), new.get("externalId").and_then(Value::as_str));
    if before.and_then(Value::as_str) == after {
        return;
    }
    let position = ids.iter().position(|id| id.client == client);
    match (position, after) {
        (Some(index), Some(value)) => value.clone_into(&mut ids[index].value),
        (Some(index), None) => {
            ids.remove(index);
        }
        (None, Some(value)) => ids.push(ExternalId { client: client.to_owned(), value: value.to_owned() }),
        (None, None) => {}
    }
}
