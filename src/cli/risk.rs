//! `idgraph risk`: assess again what was assessed before.

use super::failure::Failure;
use super::settings::Settings;
use super::{application, output};
use crate::domain::Timestamp;
use crate::resolvers::risk::MODEL;
use crate::resolvers::{App, Viewer};
use clap::{Args, Subcommand};
use risk_model::{Level, Model, Numbers};
use std::path::PathBuf;

/// What to do about risk.
#[derive(Debug, Subcommand)]
pub(super) enum Risk {
    /// Assess every account again by its log, and compare with what is stored; changes nothing
    Replay(Replay),
    /// Assess the past of every account by another model, and compare the highest scores; changes nothing
    Simulate(Simulate),
    /// Print the numbers of the model in use, as a file for `simulate`
    Model,
}

#[derive(Debug, Args)]
pub(super) struct Replay {
    /// Only accounts of which something was written since then, such as 2026-01-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
}

#[derive(Debug, Args)]
pub(super) struct Simulate {
    /// The numbers of the other model: TOML
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
}

impl Risk {
    pub(super) async fn run(self, settings: Settings) -> Result<(), Failure> {
        if matches!(self, Self::Model) {
            return print_model();
        }
        application::as_operator(settings, async |app, viewer| match self {
            Self::Replay(replay) => replay.run(app, viewer).await,
            Self::Simulate(simulate) => simulate.run(app, viewer).await,
            Self::Model => Ok(()),
        })
        .await
    }
}

fn print_model() -> Result<(), Failure> {
    let numbers = toml::to_string_pretty(MODEL.numbers());
    output::line(numbers.map_err(|error| Failure::because("The model cannot be printed", &error))?)
}

impl Replay {
    async fn run(self, app: &App, viewer: &Viewer) -> Result<(), Failure> {
        let replayed = app.replay_risk(viewer, self.since).await?;
        for identity in &replayed.named {
            output::line(format!("{identity} differs"))?;
        }
        let (accounts, entries, different) = (replayed.accounts, replayed.entries, replayed.different);
        eprintln!("Replayed {accounts} accounts by {entries} entries; {different} differ.");
        if different == 0 { Ok(()) } else { Err(Failure::told()) }
    }
}

impl Simulate {
    async fn run(self, app: &App, viewer: &Viewer) -> Result<(), Failure> {
        let text = std::fs::read_to_string(&self.model);
        let text =
            text.map_err(|error| Failure::because(format!("{} cannot be read", self.model.display()), &error))?;
        let wrong = |error: &dyn std::fmt::Display| {
            Failure::because(format!("{} is no model", self.model.display()), &error.to_string().trim_end())
        };
        let numbers: Numbers = toml::from_str(&text).map_err(|error| wrong(&error))?;
        let model = Model::new(numbers).map_err(|error| wrong(&error))?;
        let simulated = app.simulate_risk(viewer, &model).await?;
        output::line("HIGHEST     IN USE    OTHER")?;
        for (level, (used, other)) in Level::ALL.into_iter().zip(simulated.levels) {
            output::line(format!("{:8}  {used:>8}  {other:>7}", level.name()))?;
        }
        for (identity, used, other) in &simulated.moved {
            output::line(format!("{identity}  {used:>3}  {other:>3}"))?;
        }
        eprintln!("Assessed {} accounts again.", simulated.accounts);
        Ok(())
    }
}
