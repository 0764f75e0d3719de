//! `idgraph key`: the keys that sign tokens.

use super::failure::Failure;
use super::settings::Settings;
use super::{application, output};
use crate::domain::signing::{key_id, parse_key_id};
use crate::domain::{SigningAlgorithm, Timestamp};
use crate::resolvers::{App, Viewer};
use chrono::SecondsFormat;
use clap::{Args, Subcommand};

/// What to do about signing keys.
#[derive(Debug, Subcommand)]
pub(super) enum Key {
    /// Make a new key that signs from now on; what the one before has signed stays good until it expires
    Rotate(Rotate),
    /// List every key, those that are of no use any more too
    List,
    /// Withdraw a key: whatever it has signed is worthless, on every server within two seconds
    Withdraw(Withdraw),
}

#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// By which algorithm the key signs: ES256 or RS256 [default: oauth.signing_algorithm]
    #[arg(long, value_parser = algorithm)]
    algorithm: Option<SigningAlgorithm>,
}

#[derive(Debug, Args)]
pub(super) struct Withdraw {
    /// The id of the key: key_…
    id: String,
    /// Why
    #[arg(long)]
    reason: Option<String>,
}

impl Key {
    pub(super) async fn run(self, settings: Settings) -> Result<(), Failure> {
        application::as_operator(settings, async |app, viewer| match self {
            Self::Rotate(rotate) => rotate.run(app, viewer).await,
            Self::List => list(app).await,
            Self::Withdraw(withdraw) => withdraw.run(app, viewer).await,
        })
        .await
    }
}

impl Rotate {
    async fn run(self, app: &App, viewer: &Viewer) -> Result<(), Failure> {
        let settings = app.issuance().ok_or_else(|| {
            Failure::new("There is no secret to seal keys with; set oauth.key_secret (IDGRAPH_OAUTH__KEY_SECRET_FILE).")
        })?;
        let id = app.rotate_key(viewer, self.algorithm.unwrap_or(settings.algorithm)).await?;
        output::line(key_id(id))
    }
}

impl Withdraw {
    async fn run(self, app: &App, viewer: &Viewer) -> Result<(), Failure> {
        let id = app.withdraw_key(viewer, parse_key_id(&self.id, "id")?, self.reason).await?;
        eprintln!("The key {id} is withdrawn.");
        Ok(())
    }
}

async fn list(app: &App) -> Result<(), Failure> {
    let now = app.clock().now();
    output::line(row(["ID", "ALGORITHM", "STATE", "CREATED", "VERIFIES UNTIL"]))?;
    for key in app.store().all_signing_keys().await? {
        let until = match (key.withdrawn_at, key.verifies_until) {
            (Some(withdrawn), _) => time(withdrawn),
            (None, Some(until)) => time(until),
            (None, None) => "-".to_owned(),
        };
        let name = key.algorithm.name();
        output::line(row([&key_id(key.id), name, key.state(now), &time(key.created_at), &until]))?;
    }
    Ok(())
}

fn row([id, algorithm, state, created, until]: [&str; 5]) -> String {
    format!("{id:30}  {algorithm:9}  {state:9}  {created:20}  {until}")
}

fn time(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn algorithm(name: &str) -> Result<SigningAlgorithm, String> {
    SigningAlgorithm::from_name(name).ok_or_else(|| "expected ES256 or RS256".to_owned())
}
