//! Does the requests that were accepted to be done later.
//!
//! Whoever accepts a request on this server says so, and it is taken up at once. A look every now and then finds those of
//! servers that are gone.

use super::Stopping;
use super::backoff::Backoff;
use crate::resolvers::App;
use crate::scim::deferred::work;
use futures::future::join_all;
use std::sync::Arc;
use std::time::Duration;

/// How many requests are done at once.
const AT_ONCE: usize = 4;
/// How often there is a look at what was accepted.
const POLL: Duration = Duration::from_secs(5);
/// How often those look that are woken otherwise.
const SLEEP: Duration = Duration::from_secs(60 * 60);

/// Does requests until it is to stop.
pub(super) async fn run(app: Arc<App>, stopping: Stopping) {
    // One looks for what there is, and whoever finds something wakes another.
    join_all((0..AT_ONCE).map(|index| take_up(&app, stopping.clone(), if index == 0 { POLL } else { SLEEP }))).await;
}

async fn take_up(app: &App, mut stopping: Stopping, poll: Duration) {
    let mut backoff = Backoff::of("requests that are done later");
    while !stopping.is_set() {
        let claim = app.clock().new_id();
        let wait = match stopping.until(work(app, claim)).await {
            Some(Ok(true)) => {
                backoff.succeeded();
                continue;
            }
            Some(Ok(false)) => {
                backoff.succeeded();
                poll
            }
            Some(Err(failure)) => {
                give_back(app, claim).await;
                backoff.failed(&failure)
            }
            // Whoever comes next need not wait until it is clear that nobody is at it.
            None => return give_back(app, claim).await,
        };
        tokio::select! {
            () = stopping.pause(wait) => {}
            () = app.request_announced() => {}
        }
    }
}

async fn give_back(app: &App, claim: uuid::Uuid) {
    if let Err(error) = app.give_back_requests(claim).await {
        tracing::warn!(%error, "requests that were begun are taken up again later");
    }
}
