//! Threat-intelligence feeds: fetched when they are due, by one server at a time.
//!
//! What a feed names replaces what it has named before, entry by entry; what stays the same is not written. A feed that
//! cannot be fetched, or that says something else than it should, is a failure that is written down: then everything that it
//! has named stays until it expires, and it is tried again, later and later.

use super::oauth::Sealer;
use super::policy::{self, Action, Resource};
use super::{App, Viewer};
use crate::domain::feed::{Bookmarks, Cidr, Feed, FeedEntry, FeedKind, FeedState, MAX_ENTRIES, feed_id};
use crate::domain::{Error, OrganizationId, Result, Timestamp};
use crate::store::StoredEntry;
use chrono::TimeDelta;
use futures::future::BoxFuture;
use std::collections::{HashMap, HashSet};
use std::fmt::Debug;
use std::sync::Arc;
use uuid::Uuid;

/// For how long a server has a feed for itself: longer than fetching one takes.
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// After how long a feed that has failed once is tried again.
const RETRY: TimeDelta = TimeDelta::minutes(1);
/// How much longer it takes each time, at most.
const MAX_DOUBLINGS: u32 = 10;
/// For how long it is known what a feed has named formerly.
const KEPT: TimeDelta = TimeDelta::days(90);
/// How much of a reason is kept.
const MAX_REASON: usize = 500;

/// Where feeds come from.
pub trait FeedSource: Debug + Send + Sync {
    /// Requires a URL that may be fetched, as far as it can be told from it, or says why it may not.
    fn check(&self, url: &str, is_confined: bool) -> Result<(), String>;

    /// Fetches a feed, or says why it is not to be had, for those who manage it.
    fn fetch<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Fetched, String>>;
}

/// What is to be fetched.
#[derive(Debug, Clone)]
pub struct Order {
    /// In which form it is published.
    pub kind: FeedKind,
    /// Where it is.
    pub url: String,
    /// Whether it may lead to public addresses only, unless the configuration says otherwise.
    pub is_confined: bool,
    /// As whom it is asked.
    pub credentials: Option<Credentials>,
    /// What was fetched last.
    pub bookmarks: Bookmarks,
}

/// As whom a feed is asked.
#[derive(Clone)]
pub struct Credentials {
    /// The user name; none if the secret is a token.
    pub username: Option<String>,
    /// The password or token.
    pub secret: String,
}

impl Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// What was fetched.
#[derive(Debug)]
pub enum Fetched {
    /// The same as the last time.
    Unchanged,
    /// All that the feed names.
    Everything {
        /// What that is.
        entries: Vec<Told>,
        /// How much was not understood.
        skipped: u64,
        /// What spares fetching it again.
        bookmarks: Bookmarks,
    },
    /// What is new.
    News {
        /// What each indicator says now, by its id; what it said before is over.
        told: HashMap<String, Vec<Told>>,
        /// How much was not understood.
        skipped: u64,
        /// From where on to read the next time.
        bookmarks: Bookmarks,
        /// Whether there is more.
        more: bool,
    },
}

/// What a feed says of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The network.
    pub network: Cidr,
    /// The id of what says so; empty for a list.
    pub reference: String,
    /// How sure it is, if it says so.
    pub confidence: Option<u8>,
    /// From when on.
    pub valid_from: Option<Timestamp>,
    /// Until when, in microseconds.
    pub valid_until: i64,
}

/// What it takes to follow feeds.
#[derive(Debug)]
pub(super) struct Following {
    source: Arc<dyn FeedSource>,
    sealer: Option<Sealer>,
}

impl App {
    /// The same application, which fetches feeds from there, and keeps credentials for them if there is something to seal them
    /// with.
    #[must_use]
    pub fn following_feeds(mut self, source: Arc<dyn FeedSource>, sealer: Option<Sealer>) -> Self {
        self.feeds = Some(Following { source, sealer });
        self
    }

    /// Gets a new feed ready: says its id, and seals what it is asked with. What may not be fetched is refused.
    pub fn prepare_feed(
        &self,
        organization: OrganizationId,
        url: &str,
        secret: Option<&str>,
    ) -> Result<(Uuid, Option<Vec<u8>>)> {
        let id = self.clock().new_id();
        if let Some(following) = &self.feeds {
            let checked = following.source.check(url, organization != OrganizationId::INSTANCE);
            checked.map_err(|reason| Error::invalid("url", format!("This feed cannot be fetched: {reason}.")))?;
        }
        let Some(secret) = secret else { return Ok((id, None)) };
        if secret.chars().any(char::is_control) {
            let message = "This contains a control character, which no header of a request may have; send it without.";
            return Err(Error::invalid("secret", message));
        }
        let sealer = self.feeds.as_ref().and_then(|following| following.sealer.as_ref()).ok_or_else(|| {
            Error::invalid("secret", "This server has nothing to encrypt secrets with; have oauth.key_secret set.")
        })?;
        sealer.seal(id, secret.as_bytes()).map(|sealed| (id, Some(sealed)))
    }

