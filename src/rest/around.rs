//! How nodes are shown, with what is around them: one statement for each relation, whatever the number of nodes.

use super::call::Call;
use super::model::collective::{Collective, CollectiveKind};
use super::model::linked_identity::LinkedIdentity;
use super::model::member::{Member, MemberOf, Membership};
use super::model::organization::Organization;
use super::model::profile::{AccountName, Email, Phone, Profile};
use super::outcome::Entity;
use super::refusal::Result;
use crate::domain::{self, ErrorCode, NodeId, NodeKind};
use crate::resolvers::query::relation::{LINKED_IDENTITIES, PARENT, TEAMS};
use crate::store::Table;
use std::sync::Arc;
use uuid::Uuid;

/// How many teams, and how many accounts, a profile shows at most.
const SHOWN: u32 = 100;

/// What is shown of a node by a type of this face.
pub trait Shown: Sized {
    /// The node.
    type Node: Table;

    /// Shows many nodes.
    fn show(call: &Call, nodes: &[Arc<Self::Node>]) -> impl Future<Output = Result<Vec<Self>>> + Send;

    /// The version of a node.
    fn version(node: &Self::Node) -> i64;
}

/// Shows a node.
pub async fn entity<S: Shown>(call: &Call, node: Arc<S::Node>) -> Result<Option<Entity<S>>> {
    let version = S::version(&node);
    Ok(S::show(call, &[node]).await?.pop().map(|body| Entity { body, version }))
}

/// Shows the node with that id, if the viewer may see it.
pub async fn found<S: Shown>(call: &Call, id: NodeId) -> Result<Entity<S>> {
    let node = call.node::<S::Node>(id).await?;
    let missing = || domain::Error::not_found("id", id.kind);
    Ok(entity::<S>(call, node).await?.ok_or_else(missing)?)
}

