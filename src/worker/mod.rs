//! What happens without being asked for: work that goes on beside the requests.
//!
//! A task here only ever carries on what a transaction has written, so that stopping, crashing or
//! running it twice loses nothing: it takes up the work where the database says it is. No request
//! waits for it.

mod announcements;
mod backoff;
mod deferred;
mod deliveries;
mod due;
mod feeds;
mod networks;
mod other_writers;
mod outbox;
mod redis_stream;
mod retention;
mod risk;
mod token_uses;
mod transmitters;

use crate::config::{Config, RedisConfig};
use crate::resolvers::App;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The tasks in the background.
#[derive(Debug)]
#[must_use = "the tasks stop when the worker is dropped"]
pub struct Worker {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Worker {
    /// Starts the tasks. Must be called inside a Tokio runtime.
    pub fn start(app: Arc<App>, config: &Config) -> Self {
        let (stop, stopping) = watch::channel(false);
        let stopping = Stopping(stopping);
        let outbox = outbox::run(Arc::clone(&app), &config.redis, stopping.clone());
        let retention = retention::run(Arc::clone(&app), &config.idempotency, stopping.clone());
        let announcements = announcements::run(Arc::clone(&app), &config.redis, stopping.clone());
        let other_writers = other_writers::run(Arc::clone(&app), stopping.clone());
        let deferred = deferred::run(Arc::clone(&app), stopping.clone());
        let deliveries = deliveries::run(Arc::clone(&app), &config.deliveries, stopping.clone());
        let risk = risk::run(Arc::clone(&app), stopping.clone());
        let feeds = feeds::run(Arc::clone(&app), stopping.clone());
        let networks = networks::run(Arc::clone(&app), stopping.clone());
        let transmitters = transmitters::run(Arc::clone(&app), stopping.clone());
        let token_uses = token_uses::run(app, stopping);
        let tasks = vec![
            tokio::spawn(outbox),
            tokio::spawn(retention),
            tokio::spawn(announcements),
            tokio::spawn(other_writers),
            tokio::spawn(deferred),
            tokio::spawn(deliveries),
            tokio::spawn(risk),
            tokio::spawn(feeds),
            tokio::spawn(networks),
            tokio::spawn(transmitters),
            tokio::spawn(token_uses),
        ];
        Self { stop, tasks }
    }

    /// Lets each task finish what it has in hand, and returns when all have.
    pub async fn stop(self) {
        // Nobody listens if the tasks have ended.
        let _ = self.stop.send(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(error = %error, "a background task ended badly");
            }
        }
    }
}

/// Whether the Redis that is configured answers: that there is none, that it does, or why not.
///
/// # Errors
///
/// When it does not answer, with what the driver says about it.
pub async fn ping_redis(config: &RedisConfig) -> Result<bool, String> {
    redis_stream::ping(config).await.map_err(|error| error.to_string())
}

/// How a task learns that it is to stop.
#[derive(Debug, Clone)]
struct Stopping(watch::Receiver<bool>);

impl Stopping {
    /// Whether the task is to stop now.
    fn is_set(&self) -> bool {
        // Whoever dropped the worker wants no more of it.
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Does something until it is done, but not beyond the moment in which the task is to stop; none then.
    async fn until<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let Self(receiver) = self;
        let stopped = async { drop(receiver.wait_for(|stop| *stop).await) };
        tokio::select! {
            outcome = work => Some(outcome),
            () = stopped => None,
        }
    }

    /// Waits that long, but not beyond the moment in which the task is to stop.
    async fn pause(&mut self, duration: Duration) {
        let Self(receiver) = self;
        // That the worker is dropped ends the waiting too.
        let stopped = async { drop(receiver.wait_for(|stop| *stop).await) };
        tokio::select! {
            () = tokio::time::sleep(duration) => {}
            () = stopped => {}
        }
    }
}
