//! Work of which the database says what is due, and which server has taken it up. A server that stops in the middle leaves something
//! that another takes up when its time is over.

use super::Stopping;
use super::backoff::Backoff;
use crate::domain::Result;
use std::time::Duration;

/// How often there is a look at what is due.
const POLL: Duration = Duration::from_secs(5);

/// Does what is due, one after the other, until it is to stop. The work says whether there was any.
pub(super) async fn run<W: Future<Output = Result<bool>>>(
    what: &'static str,
    mut stopping: Stopping,
    work: impl Fn() -> W,
) {
    let mut backoff = Backoff::of(what);
    while !stopping.is_set() {
        let wait = match stopping.until(work()).await {
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
