//! What the server has done and how it is, as numbers for Prometheus.
//!
//! Requests and operations are measured as they end. Everything else is looked up when somebody asks. A label only ever
//! has values that are ours: routes and not paths, types of operations and never their names, so that no client can make
//! the numbers grow.

use super::HttpState;
use super::auth;
use super::graphql::Sockets;
use super::problem::{self, Problem};
use super::request_id::RequestId;
use crate::config::MetricsConfig;
use crate::domain::{Error, Timestamp};
use crate::resolvers::{App, authenticate};
use async_graphql::parser::types::OperationType;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::{EncodeMetric, MetricEncoder, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq;

/// How long looking something up may take. What comes later is left out.
const PATIENCE: Duration = Duration::from_secs(2);
/// The limits between which durations are counted, in seconds.
const DURATIONS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// The form in which the numbers are written.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Names and values of labels.
type Labels<const N: usize> = [(&'static str, Cow<'static, str>); N];

/// A number that is left out while it is not known.
#[derive(Debug, Clone, Default)]
struct Optional(Arc<Mutex<Option<i64>>>);

impl Optional {
    fn set(&self, value: Option<i64>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = value;
    }
}

impl EncodeMetric for Optional {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let value = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        value.map_or(Ok(()), |value| encoder.encode_gauge(&value))
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Gauge
    }
}

/// What came of a GraphQL operation.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    /// It was executed, and no field has an error.
    Ok,
    /// It was executed, and a field has an error.
    Errors,
    /// It was not executed: it does not parse, is not valid, or asks for too much.
    Refused,
}

/// The numbers.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    began: Instant,
    /// What is kept of the token that has to be shown, if one has to be.
    token: Option<[u8; 32]>,
    requests: Family<Labels<3>, Histogram, fn() -> Histogram>,
    operations: Family<Labels<2>, Histogram, fn() -> Histogram>,
    rate_limited: Family<Labels<1>, Counter>,
    connections: Family<Labels<2>, Gauge>,
    outbox: Optional,
    outbox_age: Optional,
    memory: Optional,
    uptime: Gauge<f64, AtomicU64>,
}

impl Metrics {
    /// The numbers, all of them nought, if the configuration asks for them.
    pub(super) fn of(app: &App, sockets: &Sockets, config: &MetricsConfig) -> Option<Self> {
        config.enabled.then(|| Self::new(app, sockets, config))
    }

    fn new(app: &App, sockets: &Sockets, config: &MetricsConfig) -> Self {
        let durations: fn() -> Histogram = || Histogram::new(DURATIONS);
        let mut metrics = Self {
            registry: Registry::default(),
            began: Instant::now(),
            token: config.token.as_ref().map(|token| authenticate::hash_of(token.expose())),
            requests: Family::new_with_constructor(durations),
            operations: Family::new_with_constructor(durations),
            rate_limited: Family::default(),
            connections: Family::default(),
            outbox: Optional::default(),
            outbox_age: Optional::default(),
            memory: Optional::default(),
            uptime: Gauge::default(),
        };
        metrics.register(app);
        metrics.register_sockets(sockets);
        metrics
    }

