//! The feed: the events of one tenant, in their order, for those who follow it.
//!
//! A follower *pulls*: it asks for the page of events behind the last one it has, and gets it from the database, so that
//! nothing is lost, nothing comes twice, and nothing is read for whoever does not ask. When there is nothing, it waits
//! until it is woken. A wake-up says no more than "this tenant is at number N now" ([`topics`]): it may come twice, and
//! may get lost, which a slow look into the database makes up for. Where wake-ups come from:
//!
//! * from this process, straight after a commit ([`writer`](super::writer));
//! * from other servers on the same PostgreSQL, which hear each other's commits by `NOTIFY` ([`listener`]);
//! * from whoever carries them from server to server otherwise ([`Topics::outgoing`]);
//! * from whoever has looked, and found more than was announced.

mod listener;
mod news;
mod tail;
mod topics;

pub use topics::{Announcement, Topics};

use super::error::translate;
use super::history::{ABOUT_NODES, columns, read};
use super::row::RowReader;
use super::sql::Sql;
use super::{Scope, Store};
use crate::domain::{Event, OrganizationId, Result};
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use topics::{Topic, Word};
use uuid::Uuid;

/// The channel on which servers on one PostgreSQL tell each other of commits.
pub(super) const CHANNEL: &str = "idgraph_changes";
/// What is announced in the place of a number where no event was committed, but something that accounts have done.
pub(super) const ACTIVITY: &str = "activity";
/// How many events are read at a time.
const PAGE: usize = 100;

/// Follows one tenant.
#[derive(Debug)]
pub struct Feed {
    store: Store,
    topic: Arc<Topic>,
    announced: watch::Receiver<Word>,
    /// Only events about this node; none for every event.
    node: Option<Uuid>,
    /// The number of the last event that was handed out.
    seq: i64,
    /// Up to which number it is known that there is nothing else.
    checked: i64,
    /// Whether there was more than fits into a page.
    is_behind: bool,
    /// What had been announced before the last look; none if it is time for another.
    looked_at: Option<Word>,
    /// How long to wait for a wake-up before there is a look all the same.
    poll: Duration,
}

impl Store {
    /// Follows a tenant from behind that number. With a node, only events that its history lists.
    #[must_use]
    pub fn follow(&self, tenant: OrganizationId, node: Option<Uuid>, seq: i64, poll: Duration) -> Feed {
        let topic = self.topics.of(tenant);
        let announced = topic.watch();
        let store = self.clone();
        Feed { store, topic, announced, node, seq, checked: seq, is_behind: false, looked_at: None, poll }
    }

    /// The number of the last event of each tenant that has one.
    pub async fn last_seqs(&self, scope: Scope, tenants: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        let mut sql = scope.sql("SELECT org_id, last_seq FROM sequences WHERE org_id IN (");
        sql.bind_list(tenants.iter().copied()).push(")");
        scope.and_ever(&mut sql, "org_id", "last_at");
        self.counts(sql).await
    }

    /// Events of a tenant behind that number, the oldest first, at most [`PAGE`]; with a node, only those about it.
    pub async fn events_behind(&self, tenant: OrganizationId, node: Option<Uuid>, seq: i64) -> Result<Vec<Arc<Event>>> {
        // Thousands who come back at once must not keep everybody else from reading.
        let _turn = self.topics.turn().await;
        let mut sql = Sql::new(format!("SELECT {} FROM ", columns("v")));
        let number = match node {
            Some(node) => {
                sql.push(ABOUT_NODES).push(" WHERE w.node_id = ").bind(node).push(" AND ");
                "w.seq"
            }
            None => {
                sql.push("events v WHERE ");
                "v.seq"
            }
        };
        sql.push(number).push(" > ").bind(seq);
        Scope::organization(tenant).and_ever(&mut sql, "v.org_id", "v.occurred_at");
        sql.push(&format!(" ORDER BY {number} LIMIT {PAGE}"));
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read(&mut RowReader::new(row)).map(Arc::new).map_err(translate)).collect()
    }
}

impl Feed {
    /// How many events are read at a time.
    pub const PAGE: usize = PAGE;

    /// The next events, at least one. Waits until there is one.
    ///
    /// Whoever stops waiting loses nothing: an event counts as handed out when it is returned.
    pub async fn next(&mut self) -> Result<Vec<Arc<Event>>> {
        loop {
            // What is announced from here on ends the waiting below, even if it comes before it.
            let word = *self.announced.borrow_and_update();
            if self.is_worth_a_look(word) {
                let Page { events, rest } = self.page().await?;
                self.looked_at = Some(word);
                self.seq = events.last().map_or(self.seq, |last| last.seq);
                // What was announced before a look into the database was committed before it.
                self.checked = if rest == Rest::Nothing { self.seq.max(word.last) } else { self.seq };
                self.is_behind = rest == Rest::Something;
                if !events.is_empty() {
                    return Ok(events);
                }
                continue;
            }
            tokio::select! {
                // The topic lives as long as this feed holds it.
                _ = self.announced.changed() => {}
                () = tokio::time::sleep(self.poll) => self.looked_at = None,
            }
        }
    }

    /// Whether there may be something that was not seen yet. Thousands are woken by one commit; those who have read what
    /// it has written, together with others, need not look again.
    fn is_worth_a_look(&self, word: Word) -> bool {
        let is_new_round = self.looked_at.is_none_or(|before| before.round != word.round);
        self.is_behind || is_new_round || word.last > self.checked
    }

    /// The events behind the last one that was handed out.
    async fn page(&self) -> Result<Page> {
        if self.node.is_none() {
            let mut tail = self.topic.tail().await;
            if let Some((events, has_more)) = tail.behind(self.seq, PAGE) {
                let rest = if has_more { Rest::Something } else { Rest::WhatIsAnnounced };
                return Ok(Page { events, rest });
            }
            if tail.is_at_its_end(self.seq) {
                let page = self.look().await?;
                tail.append(&page.events, page.rest == Rest::Something);
                return Ok(page);
            }
            // Far behind the others: what it reads is of no use to them, and they do not wait for it.
        }
        self.look().await
    }

    /// What the database has behind the last event that was handed out.
    async fn look(&self) -> Result<Page> {
        let tenant = self.topic.tenant();
        let page = Page::of(self.store.events_behind(tenant, self.node, self.seq).await?);
        let announced = self.announced.borrow().last;
        if let Some(last) = page.events.last().filter(|last| last.seq > announced) {
            // Before anybody reads what the event is about, and is given what was kept from before it.
            self.store.heard((tenant, last.seq));
        }
        Ok(page)
    }
}

/// Events that follow one another.
struct Page {
    events: Vec<Arc<Event>>,
    rest: Rest,
}

impl Page {
    /// What the database had.
    fn of(events: Vec<Arc<Event>>) -> Self {
        let rest = if events.len() < PAGE { Rest::Nothing } else { Rest::Something };
        Self { events, rest }
    }
}

/// What there is behind a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Nothing, as of when the database was asked.
    Nothing,
    /// Nothing but what was announced since others asked the database.
    WhatIsAnnounced,
    /// Something.
    Something,
}
