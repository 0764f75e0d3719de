//! Writes down, every now and then and in the end, which tokens were used.

use super::Stopping;
use crate::resolvers::App;
use std::sync::Arc;
use std::time::Duration;

/// How often the uses are written down.
const PERIOD: Duration = Duration::from_secs(60);

/// Writes the uses down every minute, and once more when it is to stop.
pub(super) async fn run(app: Arc<App>, mut stopping: Stopping) {
    let mut last_time = false;
    while !last_time {
        stopping.pause(PERIOD).await;
        last_time = stopping.is_set();
        if let Err(error) = app.write_token_uses().await {
            tracing::warn!(error = %error, "the last uses of some tokens were not written down");
        }
    }
}
