//! Fetches threat-intelligence feeds when they are due, and forgets what they have named long ago.
//!
//! Which feed is due stands in the database, and so does which server has taken it up. A server that stops in the middle leaves
//! a feed that another takes up when its time is over.

use super::Stopping;
use super::backoff::Backoff;
use crate::resolvers::App;
use std::sync::Arc;
use std::time::Duration;

/// How often there is a look at what is due.
const POLL: Duration = Duration::from_secs(5);
/// How often old things are forgotten.
const TIDY: Duration = Duration::from_secs(24 * 60 * 60);

/// Does both until it is to stop.
pub(super) async fn run(app: Arc<App>, stopping: Stopping) {
    futures::join!(fetch(&app, stopping.clone()), tidy(&app, stopping));
}

async fn fetch(app: &App, mut stopping: Stopping) {
    let mut backoff = Backoff::of("threat-intelligence feeds");
    while !stopping.is_set() {
        let wait = match stopping.until(app.sync_due_feed()).await {
            Some(Ok(true)) => {
                backoff.succeeded();
                continue;
            }
            Some(Ok(false)) => {
                backoff.succeeded();
                POLL
            }
            Some(Err(error)) => backoff.failed(&error),
            None => return,
        };
        stopping.pause(wait).await;
    }
}

async fn tidy(app: &App, mut stopping: Stopping) {
    while !stopping.is_set() {
        if let Err(error) = app.tidy_feeds().await {
            tracing::warn!(error = %error, "what feeds have named long ago is kept for another day");
        }
        stopping.pause(TIDY).await;
    }
}