/// Shows what was just changed. None for a viewer that may change it, but not read it.
pub async fn changed<S: Shown>(call: &Call, id: NodeId) -> Result<Option<Entity<S>>> {
    match found::<S>(call, id).await {
        Ok(entity) => Ok(Some(entity)),
        Err(refusal) if refusal.is(ErrorCode::Forbidden) || refusal.is(ErrorCode::NotFound) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

impl Shown for Profile {
    type Node = domain::Profile;

    async fn show(call: &Call, nodes: &[Arc<domain::Profile>]) -> Result<Vec<Self>> {
        let ids: Vec<Uuid> = nodes.iter().map(|node| node.id.uuid).collect();
        let organizations = call.reader().slugs(nodes.iter().map(|node| node.organization)).await?;
        let teams = call.reader().next_to::<domain::Collective>(TEAMS, &ids, SHOWN).await?;
        let accounts = call.reader().next_to::<domain::LinkedIdentity>(LINKED_IDENTITIES, &ids, SHOWN).await?;
        let show = |node: &Arc<domain::Profile>| {
            let teams = teams.get(&node.id.uuid).into_iter().flatten().map(|team| team.node.slug.clone());
            let accounts = accounts.get(&node.id.uuid).into_iter().flatten().map(|account| AccountName {
                provider: account.node.provider.clone(),
                external_id: account.node.account_id.clone(),
            });
            let organization = organizations.get(&node.organization.0).cloned().unwrap_or_default();
            profile(node, organization, (teams.collect(), accounts.collect()))
        };
        Ok(nodes.iter().map(show).collect())
    }

    fn version(node: &domain::Profile) -> i64 {
        node.meta.version
    }
}

fn profile(
    node: &domain::Profile,
    organization: String,
    (teams, linked_identities): (Vec<String>, Vec<AccountName>),
) -> Profile {
    let email = |email: &domain::contact::Email| Email {
        value: email.value.clone(),
        label: email.label.clone(),
        primary: email.primary,
        verified: email.verified,
    };
    let phone = |phone: &domain::contact::Phone| Phone {
        value: phone.value.clone(),
        label: phone.label.clone(),
        primary: phone.primary,
    };
    Profile {
        id: node.id.to_string(),
        kind: node.id.kind.into(),
        name: node.display_name(),
        email: node.email().map(str::to_owned),
        avatar: node.avatar.clone(),
        organization,
        teams,
        metadata: node.metadata.clone(),
        linked_identities,
        created_at: node.meta.created_at.into(),
        updated_at: node.meta.updated_at.into(),
        username: node.username.clone(),
        status: node.status.into(),
        given_name: node.name.given.clone(),
        family_name: node.name.family.clone(),
        emails: node.emails.iter().map(email).collect(),
        phones: node.phones.iter().map(phone).collect(),
        title: node.title.clone(),
        department: node.department.clone(),
        employee_number: node.employee_number.clone(),
        locale: node.locale.clone(),
        time_zone: node.time_zone.clone(),
        tags: node.tags.clone(),
        version: node.meta.version,
    }
}

impl Shown for Organization {
    type Node = domain::Organization;

    async fn show(call: &Call, nodes: &[Arc<domain::Organization>]) -> Result<Vec<Self>> {
        let ids: Vec<Uuid> = nodes.iter().map(|node| node.id.0).collect();
        let parents = call.reader().next_to::<domain::Organization>(PARENT, &ids, 1).await?;
        let show = |node: &Arc<domain::Organization>| Self {
            id: node.id.to_string(),
            slug: node.slug.clone(),
            name: node.name.clone(),
            description: node.description.clone(),
            parent_id: parents.get(&node.id.0).and_then(|found| found.first()).map(|parent| parent.node.id.to_string()),
            metadata: node.metadata.clone(),
            created_at: node.meta.created_at.into(),
            updated_at: node.meta.updated_at.into(),
            version: node.meta.version,
        };
        Ok(nodes.iter().map(show).collect())
    }

    fn version(node: &domain::Organization) -> i64 {
        node.meta.version
    }
}

impl Shown for Collective {
    type Node = domain::Collective;

    async fn show(call: &Call, nodes: &[Arc<domain::Collective>]) -> Result<Vec<Self>> {
        let ids: Vec<Uuid> = nodes.iter().map(|node| node.id.uuid).collect();
        let organizations = call.reader().slugs(nodes.iter().map(|node| node.organization)).await?;
        let parents = call.reader().next_to::<domain::Collective>(PARENT, &ids, 1).await?;
        let show = |node: &Arc<domain::Collective>| Self {
            id: node.id.to_string(),
            kind: if node.id.kind == NodeKind::Team { CollectiveKind::Team } else { CollectiveKind::Group },
            slug: node.slug.clone(),
            name: node.name.clone(),
            description: node.description.clone(),
            category: node.category.clone(),
            organization: organizations.get(&node.organization.0).cloned().unwrap_or_default(),
            parent_id: parents
                .get(&node.id.uuid)
                .and_then(|found| found.first())
                .map(|parent| parent.node.id.to_string()),
            metadata: node.metadata.clone(),
            created_at: node.meta.created_at.into(),
            updated_at: node.meta.updated_at.into(),
            version: node.meta.version,
        };
        Ok(nodes.iter().map(show).collect())
    }

    fn version(node: &domain::Collective) -> i64 {
        node.meta.version
    }
}

impl Shown for LinkedIdentity {
    type Node = domain::LinkedIdentity;

    async fn show(_: &Call, nodes: &[Arc<domain::LinkedIdentity>]) -> Result<Vec<Self>> {
        Ok(nodes.iter().map(|node| Self::from(&**node)).collect())
    }

    fn version(node: &domain::LinkedIdentity) -> i64 {
        node.meta.version
    }
}

impl From<&domain::LinkedIdentity> for LinkedIdentity {
    fn from(node: &domain::LinkedIdentity) -> Self {
        Self {
            id: node.id.to_string(),
            provider: node.provider.clone(),
            external_id: node.account_id.clone(),
            environment: node.environment.clone(),
            username: node.username.clone(),
            email: node.email.clone(),
            verified: node.verified,
            status: node.status.into(),
            metadata: node.metadata.clone(),
            created_at: node.meta.created_at.into(),
            updated_at: node.meta.updated_at.into(),
            version: node.meta.version,
        }
    }
}

/// What the edge of a membership says.
fn membership(edge: &domain::Edge) -> Option<Membership> {
    edge.member.as_ref().map(|facts| Membership {
        role: facts.role.into(),
        functions: facts.functions.clone(),
        since: edge.valid_from.into(),
    })
}

/// Somebody who is in a team or group, and by which edge, if by one of its own.
pub fn member(profile: &domain::Profile, edge: Option<&domain::Edge>) -> Member {
    Member {
        id: profile.id.to_string(),
        username: profile.username.clone(),
        name: profile.display_name(),
        email: profile.email().map(str::to_owned),
        membership: edge.and_then(membership),
    }
}

/// What somebody is in, and by which edge, if by one of its own.
pub fn member_of(collective: &domain::Collective, edge: Option<&domain::Edge>) -> MemberOf {
    MemberOf {
        id: collective.id.to_string(),
        slug: collective.slug.clone(),
        name: collective.name.clone(),
        membership: edge.and_then(membership),
    }
}
