//! How accounts are read and shown: with whoever owns them, the roles of those, and where the accounts stand. One statement
//! for each of these, whatever the number of accounts.

use super::call::Call;
use super::model::identity::Identity;
use super::refusal::Result;
use crate::domain::id::write_typeid;
use crate::domain::{Error, ErrorCode, LinkedIdentity, NodeId, OrganizationId, Page, Profile, Standing, Timestamp};
use crate::resolvers::policy::Action;
use crate::resolvers::query::questions::accounts::{OwnAccount, Standings};
use crate::resolvers::query::questions::{EffectiveRoles, Found};
use crate::resolvers::query::relation::LINKED_PROFILE;
use crate::resolvers::risk;
use crate::store::EffectiveRole;
use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;
use std::sync::Arc;
use uuid::Uuid;

/// What the public id of an organization begins with where it is called a tenant.
pub const TENANT: &str = "ten";
/// How many roles of a profile are read. Nobody has so many.
const MAX_ROLES: u32 = 1_000;

/// The account with that id, if the viewer may see it: from the directory, or because it is its own.
pub async fn account(call: &Call, id: NodeId) -> Result<Arc<LinkedIdentity>> {
    match call.node::<LinkedIdentity>(id).await {
        Err(refusal) if refusal.is(ErrorCode::NotFound) && own(call, &[id.uuid]).await?.contains(&id.uuid) => {
            let question = Found::<LinkedIdentity> { of: PhantomData };
            let found = call.reader().ask(&question, &[id.uuid]).await?.remove(&id.uuid);
            Ok(found.ok_or_else(|| Error::not_found("id", "linked identity"))?)
        }
        found => found,
    }
}

/// Which of these accounts belong to the profile that the viewer acts for.
async fn own(call: &Call, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
    let reader = call.reader();
    if reader.profile().is_none() {
        return Ok(HashSet::new());
    }
    Ok(reader.ask(&OwnAccount, ids).await?.into_keys().collect())
}

/// Requires that the viewer may do that to an account.
pub async fn allow(call: &Call, identity: &LinkedIdentity, action: Action) -> Result<()> {
    let is_own = own(call, &[identity.id.uuid]).await?.contains(&identity.id.uuid);
    Ok(call.reader().allow_on_account(action, identity.organization, is_own)?)
}

/// Shows accounts.
pub async fn show(call: &Call, nodes: &[Arc<LinkedIdentity>]) -> Result<Vec<Identity>> {
    let reader = call.reader();
    let ids: Vec<Uuid> = nodes.iter().map(|node| node.id.uuid).collect();
    let mut owners: HashMap<Uuid, Arc<Profile>> = HashMap::new();
    for (id, profiles) in call.reader().next_to::<Profile>(LINKED_PROFILE, &ids, 1).await? {
        owners.extend(profiles.into_iter().next().map(|owner| (id, owner.node)));
    }
    let mut profiles: Vec<Uuid> = owners.values().map(|owner| owner.id.uuid).collect();
    profiles.sort_unstable();
    profiles.dedup();
    let roles = if profiles.is_empty() {
        HashMap::new()
    } else {
        reader.ask(&EffectiveRoles { page: Page::first(MAX_ROLES) }, &profiles).await?
    };
    let own = own(call, &ids).await?;
    let is_told = |node: &LinkedIdentity| {
        reader.allow_on_account(Action::ReadPrivate, node.organization, own.contains(&node.id.uuid)).is_ok()
    };
    let told: Vec<Uuid> = nodes.iter().filter(|node| is_told(node)).map(|node| node.id.uuid).collect();
    let now = call.app.clock().now();
    let standings = if told.is_empty() { HashMap::new() } else { reader.ask(&Standings, &told).await? };
    let show = |node: &Arc<LinkedIdentity>| {
        let owner = owners.get(&node.id.uuid);
        let roles = owner.and_then(|owner| roles.get(&owner.id.uuid)).map_or(&[][..], |slice| slice.items.as_slice());
        // Of its own account somebody without a role is told of sign-ins, as in GraphQL, but not of factors and risk.
        let is_manager = reader.allow_private(node.organization, None).is_ok();
        let standing = standings.get(&node.id.uuid).filter(|_| told.contains(&node.id.uuid));
        identity(
            node,
            owner.map(|owner| &**owner),
            roles,
            (is_manager.then_some(now), standing.map(|standing| &**standing)),
        )
    };
    Ok(nodes.iter().map(show).collect())
}

fn identity(
    node: &LinkedIdentity,
    owner: Option<&Profile>,
    roles: &[Arc<EffectiveRole>],
    (managed_at, standing): (Option<Timestamp>, Option<&Standing>),
) -> Identity {
    let is_manager = managed_at.is_some();
    let risk = managed_at.map(|now| risk::score(standing.and_then(|standing| standing.risk.as_deref()), now));
    let login = standing.and_then(|standing| standing.last_login.as_ref());
    let own_name = || node.username.clone().unwrap_or_else(|| node.account_id.clone());
    Identity {
        id: node.id.to_string(),
        tenant_id: tenant_id(node.organization),
        email: node.email.clone(),
        display_name: owner.map_or_else(own_name, Profile::display_name),
        status: node.status.into(),
        risk_score: risk.map(|(score, _)| score.into()),
        risk_level: risk.map(|(_, level)| level.into()),
        mfa_enrolled: is_manager.then(|| node.is_mfa_enrolled()),
        mfa_methods: is_manager.then(|| node.mfa_methods.clone()),
        privileged: roles.iter().any(|held| held.role.privileged),
        last_login_at: login.map(|login| login.at.into()),
        last_login_ip: login.and_then(|login| login.address).map(|address| address.to_string()),
        last_login_country: login.and_then(|login| login.country.clone()),
        provider: node.provider.clone(),
        provider_id: node.account_id.clone(),
        roles: roles.iter().map(|held| held.role.slug.clone()).collect(),
        created_at: node.meta.created_at.into(),
    }
}

/// The public id of an organization where it is called a tenant.
fn tenant_id(organization: OrganizationId) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_typeid(&mut text, TENANT, organization.0);
    text
}
