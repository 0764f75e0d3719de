//! The one error of the protocol, and its form on the wire (RFC 7644 §3.12).

use serde_json::{Value, json};

/// The URN by which an error message is known.
pub const ERROR_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The detail keyword of an error (RFC 7644 table 9; RFC 9865 for the last three).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScimType {
    /// The filter does not follow the grammar, or compares what cannot be compared.
    InvalidFilter,
    /// The filter is larger than, or asks for more than, the server is willing to work through.
    TooMany,
    /// A value is already in use.
    Uniqueness,
    /// The change contradicts the mutability of the attribute.
    Mutability,
    /// The structure of the message is wrong.
    InvalidSyntax,
    /// The path of a PATCH operation is malformed, or names nothing that the resource type has.
    InvalidPath,
    /// The path of a PATCH operation selects nothing that could be operated on.
    NoTarget,
    /// A required value is missing, or a value does not fit its attribute.
    InvalidValue,
    /// The version of the protocol is not supported.
    InvalidVers,
    /// The URI of the request contains what must not be in one.
    Sensitive,
    /// The cursor is none that the server has given out.
    InvalidCursor,
    /// The cursor is too old.
    ExpiredCursor,
    /// The count is no count.
    InvalidCount,
}

impl ScimType {
    /// The keyword as it stands in a message.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }

    /// The HTTP status that goes with the keyword: 409 for `uniqueness` (RFC 7644 §3.3), 403 for `sensitive` (§7.5.2),
    /// else 400.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Uniqueness => 409,
            Self::Sensitive => 403,
            _ => 400,
        }
    }
}

/// What went wrong, for the person who sent the request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ScimError {
    /// The HTTP status.
    pub status: u16,
    /// The keyword, if the standard has one for this.
    pub scim_type: Option<ScimType>,
    /// A sentence that says what to do.
    pub detail: String,
}

impl ScimError {
    /// An error with a keyword, and with the status that goes with it.
    pub fn new(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { status: scim_type.status(), scim_type: Some(scim_type), detail: detail.into() }
    }

    /// An error for which there is no keyword.
    pub fn with_status(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// The message: `schemas`, `status` as a string, `scimType` if there is one, `detail`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut message =
            json!({ "schemas": [ERROR_SCHEMA], "status": self.status.to_string(), "detail": self.detail });
        if let Some(scim_type) = self.scim_type {
            message["scimType"] = scim_type.as_str().into();
        }
        message
    }

    pub(crate) fn filter(detail: impl Into<String>) -> Self {
        Self::new(ScimType::InvalidFilter, detail)
    }

    pub(crate) fn path(detail: impl Into<String>) -> Self {
        Self::new(ScimType::InvalidPath, detail)
    }

    pub(crate) fn value(detail: impl Into<String>) -> Self {
        Self::new(ScimType::InvalidValue, detail)
    }

    pub(crate) fn syntax(detail: impl Into<String>) -> Self {
        Self::new(ScimType::InvalidSyntax, detail)
    }

    pub(crate) fn mutability(detail: impl Into<String>) -> Self {
        Self::new(ScimType::Mutability, detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_a_string() {
        let message = ScimError::new(ScimType::Mutability, "Attribute id is readOnly.").to_json();
        assert_eq!(
            message,
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                "status": "400",
                "scimType": "mutability",
                "detail": "Attribute id is readOnly.",
            })
        );
    }

    #[test]
    fn an_error_without_a_keyword_has_none() {
        let message = ScimError::with_status(404, "There is no such user.").to_json();
        assert_eq!((message.get("scimType"), &message["status"]), (None, &json!("404")));
    }

    #[test]
    fn uniqueness_is_a_conflict() {
        assert_eq!(ScimError::new(ScimType::Uniqueness, "Taken.").status, 409);
    }
}
