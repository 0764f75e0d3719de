//! The accounts of the profiles of a batch.

use super::edges::EdgeKey;
use super::record::ImportedIdentity;
use super::{Batch, Outcome};
use crate::domain::{EdgeKind, Error, LinkedIdentity, NodeId, NodeKind, Profile, Result};
use crate::store::NewEdge;

/// An account of a profile, as it is to become.
pub(super) struct PlannedLink {
    before: Option<LinkedIdentity>,
    after: LinkedIdentity,
}

impl Batch<'_, '_> {
    /// What is to become of the accounts that the record of a profile names, without doing it yet.
    pub(super) fn plan_links(&self, profile: NodeId, identities: &[ImportedIdentity]) -> Result<Vec<PlannedLink>> {
        let plan = |(index, record): (usize, &ImportedIdentity)| {
            let place = format!("linked_identities[{index}]");
            let id = self.known.identity(&record.account());
            let before = id.and_then(|id| self.current::<LinkedIdentity>(id));
            if let Some(holder) = id.and_then(|id| self.edges.holder(id))
                && holder != profile
            {
                let stored = self.edges.name_of_holder(holder).map(str::to_owned);
                let name = stored.or_else(|| self.current::<Profile>(holder).map(|profile| profile.username));
                let name = name.unwrap_or_else(|| holder.to_string());
                let message = format!("This account is linked to {name}; unlink it there first.");
                return Err(Error::conflict("accountId", message).within(&place));
            }
            let id = id.unwrap_or_else(|| self.context.new_id(NodeKind::LinkedIdentity));
            let after = record.merged(before.as_ref(), (id, self.context.tenant()));
            after.check().map_err(|error| error.within(&place))?;
            Ok(PlannedLink { before, after })
        };
        identities.iter().enumerate().map(plan).collect()
    }

    /// Carries a plan out, and says whether that changes anything.
    pub(super) fn link(&mut self, profile: NodeId, link: PlannedLink) -> Result<bool> {
        let identity = link.after.id;
        let account = (link.after.provider.clone(), link.after.environment.clone(), link.after.account_id.clone());
        let outcome = self.put(link.before.as_ref(), link.after)?;
        self.known.add_account(account, identity);
        let key = EdgeKey::single(EdgeKind::Link, identity);
        if self.edges.present(key).is_some_and(|(holder, _)| holder == profile) {
            return Ok(outcome != Outcome::Unchanged);
        }
        let new = NewEdge::new(EdgeKind::Link, identity, profile);
        self.relate(key, Some(new))?;
        Ok(true)
    }
}