    fn register(&mut self, app: &App) {
        let registry = self.registry.sub_registry_with_prefix("idgraph");
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "What runs", build);
        let requests = "How long HTTP requests took to answer";
        registry.register_with_unit("http_request_duration", requests, Unit::Seconds, self.requests.clone());
        let operations = "How long GraphQL operations took to execute";
        registry.register_with_unit("graphql_operation_duration", operations, Unit::Seconds, self.operations.clone());
        let refused = "Requests that were refused because too much was asked for in a time";
        registry.register("rate_limited_requests", refused, self.rate_limited.clone());
        registry.register("database_connections", "Open connections to the database", self.connections.clone());
        let lanes = app.store().lane_activity();
        registry.register("write_jobs_waiting", "Changes that are accepted and wait for a lane", lanes.waiting.clone());
        let jobs = "How many changes shared a commit; the count is that of commits";
        registry.register("write_commit_jobs", jobs, lanes.jobs_per_commit.clone());
        registry.register("outbox_events", "Events that are still to be published", self.outbox.clone());
        let age = "For how long the oldest of them has waited";
        registry.register_with_unit("outbox_oldest_age", age, Unit::Seconds, self.outbox_age.clone());
        registry.register_with_unit("uptime", "For how long the server has run", Unit::Seconds, self.uptime.clone());
        let memory = "Memory of the process that is not paged out";
        self.registry.register_with_unit("process_resident_memory", memory, Unit::Bytes, self.memory.clone());
    }

    fn register_sockets(&mut self, sockets: &Sockets) {
        let registry = self.registry.sub_registry_with_prefix("idgraph");
        registry.register("websocket_connections", "Open WebSocket connections", sockets.connections.clone());
        registry.register("subscriptions", "Subscriptions that they run", sockets.subscriptions.clone());
    }

    /// Counts a request that was answered.
    pub(super) fn request(&self, method: &'static str, route: &str, status: StatusCode, took: Duration) {
        let class = match status.as_u16() / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        let labels = [("method", method.into()), ("route", Cow::Owned(route.to_owned())), ("status", class.into())];
        self.requests.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// Counts a GraphQL operation.
    pub(super) fn operation(&self, kind: Option<OperationType>, outcome: Outcome, took: Duration) {
        let kind = match kind {
            Some(OperationType::Query) => "query",
            Some(OperationType::Mutation) => "mutation",
            Some(OperationType::Subscription) => "subscription",
            // What does not parse is of no type.
            None => "none",
        };
        let outcome = match outcome {
            Outcome::Ok => "ok",
            Outcome::Errors => "errors",
            Outcome::Refused => "refused",
        };
        let labels = [("type", kind.into()), ("outcome", outcome.into())];
        self.operations.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// Counts what was refused because somebody has asked for too much.
    pub(super) fn rate_limited(&self, has_credential: bool) {
        let viewer = if has_credential { "credential" } else { "nobody" };
        self.rate_limited.get_or_create(&[("viewer", viewer.into())]).inc();
    }

    /// Whether somebody who sent these headers may see the numbers.
    fn admits(&self, headers: &HeaderMap) -> bool {
        let Some(expected) = &self.token else { return true };
        let shown = auth::bearer(headers).ok().flatten().map(authenticate::hash_of);
        // Hashes have one length, and tell nothing about how much of a guess was right.
        shown.is_some_and(|shown| bool::from(shown.ct_eq(expected)))
    }

    /// Looks up what is not measured all along.
    async fn look_up(&self, app: &App) {
        for pool in app.store().pools() {
            for (state, connections) in [("in_use", pool.in_use), ("idle", pool.idle)] {
                let labels = [("pool", pool.name.into()), ("state", state.into())];
                self.connections.get_or_create(&labels).set(connections.into());
            }
        }
        // What is not known is left out; a nought would be a lie.
        let backlog = tokio::time::timeout(PATIENCE, app.store().backlog()).await.ok().and_then(Result::ok);
        let age = |oldest: Timestamp| (app.clock().now() - oldest).num_seconds().max(0);
        self.outbox.set(backlog.map(|backlog| backlog.events));
        self.outbox_age.set(backlog.map(|backlog| backlog.oldest.map_or(0, age)));
        self.memory.set(resident_memory());
        self.uptime.set(self.began.elapsed().as_secs_f64());
    }

    fn written(&self) -> String {
        let mut written = String::new();
        // Writing to a String cannot fail.
        let _ = text::encode(&mut written, &self.registry);
        written
    }
}

/// How many bytes of memory the process has, where the system says so in a file.
fn resident_memory() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1_024)
}

/// The numbers, for those who may see them.
pub(super) async fn show(
    State(state): State<Arc<HttpState>>,
    Extension(request_id): Extension<RequestId>,
    headers: HeaderMap,
) -> Response {
    let Some(metrics) = &state.metrics else { return problem::unknown_path(Extension(request_id)).await };
    if !metrics.admits(&headers) {
        let message = "Send the token of the configuration key metrics.token: Authorization: Bearer ….";
        return Problem::from(Error { message: message.into(), ..Error::unauthenticated() }).response(&request_id);
    }
    metrics.look_up(&state.app).await;
    let headers = [(header::CONTENT_TYPE, CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")];
    (headers, metrics.written()).into_response()
}
