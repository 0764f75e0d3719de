//! The flags that every subcommand understands, and the configuration they result in.

use super::failure::Failure;
use crate::config::{Config, Sources};
use clap::Args;
use std::path::PathBuf;

/// Where the configuration comes from.
#[derive(Debug, Args)]
pub(super) struct Settings {
    /// The configuration file [default: $IDGRAPH_CONFIG, else ./idgraph.toml if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Set a configuration key, such as log.format=json; may be repeated
    #[arg(long = "set", global = true, value_name = "SECTION.KEY=VALUE", value_parser = assignment)]
    assignments: Vec<(String, String)>,
    /// The URL of the database, short for --set database.url=URL; for one with a password, prefer
    /// the environment variable IDGRAPH_DATABASE__URL
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
}

impl Settings {
    /// Loads the configuration.
    pub(super) fn load(self) -> Result<Config, Failure> {
        self.load_with(Vec::new())
    }

    /// Loads the configuration with what flags of the subcommand set.
    pub(super) fn load_with(self, flags: Vec<(String, String)>) -> Result<Config, Failure> {
        let mut overrides = self.assignments;
        overrides.extend(self.database_url.map(|url| ("database.url".to_owned(), url)));
        overrides.extend(flags);
        let working_directory = std::env::current_dir()
            .map_err(|error| Failure::because("The working directory cannot be found", &error))?;
        let sources = Sources { file: self.config, environment: environment(), overrides, working_directory };
        Ok(Config::load(sources)?)
    }
}

/// The environment variables, but for those that are no text: no configuration key is.
#[expect(clippy::disallowed_methods, reason = "this is where the environment enters src/config")]
fn environment() -> Vec<(String, String)> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

/// Reads `key=value`.
pub(super) fn assignment(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err("expected a name, an equals sign and a value"),
    }
}
