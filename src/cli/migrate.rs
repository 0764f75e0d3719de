//! `idgraph migrate`: the schema of the database, up and down.

use super::failure::Failure;
use super::settings::Settings;
use super::{application, logging, output};
use crate::store::Store;
use clap::{Args, Subcommand};

/// What to do about the schema of the database.
#[derive(Debug, Subcommand)]
pub(super) enum Migrate {
    /// Make every change that is missing
    Up,
    /// Undo the newest change, or several; what the tables hold is lost
    Down(Down),
    /// List every change, and whether it has been made
    Status,
}

#[derive(Debug, Args)]
pub(super) struct Down {
    /// How many changes to undo
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Undo every change
    #[arg(long, conflicts_with = "steps")]
    all: bool,
}

impl Migrate {
    pub(super) async fn run(self, settings: Settings) -> Result<(), Failure> {
        let config = settings.load()?;
        logging::start_quietly();
        let store = application::connect(&config).await?;
        let before = store.migration_status().await?;
        match self {
            Self::Up => store.migrate_up().await?,
            Self::Down(Down { all: true, .. }) => store.migrate_down(None).await?,
            Self::Down(Down { steps, .. }) => store.migrate_down(Some(steps)).await?,
            Self::Status => {
                for (name, applied) in &before {
                    output::line(format_args!("{:7}  {name}", if *applied { "applied" } else { "pending" }))?;
                }
                return Ok(store.close().await?);
            }
        }
        report(&before, &store).await?;
        Ok(store.close().await?)
    }
}

/// Says which changes have been made or undone.
async fn report(before: &[(String, bool)], store: &Store) -> Result<(), Failure> {
    let mut changed = false;
    for ((name, before), (_, after)) in before.iter().zip(store.migration_status().await?) {
        if *before != after {
            changed = true;
            output::line(format_args!("{}  {name}", if after { "applied" } else { "undone " }))?;
        }
    }
    if !changed {
        output::line("There was nothing to do.")?;
    }
    Ok(())
}
