//! Changes of values that live outside of the resource.

use super::OperationKind;
use super::apply::Change;
use super::elements::given;
use crate::error::ScimError;
use crate::filter::BoundFilter;
use serde_json::{Map, Value};

/// A change of a [`detached`](crate::schema::Attribute::detached) attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct DetachedChange {
    /// The attribute, with the URN if it is of an extension: `members`.
    pub attribute: String,
    /// What is to be done.
    pub action: DetachedAction,
}

/// What is to be done with the elements of a detached attribute. Elements are in the canonical form, without what is
/// readOnly; a simple one stands under `value`.
#[derive(Debug, Clone, PartialEq)]
pub enum DetachedAction {
    /// Add these, as far as they are not there.
    Add(Vec<Map<String, Value>>),
    /// Remove those with the `value`s of these, as far as they are there.
    Remove(Vec<Map<String, Value>>),
    /// Remove those of which the filter holds, if any; see [`BoundFilter::matches_element`].
    RemoveWhere(BoundFilter),
    /// Put these in the place of all.
    Replace(Vec<Map<String, Value>>),
    /// Remove all.
    Clear,
}

/// What an operation means; none, if it does nothing.
pub(super) fn change(change: &Change<'_>) -> Result<Option<DetachedChange>, ScimError> {
    let path = change.path();
    let given = || match change.value {
        None => Ok(Vec::new()),
        Some(value) => {
            given(&change.target.attribute, value, &path).map(|given| given.into_iter().map(parts).collect())
        }
    };
    let is_silent = change.value.is_none_or(Value::is_null);
    let action = match (change.kind, change.filter) {
        _ if change.target.sub_attribute.is_some() => return Err(in_place(&path)),
        (OperationKind::Remove, Some(filter)) => DetachedAction::RemoveWhere(filter.clone()),
        (_, Some(_)) => return Err(in_place(&path)),
        (OperationKind::Remove, None) if is_silent => DetachedAction::Clear,
        (OperationKind::Remove, None) => DetachedAction::Remove(given()?),
        (OperationKind::Add, None) => DetachedAction::Add(given()?),
        (OperationKind::Replace, None) => DetachedAction::Replace(given()?),
    };
    let action = match action {
        DetachedAction::Add(elements) | DetachedAction::Remove(elements) if elements.is_empty() => return Ok(None),
        DetachedAction::Replace(elements) if elements.is_empty() => DetachedAction::Clear,
        action => action,
    };
    Ok(Some(DetachedChange { attribute: path, action }))
}

fn parts(element: Value) -> Map<String, Value> {
    match element {
        Value::Object(parts) => parts,
        simple => Map::from_iter([("value".to_owned(), simple)]),
    }
}

fn in_place(path: &str) -> ScimError {
    ScimError::mutability(format!("The elements of {path} cannot be changed; remove and add them."))
}
