//! Why a request is not answered as it was meant.

use crate::domain::{Error, ErrorCode};
use std::borrow::Cow;

/// What a handler answers, or why not.
pub type Result<T> = std::result::Result<T, Refusal>;

/// Why a request is not answered as it was meant.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// The resolvers say so, or the face does in their words.
    Error(Error),
    /// The request is not even one.
    Malformed {
        /// The header or parameter at fault, if it is one.
        field: Option<&'static str>,
        /// A sentence that says what to do.
        detail: Cow<'static, str>,
    },
    /// The body is said to be something else than what is taken.
    MediaType(String),
}

impl Refusal {
    /// The request is not even one.
    pub fn malformed(field: Option<&'static str>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::Malformed { field, detail: detail.into() }
    }

    /// Whether the resolvers refuse it with that code.
    #[must_use]
    pub fn is(&self, code: ErrorCode) -> bool {
        matches!(self, Self::Error(error) if error.code == code)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(super::spelling::spelled(error))
    }
}
