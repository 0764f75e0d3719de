//! `idgraph transmitter`: others whose signals about the security of accounts are taken.

use super::failure::Failure;
use super::settings::Settings;
use super::{application, output};
use crate::config::IamUrl;
use crate::domain::transmitter::{parse_transmitter_id, transmitter_id};
use crate::resolvers::reception::NewTransmitter;
use crate::resolvers::{App, Viewer};
use crate::store::Scope;
use chrono::SecondsFormat;
use clap::{Args, Subcommand};

/// What to do about transmitters.
#[derive(Debug, Subcommand)]
pub(super) enum Transmitter {
    /// Take the signals of somebody from now on; prints the path to which they are pushed
    Trust(Trust),
    /// List everybody whose signals are taken, and how often some were refused
    List,
    /// Take the signals of somebody no more
    Distrust(Distrust),
}

#[derive(Debug, Args)]
pub(super) struct Trust {
    /// The slug of the organization
    #[arg(long)]
    organization: String,
    /// What the signals say that they are from (iss), letter by letter
    #[arg(long)]
    issuer: String,
    /// Where the keys of the issuer are: https://…
    #[arg(long)]
    jwks_url: String,
    /// For whom the signals have to be meant (aud)
    #[arg(long)]
    audience: String,
    /// The provider of the linked identities that the issuer knows by their ids
    #[arg(long)]
    provider: String,
    /// The environment of those
    #[arg(long, default_value = "production")]
    environment: String,
}

#[derive(Debug, Args)]
pub(super) struct Distrust {
    /// The id of the transmitter: trx_…
    id: String,
}

impl Transmitter {
    pub(super) async fn run(self, settings: Settings) -> Result<(), Failure> {
        application::as_operator(settings, async |app, viewer| match self {
            Self::Trust(trust) => trust.run(app, viewer).await,
            Self::List => list(app).await,
            Self::Distrust(distrust) => distrust.run(app, viewer).await,
        })
        .await
    }
}

impl Trust {
    async fn run(self, app: &App, viewer: &Viewer) -> Result<(), Failure> {
        if IamUrl::parse(&self.jwks_url).is_none() {
            return Err(Failure::new("The keys have to be at an https:// URL (http:// only on this machine)."));
        }
        let organization = application::organization(app, viewer, &self.organization).await?;
        let new = NewTransmitter {
            issuer: self.issuer,
            jwks_url: self.jwks_url,
            audience: self.audience,
            provider: self.provider,
            environment: self.environment,
        };
        let id = app.trust_transmitter(viewer, organization.id, new).await?;
        output::line(format!("/ssf/receive/{}", transmitter_id(id)))
    }
}

impl Distrust {
    async fn run(self, app: &App, viewer: &Viewer) -> Result<(), Failure> {
        let id = parse_transmitter_id(&self.id)
            .ok_or_else(|| Failure::new("This is no id of a transmitter; see: idgraph transmitter list"))?;
        app.distrust_transmitter(viewer, id).await?;
        eprintln!("Signals of {} are taken no more.", self.id);
        Ok(())
    }
}

async fn list(app: &App) -> Result<(), Failure> {
    for transmitter in app.store().transmitters(Scope::EVERYTHING).await? {
        let (id, organization) = (transmitter_id(transmitter.id), transmitter.organization);
        output::line(format!("{id}  {organization}  {}  for {}", transmitter.issuer, transmitter.audience))?;
        for refusals in app.store().refusals_of(transmitter.id).await? {
            let last = refusals.last_at.to_rfc3339_opts(SecondsFormat::Secs, true);
            let (count, fault) = (refusals.count, refusals.fault.name());
            output::line(format!("    refused {count} times ({fault}), the last time at {last}: {}", refusals.detail))?;
        }
    }
    Ok(())
}
