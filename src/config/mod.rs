//! The configuration: typed sections, filled from layers.
//!
//! Four layers are put on top of each other, the later one winning key by key: the defaults built
//! into the server, a TOML file, environment variables, and command-line flags. Every layer is
//! first taken apart into settings, each a key, a value and the place that set it. From then on all
//! layers are alike: a setting is checked on its own, so that one start of the server reports every
//! mistake together with its place, and [`figment`] merges what remains and remembers which place
//! each value came from.
//!
//! The structs in [`sections`] are the single description of the keys. Their JSON Schema says which
//! keys exist, how the text of a variable or flag is read, and what an error tells the operator to
//! write instead. `config.default.toml` holds the values, and a test keeps the two in agreement.
//!
//! No error repeats a text it turns down: a secret under the wrong key must not end up in a log.

mod deliveries;
mod error;
mod iam;
mod keys;
mod layers;
mod list;
mod oauth;
mod risk;
pub mod secrets;
pub mod sections;
mod setting;
mod telemetry;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::PathBuf};

use figment::Figment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    deliveries::DeliveriesConfig,
    error::ConfigError,
    iam::{DefaultRole, IamConfig, IamUrl, JwtAlgorithm, ProfileRule},
    list::List,
    oauth::{OAuthConfig, TokenSigning},
    risk::RiskConfig,
    sections::{
        CacheConfig, DatabaseConfig, GraphqlConfig, IdempotencyConfig, LogConfig, LogFormat, MetricsConfig,
        RateLimitsConfig, RedisConfig, ServerConfig, SubscriptionsConfig,
    },
    telemetry::TelemetryConfig,
};
use self::{error::Problem, keys::Keys, layers::Layers, setting::Setting};

/// Where [`Config::load`] takes the configuration from.
///
/// There is deliberately no `Debug`: the environment holds secrets, and not only our own.
#[derive(Clone, Default)]
pub struct Sources {
    /// The file named on the command line; without it, `IDGRAPH_CONFIG` and `idgraph.toml` count.
    pub file: Option<PathBuf>,
    /// The environment variables; those that are not configuration keys are passed over.
    pub environment: Vec<(String, String)>,
    /// Values of command-line flags, each with the dotted key it sets; of two for one key, the
    /// later wins.
    pub overrides: Vec<(String, String)>,
    /// The directory against which relative paths are resolved.
    pub working_directory: PathBuf,
}

/// The configuration of the idgraph server.
// The comment above is the description in the JSON Schema, hence not in it: serializing redacts
// secrets, so the result is for reading, not for loading again.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How the server talks HTTP.
    pub server: ServerConfig,
    /// Where the data is kept and how it is reached.
    pub database: DatabaseConfig,
    /// What is kept in memory to answer sooner.
    pub cache: CacheConfig,
    /// Where changes are published.
    pub redis: RedisConfig,
    /// What the GraphQL interface offers and allows.
    pub graphql: GraphqlConfig,
    /// How much each may ask for in a time.
    pub rate_limits: RateLimitsConfig,
    /// Whose tokens are accepted besides those of the server itself.
    pub iam: IamConfig,
    /// How the server issues tokens of its own.
    pub oauth: OAuthConfig,
    /// From what is known of addresses, besides what is reported.
    pub risk: RiskConfig,
    /// How changes are sent to receivers of signals and to webhooks.
    pub deliveries: DeliveriesConfig,
    /// How clients follow changes over WebSocket.
    pub subscriptions: SubscriptionsConfig,
    /// Whether the server tells how it is, and to whom.
    pub metrics: MetricsConfig,
    /// What is logged and how.
    pub log: LogConfig,
    /// Whether requests are traced, and for whom.
    pub telemetry: TelemetryConfig,
    /// How repeated requests are recognized.
    pub idempotency: IdempotencyConfig,
    /// The place each dotted key was set in, as far as the configuration was loaded from places.
    #[serde(skip)]
    origins: BTreeMap<String, String>,
}

