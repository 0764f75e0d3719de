//! `idgraph serve`: the server, from the first connection to the last commit.

use super::failure::Failure;
use super::settings::Settings;
use super::telemetry::Telemetry;
use super::token::NewToken;
use super::{application, demo, logging, output};
use crate::config::Config;
use crate::domain::token::{OrganizationRole, ScimOptions, Scope};
use crate::http::{self, HttpState, TrustedDocuments};
use crate::resolvers::{App, Viewer};
use crate::worker::Worker;
use clap::Args;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;

/// Run the server
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Fill an empty database with a small company to look around in
    #[arg(long)]
    demo: bool,
    /// The address and port to listen on, short for --set server.listen=ADDR
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
}

impl Serve {
    pub(super) async fn run(self, settings: Settings) -> Result<(), Failure> {
        let listen = self.listen.map(|address| ("server.listen".to_owned(), address));
        let config = settings.load_with(listen.into_iter().collect())?;
        let telemetry = Telemetry::start(&config.telemetry)?;
        logging::start(&config.log, telemetry.as_ref())?;
        // Whatever can keep the server from serving comes before the one time that the token is shown.
        let documents = TrustedDocuments::load(&config.graphql).map_err(Failure::new)?;
        let stopped = stop_signal().map_err(|error| Failure::because("Signals cannot be received", &error))?;
        let listener = TcpListener::bind(config.server.listen).await.map_err(|error| {
            Failure::because(format!("The server cannot listen on {}", config.server.listen), &error)
        })?;
        let address = listener.local_addr().unwrap_or(config.server.listen);
        let app = application::open_to_serve(&config, telemetry.as_ref().map(Telemetry::statements)).await?;
        prepare(&app, self.demo, address).await?;

        app.prepare_issuer();
        let worker = Worker::start(Arc::clone(&app), &config);
        announce(&config, address)?;
        let state = HttpState::new(Arc::clone(&app), &config).trusting(documents);
        let served = http::serve(listener, state, stopped).await;
        worker.stop().await;
        application::close(&app).await?;
        if let Some(telemetry) = telemetry {
            telemetry.stop().await;
        }
        served.map_err(|error| Failure::because("The server has lost its socket", &error))
    }
}

/// Puts the first things into a database that is empty.
async fn prepare(app: &App, with_demo: bool, address: SocketAddr) -> Result<(), Failure> {
    if !app.store().is_empty().await? {
        if with_demo {
            tracing::info!("the database is not empty; the demo data stays out");
        }
        return Ok(());
    }
    let viewer = application::operator(app.clock());
    if with_demo {
        let summary = demo::load(app, &viewer).await?;
        tracing::info!(demo.lines = summary.new, "loaded the demo data");
    }
    print_first_token(app, &viewer, with_demo, address).await
}

async fn print_first_token(app: &App, viewer: &Viewer, with_demo: bool, address: SocketAddr) -> Result<(), Failure> {
    let token = NewToken {
        name: "first administrator".to_owned(),
        organization: None,
        role: OrganizationRole::Owner,
        scopes: Scope::ALL.to_vec(),
        profile: None,
        expires_at: None,
        scim: ScimOptions::default(),
    };
    let (_, secret) = token.make(app, viewer).await?;
    let query = if with_demo {
        format!(r#"{{ organization(slug: \"{}\") {{ id name }} }}"#, demo::ORGANIZATION)
    } else {
        "{ viewer { __typename } }".to_owned()
    };
    let rule = "-".repeat(80);
    output::line(format_args!(
        "{rule}
The first administrator token. It may do everything, and is shown this once:

    {secret}

For example:

    curl {} \\
      --header 'Authorization: Bearer {secret}' \\
      --header 'Content-Type: application/json' \\
      --data '{{\"query\": \"{query}\"}}'

More tokens: idgraph token create --help
{rule}",
        url(address, "graphql")
    ))
}

/// Says where the server is to be found.
fn announce(config: &Config, address: SocketAddr) -> Result<(), Failure> {
    output::line(format_args!("GraphQL   {}", url(address, "graphql")))?;
    if config.graphql.graphiql {
        output::line(format_args!("GraphiQL  {}", url(address, "graphiql")))?;
    }
    Ok(())
}

/// Where a path of the server is found from the same machine.
fn url(mut address: SocketAddr, path: &str) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    format!("http://{address}/{path}")
}

/// Completes when somebody asks the process to stop. Signals are received from now on.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Completes when somebody asks the process to stop.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