    /// The feeds of an organization; of none, those that count for every organization.
    pub async fn feeds(&self, viewer: &Viewer, organization: OrganizationId) -> Result<Vec<Feed>> {
        policy::allow(viewer, Action::ReadFeeds, Resource::of(organization).seen())?;
        self.store().feeds(organization).await
    }

    /// Every feed, for those who span the server.
    pub async fn every_feed(&self, viewer: &Viewer) -> Result<Vec<Feed>> {
        policy::allow(viewer, Action::OwnServer, Resource::of(OrganizationId::INSTANCE).seen())?;
        self.store().all_feeds().await
    }

    /// A feed that the viewer may know of.
    pub async fn feed(&self, viewer: &Viewer, id: Uuid, field: &str) -> Result<Feed> {
        let missing = || Error::not_found(field, "feed");
        let feed = self.store().feed(id).await?.ok_or_else(missing)?;
        policy::allow_tenant(viewer, feed.organization, field).map(|()| feed)
    }

    /// The same, for whoever may know how it goes with it.
    pub async fn feed_to_read(&self, viewer: &Viewer, id: Uuid, field: &str) -> Result<Feed> {
        let feed = self.feed(viewer, id, field).await?;
        policy::allow(viewer, Action::ReadFeeds, Resource::of(feed.organization).seen()).map(|()| feed)
    }

    /// Which organization a feed is of, even if it was removed.
    pub async fn tenant_of_feed(&self, viewer: &Viewer, id: Uuid, field: &str) -> Result<OrganizationId> {
        let missing = || Error::not_found(field, "feed");
        let organization = self.store().tenant_of_feed(id).await?.ok_or_else(missing)?;
        policy::allow_tenant(viewer, organization, field).map(|()| organization)
    }

    /// Fetches the feed that is due longest. Says whether there was one.
    pub async fn sync_due_feed(&self) -> Result<bool> {
        Ok(self.sync(None).await?.is_some())
    }

    /// Fetches a feed now, and says what has become of it; none if another server is at it.
    pub async fn sync_feed(&self, viewer: &Viewer, id: Uuid) -> Result<Option<Feed>> {
        let feed = self.feed(viewer, id, "id").await?;
        policy::allow(viewer, Action::ManageFeeds, Resource::of(feed.organization).seen())?;
        self.sync(Some(id)).await
    }

    /// Forgets what feeds have named formerly.
    pub async fn tidy_feeds(&self) -> Result<u64> {
        self.store().forget_entries(self.clock().now() - KEPT).await
    }

    async fn sync(&self, only: Option<Uuid>) -> Result<Option<Feed>> {
        let Some(following) = &self.feeds else { return Ok(None) };
        let (claim, now) = (self.clock().new_id(), self.clock().now());
        let Some(mut feed) = self.store().claim_feed(claim, only, (now, now + LEASE)).await? else { return Ok(None) };
        let fetched = match following.order(&feed) {
            Ok(order) => following.source.fetch(&order).await,
            Err(reason) => Err(reason),
        };
        let now = self.clock().now();
        let taken = match fetched {
            Ok(fetched) => self.take(&feed, fetched, now).await?,
            Err(reason) => Err(reason),
        };
        feed.state = match taken {
            Ok(state) => state,
            Err(reason) => failed(&feed, &reason, now),
        };
        if !self.store().finish_feed(feed.id, claim, &feed.state).await? {
            tracing::warn!(feed.id = feed_id(feed.id), "a feed took so long that another server has taken it up");
        }
        Ok(Some(feed))
    }

