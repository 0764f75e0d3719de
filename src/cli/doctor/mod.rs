//! `idgraph doctor`: the installation, looked over. It changes nothing, not even the schema of the database.
//!
//! Each check ends in a [finding](finding): well, a warning, a problem, or skipped because a check before it failed. What
//! a finding says of the directory are numbers and ids, so that a report may be shown around.

mod checks;
mod data;
mod finding;

use self::finding::{Finding, Report};
use super::failure::Failure;
use super::settings::Settings;
use super::{application, logging, output};
use crate::config::Config;
use crate::domain::time::SystemClock;
use crate::store::Store;
use clap::Args;

/// The checks that need a database to look at.
const OF_THE_DATABASE: [&str; 7] = ["migrations", "clock", "sequences", "edges", "keys", "containment", "outbox"];

/// Look the installation over, and say what is wrong and what to do; changes nothing
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Write the report as JSON, for programs
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) async fn run(self, settings: Settings) -> Result<(), Failure> {
        logging::start_quietly();
        let mut report = Report::default();
        match settings.load().and_then(|config| logging::filter(&config.log.filter).map(|_| config)) {
            Ok(config) => {
                report.add(Finding::ok("configuration", "The configuration is valid."));
                look_over(&config, &mut report).await;
            }
            Err(failure) => {
                let advice = "Mend what it names; idgraph config show says where each value comes from.";
                report.add(Finding::problem("configuration", failure.message().unwrap_or_default(), advice));
                report.skip(&["database"]);
                report.skip(&OF_THE_DATABASE);
                report.skip(&["redis", "iam", "networks"]);
            }
        }
        let written = if self.json { output::line(report.json()) } else { output::text(&report) };
        written?;
        if report.has_problem() { Err(Failure::told()) } else { Ok(()) }
    }
}

/// Makes every check that the configuration allows for.
async fn look_over(config: &Config, report: &mut Report) {
    match application::connect_to_look(config).await {
        Ok(store) => {
            look_into(&store, config, report).await;
            if let Err(error) = store.close().await {
                tracing::warn!(error = %error, "the connection to the database was not closed");
            }
        }
        Err(failure) => {
            let advice = "Start the database, or mend database.url; idgraph serve makes a SQLite file that is missing.";
            report.add(Finding::problem("database", failure.message().unwrap_or_default(), advice));
            report.skip(&OF_THE_DATABASE);
        }
    }
    report.add(checks::redis(&config.redis).await);
    report.add(checks::iam(&config.iam).await);
    report.add(checks::networks(&config.risk));
}

/// Makes the checks of a database that can be reached.
async fn look_into(store: &Store, config: &Config, report: &mut Report) {
    let database = checks::database(store).await;
    let is_sound = !database.is_problem();
    report.add(database);
    if !is_sound {
        report.skip(&OF_THE_DATABASE);
        return;
    }
    let (migrations, has_tables) = checks::migrations(store, config.database.migrate_on_start).await;
    report.add(migrations);
    if !has_tables {
        report.skip(OF_THE_DATABASE.get(1..).unwrap_or_default());
        return;
    }
    report.add(checks::clock(store, &SystemClock).await);
    report.add(data::sequences(store).await);
    for finding in data::orphans(store).await {
        report.add(finding);
    }
    report.add(data::outbox(store, &SystemClock, &config.redis).await);
}
