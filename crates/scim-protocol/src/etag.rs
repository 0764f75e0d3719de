//! Versions of resources: weak entity tags, and the conditions of a request (RFC 7644 §3.14, RFC 9110 §8.8 and §13.1).

use crate::error::ScimError;

/// The weak entity tag of a version: `W/"3"`. It is the `ETag` of an answer and the `meta.version` of a resource.
///
/// The version must consist of visible ASCII characters other than `"`.
#[must_use]
pub fn weak(version: &str) -> String {
    format!("W/\"{version}\"")
}

/// What an `If-Match` or `If-None-Match` says, or the `version` of a bulk operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntityTags {
    /// `*`: any version, as long as there is one.
    Any,
    /// One of these versions, without quotation marks and without `W/`.
    OneOf(Vec<String>),
}

impl EntityTags {
    /// Reads the value of the header.
    ///
    /// # Errors
    /// 400, if it is neither `*` nor a list of entity tags.
    pub fn parse(header: &str) -> Result<Self, ScimError> {
        if header.trim() == "*" {
            return Ok(Self::Any);
        }
        let mut versions = Vec::new();
        let mut rest = header;
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                break;
            }
            let quoted = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"');
            let (version, after) = quoted.and_then(|quoted| quoted.split_once('"')).ok_or_else(malformed)?;
            // After a tag there has to be a comma or nothing.
            rest = after.trim_start_matches([' ', '\t']);
            if !(rest.is_empty() || rest.starts_with(',')) || version.chars().any(char::is_whitespace) {
                return Err(malformed());
            }
            versions.push(version.to_owned());
        }
        if versions.is_empty() { Err(malformed()) } else { Ok(Self::OneOf(versions)) }
    }

    /// Whether one of the tags is that of a resource with this version, which is given without quotation marks. Tags
    /// are compared weakly, as the server makes weak ones alone. None means that there is no such resource.
    ///
    /// `If-Match` is to be answered with 412 if this is false, and `If-None-Match` with 304 (for GET) or 412 if this is
    /// true.
    #[must_use]
    pub fn matches(&self, version: Option<&str>) -> bool {
        match (self, version) {
            (_, None) => false,
            (Self::Any, Some(_)) => true,
            (Self::OneOf(versions), Some(version)) => versions.iter().any(|known| known == version),
        }
    }
}

fn malformed() -> ScimError {
    ScimError::with_status(400, "A version has to be * or a list of entity tags, such as W/\"3\".")
}
