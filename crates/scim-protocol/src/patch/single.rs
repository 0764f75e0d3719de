//! Changes of what has one value: a single attribute, an element, a sub-attribute.

use super::OperationKind;
use super::apply::{Change, into_object};
use crate::error::ScimError;
use crate::schema::{Attribute, Mutability, Type};
use crate::value::{Trail, is_same, read_one};
use serde_json::{Map, Value};

/// Changes a single attribute, or a sub-attribute of one.
pub(super) fn change(change: &Change<'_>, before: Option<Value>) -> Result<Option<Value>, ScimError> {
    let path = change.path();
    let Some(sub_attribute) = &change.target.sub_attribute else {
        return set(change.kind, &change.target.attribute, before, change.value, &path);
    };
    let mut parts = into_object(before);
    set_part(change.kind, sub_attribute, &mut parts, change.value, &path)?;
    Ok((!parts.is_empty()).then_some(Value::Object(parts)))
}

/// Changes a part of an object.
pub(super) fn set_part(
    kind: OperationKind,
    attribute: &Attribute,
    parts: &mut Map<String, Value>,
    value: Option<&Value>,
    path: &str,
) -> Result<(), ScimError> {
    let after = set(kind, attribute, parts.remove(&attribute.name), value, path)?;
    parts.extend(after.map(|after| (attribute.name.clone(), after)));
    Ok(())
}

/// What one value becomes. A complex one keeps the parts that are not spoken of.
pub(super) fn set(
    kind: OperationKind,
    attribute: &Attribute,
    before: Option<Value>,
    value: Option<&Value>,
    path: &str,
) -> Result<Option<Value>, ScimError> {
    let is_settled = attribute.mutability == Mutability::Immutable && before.is_some();
    let settled = if is_settled { before.clone() } else { None };
    let given = match (kind, value) {
        (OperationKind::Remove, _) | (_, None) => None,
        (_, Some(value)) => only(value, path)?,
    };
    let after = match given {
        None if kind == OperationKind::Add => before,
        None => None,
        Some(given) if attribute.kind == Type::Complex => merge(kind, attribute, before, given, path)?,
        Some(given) => read_one(attribute, given.clone(), &Trail::Attribute(path))?,
    };
    match (settled, after) {
        (None, after) => Ok(after),
        (Some(settled), Some(after)) if is_same(attribute, &settled, &after) => Ok(Some(settled)),
        _ => Err(ScimError::mutability(format!("{path} is immutable, and has a value already."))),
    }
}

fn merge(
    kind: OperationKind,
    attribute: &Attribute,
    before: Option<Value>,
    given: &Value,
    path: &str,
) -> Result<Option<Value>, ScimError> {
    let mut parts = into_object(before);
    match (given, attribute.value_attribute()) {
        (Value::Object(given), _) => {
            for (name, value) in given {
                let Some(sub_attribute) = attribute.sub_attribute(name).filter(|found| !found.is_read_only()) else {
                    continue;
                };
                set_part(kind, sub_attribute, &mut parts, Some(value), &format!("{path}.{}", sub_attribute.name))?;
            }
        }
        (given, Some(value)) => {
            set_part(kind, value, &mut parts, Some(given), &format!("{path}.{}", value.name))?;
        }
        _ => return Err(ScimError::value(format!("{path} has to be an object."))),
    }
    Ok((!parts.is_empty()).then_some(Value::Object(parts)))
}

/// The value that is given; none, if that is null or an empty array. An array of one stands for the one.
pub(super) fn only<'a>(value: &'a Value, path: &str) -> Result<Option<&'a Value>, ScimError> {
    let value = match value.as_array().map(Vec::as_slice) {
        None => value,
        Some([]) => return Ok(None),
        Some([only]) => only,
        Some(_) => return Err(ScimError::value(format!("{path} has one value, not many."))),
    };
    Ok((!value.is_null()).then_some(value))
}
