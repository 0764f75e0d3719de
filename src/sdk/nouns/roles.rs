//! Roles, and who has them: a role lists those to whom it was granted, and making it list others grants and revokes it.

use super::described::{Draft, value};
use super::owned::{Kind, Owned, called as called_kind};
use super::users::{self, groups};
use super::{Names, Noun, changed, listed};
use crate::domain::{Collective, Error, NodeId, NodeKind, Organization, OrganizationId, Page, Profile, Result, Role};
use crate::resolvers::command::{CreateRole, GrantRole, RevokeRole, UpdateRole};
use crate::resolvers::query::Relation;
use crate::resolvers::query::questions::EffectiveRoles;
use crate::resolvers::query::relation::{GRANTED_GROUPS, GRANTED_PROFILES};
use crate::sdk::answer::Answer;
use crate::sdk::call::{Call, Name};
use crate::sdk::changes::{First, Then};
use crate::sdk::names::{Difference, Named, difference, own_names, resolved};
use crate::sdk::operation::Operation;
use crate::sdk::sent::Sent;
use crate::store::{Comparison, ProfileFilter, RoleFilter, Table};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// How many users, and how many groups, a role lists that it was granted to. Of one with more that list cannot be changed.
const SHOWN: u32 = 500;
/// The roles of an organization that a user has, at most.
const OF_USER: u32 = 100;

/// Roles.
pub struct Roles;

impl Kind for Roles {
    type Node = Role;
    const KIND: NodeKind = NodeKind::Role;
    const ONE: &'static str = "role";
    const MANY: &'static str = "roles";
    const NAMES: Names = Names {
        verbs: ["get-roles", "get-role", "add-role", "update-role", "delete-role"],
        native: [Some("roles"), Some("roles/get"), None, None, None],
    };
    // Each lists those who have it.
    const MOST: u64 = 100;

    fn filter(names: Option<Comparison>, shown: Option<Comparison>) -> Result<RoleFilter> {
        if shown.is_some() {
            return Err(Error::invalid("field", "Search by name."));
        }
        Ok(RoleFilter { slug: names, privileged: None })
    }

    fn organization(node: &Role) -> OrganizationId {
        node.organization
    }

    async fn around(call: &Call, nodes: &[(&Role, &str)]) -> Result<Vec<Map<String, Value>>> {
        let ids: Vec<Uuid> = nodes.iter().map(|(node, _)| node.id.uuid).collect();
        let users = call.reader().next_to::<Profile>(GRANTED_PROFILES, &ids, SHOWN).await?;
        let groups = call.reader().next_to::<Collective>(GRANTED_GROUPS, &ids, SHOWN).await?;
        let around = |(node, owner): &(&Role, &str)| {
            let named = |name: &str| Value::String(format!("{owner}/{name}"));
            let users = users.get(&node.id.uuid).into_iter().flatten().map(|user| named(&user.node.username));
            let groups = groups.get(&node.id.uuid).into_iter().flatten().map(|group| named(&group.node.slug));
            let fields = json!({
                "users": users.collect::<Vec<_>>(),
                "groups": groups.collect::<Vec<_>>(),
                "isPrivileged": node.privileged,
            });
            if let Value::Object(fields) = fields { fields } else { Map::new() }
        };
        Ok(nodes.iter().map(around).collect())
    }

    fn create(organization: OrganizationId, slug: String, draft: Draft, sent: &Sent) -> Result<First> {
        Ok(First::CreateRole(Box::new(CreateRole {
            organization,
            slug,
            name: draft.name,
            description: value(draft.description),
            privileged: sent.flag("isPrivileged")?.unwrap_or_default(),
            metadata: value(draft.metadata).unwrap_or_default(),
        })))
    }

    fn update(id: NodeId, draft: Draft, sent: &Sent) -> Result<First> {
        Ok(First::UpdateRole(Box::new(UpdateRole {
            id,
            expected_version: None,
            slug: draft.slug,
            name: draft.name,
            description: draft.description,
            privileged: sent.flag("isPrivileged")?,
            metadata: draft.metadata,
        })))
    }

