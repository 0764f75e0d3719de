//! `bulkId:…`: the names of resources that are still to be made (RFC 7644 §3.7.2).

use super::BulkOperation;
use crate::error::ScimError;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

const PREFIX: &str = "bulkId:";

/// The ids of the resources that the operations of a bulk request have made, by their bulkIds.
#[derive(Debug, Clone, Default)]
pub struct References {
    ids: HashMap<String, String>,
}

impl References {
    /// Notes that the resource of this bulkId has this id.
    pub fn insert(&mut self, bulk_id: impl Into<String>, id: impl Into<String>) {
        self.ids.insert(bulk_id.into(), id.into());
    }

    /// The operation with ids in the place of `bulkId:…`, in its path and in its data.
    ///
    /// # Errors
    /// 409, if it refers to a resource that there is not: none of this request, or one that could not be made.
    pub fn resolve(&self, operation: &BulkOperation) -> Result<BulkOperation, ScimError> {
        Ok(BulkOperation {
            path: self.resolve_path(&operation.path)?,
            data: self.resolve_data(&operation.data)?,
            ..operation.clone()
        })
    }

    /// Data with ids in the place of `bulkId:…`.
    ///
    /// # Errors
    /// As [`References::resolve`].
    pub fn resolve_data(&self, data: &Value) -> Result<Value, ScimError> {
        Ok(match data {
            Value::String(text) => match text.split_once(PREFIX) {
                Some(("", bulk_id)) => self.id(bulk_id)?.into(),
                Some(_) => self.resolve_within(text)?.into(),
                None => data.clone(),
            },
            Value::Array(elements) => {
                elements.iter().map(|element| self.resolve_data(element)).collect::<Result<Vec<_>, _>>()?.into()
            }
            Value::Object(parts) => {
                let parts = parts.iter().map(|(name, part)| Ok((name.clone(), self.resolve_data(part)?)));
                Value::Object(parts.collect::<Result<Map<_, _>, ScimError>>()?)
            }
            _ => data.clone(),
        })
    }

    fn resolve_path(&self, path: &str) -> Result<String, ScimError> {
        let steps = path.split('/').map(|step| match step.strip_prefix(PREFIX) {
            Some(bulk_id) => self.id(bulk_id),
            None => Ok(step),
        });
        Ok(steps.collect::<Result<Vec<_>, _>>()?.join("/"))
    }

    /// A text with ids in the place of references in quotation marks, as in `members[value eq "bulkId:qwerty"]`.
    fn resolve_within(&self, text: &str) -> Result<String, ScimError> {
        let pieces = text.split('"').map(|piece| match piece.strip_prefix(PREFIX) {
            Some(bulk_id) => self.id(bulk_id),
            None => Ok(piece),
        });
        Ok(pieces.collect::<Result<Vec<_>, _>>()?.join("\""))
    }

    fn id(&self, bulk_id: &str) -> Result<&str, ScimError> {
        self.ids.get(bulk_id).map(String::as_str).ok_or_else(|| {
            ScimError::with_status(
                409,
                format!("No operation of this request has made a resource with the bulkId {bulk_id}."),
            )
        })
    }
}

/// The bulkIds that an operation refers to, in its path and in its data; its own, too, if it refers to itself.
#[must_use]
pub fn bulk_ids(operation: &BulkOperation) -> BTreeSet<&str> {
    let mut found: BTreeSet<&str> = operation.path.split('/').filter_map(|step| step.strip_prefix(PREFIX)).collect();
    collect(&operation.data, &mut found);
    found
}

/// Adds the bulkIds that a value refers to.
pub(super) fn collect<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::String(text) => match text.strip_prefix(PREFIX) {
            Some(bulk_id) => {
                found.insert(bulk_id);
            }
            None => found.extend(text.split('"').filter_map(|piece| piece.strip_prefix(PREFIX))),
        },
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, found)),
        Value::Object(parts) => parts.values().for_each(|part| collect(part, found)),
        _ => {}
    }
}
