//! Putting the application together: database, clock, operator.

use super::failure::Failure;
use super::logging;
use super::settings::Settings;
use crate::config::Config;
use crate::domain::id::write_typeid;
use crate::domain::time::SystemClock;
use crate::domain::{Clock, Organization, Origin};
use crate::feeds::Feeds;
use crate::http;
use crate::iam::{Iam, Transmitters};
use crate::networks::Databases;
use crate::resolvers::oauth::Sealer;
use crate::resolvers::{App, Viewer};
use crate::store::{StatementHook, Store, StoreOptions};
use std::sync::Arc;
use std::time::Duration;

/// Connects to the database.
pub(super) async fn connect(config: &Config) -> Result<Store, Failure> {
    connect_with(config, None).await
}

async fn connect_with(config: &Config, on_statement: Option<StatementHook>) -> Result<Store, Failure> {
    let options = StoreOptions { on_statement, ..options(config) };
    Store::connect(&options).await.map_err(|_| cannot_open(config))
}

/// Connects to the database as it is, to look and touch nothing.
pub(super) async fn connect_to_look(config: &Config) -> Result<Store, Failure> {
    Store::connect_to_look(&options(config)).await.map_err(|_| cannot_open(config))
}

fn options(config: &Config) -> StoreOptions {
    let database = &config.database;
    StoreOptions {
        url: database.url.expose().to_owned(),
        read_connections: database.read_connections,
        write_lanes: database.effective_write_lanes(),
        acquire_timeout: Duration::from_secs(database.acquire_timeout_seconds),
        on_statement: None,
    }
}

fn cannot_open(config: &Config) -> Failure {
    Failure::new(format!("The database {} cannot be opened; the log line above says why.", config.database.url))
}

/// Connects to the database, sees to its schema, and starts the application on it.
pub(super) async fn open(config: &Config) -> Result<Arc<App>, Failure> {
    Ok(Arc::new(assemble(config, None).await?))
}

/// The same for a server, with somebody who is told of each statement.
pub(super) async fn open_to_serve(config: &Config, on_statement: Option<StatementHook>) -> Result<Arc<App>, Failure> {
    let networks = networks(config)?;
    let app = assemble(config, on_statement).await?;
    Ok(Arc::new(match networks {
        Some(networks) => app.knowing_networks(networks),
        None => app,
    }))
}

async fn assemble(config: &Config, on_statement: Option<StatementHook>) -> Result<App, Failure> {
    let store = connect_with(config, on_statement).await?;
    if config.database.migrate_on_start {
        store.migrate_up().await?;
    } else if store.migration_status().await?.iter().any(|(_, applied)| !applied) {
        return Err(Failure::new("The schema of the database is not up to date; run: idgraph migrate up"));
    }
    let cache = config.cache.max_mebibytes.saturating_mul(1_048_576);
    let mut app =
        App::new(store, Arc::new(SystemClock)).keeping_answers(cache).taking_signals_of(Transmitters::new(&config.iam));
    if let Some(settings) = http::oauth::issuance(config)? {
        app = app.issuing(settings);
    }
    let feeds = Feeds::new(config.risk.feeds_on_private_networks)
        .map_err(|reason| Failure::new(format!("No feeds can be fetched: {reason}.")))?;
    let secret = config.oauth.key_secret.as_ref().map(|secret| secret.expose().as_bytes());
    app = app.following_feeds(Arc::new(feeds), secret.map(Sealer::for_feeds).transpose()?);
    let issuer = Iam::of(&config.iam).map_err(|reason| Failure::new(format!("No IAM can be reached: {reason}.")))?;
    Ok(match issuer {
        Some(issuer) => app.with_issuer(issuer),
        None => app,
    })
}

/// The databases of addresses of the configuration, if it names any.
pub(super) fn networks(config: &Config) -> Result<Option<Arc<Databases>>, Failure> {
    Databases::of(&config.risk).map_err(|reason| Failure::new(format!("In risk.address_databases, {reason}.")))
}

/// Finishes what the application has accepted, and closes the connections.
pub(super) async fn close(app: &App) -> Result<(), Failure> {
    app.close().await;
    Ok(app.store().clone().close().await?)
}

/// The one who sits at the command line, in a request of its own.
pub(super) fn operator(clock: &dyn Clock) -> Viewer {
    let mut request_id = String::new();
    // Writing to a String cannot fail.
    let _ = write_typeid(&mut request_id, "req", clock.new_id());
    Viewer::operator(Origin { face: "cli", request_id: request_id.into() })
}

/// Does something as the one who sits at the command line, and closes the application, whatever has come of it.
pub(super) async fn as_operator(
    settings: Settings,
    act: impl AsyncFnOnce(&App, &Viewer) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let config = settings.load()?;
    logging::start_quietly();
    let app = open(&config).await?;
    let done = act(&app, &operator(app.clock())).await;
    close(&app).await?;
    done
}

/// The organization with that slug, which has to exist.
pub(super) async fn organization(app: &App, viewer: &Viewer, slug: &str) -> Result<Organization, Failure> {
    let found = app.read(viewer).organization_by_slug(slug).await?;
    found.ok_or_else(|| Failure::new(format!("There is no organization {slug:?}.")))
}
