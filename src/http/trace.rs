//! Spans for those who trace: one for each request, and in it one for its GraphQL operation.
//!
//! They are apart from the span of the log (see [`request_id`](super::request_id)), since what is logged and what is traced
//! are decided apart. Nobody listens unless a collector is configured; then nothing here is ever computed. A trace that
//! another server has begun goes on (W3C Trace Context, the header `traceparent`).

use async_graphql::parser::types::OperationType;
use axum::http::{HeaderMap, StatusCode};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// How long the name of an operation may be in a trace, in characters.
const MAX_NAME: usize = 100;

/// The span of a request. Method and route are names of ours.
pub(super) fn request(method: &'static str, route: &str, id: &str, headers: &HeaderMap) -> Span {
    let span = tracing::trace_span!(
        target: "idgraph::telemetry",
        "request",
        otel.name = format_args!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        request.id = id,
    );
    if !span.is_disabled() {
        let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
        // It fails only where nobody listens any more.
        drop(span.set_parent(parent));
    }
    span
}

/// Notes how the request ended.
pub(super) fn answered(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// The span of a GraphQL operation.
pub(super) fn operation(kind: Option<OperationType>, name: Option<&str>) -> Span {
    let kind = match kind {
        Some(OperationType::Query) => "query",
        Some(OperationType::Mutation) => "mutation",
        Some(OperationType::Subscription) => "subscription",
        None => "none",
    };
    let span = tracing::trace_span!(
        target: "idgraph::telemetry",
        "operation",
        otel.name = kind,
        graphql.operation.type = kind,
        graphql.operation.name = Empty,
    );
    if let Some(name) = name.filter(|_| !span.is_disabled()) {
        span.record("graphql.operation.name", name.chars().take(MAX_NAME).collect::<String>());
    }
    span
}
