//! Logs: to standard error, for people or for collectors.

use super::failure::Failure;
use crate::config::{LogConfig, LogFormat};
use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;

/// What is logged of subcommands that run once and report by themselves.
const QUIET: &str = "warn";

/// Reads what is to be logged.
pub(super) fn filter(directives: &str) -> Result<EnvFilter, Failure> {
    EnvFilter::builder().parse(directives).map_err(|error| {
        Failure::new(format!(
            "The value of `log.filter` is not valid ({error}): expected a level such as info, \
             or directives such as info,idgraph=debug."
        ))
    })
}

/// Logs as the configuration says: for the server.
pub(super) fn start(config: &LogConfig) -> Result<(), Failure> {
    install(filter(&config.filter)?, config.format);
    Ok(())
}

/// Logs only what the operator has to know: for subcommands that run once.
pub(super) fn start_quietly() {
    install(EnvFilter::new(QUIET), LogFormat::Text);
}

fn install(filter: EnvFilter, format: LogFormat) {
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    // A test may have installed its own, which is as good.
    let _ = match format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
}
