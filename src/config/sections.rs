//! The sections of the configuration, one struct each.
//!
//! A field is a key. Its doc comment becomes the description in the JSON Schema, its `range` is
//! enforced on every layer, and `x-expected` is what errors say a text should be where the schema
//! alone cannot tell. Defaults are not found here but in `config.default.toml`.

use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::secrets::{self, SecretToken, SecretUrl};

/// How the server talks HTTP.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// The IP address and port on which the server accepts connections.
    #[schemars(
        with = "String",
        extend("x-expected" = "an IP address and a port, such as 127.0.0.1:8080")
    )]
    pub listen: SocketAddr,
    /// The URL under which clients reach the server, without a path, where that is not what they ask for in `Host`, such as
    /// behind a proxy that speaks TLS. Resources of SCIM name themselves by it.
    #[schemars(extend("x-expected" = "an empty text, or a URL such as https://directory.example.org"))]
    pub public_url: String,
    /// How many seconds one request may take before the server gives up on it.
    #[schemars(range(min = 1, max = 3600))]
    pub request_timeout_seconds: u64,
    /// How many seconds a stopping server waits for requests under way before it ends them.
    #[schemars(range(min = 0, max = 3600))]
    pub shutdown_timeout_seconds: u64,
    /// How many bytes the body of a request may have.
    #[schemars(range(min = 1024, max = 104_857_600))]
    pub max_body_bytes: usize,
}

/// Where the data is kept and how it is reached.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// The URL of the database, on SQLite or PostgreSQL. It may hold a password.
    #[serde(deserialize_with = "secrets::database_url")]
    #[schemars(
        with = "String",
        extend("x-expected" = "a URL that starts with sqlite:, postgres:// or postgresql://, \
            special characters in its password being percent-encoded")
    )]
    pub url: SecretUrl,
    /// How many connections serve reads at the same time.
    #[schemars(range(min = 1, max = 256))]
    pub read_connections: u32,
    /// How many writers work side by side. SQLite has a single writer whatever is set here.
    #[schemars(range(min = 1, max = 64))]
    pub write_lanes: u32,
    /// How many seconds to wait for a free connection before a request fails.
    #[schemars(range(min = 1, max = 3600))]
    pub acquire_timeout_seconds: u64,
    /// Whether the server brings the database schema up to date when it starts.
    pub migrate_on_start: bool,
}

impl DatabaseConfig {
    /// How many writers there are in effect: SQLite never has more than one.
    #[must_use]
    pub fn effective_write_lanes(&self) -> u32 {
        if self.url.expose().starts_with("sqlite:") { 1 } else { self.write_lanes }
    }
}

/// What is kept in memory to answer sooner.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheConfig {
    /// How many mebibytes answers to repeated questions may take, about. 0 keeps none.
    #[schemars(range(min = 0, max = 65_536))]
    pub max_mebibytes: usize,
}

/// Where changes are published, and where several servers share their rate limits.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RedisConfig {
    /// The URL of the Redis server to which changes are published. It may hold a password. Empty
    /// means that no Redis is used.
    #[serde(with = "secrets::optional_redis_url")]
    #[schemars(
        with = "String",
        extend("x-expected" = "a URL that starts with redis:// or rediss://, special characters \
            in its password being percent-encoded, or nothing for no Redis")
    )]
    pub url: Option<SecretUrl>,
    /// The name of the Redis stream that receives the changes.
    #[schemars(length(min = 1))]
    pub stream: String,
    /// How many entries the stream keeps, approximately, before the oldest are dropped.
    #[schemars(range(min = 1))]
    pub stream_max_length: usize,
}

