//! Requests that are done later: how a server takes them up.
//!
//! A request is accepted by [`DeferRequest`](super::command::DeferRequest). Any server takes it up for a while
//! ([`App::claim_request`]), does it as whoever asked, and writes down what has become of it. If the server is gone before,
//! another takes it up when the while is over; what the first has done already it finds by the client mutation ids that the
//! commands of the request have, so nothing is done twice.

use super::{App, Viewer};
use crate::domain::deferred::DeferredRequest;
use crate::domain::{Error, NodeId, Origin, Result};
use chrono::TimeDelta;
use serde_json::Value;
use uuid::Uuid;

/// For how long a request is taken up, unless it is [kept](App::keep_request) or done before.
const CLAIM: TimeDelta = TimeDelta::minutes(2);
/// For how long it is known what has become of a request.
const KEPT: TimeDelta = TimeDelta::hours(24);

impl App {
    /// Takes up the oldest request that is to be done and that nobody has taken up. Requests of one credential are done one
    /// after the other.
    pub async fn claim_request(&self, claim: Uuid) -> Result<Option<DeferredRequest>> {
        let now = self.clock().now();
        self.store().claim_request(claim, (now, now + CLAIM)).await
    }

    /// Keeps a request that was taken up for a while more, and says whether it still is whose claim that is.
    pub async fn keep_request(&self, id: Uuid, claim: Uuid) -> Result<bool> {
        self.store().keep_request(id, claim, self.clock().now() + CLAIM).await
    }

    /// Gives back what was taken up under a claim and is not done.
    pub async fn give_back_requests(&self, claim: Uuid) -> Result<()> {
        self.store().give_back_requests(claim).await
    }

    /// Writes down what has become of a request, and says whether it was still taken up by whoever says so.
    pub async fn finish_request(&self, id: Uuid, claim: Uuid, outcome: &Value) -> Result<bool> {
        self.store().finish_request(id, claim, (outcome, self.clock().now())).await
    }

    /// Forgets what has become of requests that were done long ago, and says of how many.
    pub async fn forget_requests(&self) -> Result<u64> {
        self.store().forget_requests(self.clock().now() - KEPT).await
    }

    /// Says that there is a request to be done.
    pub fn announce_request(&self) {
        self.deferred.notify_one();
    }

    /// Waits until somebody [says](Self::announce_request) that there is a request to be done.
    pub async fn request_announced(&self) {
        self.deferred.notified().await;
    }

    /// The viewer that a token is now, if it is live.
    pub async fn viewer_of(&self, token: NodeId, origin: Origin) -> Result<Viewer> {
        let found = self.store().token_by_id(token.uuid).await?;
        let live = found.filter(|token| token.is_live(self.clock().now()));
        live.map(|token| Viewer::of_token(&token, origin)).ok_or_else(Error::bad_credential)
    }
}
