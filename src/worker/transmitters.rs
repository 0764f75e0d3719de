//! Fetches the signals of transmitters that do not push them, when they are due.
//!
//! Which transmitter is due stands in the database, and so does which server has taken it up. A server that stops in the middle leaves
//! one that another takes up when its time is over, and is sent again what was not acknowledged.

use super::Stopping;
use super::backoff::Backoff;
use crate::resolvers::App;
use std::sync::Arc;
use std::time::Duration;

/// How often there is a look at what is due.
const POLL: Duration = Duration::from_secs(5);

/// Does so until it is to stop.
pub(super) async fn run(app: Arc<App>, mut stopping: Stopping) {
    let mut backoff = Backoff::of("the signals of transmitters");
    while !stopping.is_set() {
        let wait = match stopping.until(app.poll_due_transmitter()).await {
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
