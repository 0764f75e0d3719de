//! Fetches the signals of transmitters that do not push them, when they are [due](super::due). What was not acknowledged by a server
//! that has stopped is sent again.

use super::{Stopping, due};
use crate::resolvers::App;
use std::sync::Arc;

/// Does so until it is to stop.
pub(super) async fn run(app: Arc<App>, stopping: Stopping) {
    due::run("the signals of transmitters", stopping, || app.poll_due_transmitter()).await;
}
