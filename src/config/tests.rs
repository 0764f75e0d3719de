//! What the configuration promises to operators.

mod errors;
mod secrets;

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicUsize, Ordering},
};

use super::{Config, LogFormat, Sources, keys::Keys, layers};

/// A working directory that is removed in the end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static COUNTER: AtomicUsize = AtomicUsize::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("idgraph-config-{}-{number}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn with(self, name: &str, content: &str) -> Self {
        fs::write(self.0.join(name), content).unwrap();
        self
    }

    fn sources(&self) -> Sources {
        Sources { working_directory: self.0.clone(), ..Sources::default() }
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

impl Sources {
    fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    fn flag(mut self, key: &str, value: &str) -> Self {
        self.overrides.push((key.to_owned(), value.to_owned()));
        self
    }

    fn file(mut self, path: impl AsRef<Path>) -> Self {
        self.file = Some(path.as_ref().to_owned());
        self
    }

    fn load(self) -> Config {
        Config::load(self).unwrap()
    }

    fn error(self) -> String {
        Config::load(self).unwrap_err().to_string()
    }
}

/// Sources with nothing in them, not even a file in the working directory.
fn nothing() -> Sources {
    Sources { working_directory: PathBuf::from("/nonexistent"), ..Sources::default() }
}

/// The error that an `idgraph.toml` with this content leads to.
fn error_of_file(content: &str) -> String {
    Directory::new().with("idgraph.toml", content).sources().error()
}

#[test]
fn defaults_load() {
    let config = nothing().load();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database.url.expose(), "sqlite://idgraph.db");
    assert_eq!(config.database.write_lanes, 2);
    assert_eq!(config.database.effective_write_lanes(), 1);
    assert_eq!(config.redis.url, None);
    assert_eq!(config.graphql.max_nodes, 50_000);
    assert_eq!(config.log.format, LogFormat::Text);
    assert_eq!(config.idempotency.retention_hours, 24);
}

#[test]
fn defaults_and_schema_have_the_same_keys() {
    let keys = Keys::known();
    let described: BTreeSet<_> = keys.names().map(str::to_owned).collect();
    let defaults: BTreeSet<_> = layers::defaults().into_iter().map(|setting| setting.key).collect();
    assert_eq!(described, defaults);
}

#[test]
fn every_default_is_explained() {
    let lines: Vec<_> = layers::DEFAULTS.lines().collect();
    for pair in lines.windows(2) {
        assert!(
            !pair[1].contains(" = ") || pair[0].starts_with('#') || pair[1].starts_with('#'),
            "no comment above: {}",
            pair[1]
        );
    }
}

#[test]
fn schema_describes_every_key_and_requires_none() {
    let schema = Config::json_schema();
    assert!(schema.get("required").is_none());
    for (name, section) in schema["properties"].as_object().unwrap() {
        assert!(section.get("required").is_none(), "{name}");
        assert_eq!(section["additionalProperties"], false, "{name}");
        for (key, schema) in section["properties"].as_object().unwrap() {
            assert!(schema["description"].is_string(), "{name}.{key}");
            assert!(schema.get("default").is_some(), "{name}.{key}");
        }
    }
    let connections = &schema["properties"]["database"]["properties"]["read_connections"];
    assert_eq!(connections["maximum"], 256);
}

#[test]
fn every_layer_beats_those_below() {
    let directory = Directory::new()
        .with("idgraph.toml", "[database]\nread_connections = 11\nwrite_lanes = 12\nacquire_timeout_seconds = 13\n");
    let config = directory
        .sources()
        .variable("IDGRAPH_DATABASE__WRITE_LANES", "22")
        .variable("IDGRAPH_DATABASE__ACQUIRE_TIMEOUT_SECONDS", "23")
        .flag("database.acquire_timeout_seconds", "33")
        .load();
    assert_eq!(config.database.read_connections, 11);
    assert_eq!(config.database.write_lanes, 22);
    assert_eq!(config.database.acquire_timeout_seconds, 33);
    assert!(config.database.migrate_on_start);

    let shown = config.redacted_toml();
    let path = directory.0.join("idgraph.toml");
    for line in [
        format!("read_connections = 11 # file {}", path.display()),
        "write_lanes = 22 # environment variable IDGRAPH_DATABASE__WRITE_LANES".to_owned(),
        "acquire_timeout_seconds = 33 # command-line flag".to_owned(),
        "migrate_on_start = true # default".to_owned(),
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
    }
    assert!(toml::from_str::<Config>(&shown).is_ok());
}

#[test]
fn file_is_the_flag_else_the_variable_else_the_usual_one() {
    let directory = Directory::new()
        .with("idgraph.toml", "log.filter = 'usual'")
        .with("variable.toml", "log.filter = 'variable'")
        .with("flag.toml", "log.filter = 'flag'");
    let usual = directory.sources();
    assert_eq!(usual.clone().load().log.filter, "usual");
    let variable = usual.variable("IDGRAPH_CONFIG", "variable.toml");
    assert_eq!(variable.clone().load().log.filter, "variable");
    let flag = variable.file(directory.0.join("flag.toml"));
    assert_eq!(flag.load().log.filter, "flag");
}

#[test]
fn text_is_read_in_the_type_of_its_key() {
    let config = nothing()
        .variable("IDGRAPH_GRAPHQL__GRAPHIQL", "false")
        .variable("IDGRAPH_REDIS__STREAM", "42")
        .variable("IDGRAPH_LOG__FORMAT", "json")
        .flag("server.listen", "[::]:80")
        .flag("log.filter", "true")
        .load();
    assert!(!config.graphql.graphiql);
    assert_eq!(config.redis.stream, "42");
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.server.listen.port(), 80);
    assert_eq!(config.log.filter, "true");
}

#[test]
fn file_variants_hold_the_path_of_the_value() {
    let directory = Directory::new().with("url", "  postgres://me:s3cret@host/db\n").with("lanes", "8\n");
    let sources = directory
        .sources()
        .variable("IDGRAPH_DATABASE__URL_FILE", directory.0.join("url").to_str().unwrap())
        .variable("IDGRAPH_DATABASE__WRITE_LANES_FILE", "lanes");
    let config = sources.clone().load();
    assert_eq!(config.database.url.expose(), "postgres://me:s3cret@host/db");
    assert_eq!(config.database.effective_write_lanes(), 8);
    assert!(config.redacted_toml().contains("IDGRAPH_DATABASE__URL_FILE"));

    assert_eq!(
        sources.variable("IDGRAPH_DATABASE__WRITE_LANES", "3").error(),
        "`database.write_lanes` is set twice: expected only one of the environment variables \
         IDGRAPH_DATABASE__WRITE_LANES and IDGRAPH_DATABASE__WRITE_LANES_FILE."
    );
    let error = nothing().variable("IDGRAPH_REDIS__URL_FILE", "redis://:s3cret@host").error();
    assert!(error.contains("`redis.url` (environment variable IDGRAPH_REDIS__URL_FILE)"));
    assert!(!error.contains("s3cret"), "{error}");
}

#[test]
fn variables_for_other_purposes_are_ignored() {
    nothing()
        .variable("IDGRAPH_TOKEN", "x")
        .variable("IDGRAPH_TEST_DATABASE", "x")
        .variable("IDGRAPH_CONFIG", "")
        .variable("HOME__DIRECTORY", "x")
        .load();
}
