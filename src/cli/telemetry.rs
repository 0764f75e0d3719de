//! Traces: what the spans of the server become outside of it, as OTLP over HTTP.
//!
//! The server opens its spans with `tracing`, under the target [`TARGET`], whether somebody wants them or not; without a
//! collector nobody does, and such a span costs one look at an atomic number. With one, the spans go through a filter of
//! their own, so that what is traced does not depend on what is logged, into a queue that a thread empties. A full queue
//! drops spans and keeps no request waiting.
//!
//! Spans hold names that are ours, names of operations, and statements whose values are parameters: no values, no tokens.

use super::failure::Failure;
use crate::config::TelemetryConfig;
use crate::domain::Clock;
use crate::domain::time::SystemClock;
use crate::store::StatementHook;
use opentelemetry::trace::{SpanKind, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::runtime::Handle;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The target of spans that are traced.
pub(super) const TARGET: &str = "idgraph::telemetry";
/// How much of the text of a statement a span holds, in characters: those for many ids are long.
const MAX_STATEMENT: usize = 2_000;
/// How long one request to the collector may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a stopping server waits for what is still to be sent.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What has to be done in the end, if there are traces.
#[derive(Debug)]
pub(super) struct Telemetry(SdkTracerProvider);

impl Telemetry {
    /// Sends traces to the collector of the configuration, if there is one. Must be called inside a Tokio runtime.
    pub(super) fn start(config: &TelemetryConfig) -> Result<Option<Self>, Failure> {
        let Some(endpoint) = &config.endpoint else { return Ok(None) };
        let failed = |error: &dyn std::error::Error| Failure::new(format!("Traces cannot be sent: {error}."));
        // Others may have done so, with the same one.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| failed(&error))?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender { client, runtime: Handle::current() })
            .with_endpoint(format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/')))
            .build()
            .map_err(|error| failed(&error))?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource =
            Resource::builder().with_service_name(config.service_name.clone()).with_attribute(version).build();
        let ratio = f64::from(config.sample_percent) / 100.0;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(ratio))))
            .build();
        Ok(Some(Self(provider)))
    }

    /// Who makes spans.
    pub(super) fn tracer(&self) -> SdkTracer {
        self.0.tracer("idgraph")
    }

    /// What makes a span of each statement that the database has run.
    pub(super) fn statements(&self) -> StatementHook {
        let tracer = self.tracer();
        StatementHook(Arc::new(move |sql, took| statement(&tracer, sql, took)))
    }

    /// Sends what is still to be sent.
    pub(super) async fn stop(self) {
        // The thread that sends is waited for, which must not hold up the runtime: it needs that to send.
        let stopped = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(LAST_WORDS)).await;
        if let Ok(Err(error)) = stopped {
            tracing::warn!(error = %error, "the last traces were not sent");
        }
    }
}

/// Makes a span of a statement that has been run. Outside of a trace there is none.
fn statement(tracer: &SdkTracer, sql: &str, took: Duration) {
    let parent: Context = Span::current().context();
    if !parent.span().span_context().is_sampled() {
        return;
    }
    let end = SystemTime::from(SystemClock.now());
    let operation = sql.split_ascii_whitespace().next().unwrap_or_default().to_owned();
    let span = tracer
        .span_builder(operation)
        .with_kind(SpanKind::Client)
        .with_start_time(end.checked_sub(took).unwrap_or(end))
        .with_attributes([KeyValue::new("db.query.text", sql.chars().take(MAX_STATEMENT).collect::<String>())]);
    let mut span = span.start_with_context(tracer, &parent);
    opentelemetry::trace::Span::end_with_timestamp(&mut span, end);
}

/// Sends requests from a thread that is none of the runtime's.
#[derive(Debug)]
struct Sender {
    client: reqwest::Client,
    runtime: Handle,
}

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let client = self.client.clone();
        let response = self.runtime.spawn(async move { client.execute(request).await }).await??;
        // What the collector says about it is of no use to anybody.
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = response.status();
        Ok(answer)
    }
}
