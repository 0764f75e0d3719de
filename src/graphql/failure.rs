//! From the error of the domain to GraphQL: typed user errors in payloads, and `extensions.code` on everything else.

use crate::domain::{Error, ErrorCode};
use async_graphql::{Enum, ErrorExtensions, Pos, ServerError, SimpleObject};

/// What a resolver fails with. It is no `Display`, so that it cannot become a GraphQL error without its code.
#[derive(Debug, Clone)]
pub struct Failure(pub Error);

/// A result of a resolver.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// The type of a field that may fail: null then, with the error at its own path, so that its siblings are still answered.
/// (An error in a `Result<Option<T>>` would be the error of the object around the field.)
pub type Nullable<T> = Option<Result<T>>;

/// The value of a field that may fail, and that may have no value.
pub fn nullable<T>(value: Result<Option<T>>) -> Nullable<T> {
    value.transpose()
}

/// The value of a field that may fail, and otherwise has a value.
pub fn present<T>(value: Result<T>) -> Nullable<T> {
    Some(value)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<Failure> for async_graphql::Error {
    fn from(Failure(error): Failure) -> Self {
        Self::new(error.message.into_owned()).extend_with(|_, extensions| {
            extensions.set("code", error.code.as_str());
            if let Some(field) = error.field {
                extensions.set("field", field);
            }
        })
    }
}

/// Why a request is not executed: the stable code, for programs, a sentence for people, and the place in the document, if
/// there is one in particular.
pub fn refusal(code: &str, message: impl Into<String>, place: Option<Pos>) -> ServerError {
    let mut error = ServerError::new(message, place);
    error.extensions.get_or_insert_default().set("code", code);
    error
}

/// The stable code of a user error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum UserErrorCode {
    /// The input says something that cannot be.
    BadUserInput,
    /// The viewer may see the thing but not do this to it.
    Forbidden,
    /// There is no such thing, or none that the viewer may see.
    NotFound,
    /// The change contradicts something that exists.
    Conflict,
    /// The thing has changed since `expectedVersion`.
    StaleVersion,
}

/// What is wrong with the input of a mutation, and what to do about it. Nothing was changed.
#[derive(Debug, Clone, SimpleObject)]
pub struct UserError {
    /// Stable code, for programs.
    code: UserErrorCode,
    /// The input field at fault, such as `emails[0].value`; null when no single one is.
    field: Option<String>,
    /// A sentence for people, in English.
    message: String,
}

/// Tells errors that the user can mend, which payloads carry, from those that they cannot.
pub fn user_error(error: Error) -> Result<UserError> {
    let code = match error.code {
        ErrorCode::InvalidInput => UserErrorCode::BadUserInput,
        ErrorCode::Forbidden => UserErrorCode::Forbidden,
        ErrorCode::NotFound => UserErrorCode::NotFound,
        ErrorCode::Conflict => UserErrorCode::Conflict,
        ErrorCode::StaleVersion => UserErrorCode::StaleVersion,
        ErrorCode::Unauthenticated
        | ErrorCode::TooComplex
        | ErrorCode::RateLimited
        | ErrorCode::Unavailable
        | ErrorCode::Internal => return Err(Failure(error)),
    };
    Ok(UserError { code, field: error.field, message: error.message.into_owned() })
}