impl Config {
    /// Loads the configuration from all layers.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or a layer holds an unknown key or a value that does not fit.
    /// The error lists all such problems.
    pub fn load(sources: Sources) -> Result<Self, ConfigError> {
        let keys = Keys::known();
        let Layers { defaults, settings, mut problems, .. } = Layers::read(sources, &keys);
        let figment = merge(Figment::new(), &defaults);
        problems.extend(settings.iter().filter(|setting| !is_valid(setting, &keys, &figment)).map(|setting| {
            Problem::InvalidValue {
                key: setting.key.clone(),
                place: setting.place.to_string(),
                expected: keys.expectation(&setting.key),
            }
        }));
        if !problems.is_empty() {
            return Err(ConfigError(problems));
        }

        let figment = merge(figment, &settings);
        // Every setting has been checked, so this fails only if the built-in defaults are broken.
        let mut config: Self = figment.extract().map_err(|_| ConfigError(vec![Problem::BrokenDefaults]))?;
        config.origins = keys
            .names()
            .filter_map(|key| Some((key.to_owned(), figment.find_metadata(key)?.name.to_string())))
            .collect();
        config.check_page_sizes()?;
        config.check_iam()?;
        config.check_oauth()?;
        Ok(config)
    }

    /// The effective values as TOML, secrets redacted, each with a comment that says where it came
    /// from.
    #[must_use]
    pub fn redacted_toml(&self) -> String {
        let values = toml::to_string(self).unwrap_or_else(|error| format!("# {error}\n"));
        let mut annotated = String::new();
        let mut section = "";
        for line in values.lines() {
            annotated.push_str(line);
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_end_matches(']');
            } else if let Some(origin) =
                line.split_once(" = ").and_then(|(key, _)| self.origins.get(&format!("{section}.{key}")))
            {
                annotated.push_str(" # ");
                // A path may contain line breaks, a comment may not.
                annotated.push_str(&origin.replace(char::is_control, " "));
            }
            annotated.push('\n');
        }
        annotated
    }

    /// The JSON Schema of a configuration file, with descriptions and defaults.
    #[must_use]
    pub fn json_schema() -> serde_json::Value {
        keys::file_schema(&layers::defaults())
    }

    /// The rules between the keys of the section about an external IAM, to be checked when all layers are in place.
    fn check_iam(&self) -> Result<(), ConfigError> {
        self.complain("iam", self.iam.check())
    }

    /// The same for the section about tokens of this server.
    fn check_oauth(&self) -> Result<(), ConfigError> {
        self.complain("oauth", self.oauth.check())
    }

    fn complain(&self, section: &str, broken: Vec<(&'static str, &'static str)>) -> Result<(), ConfigError> {
        let problems: Vec<Problem> = broken
            .into_iter()
            .map(|(key, expected)| {
                let key = format!("{section}.{key}");
                let place = self.origins.get(&key).cloned().unwrap_or_default();
                Problem::InvalidValue { key, place, expected: expected.to_owned() }
            })
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(ConfigError(problems)) }
    }

    /// The one rule between two keys, to be checked when all layers are in place.
    fn check_page_sizes(&self) -> Result<(), ConfigError> {
        let GraphqlConfig { default_page_size, max_page_size, .. } = self.graphql;
        if default_page_size <= max_page_size {
            return Ok(());
        }
        let place = |key: &str| self.origins.get(key).cloned().unwrap_or_default();
        Err(ConfigError(vec![Problem::InvalidValue {
            key: "graphql.default_page_size".to_owned(),
            place: place("graphql.default_page_size"),
            expected: format!(
                "at most {max_page_size}, the value of `graphql.max_page_size` ({})",
                place("graphql.max_page_size")
            ),
        }]))
    }
}

/// Puts settings on top of what is there, in their order.
fn merge(figment: Figment, settings: &[Setting]) -> Figment {
    settings.iter().fold(figment, Figment::merge)
}

/// Whether a setting, put alone on the defaults, keeps to the schema and makes a configuration.
///
/// The schema knows ranges, the types know formats such as addresses and URLs.
fn is_valid(setting: &Setting, keys: &Keys, defaults: &Figment) -> bool {
    keys.accept(&setting.key, &setting.value) && defaults.clone().merge(setting).extract::<Config>().is_ok()
}
