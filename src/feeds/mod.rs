//! Fetching threat-intelligence feeds, and reading what they say.
//!
//! [`fetch`] asks, and lets nobody lead it astray; [`list`] reads texts, [`taxii`] asks collections, whose [`stix`] indicators
//! say what they are about by a [`pattern`]. What comes out are networks, in the words of the [resolvers](crate::resolvers::feeds).

mod fetch;
mod list;
mod pattern;
mod stix;
mod taxii;

use self::fetch::{Answer, Web};
use crate::domain::feed::{Bookmarks, FeedKind, NEVER};
use crate::resolvers::feeds::{FeedSource, Fetched, Order, Told};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::time::Duration;

/// How long fetching a feed may take altogether.
const TIMEOUT: Duration = Duration::from_secs(240);

/// Where feeds are: the internet.
#[derive(Debug)]
pub struct Feeds {
    web: Web,
}

impl Feeds {
    /// Gets ready to fetch. Those of organizations may lead to private networks, and do without TLS, only if that is wanted.
    ///
    /// # Errors
    ///
    /// When the certificates of this system cannot be loaded.
    pub fn new(private_networks: bool) -> Result<Self, String> {
        Ok(Self { web: Web::new(private_networks)? })
    }

    async fn list(&self, order: &Order) -> Result<Fetched, String> {
        let answer = self.web.get(order, (order.url.as_str(), "text/plain, */*;q=0.5"), &order.bookmarks).await?;
        let Answer::Body { body, etag, last_modified, .. } = answer else { return Ok(Fetched::Unchanged) };
        let list::List { networks, skipped } = list::read(&body)?;
        let told = |network| Told {
            network,
            reference: String::new(),
            confidence: None,
            valid_from: None,
            valid_until: NEVER,
        };
        let bookmarks = Bookmarks { etag, last_modified, added_after: None };
        Ok(Fetched::Everything { entries: networks.into_iter().map(told).collect(), skipped, bookmarks })
    }
}

impl FeedSource for Feeds {
    fn check(&self, url: &str, is_confined: bool) -> Result<(), String> {
        self.web.check(url, is_confined)
    }

    fn fetch<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Fetched, String>> {
        let fetched = async move {
            match order.kind {
                FeedKind::List => self.list(order).await,
                FeedKind::Taxii => taxii::collect(&self.web, order).await,
            }
        };
        async move {
            let late = |_| format!("it did not come within {} seconds", TIMEOUT.as_secs());
            tokio::time::timeout(TIMEOUT, fetched).await.map_err(late)?
        }
        .boxed()
    }
}
