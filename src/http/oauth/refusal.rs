//! What goes wrong, as OAuth tells it (RFC 6749 section 5.2, RFC 6750 section 3), with the id of the request besides.

use super::super::auth::Denied;
use super::super::body::Unreadable;
use super::super::problem::RETRY_AFTER;
use super::super::rate_limit::TooMuch;
use super::super::request_id::RequestId;
use super::private;
use crate::domain::{Error, ErrorCode};
use crate::resolvers::oauth::Refused;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use std::borrow::Cow;

/// How a client is asked to prove who it is.
const CLIENT: HeaderValue = HeaderValue::from_static(r#"Basic realm="idgraph", charset="UTF-8""#);
/// How the holder of a token is asked for one.
const BEARER: HeaderValue = HeaderValue::from_static("Bearer");
/// What the holder of a token hears that may not be used for this.
const INSUFFICIENT: HeaderValue = HeaderValue::from_static(r#"Bearer error="insufficient_scope""#);

/// Why a request is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: &'static str,
    description: Cow<'static, str>,
    challenge: Option<HeaderValue>,
    too_much: Option<TooMuch>,
}

#[derive(Serialize)]
struct Document<'a> {
    error: &'a str,
    error_description: String,
    request_id: &'a str,
}

impl Refusal {
    fn new(status: StatusCode, error: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self { status, error, description: description.into(), challenge: None, too_much: None }
    }

    /// The request is not what it has to be.
    pub(super) fn request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    /// The grant is not known.
    pub(super) fn grant(description: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", description)
    }

    /// The client is not the one it says, or says nothing.
    pub(super) fn client(description: &'static str) -> Self {
        let refusal = Self::new(StatusCode::UNAUTHORIZED, "invalid_client", description);
        Self { challenge: Some(CLIENT), ..refusal }
    }

    /// The bearer of nothing, or of nothing that is of use.
    pub(super) fn bearer(description: impl Into<Cow<'static, str>>) -> Self {
        let refusal = Self::new(StatusCode::UNAUTHORIZED, "invalid_token", description);
        Self { challenge: Some(BEARER), ..refusal }
    }

    /// The answer that tells it.
    pub(super) fn response(self, request_id: &RequestId) -> Response {
        // Quotes and what is not ASCII have no place there (RFC 6749 section 5.2).
        let plain = |c: char| if matches!(c, ' '..='!' | '#'..='[' | ']'..='~') { c } else { '\'' };
        let document = Document {
            error: self.error,
            error_description: self.description.chars().map(plain).collect(),
            request_id: request_id.as_str(),
        };
        let mut response = private(self.status, &document);
        let headers = response.headers_mut();
        headers.extend(self.challenge.map(|challenge| (header::WWW_AUTHENTICATE, challenge)));
        if let Some(too_much) = self.too_much {
            too_much.tell(headers);
        } else if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

impl From<TooMuch> for Refusal {
    fn from(too_much: TooMuch) -> Self {
        let refusal =
            Self::new(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", too_much.error().message.clone());
        Self { too_much: Some(too_much), ..refusal }
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Credential(error) => error.into(),
            Denied::TooMuch(too_much) => too_much.into(),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error.code {
            ErrorCode::Unauthenticated => Self::bearer("Send a token that is good: it is unknown, expired or revoked."),
            ErrorCode::Forbidden => {
                let refusal = Self::new(StatusCode::FORBIDDEN, "insufficient_scope", error.message);
                Self { challenge: Some(INSUFFICIENT), ..refusal }
            }
            ErrorCode::Unavailable => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", error.message)
            }
            ErrorCode::Internal => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", error.message),
            _ => Self::request(error.message),
        }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Grant(description) => Self::grant(description),
            Refused::Client(description) => Self::new(StatusCode::BAD_REQUEST, "unauthorized_client", description),
            Refused::Scope => Self::new(
                StatusCode::BAD_REQUEST,
                "invalid_scope",
                "Name scopes that the client has: directory:read, directory:write, history:read.",
            ),
            Refused::Account(description) => Self::new(StatusCode::BAD_REQUEST, "invalid_grant", description),
            Refused::Error(error) => error.into(),
        }
    }
}

impl From<Unreadable> for Refusal {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Broken => Self::request("The body ends before its end; send it again."),
            Unreadable::TooLarge => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "The body is larger than any form is.")
            }
        }
    }
}
