//! Forgets what is kept only for a while: the answers to requests that may be sent twice, what has become of requests
//! that were done later, which tokens were revoked that have expired since, and what was sent to others.

use super::Stopping;
use crate::config::IdempotencyConfig;
use crate::resolvers::App;
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;

/// How often there is a look at what is old enough.
const PERIOD: Duration = Duration::from_secs(60 * 60);

/// Forgets what is too old, now and every hour, until it is to stop.
pub(super) fn run(
    app: Arc<App>,
    config: &IdempotencyConfig,
    mut stopping: Stopping,
) -> impl Future<Output = ()> + Send + use<> {
    let retention = TimeDelta::hours(i64::from(config.retention_hours));
    async move {
        while !stopping.is_set() {
            forget(&app, retention).await;
            stopping.pause(PERIOD).await;
        }
    }
}

async fn forget(app: &App, retention: TimeDelta) {
    let before = app.clock().now() - retention;
    match app.store().forget_answers(before).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(idempotency.forgotten = count, "forgot old answers"),
        Err(error) => tracing::warn!(error = %error, "old answers are kept for another hour"),
    }
    match app.forget_revocations().await {
        Ok(0) => {}
        Ok(count) => tracing::info!(oauth.forgotten = count, "forgot revocations of tokens that have expired"),
        Err(error) => tracing::warn!(error = %error, "revocations of expired tokens are kept for another hour"),
    }
    match app.forget_requests().await {
        Ok(0) => {}
        Ok(count) => tracing::info!(deferred.forgotten = count, "forgot what has become of old requests"),
        Err(error) => tracing::warn!(error = %error, "what has become of old requests is kept for another hour"),
    }
    match app.forget_received().await {
        Ok(0) => {}
        Ok(count) => tracing::info!(signals.forgotten = count, "forgot which signals were received long ago"),
        Err(error) => tracing::warn!(error = %error, "which signals were received is kept for another hour"),
    }
    match app.forget_deliveries().await {
        Ok((0, 0)) => {}
        Ok((done, 0)) => tracing::info!(deliveries.forgotten = done, "forgot what was sent long ago"),
        Ok((done, pending)) => tracing::warn!(
            deliveries.forgotten = done,
            deliveries.lost = pending,
            "forgot what was sent long ago, and what has never arrived; its receivers have missed it"
        ),
        Err(error) => tracing::warn!(error = %error, "what was sent long ago is kept for another hour"),
    }
}
