//! `idgraph feed`: threat-intelligence feeds.

use super::failure::Failure;
use super::settings::Settings;
use super::{application, output};
use crate::domain::feed::{Feed, FeedKind, FeedSignal, feed_id, parse_feed_id};
use crate::domain::{OrganizationId, Timestamp};
use crate::resolvers::command::{AddFeed, RemoveFeed};
use crate::resolvers::{App, RunOptions, Viewer};
use chrono::SecondsFormat;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to do about feeds.
#[derive(Debug, Subcommand)]
pub(super) enum FeedCommand {
    /// Add a feed; a running server fetches it within seconds
    Add(Add),
    /// List the feeds, and how it goes with them
    List(List),
    /// Fetch a feed now, and say what came of it
    Sync(Named),
    /// Remove a feed: from now on it names nothing
    Remove(Remove),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// What the feed is called
    #[arg(long)]
    name: String,
    /// Where it is: the list, or the collection of TAXII
    #[arg(long)]
    url: String,
    /// In which form it is published: list (an address or network a line) or taxii (STIX 2.1 over TAXII 2.1)
    #[arg(long, default_value = "list", value_parser = kind)]
    kind: FeedKind,
    /// What it means to be named: threat, anonymiser or hosting
    #[arg(long, default_value = "threat", value_parser = signal)]
    signal: FeedSignal,
    /// The one organization that it counts for [default: every organization]
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
    /// How sure it is, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 80, value_parser = clap::value_parser!(u8).range(0..=100))]
    confidence: u8,
    /// After how many minutes it is fetched again
    #[arg(long, value_name = "N", default_value_t = 60)]
    refresh_minutes: u32,
    /// For how many hours what it names holds after it was last heard of [default: 168 for a list, 2160 for a collection]
    #[arg(long, value_name = "N")]
    lifetime_hours: Option<u32>,
    /// The user name with which it is asked
    #[arg(long, requires = "secret_file")]
    username: Option<String>,
    /// The file with the password that goes with the user name, or, without one, with a bearer token; kept encrypted
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those of this organization
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Named {
    /// The id of the feed: fed_…
    id: String,
}

#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The id of the feed: fed_…
    id: String,
    /// Why
    #[arg(long)]
    reason: Option<String>,
}

impl FeedCommand {
    pub(super) async fn run(self, settings: Settings) -> Result<(), Failure> {
        application::as_operator(settings, async |app, viewer| match self {
            Self::Add(add) => add.run(app, viewer).await,
            Self::List(list) => list.run(app, viewer).await,
            Self::Sync(named) => named.sync(app, viewer).await,
            Self::Remove(remove) => remove.run(app, viewer).await,
        })
        .await
    }
}

impl Add {
    async fn run(self, app: &App, viewer: &Viewer) -> Result<(), Failure> {
        let organization = match &self.organization {
            Some(slug) => application::organization(app, viewer, slug).await?.id,
            None => OrganizationId::INSTANCE,
        };
        let unreadable = |error| Failure::because("The file with the secret cannot be read", &error);
        let secret = self.secret_file.as_ref().map(std::fs::read_to_string).transpose().map_err(unreadable)?;
        let (id, sealed) = app.prepare_feed(organization, &self.url, secret.as_deref().map(str::trim))?;
        let command = AddFeed {
            organization,
            id,
            name: self.name,
            kind: self.kind,
            signal: self.signal,
            url: self.url,
            confidence: self.confidence,
            refresh_minutes: self.refresh_minutes,
            lifetime_hours: self.lifetime_hours.unwrap_or(self.kind.usual_lifetime()),
            username: self.username,
            sealed,
        };
        output::line(feed_id(app.run(viewer, command, RunOptions::default()).await?))
    }
}

impl List {
    async fn run(self, app: &App, viewer: &Viewer) -> Result<(), Failure> {
        let only = match &self.organization {
            Some(slug) => Some(application::organization(app, viewer, slug).await?.id),
            None => None,
        };
        let feeds = match only {
            Some(organization) => app.feeds(viewer, organization).await?,
            None => app.every_feed(viewer).await?,
        };
        output::line(row(["ID", "FOR", "KIND", "SIGNAL", "CONFIDENCE", "ENTRIES", "LAST SYNC", "NAME"]))?;
        for feed in feeds {
            let whose = if feed.organization == OrganizationId::INSTANCE {
                "(every one)".to_owned()
            } else {
                feed.organization.node().to_string()
            };
            let (confidence, entries) = (feed.confidence.to_string(), feed.state.entries.to_string());
            let (kind, signal) = (feed.kind.name(), feed.signal.name());
            output::line(row([
                &feed_id(feed.id),
                &whose,
                kind,
                signal,
                &confidence,
                &entries,
                &sync(&feed),
                &feed.name,
            ]))?;
            if let Some(failure) = &feed.state.failure {
                output::line(format_args!("    failed {} times, the last time since {failure}", feed.state.failures))?;
            }
        }
        Ok(())
    }
}

impl Named {
    async fn sync(self, app: &App, viewer: &Viewer) -> Result<(), Failure> {
        let id = parse_feed_id(&self.id, "id")?;
        let Some(feed) = app.sync_feed(viewer, id).await? else {
            return Err(Failure::new(
                "A server is fetching this feed just now; look at it in a minute: idgraph feed list",
            ));
        };
        match &feed.state.failure {
            Some(failure) => Err(Failure::new(format!("The feed cannot be fetched: {failure}."))),
            None => output::line(format_args!(
                "The feed names {} networks; {} entries were not understood.",
                feed.state.entries, feed.state.skipped
            )),
        }
    }
}

impl Remove {
    async fn run(self, app: &App, viewer: &Viewer) -> Result<(), Failure> {
        let feed = app.feed(viewer, parse_feed_id(&self.id, "id")?, "id").await?;
        let command =
            RemoveFeed { organization: feed.organization, id: feed.id, expected_version: None, reason: self.reason };
        app.run(viewer, command, RunOptions::default()).await?;
        eprintln!("The feed {} is removed.", self.id);
        Ok(())
    }
}

fn row([id, whose, kind, signal, confidence, entries, sync, name]: [&str; 8]) -> String {
    format!("{id:30}  {whose:30}  {kind:5}  {signal:10}  {confidence:10}  {entries:7}  {sync:20}  {name}")
}

fn sync(feed: &Feed) -> String {
    let time = |at: Timestamp| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    feed.state.synced_at.map_or_else(|| "never".to_owned(), time)
}

fn kind(name: &str) -> Result<FeedKind, String> {
    FeedKind::from_name(name).ok_or_else(|| "expected list or taxii".to_owned())
}

fn signal(name: &str) -> Result<FeedSignal, String> {
    FeedSignal::from_name(name).ok_or_else(|| "expected threat, anonymiser or hosting".to_owned())
}
