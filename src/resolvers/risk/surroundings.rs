//! What is known of where something comes from, besides what is reported: looked up before it is recorded, and kept with it.
//!
//! So what was known at the time stays with the record, whatever is known later, and the log of the account has the same.

use super::super::networks::NetworkDatabase;
use super::super::write::WriteContext;
use crate::domain::session::Whereabouts;

/// What addresses are known for.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Surroundings<'a> {
    databases: Option<&'a dyn NetworkDatabase>,
}

impl<'a> Surroundings<'a> {
    /// Looks around.
    pub fn of(context: &WriteContext<'a>) -> Self {
        Self { databases: context.networks() }
    }

    /// Adds what is known of the address to whereabouts that were reported.
    pub fn complete(&self, reported: &Whereabouts) -> Whereabouts {
        let country = reported.country.as_deref();
        let find = |address| self.databases?.find(address, country);
        Whereabouts { network: reported.address.and_then(find), ..reported.clone() }
    }
}
