//! Fetches threat-intelligence feeds when they are [due](super::due), and forgets what they have named long ago.

use super::{Stopping, due};
use crate::resolvers::App;
use std::sync::Arc;
use std::time::Duration;

/// How often old things are forgotten.
const TIDY: Duration = Duration::from_secs(24 * 60 * 60);

/// Does both until it is to stop.
pub(super) async fn run(app: Arc<App>, stopping: Stopping) {
    let fetching = due::run("threat-intelligence feeds", stopping.clone(), || app.sync_due_feed());
    futures::join!(fetching, tidy(&app, stopping));
}

async fn tidy(app: &App, mut stopping: Stopping) {
    while !stopping.is_set() {
        if let Err(error) = app.tidy_feeds().await {
            tracing::warn!(error = %error, "what feeds have named long ago is kept for another day");
        }
        stopping.pause(TIDY).await;
    }
}