    async fn then(call: &Call, owner: &Organization, node: Option<&Role>, sent: &Sent) -> Result<Then> {
        let mut then = Then::default();
        if let Some(names) = sent.words("users")? {
            let names = own_names(owner, &names, "users")?;
            let difference = holders::<Profile>(call, (GRANTED_PROFILES, node), &names, "users").await?;
            let filter = |names| ProfileFilter::Username(Comparison::In(names));
            then.grant = resolved::<Profile>(call, owner, &difference.new, ("users", filter)).await?;
            then.revoke = difference.gone;
        }
        if let Some(names) = sent.words("groups")? {
            let names = own_names(owner, &names, "groups")?;
            let difference = holders::<Collective>(call, (GRANTED_GROUPS, node), &names, "groups").await?;
            then.grant.extend(groups(call, owner, &difference.new, "groups").await?);
            then.revoke.extend(difference.gone);
        }
        Ok(then)
    }
}

/// How the names of those who are to have a role differ from those who have it.
async fn holders<T: Table + Clone + Named>(
    call: &Call,
    (relation, role): (Relation, Option<&Role>),
    names: &[String],
    field: &'static str,
) -> Result<Difference> {
    let current = match role.map(|role| role.id.uuid) {
        Some(id) => call.reader().next_to::<T>(relation, &[id], SHOWN + 1).await?.remove(&id).unwrap_or_default(),
        None => Vec::new(),
    };
    if current.len() > SHOWN as usize {
        let message = format!(
            "More than {SHOWN} have this role, so this is no list of all of them; leave it out, and use add-user-role or delete-user-role."
        );
        return Err(Error::invalid(field, message));
    }
    Ok(difference(names, current.iter().map(|holder| (&*holder.node, holder.node.id()))))
}

/// What there is to do with roles.
pub fn operations() -> Vec<Operation> {
    let mut all: Vec<Operation> = super::operations::<Owned<Roles>>();
    // Whoever names a user is told of the roles of that one.
    all.retain(|operation| operation.verb != Roles::NAMES.verbs[0]);
    all.extend([
        Operation::get(Roles::NAMES.verbs[0], |call| async move {
            if call.parameter("id").is_some() { of_user(&call).await } else { listed::<Owned<Roles>>(&call).await }
        })
        .listing(Roles::MANY, Roles::MOST)
        .at(Roles::NAMES.native[0]),
        Operation::get("get-user-roles", |call| async move { of_user(&call).await }).listing(Roles::MANY, Roles::MOST),
        Operation::post("add-user-role", |call| async move {
            let (role, principal) = named(&call).await?;
            call.run(GrantRole { role, principal, reason: None }).await?;
            changed::<Owned<Roles>>(&call, role).await
        })
        .at(Some("add-user-role")),
        Operation::post("delete-user-role", |call| async move {
            let (role, principal) = named(&call).await?;
            call.run(RevokeRole { role, principal, reason: None }).await?;
            changed::<Owned<Roles>>(&call, role).await
        })
        .at(Some("delete-user-role")),
    ]);
    all
}

/// The roles that a user has, directly or through groups.
async fn of_user(call: &Call) -> Result<Answer> {
    let user = users::called(call, &call.name()?, "owner").await?.ok_or_else(|| Error::not_found("id", "user"))?;
    let question = EffectiveRoles { page: Page::first(OF_USER) };
    let held = call.reader().ask(&question, &[user.id.uuid]).await?.remove(&user.id.uuid);
    let roles: Vec<Arc<Role>> =
        held.into_iter().flat_map(|slice| slice.items).map(|held| Arc::new(held.role.clone())).collect();
    Ok(Answer::List(Owned::<Roles>::show(call, &roles).await?, None))
}

/// The role and the user that a body names.
async fn named(call: &Call) -> Result<(NodeId, NodeId)> {
    let name = |field: &'static str| {
        let text = call.sent.word(field)?.ok_or_else(|| Error::invalid(field, "Name one, as owner/name."))?;
        Name::parse(text, None, field)
    };
    let user = users::called(call, &name("user")?, "user").await?.ok_or_else(|| Error::not_found("user", "user"))?;
    let role = name("role")?;
    let organization = call.organization(role.owner.as_deref(), "role").await?.id;
    let role = called_kind::<Roles>(call, organization, role.name).await?;
    Ok((role.ok_or_else(|| Error::not_found("role", "role"))?.id, user.id))
}
