//! Who is to be woken: the tenants that somebody follows, and the last number that each is known to have.

use super::tail::Tail;
use crate::domain::OrganizationId;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::{Notify, Semaphore, SemaphorePermit, watch};

/// A tenant has come to a number.
pub type Announcement = (OrganizationId, i64);

/// The tenants that somebody follows.
#[derive(Debug)]
pub struct Topics {
    /// A topic lives as long as somebody follows it.
    followed: Mutex<HashMap<OrganizationId, Weak<Topic>>>,
    /// How many pages are read at the same time.
    turns: Semaphore,
    /// Whether somebody carries announcements to other servers.
    has_carrier: AtomicBool,
    /// What is to be carried there: for each tenant, only the newest.
    outgoing: Mutex<BTreeMap<OrganizationId, i64>>,
    departure: Notify,
}

/// What those who follow a tenant are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Word {
    /// The greatest number that was announced. It is a hint: nobody takes it for more than a reason to look.
    pub last: i64,
    /// How often announcements may have been lost.
    pub round: u64,
}

/// A tenant that somebody follows.
#[derive(Debug)]
pub(super) struct Topic {
    tenant: OrganizationId,
    word: watch::Sender<Word>,
    tail: tokio::sync::Mutex<Tail>,
}

impl Topic {
    /// Whose events they are.
    pub(super) const fn tenant(&self) -> OrganizationId {
        self.tenant
    }

    /// Hears what is announced.
    pub(super) fn watch(&self) -> watch::Receiver<Word> {
        self.word.subscribe()
    }

    /// The newest events. One at a time reads on; the others wait for it, and find what it has read.
    pub(super) async fn tail(&self) -> tokio::sync::MutexGuard<'_, Tail> {
        self.tail.lock().await
    }
}

impl Topics {
    /// Nobody follows anything yet. Half of the connections for reading are for those who will.
    pub(in crate::store) fn new(read_connections: u32) -> Self {
        Self {
            followed: Mutex::default(),
            turns: Semaphore::new(usize::try_from(read_connections / 2).unwrap_or(usize::MAX).max(1)),
            has_carrier: AtomicBool::new(false),
            outgoing: Mutex::default(),
            departure: Notify::new(),
        }
    }

    /// The topic of a tenant, which those who follow it share.
    pub(super) fn of(&self, tenant: OrganizationId) -> Arc<Topic> {
        let mut followed = self.followed();
        if let Some(topic) = followed.get(&tenant).and_then(Weak::upgrade) {
            return topic;
        }
        followed.retain(|_, topic| topic.strong_count() > 0);
        let topic = Arc::new(Topic { tenant, word: watch::Sender::default(), tail: tokio::sync::Mutex::default() });
        followed.insert(tenant, Arc::downgrade(&topic));
        topic
    }

    /// Waits for the turn to read a page; none if there are no turns any more.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.acquire().await.ok()
    }

    /// Wakes those who follow a tenant that has committed events here, and has others told.
    pub(super) fn committed(&self, (tenant, seq): Announcement) {
        self.heard((tenant, seq));
        if self.has_carrier.load(Ordering::Acquire) {
            let mut outgoing = self.outgoing.lock().unwrap_or_else(PoisonError::into_inner);
            let newest = outgoing.entry(tenant).or_insert(seq);
            *newest = seq.max(*newest);
            self.departure.notify_one();
        }
    }

    /// Wakes those who follow a tenant that is said to have come to a number.
    pub(super) fn heard(&self, (tenant, seq): Announcement) {
        let topic = self.followed().get(&tenant).and_then(Weak::upgrade);
        if let Some(topic) = topic {
            // Whoever has heard of a later one has been woken for this one.
            topic.word.send_if_modified(|word| {
                let is_news = seq > word.last;
                word.last = seq.max(word.last);
                is_news
            });
        }
    }

    /// Wakes everybody, after a time in which announcements may have been lost.
    pub(super) fn wake_all(&self) {
        let topics: Vec<_> = self.followed().values().filter_map(Weak::upgrade).collect();
        for topic in topics {
            topic.word.send_modify(|word| word.round += 1);
        }
    }

    /// Waits for commits of this process that other servers are to hear of; the newest of each tenant. There is one
    /// carrier; from its first call on, announcements are kept for it.
    pub async fn outgoing(&self) -> Vec<Announcement> {
        self.has_carrier.store(true, Ordering::Release);
        loop {
            let waiting = std::mem::take(&mut *self.outgoing.lock().unwrap_or_else(PoisonError::into_inner));
            if !waiting.is_empty() {
                return waiting.into_iter().collect();
            }
            self.departure.notified().await;
        }
    }

    fn followed(&self) -> MutexGuard<'_, HashMap<OrganizationId, Weak<Topic>>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn tenant(number: u128) -> OrganizationId {
        OrganizationId(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn only_news_wakes_and_only_those_who_follow() {
        let topics = Topics::new(4);
        let (one, other) = (topics.of(tenant(1)), topics.of(tenant(2)));
        let (mut first, second) = (one.watch(), other.watch());
        topics.committed((tenant(1), 7));
        assert!(first.has_changed().expect("a topic") && !second.has_changed().expect("a topic"));
        first.mark_unchanged();
        for seq in [7, 6] {
            topics.heard((tenant(1), seq));
            assert!(!first.has_changed().expect("a topic"), "{seq} is no news");
        }
        topics.wake_all();
        assert!(first.has_changed().expect("a topic") && second.has_changed().expect("a topic"));
    }

    #[tokio::test]
    async fn what_nobody_follows_is_forgotten() {
        let topics = Topics::new(1);
        for number in 0..100 {
            drop(topics.of(tenant(number)));
        }
        assert_eq!(topics.followed().len(), 1);
        let topic = topics.of(tenant(1));
        assert!(Arc::ptr_eq(&topic, &topics.of(tenant(1))), "those who follow a tenant share its topic");
    }

    #[tokio::test]
    async fn a_carrier_takes_the_newest_of_each_tenant() {
        let topics = Topics::new(1);
        topics.committed((tenant(1), 1));
        assert!(topics.outgoing.lock().expect("a lock").is_empty(), "nothing is kept for nobody");
        let waiting = topics.outgoing();
        tokio::pin!(waiting);
        assert!(futures::poll!(&mut waiting).is_pending());
        for announcement in [(tenant(2), 5), (tenant(1), 2), (tenant(2), 4), (tenant(1), 3)] {
            topics.committed(announcement);
        }
        assert_eq!(waiting.await, [(tenant(1), 3), (tenant(2), 5)]);
    }
}
