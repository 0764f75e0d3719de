//! Answers: resources, and errors as RFC 7644 §3.12 writes them.

use crate::http::problem::remedy;
use crate::scim::present::Shown;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use scim_protocol::ScimError;
use scim_protocol::etag::weak;
use serde_json::Value;

/// The media type of everything that is said here.
const MEDIA_TYPE: &str = "application/scim+json";

/// What is said of a request that takes too long.
const LATE: &str = "The request took too long and was given up; ask for less at a time. A change may have been made: look before you repeat it.";

/// What is answered.
#[derive(Debug)]
pub(super) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Option<Value>,
}

impl Answer {
    /// A body.
    pub(super) fn of(body: Value) -> Self {
        Self { status: StatusCode::OK, headers: HeaderMap::new(), body: Some(body) }
    }

    /// A resource, with its entity tag and its URL, whatever of it is shown.
    pub(super) fn resource(shown: Shown) -> Self {
        let Shown { resource, tag, location, .. } = shown;
        Self::of(Value::Object(resource))
            .with(header::ETAG, Some(weak(&tag)))
            .with(header::CONTENT_LOCATION, Some(location))
    }

    /// Nothing but a status.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: None }
    }

    /// The same headers, with another status and nothing to say.
    pub(super) fn without_body(self, status: StatusCode) -> Self {
        Self { status, body: None, ..self }
    }

    /// The same with another status.
    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same with a header, if there is a value that can be one.
    pub(super) fn with(mut self, name: header::HeaderName, value: Option<String>) -> Self {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            self.headers.insert(name, value);
        }
        self
    }

    pub(super) fn response(self) -> Response {
        let Self { status, mut headers, body } = self;
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let Some(body) = body else { return (status, headers).into_response() };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        // JSON always serialises.
        (status, headers, serde_json::to_vec(&body).unwrap_or_default()).into_response()
    }
}

/// Tells an error of a place that knows these methods.
pub(super) fn refuse(error: &ScimError, methods: &[&str]) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = Answer::of(error.to_json()).with_status(status);
    if let Some((name, value)) = remedy(status) {
        answer.headers.insert(name, value);
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        answer = answer.with(header::ALLOW, Some(methods.join(", ")));
    }
    answer.response()
}

/// Tells in the form of this protocol what was refused before it came here: what takes too long, and what panics.
pub(in crate::http) async fn translate(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_ours = path == "/scim" || path.starts_with("/scim/");
    let response = next.run(request).await;
    let is_problem =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    if !is_ours || !is_problem {
        return response;
    }
    let (parts, body) = response.into_parts();
    let problem = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let problem: Value = serde_json::from_slice(&problem).unwrap_or_default();
    let detail = problem.get("detail").and_then(Value::as_str).unwrap_or_default();
    // What takes too long is the only thing that is unavailable here, and its remedy elsewhere is none in this protocol.
    let detail = if parts.status == StatusCode::SERVICE_UNAVAILABLE { LATE } else { detail };
    let error = ScimError::with_status(parts.status.as_u16(), detail);
    let mut translated = Response::from_parts(parts, Body::from(error.to_json().to_string()));
    translated.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    translated.headers_mut().remove(header::CONTENT_LENGTH);
    translated
}
