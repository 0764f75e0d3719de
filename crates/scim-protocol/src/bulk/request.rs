//! The message of a bulk request.

use crate::body::names_schema;
use crate::error::ScimError;
use crate::patch::member;
use crate::value::whole_number;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// The URN by which a bulk request is known.
pub const BULK_REQUEST_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// What one bulk request may ask for (RFC 7644 §3.7.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkLimits {
    /// How many operations it may have.
    pub max_operations: usize,
    /// How many bytes its body may have.
    pub max_payload_size: usize,
}

/// A bulk request.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkRequest {
    /// After how many errors the rest is not attempted. None means never.
    pub fail_on_errors: Option<u64>,
    /// The operations, in the order of the request.
    pub operations: Vec<BulkOperation>,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkOperation {
    /// What it does.
    pub method: BulkMethod,
    /// The path as the client wrote it, relative to the root: `/Users`, `/Users/2819c223`, `/Groups/bulkId:qwerty`.
    pub path: String,
    /// The client's name for what the operation makes. A POST has one; no two operations have the same.
    pub bulk_id: Option<String>,
    /// The version that the client expects, as an entity tag. See [`EntityTags`](crate::etag::EntityTags).
    pub version: Option<String>,
    /// The body. `null` for DELETE.
    pub data: Value,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BulkMethod {
    /// Makes a resource.
    Post,
    /// Puts another in its place.
    Put,
    /// Changes it.
    Patch,
    /// Deletes it.
    Delete,
}

impl BulkMethod {
    /// The method as a message writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The method that a message writes so, in any case.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        let all = [Self::Post, Self::Put, Self::Patch, Self::Delete];
        all.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(text))
    }
}

impl BulkOperation {
    /// The endpoint, and what follows it, decoded no further: `("Users", Some("2819c223"))`. A slash at the front or at
    /// the end makes no difference.
    #[must_use]
    pub fn endpoint(&self) -> (&str, Option<&str>) {
        let path = self.path.trim_matches('/');
        path.split_once('/').map_or((path, None), |(endpoint, id)| (endpoint, Some(id)))
    }
}

impl BulkRequest {
    /// Parses the body of a bulk request. Names of members and methods are recognised in any case.
    ///
    /// # Errors
    /// 413, if it is larger than the limits allow; `invalidSyntax`, if it is no JSON, or has not the form of a bulk
    /// request: so also, if a POST has no `bulkId`, if two operations have the same one, or if a path does not fit its
    /// method.
    pub fn parse(body: &[u8], limits: BulkLimits) -> Result<Self, ScimError> {
        if body.len() > limits.max_payload_size {
            let detail = format!("A bulk request may have {} bytes (maxPayloadSize).", limits.max_payload_size);
            return Err(ScimError::with_status(413, detail));
        }
        let Ok(Value::Object(body)) = serde_json::from_slice(body) else {
            return Err(ScimError::syntax("The body has to be a JSON object."));
        };
        if !member(&body, "schemas").is_some_and(|schemas| names_schema(schemas, BULK_REQUEST_SCHEMA)) {
            return Err(ScimError::syntax(format!("schemas has to contain {BULK_REQUEST_SCHEMA}.")));
        }
        let fail_on_errors = match member(&body, "failOnErrors") {
            None | Some(Value::Null) => None,
            Some(value) => Some(positive(value)?),
        };
        let Some(operations) = take_member(body, "Operations").and_then(into_array) else {
            return Err(ScimError::syntax("Operations has to be an array."));
        };
        if operations.len() > limits.max_operations {
            let detail = format!("A bulk request may have {} operations (maxOperations).", limits.max_operations);
            return Err(ScimError::with_status(413, detail));
        }
        let operations = operations.into_iter().enumerate().map(|(index, operation)| parse_operation(index, operation));
        let operations: Vec<_> = operations.collect::<Result<_, _>>()?;
        let mut known = HashSet::new();
        if let Some(twice) =
            operations.iter().filter_map(|operation| operation.bulk_id.as_ref()).find(|id| !known.insert(*id))
        {
            return Err(ScimError::syntax(format!("The bulkId {twice} is given twice.")));
        }
        Ok(Self { fail_on_errors, operations })
    }
}

fn parse_operation(index: usize, operation: Value) -> Result<BulkOperation, ScimError> {
    let wrong = |problem: &str| ScimError::syntax(format!("Operations[{index}]{problem}."));
    let Value::Object(operation) = operation else { return Err(wrong(" has to be an object")) };
    let text = |name: &str| match member(&operation, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(wrong(&format!(".{name} has to be a string"))),
    };
    let method = text("method")?.as_deref().and_then(BulkMethod::named);
    let method = method.ok_or_else(|| wrong(".method has to be POST, PUT, PATCH or DELETE"))?;
    let path = text("path")?.ok_or_else(|| wrong(".path is missing"))?;
    let (bulk_id, version) = (text("bulkId")?.filter(|id| !id.is_empty()), text("version")?);
    if method == BulkMethod::Post && bulk_id.is_none() {
        return Err(wrong(".bulkId is missing, which a POST needs"));
    }
    let data = take_member(operation, "data").unwrap_or_default();
    if method != BulkMethod::Delete && !data.is_object() {
        return Err(wrong(".data has to be an object"));
    }
    let operation = BulkOperation { method, path, bulk_id, version, data };
    match (method, operation.endpoint()) {
        (_, ("", _) | (_, Some(""))) => Err(wrong(".path names no endpoint")),
        (BulkMethod::Post, (_, Some(_))) => Err(wrong(".path has to name an endpoint, such as /Users")),
        (BulkMethod::Post, (_, None)) | (_, (_, Some(_))) => Ok(operation),
        _ => Err(wrong(".path has to name a resource, such as /Users/2819c223")),
    }
}

fn positive(value: &Value) -> Result<u64, ScimError> {
    let number = value.as_number().and_then(whole_number).and_then(|number| u64::try_from(number).ok());
    number
        .filter(|number| *number > 0)
        .ok_or_else(|| ScimError::syntax("failOnErrors has to be an integer of at least 1."))
}

/// Takes the member of a message that has this name, in any case.
fn take_member(message: Map<String, Value>, name: &str) -> Option<Value> {
    message.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn into_array(value: Value) -> Option<Vec<Value>> {
    if let Value::Array(elements) = value { Some(elements) } else { None }
}
