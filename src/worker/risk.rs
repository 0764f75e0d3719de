//! Tells when levels of risk have dropped, and forgets what has no bearing on anybody's any more.
//!
//! What reads a level reads it as it is; here it is only told. So a server that was away has missed nothing but to tell.

use super::Stopping;
use super::backoff::Backoff;
use crate::resolvers::App;
use std::sync::Arc;
use std::time::Duration;

/// How often there is a look at whose level has dropped.
const POLL: Duration = Duration::from_secs(2);
/// How often old things are forgotten.
const TIDY: Duration = Duration::from_secs(24 * 60 * 60);

/// Does both until it is to stop.
pub(super) async fn run(app: Arc<App>, stopping: Stopping) {
    futures::join!(settle(&app, stopping.clone()), tidy(&app, stopping));
}

async fn settle(app: &App, mut stopping: Stopping) {
    let mut backoff = Backoff::of("dropped levels of risk");
    while !stopping.is_set() {
        let wait = match app.settle_risk().await {
            Ok(0) => {
                backoff.succeeded();
                POLL
            }
            // There may be more.
            Ok(_) => {
                backoff.succeeded();
                continue;
            }
            Err(error) => backoff.failed(&error),
        };
        stopping.pause(wait).await;
    }
}

async fn tidy(app: &App, mut stopping: Stopping) {
    while !stopping.is_set() {
        if let Err(error) = app.tidy_risk().await {
            tracing::warn!(error = %error, "what is old about risk is kept for another day");
        }
        stopping.pause(TIDY).await;
    }
}
