//! HTTP: what every face that is spoken over it shares, and the routes.
//!
//! A request passes through layers, from the outside in, and an answer through the same layers back:
//!
//! ```text
//! request_id     names the request, opens its span, logs its end
//!   body         says that the connection ends, where a body was not read
//!   guard        turns a panic or a timeout into an answer
//!     gzip       packs what is worth packing, for those who accept it
//!       auth     tells those whose token was refused from those who have sent none
//!         route  GraphQL, SCIM, REST, SDKs, OAuth, signals, pages, health, metrics; or a problem: unknown path, wrong method
//! ```
//!
//! So a route only has to know its own protocol. What goes wrong outside of GraphQL is told as a
//! [problem], and who asks is settled in one place, [auth].

mod assets;
mod auth;
mod body;
mod graphql;
mod guard;
mod health;
mod metrics;
pub mod oauth;
mod problem;
mod rate_limit;
mod request_id;
mod rest;
mod scim;
mod sdk;
mod serve;
pub mod signals;
mod trace;

pub use graphql::TrustedDocuments;
pub use serve::serve;

use crate::config::{Config, GraphqlConfig, ServerConfig, SubscriptionsConfig};
use crate::graphql::Schema;
use crate::resolvers::{App, Viewer};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get};
use graphql::Sockets;
use graphql::persisted::PersistedQueries;
use metrics::Metrics;
use rate_limit::{Allowance, RateLimits, TooMuch};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tower_http::CompressionLevel;
use tower_http::compression::{CompressionLayer, predicate::SizeAbove};

/// How many bytes a response needs to have before packing it saves anybody time.
const COMPRESS_ABOVE: u64 = 1_024;

/// What the routes work with.
pub struct HttpState {
    app: Arc<App>,
    schema: Schema,
    server: ServerConfig,
    graphql: GraphqlConfig,
    persisted_queries: PersistedQueries,
    /// How much each may ask for, if there is a limit.
    rate_limits: Option<RateLimits>,
    subscriptions: SubscriptionsConfig,
    /// What is told of this server as an issuer of tokens.
    oauth: oauth::Told,
    /// How often somebody may try a password.
    attempts: oauth::Attempts,
    /// The open WebSocket connections.
    sockets: Arc<Sockets>,
    /// What is measured, if somebody wants to know.
    metrics: Option<Metrics>,
    /// Whether the schema of the database was seen to be up to date. It does not fall behind again
    /// while the server runs.
    migrated: AtomicBool,
}

impl HttpState {
    /// Builds the GraphQL schema, and keeps what the routes need of the configuration.
    #[must_use]
    pub fn new(app: Arc<App>, config: &Config) -> Self {
        let sockets = Sockets::new(&config.subscriptions);
        let metrics = Metrics::of(&app, &sockets, &config.metrics);
        let rate_limits = RateLimits::of(&app, config);
        let attempts = oauth::Attempts::of(&app, config);
        Self {
            app,
            metrics,
            attempts,
            oauth: oauth::Told::of(config),
            sockets,
            schema: crate::graphql::build(&config.graphql),
            persisted_queries: PersistedQueries::new(&config.graphql),
            rate_limits,
            server: config.server.clone(),
            graphql: config.graphql.clone(),
            subscriptions: config.subscriptions.clone(),
            migrated: AtomicBool::new(false),
        }
    }

    /// The same, with documents that the operator trusts.
    #[must_use]
    pub fn trusting(mut self, documents: TrustedDocuments) -> Self {
        self.persisted_queries = self.persisted_queries.trusting(documents);
        self
    }

    /// Charges a viewer who asks from an address for something, before any of it is done, and says what is left: the one
    /// limit for everything that is asked over HTTP. The cost of an operation of GraphQL is its price, of anything else 1.
    async fn charge(&self, viewer: &Viewer, address: Option<IpAddr>, cost: u64) -> Result<Option<Allowance>, TooMuch> {
        let Some(limits) = &self.rate_limits else { return Ok(None) };
        let charged = limits.charge(viewer, address, cost).await;
        if let (Err(_), Some(metrics)) = (&charged, &self.metrics) {
            metrics.rate_limited(viewer.access.is_some());
        }
        charged.map(Some)
    }
}

impl std::fmt::Debug for HttpState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpState")
            .field("server", &self.server)
            .field("graphql", &self.graphql)
            .field("subscriptions", &self.subscriptions)
            .finish_non_exhaustive()
    }
}

/// The routes, in their layers: a service that needs no socket, which is how tests drive it.
pub fn router(state: HttpState) -> Router {
    let state = Arc::new(state);
    let mut router = Router::new()
        .route("/", get(assets::root))
        .route("/graphql", get(graphql::get).post(graphql::post))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/scim", any(scim::handle))
        .route("/scim/", any(scim::handle))
        .route("/scim/{*path}", any(scim::handle))
        .merge(rest::routes())
        .merge(sdk::routes())
        .merge(oauth::routes())
        .merge(signals::routes());
    if state.metrics.is_some() {
        router = router.route("/metrics", get(metrics::show));
    }
    if state.graphql.graphiql {
        router = router
            .route("/graphiql", get(assets::page))
            .route("/graphiql/", get(assets::page))
            .route("/graphiql/{file}", get(assets::file));
    }
    let compression =
        CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(SizeAbove::new(COMPRESS_ABOVE));
    router
        .fallback(problem::fallback)
        .method_not_allowed_fallback(problem::wrong_method)
        .layer(DefaultBodyLimit::max(state.server.max_body_bytes))
        .layer(from_fn(auth::challenge))
        .layer(compression)
        .layer(from_fn_with_state(Arc::clone(&state), guard::guard))
        .layer(from_fn(scim::translate))
        .layer(from_fn(body::close_unread))
        .layer(from_fn_with_state(Arc::clone(&state), request_id::assign))
        .with_state(state)
}
