//! The message of a PATCH request.

use crate::body::names_schema;
use crate::error::ScimError;
use crate::path::{PatchPath, parse_path};
use serde_json::{Map, Value};

/// The URN by which a PATCH request is known.
pub const PATCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// How many operations one request may have.
pub const MAX_OPERATIONS: usize = 1_000;

/// A PATCH request.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchRequest {
    /// The operations, in their order. At least one.
    pub operations: Vec<PatchOperation>,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchOperation {
    /// What it does.
    pub kind: OperationKind,
    /// To what. None means the resource itself.
    pub path: Option<PatchPath>,
    /// With what. None, if the operation has no `value`, which is something else than `null`.
    pub value: Option<Value>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// Adds values to a set, and sets what has one value.
    Add,
    /// Takes values away.
    Remove,
    /// Sets values.
    Replace,
}

impl OperationKind {
    fn named(text: &str) -> Option<Self> {
        let names = [("add", Self::Add), ("remove", Self::Remove), ("replace", Self::Replace)];
        names.into_iter().find_map(|(name, kind)| name.eq_ignore_ascii_case(text).then_some(kind))
    }
}

/// Parses the body of a PATCH request. Names of members and of operations are recognised in any case.
///
/// # Errors
/// `invalidSyntax`, if the body has not the form of such a request, or names an operation that there is not; 413, if it
/// has more than [`MAX_OPERATIONS`] operations; what [`parse_path`] says of a path.
pub fn parse_patch(body: &Value) -> Result<PatchRequest, ScimError> {
    let Value::Object(body) = body else {
        return Err(ScimError::syntax("The body has to be a JSON object."));
    };
    if !member(body, "schemas").is_some_and(|schemas| names_schema(schemas, PATCH_SCHEMA)) {
        return Err(ScimError::syntax(format!("schemas has to contain {PATCH_SCHEMA}.")));
    }
    let Some(Value::Array(operations)) = member(body, "Operations") else {
        return Err(ScimError::syntax("Operations has to be an array."));
    };
    if operations.is_empty() {
        return Err(ScimError::syntax("Operations has to contain at least one operation."));
    }
    if operations.len() > MAX_OPERATIONS {
        let detail = format!("One PATCH may have {MAX_OPERATIONS} operations; send the rest in another.");
        return Err(ScimError::with_status(413, detail));
    }
    let operations = operations.iter().enumerate().map(|(index, operation)| parse_operation(index, operation));
    Ok(PatchRequest { operations: operations.collect::<Result<_, _>>()? })
}

fn parse_operation(index: usize, operation: &Value) -> Result<PatchOperation, ScimError> {
    let Value::Object(operation) = operation else {
        return Err(ScimError::syntax(format!("Operations[{index}] has to be an object.")));
    };
    let kind = member(operation, "op").and_then(Value::as_str).and_then(OperationKind::named);
    let kind =
        kind.ok_or_else(|| ScimError::syntax(format!("Operations[{index}].op has to be add, remove or replace.")))?;
    let path = match member(operation, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) => Some(parse_path(path)?),
        Some(_) => return Err(ScimError::path(format!("Operations[{index}].path has to be a string."))),
    };
    Ok(PatchOperation { kind, path, value: member(operation, "value").cloned() })
}

/// The member of a message that has this name, in any case.
pub(crate) fn member<'a>(message: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    message.get(name).or_else(|| message.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}
