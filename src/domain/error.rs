//! The one error of the domain: what went wrong, where, and what to do about it.
//!
//! Every face has one mapping from [`ErrorCode`] to its own form; `docs/errors.md` lists them. The message is written
//! for the person who sent the request. What only an operator may know goes to the log, never into the message.

use std::borrow::Cow;

/// A result of the domain.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The stable name of a kind of error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The request says something that cannot be.
    InvalidInput,
    /// Nobody in particular asked, or the credential is unknown, expired or revoked.
    Unauthenticated,
    /// The viewer may see the thing but not do this to it.
    Forbidden,
    /// There is no such thing, or none that the viewer may see.
    NotFound,
    /// The change contradicts something that exists.
    Conflict,
    /// The thing has changed since the version that the request expects.
    StaleVersion,
    /// The request asks for more than one request may.
    TooComplex,
    /// The same viewer has asked for too much in a short time.
    RateLimited,
    /// The server cannot take the request just now; the same request may succeed later.
    Unavailable,
    /// A fault of the server.
    Internal,
}

impl ErrorCode {
    /// Every code.
    pub const ALL: [Self; 10] = [
        Self::InvalidInput,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::StaleVersion,
        Self::TooComplex,
        Self::RateLimited,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The code that faces send [so](Self::as_str).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == name)
    }

    /// The code as faces send it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "BAD_USER_INPUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::Conflict => "CONFLICT",
            Self::StaleVersion => "STALE_VERSION",
            Self::TooComplex => "TOO_COMPLEX",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// What went wrong. See the module.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The kind.
    pub code: ErrorCode,
    /// The field of the request that is at fault, as the request spells it (`emails[0].value`).
    pub field: Option<String>,
    /// The word that a protocol has for what went wrong, where it says more than the kind, such as `noTarget` of SCIM.
    pub keyword: Option<&'static str>,
    /// A sentence that says what to do.
    pub message: Cow<'static, str>,
}

impl Error {
    fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, field: None, keyword: None, message: message.into() }
    }

    /// The request says something in `field` that cannot be.
    pub fn invalid(field: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidInput, message).at(field)
    }

    /// The change contradicts something that exists.
    pub fn conflict(field: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Conflict, message).at(field)
    }

    /// There is no such thing, or none that the viewer may see: the two are never told apart.
    pub fn not_found(field: impl Into<String>, what: impl std::fmt::Display) -> Self {
        Self::new(ErrorCode::NotFound, format!("There is no {what} with this id.")).at(field)
    }

    /// Nobody in particular asked.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(ErrorCode::Unauthenticated, "Send an API token: Authorization: Bearer idg_….")
    }

    /// The credential is of no use.
    #[must_use]
    pub fn bad_credential() -> Self {
        Self::new(
            ErrorCode::Unauthenticated,
            "This API token is unknown, expired or revoked; ask an administrator for a new one.",
        )
    }

    /// The viewer may see the thing but not do this.
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    /// The thing has changed since.
    #[must_use]
    pub fn stale(current: i64) -> Self {
        Self::new(
            ErrorCode::StaleVersion,
            format!("This has changed since the version you expect; it is at version {current}. Read it again and repeat the change."),
        )
        .at("expectedVersion")
    }

    /// The request asks for more than one request may.
    pub fn too_complex(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::TooComplex, message)
    }

    /// Not just now.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::new(ErrorCode::Unavailable, "The directory cannot be reached just now; repeat the request in a moment.")
    }

    /// A fault of the server. The cause goes to the log under the request id; the client is told only that.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(ErrorCode::Internal, "The server failed to answer; tell its operator the request id.")
    }

    /// The same error, about another field.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same error, for which a protocol has a word.
    #[must_use]
    pub fn known_as(mut self, keyword: &'static str) -> Self {
        self.keyword = Some(keyword);
        self
    }

    /// The same error, about a field inside `parent`.
    #[must_use]
    pub fn within(mut self, parent: &str) -> Self {
        self.field = Some(match self.field {
            Some(field) => format!("{parent}.{field}"),
            None => parent.to_owned(),
        });
        self
    }
}
