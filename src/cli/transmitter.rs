//! `idgraph transmitter`: others whose signals about the security of accounts are taken.

use super::failure::Failure;
use super::settings::Settings;
use super::{application, output};
use crate::config::IamUrl;
use crate::domain::Timestamp;
use crate::domain::transmitter::{Polling, parse_transmitter_id, transmitter_id};
use crate::resolvers::reception::NewTransmitter;
use crate::resolvers::{App, Viewer};
use crate::store::Scope;
use chrono::SecondsFormat;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use uuid::Uuid;

/// What to do about transmitters.
#[derive(Debug, Subcommand)]
pub(super) enum Transmitter {
    /// Take the signals of somebody from now on; prints the path to which they are pushed, or the id if they are fetched
    Trust(Trust),
    /// List everybody whose signals are taken, and how often some were refused
    List,
    /// List the latest signals of somebody that were refused, and why
    Rejections(Named),
    /// Take the signals of somebody no more
    Distrust(Named),
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
    /// Where the signals are fetched, if the issuer does not push them (RFC 8936): https://…
    #[arg(long, value_name = "URL", requires = "poll_token_file")]
    poll_url: Option<String>,
    /// The file with the bearer token that is shown there; kept encrypted
    #[arg(long, value_name = "FILE", requires = "poll_url")]
    poll_token_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// The id of the transmitter: trx_…
    id: String,
}

impl Transmitter {
    pub(super) async fn run(self, settings: Settings) -> Result<(), Failure> {
        application::as_operator(settings, async |app, viewer| match self {
            Self::Trust(trust) => trust.run(app, viewer).await,
            Self::List => list(app).await,
            Self::Rejections(named) => named.rejections(app).await,
            Self::Distrust(named) => named.distrust(app, viewer).await,
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
        let unreadable = |error| Failure::because("The file with the token cannot be read", &error);
        let token = self.poll_token_file.as_ref().map(std::fs::read_to_string).transpose().map_err(unreadable)?;
        let polling = self.poll_url.zip(token.map(|token| token.trim().to_owned()));
        let is_fetched = polling.is_some();
        let new = NewTransmitter {
            issuer: self.issuer,
            jwks_url: self.jwks_url,
            audience: self.audience,
            provider: self.provider,
            environment: self.environment,
            polling,
        };
        let id = app.trust_transmitter(viewer, organization.id, new).await?;
        let id = transmitter_id(id);
        output::line(if is_fetched { id } else { format!("/ssf/receive/{id}") })
    }
}

impl Named {
    fn uuid(&self) -> Result<Uuid, Failure> {
        let missing = || Failure::new("This is no id of a transmitter; see: idgraph transmitter list");
        parse_transmitter_id(&self.id).ok_or_else(missing)
    }

    async fn rejections(self, app: &App) -> Result<(), Failure> {
        let id = self.uuid()?;
        if app.store().transmitter(id).await?.is_none() {
            return Err(Failure::new("There is no such transmitter; see: idgraph transmitter list"));
        }
        output::line(rejection(["AT", "FAULT", "JTI", "ISSUER", "WHY"]))?;
        for rejected in app.store().rejected_signals(id).await? {
            let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "-".to_owned());
            let (jti, issuer) = (name(&rejected.jti), name(&rejected.issuer));
            let fault = rejected.fault.name();
            output::line(rejection([&time(rejected.at), fault, &jti, &issuer, &rejected.description]))?;
        }
        Ok(())
    }

    async fn distrust(self, app: &App, viewer: &Viewer) -> Result<(), Failure> {
        app.distrust_transmitter(viewer, self.uuid()?).await?;
        eprintln!("Signals of {} are taken no more.", self.id);
        Ok(())
    }
}

async fn list(app: &App) -> Result<(), Failure> {
    for transmitter in app.store().transmitters(Scope::EVERYTHING).await? {
        let (id, organization) = (transmitter_id(transmitter.id), transmitter.organization);
        output::line(format!("{id}  {organization}  {}  for {}", transmitter.issuer, transmitter.audience))?;
        if let Some(Polling { url, state, .. }) = &transmitter.polling {
            let last = state.succeeded_at.map_or_else(|| "never".to_owned(), time);
            output::line(format!("    fetched from {url}, last at: {last}"))?;
            if let Some(failure) = &state.failure {
                output::line(format!("    failed {} times, the last time since {failure}", state.failures))?;
            }
        }
        for refusals in app.store().refusals_of(transmitter.id).await? {
            let last = time(refusals.last_at);
            let (count, fault) = (refusals.count, refusals.fault.name());
            output::line(format!("    refused {count} times ({fault}), the last time at {last}: {}", refusals.detail))?;
        }
    }
    Ok(())
}

fn time(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn rejection([at, fault, jti, issuer, why]: [&str; 5]) -> String {
    format!("{at:20}  {fault:8}  {jti:36}  {issuer:36}  {why}")
}
