//! How far the directory has come, as this process knows: what is kept of earlier reads is good as long as nothing has
//! changed since.
//!
//! Each tenant has a count that moves on with every commit of this process, before the commit is acknowledged to anybody,
//! and with every announcement of another one. What was read is stamped with the count from before the read. It may be used
//! again while the count stands still.
//!
//! Other processes write to the same database, so nothing is kept unless somebody listens to them: [`Freshness::trust`].

use super::Scope;
use crate::domain::OrganizationId;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// How far what is in a scope has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp(u64);

/// How far each tenant has come.
#[derive(Debug, Default)]
pub struct Freshness {
    /// Moves on with every change of any tenant; so it never says of a later state what it said of an earlier one.
    count: AtomicU64,
    /// The count at the last change of each tenant that has changed.
    tenants: RwLock<HashMap<OrganizationId, u64>>,
    /// The count at the last time at which anything may have changed.
    everything: AtomicU64,
    /// Whether the changes of other processes are heard.
    trusted: AtomicBool,
}

impl Freshness {
    /// How far a scope has come; none if nothing of it may be kept.
    #[must_use]
    pub fn of(&self, scope: Scope) -> Option<Stamp> {
        if !scope.is_present() || !self.trusted.load(Ordering::Acquire) {
            return None;
        }
        let Some(tenant) = scope.tenant() else { return Some(Stamp(self.count.load(Ordering::Acquire))) };
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        let changed = tenants.get(&tenant).copied().unwrap_or(0);
        Some(Stamp(changed.max(self.everything.load(Ordering::Acquire))))
    }

    /// Notes that a tenant has changed.
    pub fn advance(&self, tenant: OrganizationId) {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        let count = self.count.fetch_add(1, Ordering::AcqRel) + 1;
        tenants.insert(tenant, count);
    }

    /// Notes that anything may have changed.
    pub fn advance_all(&self) {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        tenants.clear();
        self.everything.store(self.count.fetch_add(1, Ordering::AcqRel) + 1, Ordering::Release);
    }

    /// Says whether the changes of other processes are heard from now on. What was kept until now is good no more.
    pub fn trust(&self, trusted: bool) {
        self.advance_all();
        self.trusted.store(trusted, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_change_of_one_tenant_leaves_the_others_as_they_are() {
        let freshness = Freshness::default();
        let [one, other] = [1, 2].map(|id| OrganizationId(Uuid::from_u128(id)));
        let stamps = |freshness: &Freshness| {
            [Scope::organization(one), Scope::organization(other), Scope::EVERYTHING].map(|scope| freshness.of(scope))
        };
        assert_eq!(stamps(&freshness), [None, None, None], "nobody listens");
        freshness.trust(true);
        let before = stamps(&freshness);
        freshness.advance(one);
        let after = stamps(&freshness);
        assert_eq!([0, 1, 2].map(|place| before[place] == after[place]), [false, true, false]);
        freshness.advance_all();
        let last = stamps(&freshness);
        assert!((0..3).all(|place| last[place].is_some() && last[place] != after[place]));
        freshness.trust(false);
        assert_eq!(stamps(&freshness), [None, None, None]);
    }

    #[test]
    fn a_stamp_is_never_given_twice() {
        let freshness = Freshness::default();
        freshness.trust(true);
        let tenant = OrganizationId(Uuid::from_u128(1));
        let scope = Scope::organization(tenant);
        let mut seen = vec![freshness.of(scope)];
        for round in 0..6 {
            if round % 2 == 0 {
                freshness.advance(tenant);
            } else {
                freshness.advance_all();
            }
            let stamp = freshness.of(scope);
            assert!(!seen.contains(&stamp), "{stamp:?} was given before");
            seen.push(stamp);
        }
    }
}
