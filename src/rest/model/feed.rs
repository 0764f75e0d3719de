//! Threat-intelligence feeds.

use super::moment::Moment;
use crate::domain::OrganizationId;
use crate::domain::feed::{self, feed_id};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

choice! {
    /// In which form a feed is published.
    FeedKind = feed::FeedKind {
        /// A text with an address, or a network in the notation of CIDR, at the beginning of each line.
        List,
        /// A collection of STIX 2.1 indicators, over TAXII 2.1.
        Taxii,
    }
}

choice! {
    /// What it means that a feed names an address.
    FeedSignal = feed::FeedSignal {
        /// It attacks.
        Threat,
        /// It hides who is behind it: Tor, a VPN, a proxy.
        Anonymiser,
        /// It is that of a data centre.
        Hosting,
    }
}

/// A threat-intelligence feed: a list that somebody publishes, and that is fetched now and then.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Feed {
    /// Public id: `fed_…`.
    pub id: String,
    /// Public id of the organization; null if it counts for every organization.
    pub organization_id: Option<String>,
    /// What it is called, unique in the organization.
    pub name: String,
    /// In which form it is published.
    pub kind: FeedKind,
    /// What it means to be named.
    pub signal: FeedSignal,
    /// Where it is.
    pub url: String,
    /// How sure it is, from 0 to 100. An indicator may be less sure, and none is surer.
    pub confidence: u8,
    /// After how many minutes it is fetched again.
    pub refresh_minutes: u32,
    /// For how many hours what it names holds after it was last heard of.
    pub lifetime_hours: u32,
    /// As whom it is asked; null if a token is shown, or nothing.
    pub username: Option<String>,
    /// Whether a password or token is kept for it. Nobody is shown that.
    pub has_secret: bool,
    /// Since when there is this feed.
    pub created_at: Moment,
    /// When it is fetched next.
    pub next_sync_at: Moment,
    /// When it was tried last; null if it never was.
    pub attempted_at: Option<Moment>,
    /// When that last went well; null if it never did.
    pub synced_at: Option<Moment>,
    /// Until when what it has named holds, if it is not heard of again.
    pub fresh_until: Moment,
    /// How often it has failed since it last went well.
    pub failures: u32,
    /// Why it failed the last time; null if it did not. What it has named before holds on.
    pub failure: Option<String>,
    /// How many networks it names.
    pub entry_count: u64,
    /// How many lines or objects of what was fetched last were not understood, or not of use.
    pub skipped_count: u64,
}

impl From<&feed::Feed> for Feed {
    fn from(feed: &feed::Feed) -> Self {
        let organization = Some(feed.organization).filter(|organization| *organization != OrganizationId::INSTANCE);
        Self {
            id: feed_id(feed.id),
            organization_id: organization.map(|organization| organization.to_string()),
            name: feed.name.clone(),
            kind: feed.kind.into(),
            signal: feed.signal.into(),
            url: feed.url.clone(),
            confidence: feed.confidence,
            refresh_minutes: feed.refresh_minutes,
            lifetime_hours: feed.lifetime_hours,
            username: feed.username.clone(),
            has_secret: feed.sealed.is_some(),
            created_at: feed.created_at.into(),
            next_sync_at: feed.state.next_at.into(),
            attempted_at: feed.state.attempted_at.map(Into::into),
            synced_at: feed.state.synced_at.map(Into::into),
            fresh_until: feed.state.fresh_until.into(),
            failures: feed.state.failures,
            failure: feed.state.failure.clone(),
            entry_count: feed.state.entries,
            skipped_count: feed.state.skipped,
        }
    }
}

/// A feed to add.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFeed {
    /// Of which organization: its slug or id; that of the credential unless given. A credential for every organization that names none
    /// adds a feed that counts for all of them.
    pub organization: Option<String>,
    /// What it is to be called, unique in the organization.
    #[schemars(length(min = 1, max = 256))]
    pub name: String,
    /// In which form it is published; `list` unless given.
    pub kind: Option<FeedKind>,
    /// What it means to be named; `threat` unless given.
    pub signal: Option<FeedSignal>,
    /// Where it is, over HTTPS: the list, or the collection (`…/collections/ID/`).
    #[schemars(length(min = 1, max = 1024))]
    pub url: String,
    /// How sure it is.
    #[schemars(range(min = 0, max = 100))]
    pub confidence: u8,
    /// After how many minutes it is fetched again; 60 unless given.
    #[schemars(range(min = 5, max = 44_640))]
    pub refresh_minutes: Option<u32>,
    /// For how many hours what it names holds after it was last heard of; 168 for a list and 2160 for a collection unless given.
    #[schemars(range(min = 1, max = 87_600))]
    pub lifetime_hours: Option<u32>,
    /// The user name with which it is asked.
    pub username: Option<String>,
    /// The password that goes with the user name, or, without one, a bearer token. It is kept encrypted, and shown to nobody.
    pub secret: Option<String>,
}