    /// Writes down what a feed names now. The inner error is the fault of the feed.
    async fn take(&self, feed: &Feed, fetched: Fetched, now: Timestamp) -> Result<Result<FeedState, String>> {
        let mut state = FeedState {
            attempted_at: Some(now),
            synced_at: Some(now),
            next_at: now + TimeDelta::minutes(feed.refresh_minutes.into()),
            fresh_until: now + TimeDelta::hours(feed.lifetime_hours.into()),
            failures: 0,
            failure: None,
            ..feed.state.clone()
        };
        let known = match fetched {
            Fetched::Unchanged => return Ok(Ok(state)),
            Fetched::Everything { .. } | Fetched::News { .. } => self.store().open_entries(feed.id).await?,
        };
        let before = known.len();
        let (told, known) = match fetched {
            Fetched::Unchanged => (Vec::new(), Vec::new()),
            Fetched::Everything { entries, skipped, bookmarks } => {
                (state.skipped, state.bookmarks) = (skipped, bookmarks);
                (entries, known)
            }
            Fetched::News { told, skipped, bookmarks, more } => {
                (state.skipped, state.bookmarks) = (skipped, bookmarks);
                if more {
                    state.next_at = now;
                }
                let known = known.into_iter().filter(|stored| told.contains_key(&stored.entry.reference)).collect();
                (told.into_values().flatten().collect(), known)
            }
        };
        let Changes { added, ended } = changes(feed, told, known);
        let entries = before + added.len() - ended.len();
        if entries > MAX_ENTRIES {
            return Ok(Err(format!("it names more than {MAX_ENTRIES} networks")));
        }
        self.store().end_entries(feed.id, &ended, now).await?;
        self.store().add_entries(feed, &added, now).await?;
        state.entries = u64::try_from(entries).unwrap_or_default();
        Ok(Ok(state))
    }
}

impl Following {
    fn order(&self, feed: &Feed) -> Result<Order, String> {
        let credentials = feed.sealed.as_ref().map(|sealed| {
            let opened = self.sealer.as_ref().and_then(|sealer| sealer.open(feed.id, sealed));
            let secret = opened.and_then(|secret| String::from_utf8(secret).ok());
            let secret =
                secret.ok_or("its credentials were sealed under another oauth.key_secret; add the feed anew")?;
            Ok::<_, &str>(Credentials { username: feed.username.clone(), secret })
        });
        Ok(Order {
            kind: feed.kind,
            url: feed.url.clone(),
            is_confined: feed.organization != OrganizationId::INSTANCE,
            credentials: credentials.transpose()?,
            bookmarks: feed.state.bookmarks.clone(),
        })
    }
}

/// What has failed, with what it has named so far.
fn failed(feed: &Feed, reason: &str, now: Timestamp) -> FeedState {
    let failures = feed.state.failures.saturating_add(1);
    let wait = RETRY * 2_i32.pow((failures - 1).min(MAX_DOUBLINGS));
    let wait = wait.min(TimeDelta::minutes(feed.refresh_minutes.into()));
    tracing::warn!(
        feed.id = feed_id(feed.id),
        feed.failures = failures,
        reason,
        "a feed cannot be fetched; it is tried again"
    );
    let reason = reason.chars().take(MAX_REASON).collect();
    FeedState { next_at: now + wait, attempted_at: Some(now), failures, failure: Some(reason), ..feed.state.clone() }
}

struct Changes {
    added: Vec<FeedEntry>,
    ended: Vec<StoredEntry>,
}

/// What of that is new, and what of what was known is over.
fn changes(feed: &Feed, told: Vec<Told>, known: Vec<StoredEntry>) -> Changes {
    // Nothing is surer than the feed.
    let entry = |told: Told| FeedEntry {
        network: told.network,
        reference: told.reference,
        confidence: told.confidence.unwrap_or(feed.confidence).min(feed.confidence),
        valid_from: told.valid_from,
        valid_until: told.valid_until,
    };
    let mut wanted: HashMap<(Cidr, String), FeedEntry> = HashMap::new();
    for entry in told.into_iter().map(entry) {
        wanted.insert((entry.network, entry.reference.clone()), entry);
    }
    let mut kept = HashSet::new();
    let mut ended = Vec::new();
    for stored in known {
        let place = (stored.entry.network, stored.entry.reference.clone());
        let same = |entry: &FeedEntry| {
            (entry.confidence, entry.valid_until) == (stored.entry.confidence, stored.entry.valid_until)
        };
        if wanted.get(&place).is_some_and(same) {
            kept.insert(place);
        } else {
            ended.push(stored);
        }
    }
    let mut added: Vec<FeedEntry> =
        wanted.into_iter().filter(|(place, _)| !kept.contains(place)).map(|(_, entry)| entry).collect();
    added.sort_by(|one, other| (one.network, &one.reference).cmp(&(other.network, &other.reference)));
    Changes { added, ended }
}
