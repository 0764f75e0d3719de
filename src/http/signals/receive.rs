//! Taking signals of others (RFC 8935).

use super::super::body;
use super::{Asked, Refused, empty};
use crate::domain::transmitter::{SignalRefusal, parse_transmitter_id};
use crate::domain::{Error, ErrorCode};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// How long a signal may be, in bytes.
const MAX_BYTES: usize = 65_536;
/// What the body has to be.
const CONTENT_TYPE: &str = "application/secevent+jwt";

pub(super) async fn answer(asked: &Asked<'_>, sent: Body) -> Result<Response, Refused> {
    let limit = MAX_BYTES.min(asked.state.server.max_body_bytes);
    let bytes = body::read(sent, limit).await.map_err(|unreadable| Refused::Body(unreadable, limit))?;
    let content_type = asked.parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.and_then(|value| value.split(';').next()).map(str::trim);
    if !content_type.is_some_and(|value| value.eq_ignore_ascii_case(CONTENT_TYPE)) {
        return Ok(refused("invalid_request", "Send a signed signal as application/secevent+jwt."));
    }
    let signal = String::from_utf8_lossy(&bytes);
    let missing = || Error::not_found("id", "transmitter");
    let id = parse_transmitter_id(&asked.id).ok_or_else(missing)?;
    match asked.state.app.receive_signal(id, signal.trim()).await {
        Ok(Ok(())) => Ok(empty(StatusCode::ACCEPTED)),
        Ok(Err(SignalRefusal { fault, description })) => Ok(refused(fault.code(), &description)),
        Err(error) if error.code == ErrorCode::NotFound => Err(missing().into()),
        Err(error) => Err(error.into()),
    }
}

/// Why a signal is refused (section 2.3).
fn refused(code: &str, description: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_LANGUAGE, HeaderValue::from_static("en")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (StatusCode::BAD_REQUEST, headers, json!({"err": code, "description": description}).to_string()).into_response()
}
