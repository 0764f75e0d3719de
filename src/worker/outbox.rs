//! Carries committed events out of the outbox, in their order, at least once.
//!
//! A command writes its event into the outbox in the transaction of the change, so that there is
//! never a change that nobody is told of. From there this task takes events in the order of each
//! tenant's sequence, hands them over, and removes them once they are confirmed. If it dies in
//! between, they are handed over again: readers pass over a `seq` that they have seen.
//!
//! Redis is a way out and never the truth. While it is away, events wait in the outbox, and no
//! write waits for them. Without any Redis the outbox is only emptied, so that it does not grow.

use super::Stopping;
use super::backoff::Backoff;
use super::redis_stream::RedisStream;
use crate::config::RedisConfig;
use crate::domain;
use crate::resolvers::App;
use std::sync::Arc;
use std::time::Duration;

/// How many events are taken at a time.
const BATCH: u64 = 500;
/// How many are taken at a time when nobody is to be told: few enough that no writer waits long for them.
const BATCH_TO_PASS_OVER: u64 = 5_000;
/// How often there is a look at the outbox while somebody waits for events.
const POLL: Duration = Duration::from_millis(200);
/// How often there is a look at the outbox to empty it.
const POLL_TO_EMPTY: Duration = Duration::from_secs(5);

/// Why events stay in the outbox for now.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the database: {0}")]
    Store(#[from] domain::Error),
    #[error("Redis: {0}")]
    Redis(#[from] redis::RedisError),
}

/// Delivers events until it is to stop.
pub(super) fn run(
    app: Arc<App>,
    config: &RedisConfig,
    mut stopping: Stopping,
) -> impl Future<Output = ()> + Send + use<> {
    let mut stream = RedisStream::of(config);
    let poll = if stream.is_some() { POLL } else { POLL_TO_EMPTY };
    async move {
        let mut backoff = Backoff::of("changes");
        while !stopping.is_set() {
            let wait = match empty(&app, stream.as_mut(), &stopping).await {
                Ok(()) => {
                    backoff.succeeded();
                    poll
                }
                Err(failure) => backoff.failed(&failure),
            };
            stopping.pause(wait).await;
        }
    }
}

/// Takes batch after batch until the outbox is empty.
async fn empty(app: &App, stream: Option<&mut RedisStream>, stopping: &Stopping) -> Result<(), Failure> {
    let Some(stream) = stream else { return pass_over(app, stopping).await };
    while !stopping.is_set() {
        let events = app.store().undelivered(BATCH).await?;
        if events.is_empty() {
            break;
        }
        stream.append(&events).await?;
        app.store().delivered(&events).await?;
    }
    Ok(())
}

/// The same where nobody is to be told.
async fn pass_over(app: &App, stopping: &Stopping) -> Result<(), Failure> {
    while !stopping.is_set() && app.store().pass_over(BATCH_TO_PASS_OVER).await? == BATCH_TO_PASS_OVER {}
    Ok(())
}
