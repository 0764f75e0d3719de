//! The answer to a bulk request.

use super::BulkMethod;
use crate::error::ScimError;
use serde_json::{Value, json};

/// The URN by which an answer to a bulk request is known.
pub const BULK_RESPONSE_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// What has become of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkOutcome {
    /// The method of the operation.
    pub method: BulkMethod,
    /// The client's name for what was made, if the operation has one.
    pub bulk_id: Option<String>,
    /// The entity tag of the resource, if there is one now.
    pub version: Option<String>,
    /// The URL of the resource. None for a POST that has made nothing.
    pub location: Option<String>,
    /// The HTTP status that the operation would have had by itself, or why it has failed.
    pub result: Result<u16, ScimError>,
}

impl BulkOutcome {
    /// Whether the operation has failed, and counts for `failOnErrors`.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        self.result.is_err()
    }

    /// The part of the message that tells it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut message = json!({ "method": self.method.as_str() });
        let texts = [("bulkId", &self.bulk_id), ("version", &self.version), ("location", &self.location)];
        for (name, text) in texts {
            if let Some(text) = text {
                message[name] = text.as_str().into();
            }
        }
        match &self.result {
            Ok(status) => message["status"] = status.to_string().into(),
            Err(error) => {
                message["status"] = error.status.to_string().into();
                message["response"] = error.to_json();
            }
        }
        message
    }
}

/// The message: the outcomes of the operations that were attempted. Statuses are strings; errors are told in full.
#[must_use]
pub fn bulk_response(outcomes: &[BulkOutcome]) -> Value {
    let operations: Vec<Value> = outcomes.iter().map(BulkOutcome::to_json).collect();
    json!({ "schemas": [BULK_RESPONSE_SCHEMA], "Operations": operations })
}
