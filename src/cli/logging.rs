//! Logs: to standard error, for people or for collectors.

use super::failure::Failure;
use super::telemetry::{self, Telemetry};
use crate::config::{LogConfig, LogFormat};
use std::io::{self, IsTerminal};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

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

/// Logs as the configuration says, and traces if somebody wants to know: for the server.
pub(super) fn start(config: &LogConfig, telemetry: Option<&Telemetry>) -> Result<(), Failure> {
    let filter = filter(&config.filter)?;
    match telemetry {
        Some(telemetry) => install_both(filter, config.format, telemetry),
        None => install(filter, config.format),
    }
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

/// Logs and traces side by side, each with what it wants to know of.
fn install_both(filter: EnvFilter, format: LogFormat, telemetry: &Telemetry) {
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let traces = tracing_opentelemetry::layer()
        .with_tracer(telemetry.tracer())
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(Targets::new().with_target(telemetry::TARGET, LevelFilter::TRACE));
    // A test may have installed its own, which is as good.
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).with(traces).try_init();
}
