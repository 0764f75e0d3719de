//! Every request has an id: in its log lines, in its answer, in the events it causes.
//!
//! A proxy that has named the request already keeps its name, so that one id follows the request
//! through all logs. What is logged is the route and not the path, which may hold anything; and
//! never a header, a query string or a body.

use super::HttpState;
use super::trace;
use crate::domain::{Clock, Origin, id::write_typeid};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::Instrument;

/// The header that carries the id, both ways.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// How long an id from outside may be.
const MAX_LENGTH: usize = 128;

/// The id of a request, kept among the request's extensions.
#[derive(Debug, Clone)]
pub(super) struct RequestId(Arc<str>);

impl RequestId {
    /// The id that the request brings along, else a new one.
    fn of(headers: &HeaderMap, clock: &dyn Clock) -> Self {
        Self::brought(headers).unwrap_or_else(|| {
            let mut id = String::new();
            // Writing to a String cannot fail.
            let _ = write_typeid(&mut id, "req", clock.new_id());
            Self(id.into())
        })
    }

    fn brought(headers: &HeaderMap) -> Option<Self> {
        let id = headers.get(HEADER)?.to_str().ok()?;
        let acceptable = (1..=MAX_LENGTH).contains(&id.len());
        (acceptable && id.bytes().all(|byte| byte.is_ascii_graphic())).then(|| Self(id.into()))
    }

    /// The id as text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Where a change that this request asks for through `face` comes from.
    pub(super) fn origin(&self, face: &'static str) -> Origin {
        Origin { face, request_id: Arc::clone(&self.0) }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names the request, opens its span, and logs and counts how it ended.
pub(super) async fn assign(State(state): State<Arc<HttpState>>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = RequestId::of(request.headers(), state.app.clock());
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("none", MatchedPath::as_str);
    let method = known(request.method());
    // A span at the level of errors is there for every line that is logged at all.
    let span = tracing::error_span!("request", request.id = id.as_str(), request.method = method, request.path = route);
    let traced = trace::request(method, route, id.as_str(), request.headers());
    let header = HeaderValue::from_str(id.as_str());
    request.extensions_mut().insert(id);
    async {
        let mut response = next.run(request).instrument(traced.clone()).await;
        trace::answered(&traced, response.status());
        if let Ok(header) = header {
            response.headers_mut().insert(HEADER, header);
        }
        let took = began.elapsed();
        log(response.status(), took);
        if let Some(metrics) = &state.metrics {
            metrics.request(method, route, response.status(), took);
        }
        response
    }
    .instrument(span)
    .await
}

/// The name of a method; clients may make up their own, which are not repeated.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// One line per request. Those that went well are told only to those who want to know: at
/// thousands a second they would cost more than the requests.
fn log(status: StatusCode, duration: Duration) {
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let status_code = status.as_u16();
    if status.is_server_error() {
        tracing::error!(
            response.status = status_code,
            response.duration_us = micros,
            "the server failed to answer a request"
        );
    } else if status.is_client_error() {
        tracing::info!(response.status = status_code, response.duration_us = micros, "refused a request");
    } else {
        tracing::debug!(response.status = status_code, response.duration_us = micros, "answered a request");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::{ManualClock, from_micros};

    fn id_for(brought: &str) -> String {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_bytes(brought.as_bytes()).expect("a header value");
        headers.insert(HEADER, value);
        RequestId::of(&headers, &ManualClock::at(from_micros(0))).to_string()
    }

    #[test]
    fn an_acceptable_id_is_kept() {
        for id in ["a", "01J-trace/7;x=\"1\"", &"x".repeat(MAX_LENGTH)] {
            assert_eq!(id_for(id), id);
        }
    }

    #[test]
    fn any_other_id_is_replaced() {
        for id in ["", "two words", "tab\there", "é", &"x".repeat(MAX_LENGTH + 1)] {
            let made = id_for(id);
            assert!(made.starts_with("req_") && made.len() == 30, "{id:?} became {made}");
        }
    }
}
