//! Listens to what other processes write to a SQLite file, so that answers may be kept until something changes.
//!
//! SQLite counts, for each connection, the commits of others. There is a look at the count several times a second; an answer
//! can be that much older than what an `idgraph import` beside the server has just written, and never older than what the
//! server itself has.

use super::Stopping;
use crate::resolvers::App;
use std::sync::Arc;
use std::time::Duration;

/// How often there is a look.
const PERIOD: Duration = Duration::from_millis(100);

/// How long a look may take before nothing is kept for now.
const PATIENCE: Duration = Duration::from_millis(200);

/// Looks until it is to stop. On PostgreSQL there is no such count; there, writers announce their changes.
pub(super) async fn run(app: Arc<App>, mut stopping: Stopping) {
    let mut known = None;
    while !stopping.is_set() {
        let count = match tokio::time::timeout(PATIENCE, app.store().commits_of_others()).await {
            Ok(Ok(None)) => return,
            Ok(Ok(count)) => count,
            // The connection that writes waits for another process to end its transaction, or writes for long itself.
            Err(_) => None,
            Ok(Err(error)) => {
                tracing::warn!(error = %error, "cannot tell whether another process writes; no answer is kept for now");
                None
            }
        };
        match (known, count) {
            // Until the look succeeds again, nobody knows.
            (None, Some(_)) => app.store().freshness().trust(true),
            (Some(_), None) => app.store().freshness().trust(false),
            (known, count) if known != count => app.store().freshness().advance_all(),
            _ => {}
        }
        known = count;
        stopping.pause(PERIOD).await;
    }
}
