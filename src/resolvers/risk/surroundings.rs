//! What is known of where something comes from, besides what is reported: looked up before it is recorded, and kept with it.
//!
//! So what was known at the time stays with the record, whatever is known later, and the log of the account has the same.

use super::super::networks::NetworkDatabase;
use super::super::write::WriteContext;
use crate::domain::feed::Hit;
use crate::domain::session::Whereabouts;
use crate::domain::{Network, Result, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What addresses are known for.
#[derive(Debug)]
pub(in super::super) struct Surroundings<'a> {
    databases: Option<&'a dyn NetworkDatabase>,
    hits: BTreeMap<IpAddr, Vec<Hit>>,
    now: Timestamp,
}

impl<'a> Surroundings<'a> {
    /// Looks up whatever has to be asked for of addresses, each with the time in question: one statement, whatever their
    /// number.
    pub async fn of(
        context: &WriteContext<'a>,
        addresses: impl Iterator<Item = (Option<IpAddr>, Option<Timestamp>)>,
    ) -> Result<Self> {
        let now = context.now();
        let (mut named, mut earliest) = (BTreeSet::new(), now);
        for (address, at) in addresses {
            named.extend(address);
            earliest = at.map_or(earliest, |at| at.min(earliest));
        }
        let hits = context.unit().hits(&named, earliest).await?;
        Ok(Self { databases: context.networks(), hits, now })
    }

    /// Adds to whereabouts that were reported what is known of the address: now, or what was known at that time.
    pub fn complete(&self, reported: &Whereabouts, at: Option<Timestamp>) -> Whereabouts {
        let network = reported.address.and_then(|address| self.network(address, reported.country.as_deref(), at));
        Whereabouts { network, ..reported.clone() }
    }

    fn network(&self, address: IpAddr, country: Option<&str>, at: Option<Timestamp>) -> Option<Network> {
        let found = self.databases.and_then(|databases| databases.find(address, country));
        let at = at.unwrap_or(self.now).timestamp_micros();
        let hits = self.hits.get(&address).into_iter().flatten().filter(|hit| hit.until > at);
        let listings: Vec<_> = hits.take(Network::MAX_LISTINGS).map(|hit| hit.listing.clone()).collect();
        if listings.is_empty() {
            return found;
        }
        Some(Network { listings, ..found.unwrap_or_default() })
    }
}
