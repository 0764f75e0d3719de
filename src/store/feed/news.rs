//! News of changes: what was kept from before is good no more, and whoever follows is woken.
//!
//! In this order: who is woken reads at once what the change was about.

use super::Announcement;
use crate::store::{Realm, Store};

impl Store {
    /// Takes note that a tenant has committed events here, which tell of a change of that realm. Other servers are told.
    pub(in crate::store) fn committed(&self, announcement: Announcement, realm: Realm) {
        self.freshness.advance(announcement.0, realm);
        self.topics.committed(announcement);
    }

    /// Takes note that a tenant is said to have come to a number; by what change, nobody has said.
    pub fn heard(&self, announcement: Announcement) {
        self.freshness.advance(announcement.0, Realm::Standing);
        self.topics.heard(announcement);
    }

    /// Takes note that announcements may have been missed: anything may have changed.
    pub fn missed(&self) {
        self.freshness.advance_all();
        self.topics.wake_all();
    }
}