/// What the GraphQL interface offers and allows.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GraphqlConfig {
    /// Whether the GraphiQL page is served to browsers.
    pub graphiql: bool,
    /// Whether clients may ask for the schema by introspection. GraphiQL depends on it.
    pub introspection: bool,
    /// Whether errors about unknown fields suggest known ones. Without introspection they never do.
    pub suggestions: bool,
    /// How much an operation may cost: about the number of nodes and lists it can make the server load, which follows
    /// from the sizes of its pages.
    #[schemars(range(min = 1))]
    pub max_cost: u64,
    /// How many root fields an operation may have.
    #[schemars(range(min = 1))]
    pub max_root_fields: usize,
    /// How many words and punctuation marks a document may have.
    #[schemars(range(min = 1))]
    pub max_tokens: usize,
    /// How deep the fields of a request may nest.
    #[schemars(range(min = 1, max = 64))]
    pub max_depth: usize,
    /// How many aliases a request may contain.
    pub max_aliases: usize,
    /// How many directives a request may contain.
    pub max_directives: usize,
    /// How many nodes of the graph one request may load.
    #[schemars(range(min = 1))]
    pub max_nodes: usize,
    /// How many entries a page has when the client does not say; at most `max_page_size`.
    #[schemars(range(min = 1, max = 1000))]
    pub default_page_size: usize,
    /// How many entries a client may ask for in one page.
    #[schemars(range(min = 1, max = 1000))]
    pub max_page_size: usize,
    /// Whether a client may send the SHA-256 of a document that it has sent before in the place of the document.
    pub persisted_queries: bool,
    /// How many bytes the documents may have together that are kept for that. Each counts for at least 1,024.
    #[schemars(range(min = 65_536, max = 1_073_741_824))]
    pub persisted_queries_bytes: u64,
    /// The path of a JSON file with documents that clients may send by their id: an object of ids and documents, or a
    /// manifest of Apollo. Empty means that there are none.
    pub trusted_documents: String,
    /// Whether nothing is run but the documents of that file.
    pub only_trusted_documents: bool,
}

/// How much each may ask for in a time. Costs are those of GraphQL operations, as `graphql.max_cost` has them; every other
/// request costs 1.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimitsConfig {
    /// Whether there is such a limit.
    pub enabled: bool,
    /// How much cost the holder of a credential may ask for per minute, over a longer time.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub cost_per_minute: u32,
    /// How much cost the holder of a credential may ask for at once, after having asked for nothing. An operation that costs
    /// more is never run.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub burst: u32,
    /// How much cost those without a credential may ask for per minute, all together who come from one address.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub nobody_cost_per_minute: u32,
    /// How much cost those without a credential may ask for at once, all together who come from one address.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub nobody_burst: u32,
}

/// How clients follow changes over WebSocket.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionsConfig {
    /// How many WebSocket connections may be open at the same time.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_connections: usize,
    /// How many of them may be those of one credential; those without any count together.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_connections_per_credential: usize,
    /// How many operations one connection may run at the same time.
    #[schemars(range(min = 1, max = 10000))]
    pub max_operations: usize,
    /// How many seconds a client has to send connection_init after it has connected.
    #[schemars(range(min = 1, max = 3600))]
    pub init_timeout_seconds: u64,
    /// How many seconds a client may take to read what it is sent before it is disconnected.
    #[schemars(range(min = 1, max = 3600))]
    pub send_timeout_seconds: u64,
    /// How many seconds pass between two pings to a client, and between two looks at its credential. A client that was
    /// not heard between two pings is disconnected.
    #[schemars(range(min = 1, max = 3600))]
    pub ping_seconds: u64,
    /// How many seconds a subscription waits for news before it looks into the database all the same.
    #[schemars(range(min = 1, max = 3600))]
    pub poll_seconds: u64,
}

/// Whether the server tells how it is, and to whom.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricsConfig {
    /// Whether numbers about the server are served at /metrics, for Prometheus.
    pub enabled: bool,
    /// The bearer token that has to be shown to see them. Empty means that anybody may who reaches
    /// the server.
    #[serde(with = "secrets::optional_token")]
    #[schemars(
        with = "String",
        extend("x-expected" = "at least 16 visible ASCII characters without spaces, or nothing for no token")
    )]
    pub token: Option<SecretToken>,
}

/// What is logged and how.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// How log lines are written.
    pub format: LogFormat,
    /// What is logged: a level, optionally with directives for single modules, in the syntax of
    /// the tracing crate's `EnvFilter`.
    pub filter: String,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object per line, for log collectors.
    Json,
}

/// How repeated requests are recognized.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdempotencyConfig {
    /// How many hours the result of a request with an idempotency key is remembered.
    #[schemars(range(min = 1, max = 8760))]
    pub retention_hours: u32,
}
