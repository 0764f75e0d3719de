//! Threat-intelligence feeds, and what they have named.

use super::failure::Result;
use super::query::tenant;
use super::request::of;
use crate::domain::OrganizationId;
use crate::domain::feed::{self, Feed, feed_id};
use crate::domain::network::Listing;
use async_graphql::{Context, Enum, ID, SimpleObject};
use chrono::{DateTime, Utc};

/// In which form a feed is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "feed::FeedKind")]
pub enum ThreatFeedKind {
    /// A text with an address, or a network in the notation of CIDR, at the beginning of each line.
    List,
    /// A collection of STIX 2.1 indicators, over TAXII 2.1.
    Taxii,
}

/// What it means that a feed names an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "feed::FeedSignal")]
pub enum ThreatFeedSignal {
    /// It attacks.
    Threat,
    /// It hides who is behind it: Tor, a VPN, a proxy.
    Anonymiser,
    /// It is that of a data centre.
    Hosting,
}

/// A threat-intelligence feed: a list that somebody publishes, and that is fetched now and then.
#[derive(Debug, Clone, SimpleObject)]
pub struct ThreatFeed {
    /// Public id: `fed_…`.
    id: ID,
    /// What it is called, unique in the organization.
    name: String,
    /// In which form it is published.
    kind: ThreatFeedKind,
    /// What it means to be named.
    signal: ThreatFeedSignal,
    /// Where it is.
    url: String,
    /// How sure it is, from 0 to 100. An indicator may be less sure, and none is surer.
    confidence: u8,
    /// After how many minutes it is fetched again.
    refresh_minutes: u32,
    /// For how many hours what it names holds after it was last heard of.
    lifetime_hours: u32,
    /// As whom it is asked; null if a token is shown, or nothing.
    username: Option<String>,
    /// Whether a password or token is kept for it. Nobody is shown that.
    has_secret: bool,
    /// Since when there is this feed.
    created_at: DateTime<Utc>,
    /// When it is fetched next.
    next_sync_at: DateTime<Utc>,
    /// When it was tried last; null if it never was.
    attempted_at: Option<DateTime<Utc>>,
    /// When that last went well; null if it never did.
    synced_at: Option<DateTime<Utc>>,
    /// Until when what it has named holds, if it is not heard of again.
    fresh_until: DateTime<Utc>,
    /// How often it has failed since it last went well.
    failures: u32,
    /// Why it failed the last time; null if it did not. What it has named before holds on.
    failure: Option<String>,
    /// How many networks it names.
    entry_count: u64,
    /// How many lines or objects of what was fetched last were not understood, or not of use.
    skipped_count: u64,
}

impl From<Feed> for ThreatFeed {
    fn from(feed: Feed) -> Self {
        Self {
            id: ID(feed_id(feed.id)),
            name: feed.name,
            kind: feed.kind.into(),
            signal: feed.signal.into(),
            url: feed.url,
            confidence: feed.confidence,
            refresh_minutes: feed.refresh_minutes,
            lifetime_hours: feed.lifetime_hours,
            username: feed.username,
            has_secret: feed.sealed.is_some(),
            created_at: feed.created_at,
            next_sync_at: feed.state.next_at,
            attempted_at: feed.state.attempted_at,
            synced_at: feed.state.synced_at,
            fresh_until: feed.state.fresh_until,
            failures: feed.state.failures,
            failure: feed.state.failure,
            entry_count: feed.state.entries,
            skipped_count: feed.state.skipped,
        }
    }
}

/// That a feed named an address when something was reported of it.
#[derive(Debug, Clone, SimpleObject)]
pub struct ThreatListing {
    /// Public id of the feed: `fed_…`. It may have been removed since.
    feed_id: ID,
    /// What the feed was called.
    feed_name: String,
    /// What it means to be named.
    signal: ThreatFeedSignal,
    /// The network that it named, such as `192.0.2.0/24`.
    network: String,
    /// What the feed calls that: the id of the indicator; null for a list.
    reference: Option<String>,
    /// How sure it was, from 0 to 100.
    confidence: u8,
    /// Until when it was to hold, as far as that was known; null if that was not.
    valid_until: Option<DateTime<Utc>>,
}

impl From<&Listing> for ThreatListing {
    fn from(listing: &Listing) -> Self {
        Self {
            feed_id: ID(listing.feed.clone()),
            feed_name: listing.name.clone(),
            signal: listing.signal.into(),
            network: listing.network.clone(),
            reference: listing.reference.clone(),
            confidence: listing.confidence,
            valid_until: listing.valid_until,
        }
    }
}

/// The feeds of an organization; of none, those of the organization that the viewer is confined to, else those that count for
/// all.
pub async fn list(context: &Context<'_>, organization: Option<String>) -> Result<Vec<ThreatFeed>> {
    let request = of(context);
    let organization = match organization {
        Some(name) => tenant(context, Some(name), None).await?,
        None => own_or_none(context),
    };
    let feeds = request.app.feeds(&request.viewer, organization).await?;
    Ok(feeds.into_iter().map(Into::into).collect())
}

/// The organization that the viewer is confined to, or none.
fn own_or_none(context: &Context<'_>) -> OrganizationId {
    let access = of(context).viewer.access.as_ref();
    access.and_then(|access| access.organization).unwrap_or(OrganizationId::INSTANCE)
}
