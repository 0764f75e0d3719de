//! Takes up databases of addresses that were replaced.

use super::Stopping;
use crate::resolvers::App;
use std::sync::Arc;
use std::time::Duration;

/// How often there is a look at the files.
const POLL: Duration = Duration::from_secs(30);

/// Looks until it is to stop, if there is anything to look at.
pub(super) async fn run(app: Arc<App>, mut stopping: Stopping) {
    while app.knows_networks() && !stopping.is_set() {
        stopping.pause(POLL).await;
        app.refresh_networks().await;
    }
}
