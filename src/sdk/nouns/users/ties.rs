//! What a user is tied to: the groups it is in, and the accounts it owns elsewhere, as far as a body speaks of them.
//!
//! A client sends back what it was shown, and changes that. So what is taken away is what was shown and is not sent, and what
//! is added is what is sent and was not shown; what is beyond what is shown stays.

use super::SHOWN;
use super::fields::ACCOUNTS;
use crate::domain::identity::LOCAL_PROVIDER;
use crate::domain::{Collective, Error, LinkedIdentity, NodeId, NodeKind, Organization, Profile, Result};
use crate::resolvers::query::relation::{GROUPS, LINKED_IDENTITIES};
use crate::sdk::call::Call;
use crate::sdk::changes::Then;
use crate::sdk::names::{difference, own_names, resolved};
use crate::sdk::sent::Sent;
use crate::store::{CollectiveFilter, Comparison};
use serde_json::Value;
use std::sync::Arc;

/// What changes about what a user is tied to; of one that is made anew, if none is there.
pub async fn told(call: &Call, owner: &Organization, user: Option<&Profile>, sent: &Sent) -> Result<Then> {
    let mut then = Then::default();
    if let Some(names) = sent.words("groups")? {
        let current = match user.map(|user| user.id.uuid) {
            Some(id) => call.reader().next_to::<Collective>(GROUPS, &[id], SHOWN).await?.remove(&id),
            None => None,
        };
        let current = current.unwrap_or_default();
        let names = own_names(owner, &names, "groups")?;
        let difference = difference(&names, current.iter().map(|group| (&*group.node, group.node.id)));
        then.enter = groups(call, owner, &difference.new, "groups").await?;
        then.leave = difference.gone;
    }
    if let Some(wanted) = accounts(sent)? {
        let current = match user.map(|user| user.id.uuid) {
            Some(id) => call.reader().next_to::<LinkedIdentity>(LINKED_IDENTITIES, &[id], SHOWN).await?.remove(&id),
            None => None,
        };
        let current: Vec<Arc<LinkedIdentity>> = current.into_iter().flatten().map(|account| account.node).collect();
        let is = |account: &LinkedIdentity, (provider, id): &(String, String)| {
            *provider == account.provider && *id == account.account_id
        };
        // The account with which somebody signs in here comes and goes with the password.
        let goes = |account: &&Arc<LinkedIdentity>| {
            account.provider != LOCAL_PROVIDER && !wanted.iter().any(|named| is(account, named))
        };
        then.unlink = current.iter().filter(goes).map(|account| account.id).collect();
        let is_new = |named: &&(String, String)| !current.iter().any(|account| is(account, named));
        then.link = wanted.iter().filter(is_new).cloned().collect();
    }
    Ok(then)
}

/// The accounts that a body names, if it does: provider and id there.
fn accounts(sent: &Sent) -> Result<Option<Vec<(String, String)>>> {
    const FIELD: &str = "properties.linked_identities";
    let Some(accounts) = sent.object("properties")?.and_then(|properties| properties.get(ACCOUNTS)) else {
        return Ok(None);
    };
    let malformed = || Error::invalid(FIELD, "Name each account by its provider and its external_id.");
    let entries = accounts.as_array().ok_or_else(malformed)?;
    if entries.len() > SHOWN as usize {
        return Err(Error::invalid(FIELD, format!("At most {SHOWN} accounts are named here; link more one by one.")));
    }
    let text =
        |entry: &Value, name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(malformed);
    let mut named = Vec::with_capacity(entries.len());
    for entry in entries {
        let account = (text(entry, "provider")?, text(entry, "external_id")?);
        if !named.contains(&account) {
            named.push(account);
        }
    }
    Ok(Some(named))
}

/// The groups of these names.
pub async fn groups(call: &Call, owner: &Organization, names: &[String], field: &'static str) -> Result<Vec<NodeId>> {
    let filter = |names| CollectiveFilter {
        kind: Some(NodeKind::Group),
        slug: Some(Comparison::In(names)),
        ..CollectiveFilter::default()
    };
    resolved::<Collective>(call, owner, names, (field, filter)).await
}
