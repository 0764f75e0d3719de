//! What went wrong, as a problem of RFC 9457: the form in which every face but GraphQL tells it.
//!
//! There are two kinds. An error of the domain has its own type, `urn:idgraph:error:CODE`. A
//! refusal of HTTP's own, such as an unknown path, is nothing but its status: `about:blank`. Both
//! have a stable `code`, and the id of the request under which the log knows more.

use super::auth;
use super::body::{self, Unreadable};
use super::request_id::RequestId;
use crate::domain::{Error, ErrorCode};
use axum::Extension;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::borrow::Cow;

/// When to try again, in seconds, as far as anybody can tell.
pub(super) const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

/// A problem, to be told to the client.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    status: StatusCode,
    /// The type, without the code; none for a refusal of HTTP's own.
    namespace: Option<&'static str>,
    code: &'static str,
    field: Option<String>,
    check: Option<&'static str>,
    detail: Cow<'static, str>,
    /// Whether the detail is repeated where SDKs of IAMs look for a message.
    is_message: bool,
}

/// A problem as it is written. The names are those of RFC 9457 and of its style.
#[derive(Serialize)]
struct Document<'a> {
    r#type: Cow<'static, str>,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg: Option<&'a str>,
    request_id: &'a str,
}

impl Problem {
    /// A refusal of HTTP's own.
    pub(super) fn refusal(status: StatusCode, code: &'static str, detail: &'static str) -> Self {
        Self {
            status,
            namespace: None,
            code,
            field: None,
            check: None,
            detail: Cow::Borrowed(detail),
            is_message: false,
        }
    }

    /// That a body cannot be had, of which so many bytes are read.
    pub(super) fn of_body(unreadable: Unreadable, limit: usize) -> Self {
        match unreadable {
            Unreadable::Broken => {
                Self::refusal(StatusCode::BAD_REQUEST, "BAD_REQUEST", "The body ends before its end; send it again.")
            }
            Unreadable::TooLarge => {
                let problem = Self::refusal(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", "");
                problem.saying(format!("The body has more than {limit} bytes, which is as much as is read; send less."))
            }
        }
    }

    /// The same problem, about a field, a parameter or a header.
    pub(super) fn about(mut self, field: Option<impl Into<String>>) -> Self {
        self.field = field.map(Into::into);
        self
    }

    /// The same problem, where its protocol has another status for it.
    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same problem, told in other words.
    pub(super) fn saying(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The same problem, found by that health check.
    pub(super) fn found_by(mut self, check: &'static str) -> Self {
        self.check = Some(check);
        self
    }

    /// Its status, code and field.
    pub(super) fn kind(&self) -> (StatusCode, &'static str, Option<&str>) {
        (self.status, self.code, self.field.as_deref())
    }

    /// The sentence that says what to do.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    /// The answer that tells it.
    pub(super) fn response(self, request_id: &RequestId) -> Response {
        let document = Document {
            r#type: self
                .namespace
                .map_or(Cow::Borrowed("about:blank"), |namespace| Cow::Owned(format!("{namespace}{}", self.code))),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            field: self.field.as_deref(),
            check: self.check,
            msg: self.is_message.then_some(&*self.detail),
            request_id: request_id.as_str(),
        };
        // Strings and a number always serialise.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let headers = [
            (header::CONTENT_TYPE, "application/problem+json"),
            (header::CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        let mut response = (self.status, headers, body).into_response();
        if let Some((name, value)) = remedy(self.status) {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self {
            status: status_of(error.code),
            namespace: Some("urn:idgraph:error:"),
            code: error.code.as_str(),
            field: error.field,
            check: None,
            detail: error.message,
            is_message: false,
        }
    }
}

/// The status of an error of the domain: the one mapping for every face that has statuses.
pub(super) const fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidInput => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::Conflict => StatusCode::CONFLICT,
        ErrorCode::StaleVersion => StatusCode::PRECONDITION_FAILED,
        ErrorCode::TooComplex => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The header that says what to do about a status, for the statuses that have one.
pub(super) fn remedy(status: StatusCode) -> Option<(HeaderName, HeaderValue)> {
    match status {
        StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, auth::CHALLENGE)),
        StatusCode::SERVICE_UNAVAILABLE => Some((header::RETRY_AFTER, RETRY_AFTER)),
        _ => None,
    }
}

/// There is nothing at that path.
pub(super) async fn unknown_path(Extension(request_id): Extension<RequestId>) -> Response {
    nothing().response(&request_id)
}

/// There is nothing at the path of a request.
pub(super) async fn fallback(Extension(request_id): Extension<RequestId>, request: Request) -> Response {
    told_to_sdks(request, nothing()).await.response(&request_id)
}

/// A problem with the path of a request, the body of which is read to its end. SDKs of IAMs are told so where they look for a message.
async fn told_to_sdks(request: Request, problem: Problem) -> Problem {
    let is_message = request.uri().path().starts_with("/api/");
    body::discard(request.into_body()).await;
    Problem { is_message, ..problem }
}

fn nothing() -> Problem {
    Problem::refusal(StatusCode::NOT_FOUND, "NOT_FOUND", "There is nothing at this path; GraphQL is at /graphql.")
}

/// There is something at that path, but not for that method. The router adds `Allow`.
pub(super) async fn wrong_method(Extension(request_id): Extension<RequestId>, request: Request) -> Response {
    let problem = Problem::refusal(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        "This path does not know the method; the header Allow lists those it knows.",
    );
    told_to_sdks(request, problem).await.response(&request_id)
}
