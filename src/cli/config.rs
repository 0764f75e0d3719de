//! `idgraph config`: the configuration, checked and shown.

use super::failure::Failure;
use super::settings::Settings;
use super::{logging, output};
use crate::config::Config;
use clap::Subcommand;

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Say whether the configuration is valid, and what is wrong with it
    Check,
    /// Print the values in effect, and where each of them comes from
    Show,
    /// Print the JSON Schema of the configuration file
    Schema,
}

impl ConfigCommand {
    pub(super) fn run(self, settings: Settings) -> Result<(), Failure> {
        match self {
            Self::Check => {
                logging::filter(&settings.load()?.log.filter)?;
                output::line("The configuration is valid.")
            }
            Self::Show => output::text(settings.load()?.redacted_toml()),
            Self::Schema => output::line(format_args!("{:#}", Config::json_schema())),
        }
    }
}
