//! How far the directory has come, as this process knows: what is kept of earlier reads is good as long as nothing has
//! changed since.
//!
//! Each tenant has a count that moves on with every commit of this process, before the commit is acknowledged to anybody,
//! and with every announcement of another one. What was read is stamped with the count from before the read. It may be used
//! again while the count stands still.
//!
//! There are three realms, each inside the next: what rests on the inner ones is not touched by what happens farther out.
//! Accounts are used all the time, and that changes nothing in the directory. People come and go in the directory, and that
//! changes nothing about the organization and the credentials with which they are made.
//!
//! Other processes write to the same database, so nothing is kept unless somebody listens to them: [`Freshness::trust`].

use super::Scope;
use crate::domain::OrganizationId;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// What a commit has changed, or what something that is kept rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Realm {
    /// What every request asks for: organizations, credentials and whom they act for. As a change: of any node that was there
    /// before, or of one of these; and with it, perhaps, of everything else.
    Standing,
    /// The directory, which events tell of. As a change: nodes were added that nothing of the above can rest on.
    #[default]
    Directory,
    /// What accounts do, and nothing else.
    Accounts,
}

/// The count at the last change of each realm, or of one inside it.
#[derive(Debug, Clone, Copy, Default)]
struct Changed {
    standing: u64,
    directory: u64,
    accounts: u64,
}

impl Changed {
    const fn of(self, realm: Realm) -> u64 {
        match realm {
            Realm::Standing => self.standing,
            Realm::Directory => self.directory,
            Realm::Accounts => self.accounts,
        }
    }

    fn note(&mut self, realm: Realm, count: u64) {
        if realm <= Realm::Standing {
            self.standing = count;
        }
        if realm <= Realm::Directory {
            self.directory = count;
        }
        self.accounts = count;
    }
}

/// How far what is in a scope has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(u64);

/// How far each tenant has come.
#[derive(Debug, Default)]
pub struct Freshness {
    /// Moves on with every change of any tenant; so it never says of a later state what it said of an earlier one.
    count: AtomicU64,
    /// The counts at the last changes of each tenant that has changed.
    tenants: RwLock<HashMap<OrganizationId, Changed>>,
    /// The count at the last change of what every request asks for, of any tenant.
    standing: AtomicU64,
    /// The count at the last change of the directory of any tenant.
    directory: AtomicU64,
    /// The count at the last time at which anything may have changed.
    everything: AtomicU64,
    /// Whether the changes of other processes are heard.
    trusted: AtomicBool,
}

impl Freshness {
    /// How far a scope has come; none if nothing of it may be kept.
    #[must_use]
    pub fn of(&self, scope: Scope, realm: Realm) -> Option<Stamp> {
        if !scope.is_present() || !self.trusted.load(Ordering::Acquire) {
            return None;
        }
        let Some(tenant) = scope.tenant() else {
            let any = match realm {
                Realm::Standing => &self.standing,
                Realm::Directory => &self.directory,
                Realm::Accounts => &self.count,
            };
            return Some(Stamp(any.load(Ordering::Acquire)));
        };
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        let changed = tenants.get(&tenant).map_or(0, |changed| changed.of(realm));
        Some(Stamp(changed.max(self.everything.load(Ordering::Acquire))))
    }

    /// Notes what of a tenant has changed.
    pub fn advance(&self, tenant: OrganizationId, realm: Realm) {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        let count = self.count.fetch_add(1, Ordering::AcqRel) + 1;
        tenants.entry(tenant).or_default().note(realm, count);
        if realm <= Realm::Standing {
            self.standing.store(count, Ordering::Release);
        }
        if realm <= Realm::Directory {
            self.directory.store(count, Ordering::Release);
        }
    }

    /// Notes that anything may have changed.
    pub fn advance_all(&self) {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        tenants.clear();
        let count = self.count.fetch_add(1, Ordering::AcqRel) + 1;
        self.standing.store(count, Ordering::Release);
        self.directory.store(count, Ordering::Release);
        self.everything.store(count, Ordering::Release);
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
            [Scope::organization(one), Scope::organization(other), Scope::EVERYTHING]
                .map(|scope| freshness.of(scope, Realm::Directory))
        };
        assert_eq!(stamps(&freshness), [None, None, None], "nobody listens");
        freshness.trust(true);
        let before = stamps(&freshness);
        freshness.advance(one, Realm::Directory);
        let after = stamps(&freshness);
        assert_eq!([0, 1, 2].map(|place| before[place] == after[place]), [false, true, false]);
        freshness.advance_all();
        let last = stamps(&freshness);
        assert!((0..3).all(|place| last[place].is_some() && last[place] != after[place]));
        freshness.trust(false);
        assert_eq!(stamps(&freshness), [None, None, None]);
    }

    #[test]
    fn a_change_leaves_the_realms_inside_as_they_are() {
        const REALMS: [Realm; 3] = [Realm::Standing, Realm::Directory, Realm::Accounts];
        let freshness = Freshness::default();
        freshness.trust(true);
        let tenant = OrganizationId(Uuid::from_u128(1));
        let stamps = |freshness: &Freshness, realm| {
            [Scope::organization(tenant), Scope::EVERYTHING].map(|scope| freshness.of(scope, realm))
        };
        for change in REALMS {
            let before = REALMS.map(|realm| stamps(&freshness, realm));
            freshness.advance(tenant, change);
            for (realm, before) in REALMS.into_iter().zip(before) {
                let after = stamps(&freshness, realm);
                let is_touched = realm >= change;
                assert!(
                    (0..2).all(|place| (after[place] > before[place]) == is_touched),
                    "{change:?} was changed, {realm:?} went from {before:?} to {after:?}"
                );
            }
        }
    }

    #[test]
    fn a_stamp_is_never_given_twice() {
        let freshness = Freshness::default();
        freshness.trust(true);
        let tenant = OrganizationId(Uuid::from_u128(1));
        let scope = Scope::organization(tenant);
        let mut seen = vec![freshness.of(scope, Realm::Accounts)];
        for round in 0..6 {
            if round % 2 == 0 {
                freshness.advance(tenant, if round % 4 == 0 { Realm::Directory } else { Realm::Accounts });
            } else {
                freshness.advance_all();
            }
            let stamp = freshness.of(scope, Realm::Accounts);
            assert!(!seen.contains(&stamp), "{stamp:?} was given before");
            seen.push(stamp);
        }
    }
}
