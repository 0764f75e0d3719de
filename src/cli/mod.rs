//! The command line: one file per subcommand.
//!
//! A subcommand parses its arguments, opens the [application](application) if it needs one, and
//! runs commands and queries as the operator of the server. Results go to standard output, everything
//! else to standard error. The exit code is 0 when all went well, 1 for a [failure](failure), and 2
//! when the command line itself makes no sense.

mod application;
mod backup;
mod completions;
mod config;
mod demo;
mod doctor;
mod export;
mod failure;
mod feed;
mod healthcheck;
mod import;
mod key;
mod logging;
mod man;
mod migrate;
mod output;
mod risk;
mod schema;
mod serve;
mod settings;
mod telemetry;
mod token;
mod transmitter;
mod wire;

use self::failure::Failure;
use self::settings::Settings;
use clap::{CommandFactory, Parser, Subcommand};
use std::process::ExitCode;

/// An identity graph server: who exists, where they belong, which accounts they own, and how all of
/// it came to be.
#[derive(Debug, Parser)]
#[command(name = "idgraph", version, propagate_version = true)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Bring the schema of the database up to date, or undo changes of it
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Merge a file into the directory
    Import(import::Import),
    /// Write the directory as NDJSON
    Export(export::Export),
    /// Make, list and revoke API tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Rotate, list and withdraw the keys that sign tokens
    #[command(subcommand)]
    Key(key::Key),
    /// Assess again what the risk of accounts was assessed by, and compare
    #[command(subcommand)]
    Risk(risk::Risk),
    /// Say whose signals about the security of accounts are taken
    #[command(subcommand)]
    Transmitter(transmitter::Transmitter),
    /// Add, list, fetch and remove threat-intelligence feeds
    #[command(subcommand)]
    Feed(feed::FeedCommand),
    /// Check and show the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Write a copy of the database, while the server runs
    Backup(backup::Backup),
    /// Put a copy in the place of the database, while no server runs
    Restore(backup::Restore),
    /// Ask a server whether it is ready; the exit code tells
    Healthcheck(healthcheck::Healthcheck),
    /// Look the installation over, and say what is wrong and what to do; changes nothing
    Doctor(doctor::Doctor),
    /// Print the schemas of the server's interfaces
    #[command(subcommand)]
    Schema(schema::Schema),
    /// Print what a shell has to know to complete the command line
    Completions(completions::Completions),
    /// Print the manual page, or write one for each command
    Man(man::Man),
}

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    // This ends the process by itself when there is nothing to run.
    let arguments = Arguments::parse();
    match dispatch(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(message) = failure.message() {
                eprintln!("idgraph: {message}");
            }
            failure.exit_code()
        }
    }
}

fn dispatch(Arguments { settings, command }: Arguments) -> Result<(), Failure> {
    match command {
        Command::Config(command) => command.run(settings),
        Command::Schema(command) => command.run(),
        Command::Completions(command) => command.run(Arguments::command()),
        Command::Man(command) => command.run(Arguments::command()),
        Command::Serve(command) => block_on(command.run(settings)),
        Command::Migrate(command) => block_on(command.run(settings)),
        Command::Import(command) => block_on(command.run(settings)),
        Command::Export(command) => block_on(command.run(settings)),
        Command::Token(command) => block_on(command.run(settings)),
        Command::Feed(command) => block_on(command.run(settings)),
        Command::Key(command) => block_on(command.run(settings)),
        Command::Risk(command) => block_on(command.run(settings)),
        Command::Transmitter(command) => block_on(command.run(settings)),
        Command::Backup(command) => block_on(command.run(settings)),
        Command::Restore(command) => block_on(command.run(settings)),
        Command::Healthcheck(command) => block_on(command.run(settings)),
        Command::Doctor(command) => block_on(command.run(settings)),
    }
}

fn block_on(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::because("The program cannot start", &error))?;
    runtime.block_on(command)
}
