//! Any node: the interfaces that all types share, and how a node is found by its public id.

use super::collective::{Group, Team, collective};
use super::event::{EventConnection, Provenance};
use super::failure::{Nullable, Result};
use super::identity::LinkedIdentity;
use super::loaders::{Found, Named};
use super::organization::Organization;
use super::profile::{Bot, Profile, ServiceAccount, User, profile};
use super::request::ask;
use super::role::Role;
use crate::domain::{self, NodeId, NodeKind};
use crate::store::Table;
use async_graphql::{Context, ID, Interface};
use chrono::{DateTime, Utc};
use std::marker::PhantomData;
use std::sync::Arc;

/// Anything that has a public id (Relay Global Object Identification).
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Public id: a prefix that names the kind, and 26 characters. The same on every face of the server."
))]
pub enum Node {
    /// A tenant.
    Organization(Organization),
    /// A person.
    User(User),
    /// A program that acts under an account of its own.
    ServiceAccount(ServiceAccount),
    /// An automated participant.
    Bot(Bot),
    /// A team.
    Team(Team),
    /// A group.
    Group(Group),
    /// A role.
    Role(Role),
    /// An account at another provider.
    LinkedIdentity(LinkedIdentity),
}

/// Anything whose changes are recorded.
#[derive(Interface)]
#[graphql(
    field(
        name = "version",
        ty = "i64",
        desc = "Counts the changes, from 1. Give it as `expectedVersion` to change only what you have seen."
    ),
    field(name = "created_at", ty = "DateTime<Utc>", desc = "When it was created."),
    field(name = "updated_at", ty = "DateTime<Utc>", desc = "When it, or an edge that belongs to it, last changed."),
    field(
        name = "history",
        ty = "Nullable<EventConnection>",
        desc = "What was done to it, and to edges at whose other end it is, the newest first. Needs the role admin and the scope `history:read`; profiles may read their own.",
        arg(
            name = "first",
            ty = "Option<i32>",
            desc = "How many entries from the beginning; 25 unless given, at most 100."
        ),
        arg(
            name = "after",
            ty = "Option<String>",
            desc = "Only entries behind this place: a cursor of the same list."
        ),
        arg(name = "last", ty = "Option<i32>", desc = "How many entries from the end; not together with `first`."),
        arg(
            name = "before",
            ty = "Option<String>",
            desc = "Only entries before this place: a cursor of the same list."
        )
    ),
    field(
        name = "provenance",
        ty = "Nullable<Vec<Provenance>>",
        desc = "Where the current value of each field comes from. Needs what `history` needs."
    )
)]
pub enum Auditable {
    /// A tenant.
    Organization(Organization),
    /// A person.
    User(User),
    /// A program that acts under an account of its own.
    ServiceAccount(ServiceAccount),
    /// An automated participant.
    Bot(Bot),
    /// A team.
    Team(Team),
    /// A group.
    Group(Group),
    /// A role.
    Role(Role),
    /// An account at another provider.
    LinkedIdentity(LinkedIdentity),
}

impl Node {
    /// The node that the client has named by its id.
    pub async fn load(context: &Context<'_>, id: NodeId) -> Result<Option<Self>> {
        let uuid = id.uuid;
        Ok(match id.kind {
            NodeKind::Organization => {
                let found = ask(context, Named::<domain::Organization> { of: PhantomData }, uuid).await?;
                found.map(|node| Self::Organization(Organization(node)))
            }
            NodeKind::User | NodeKind::ServiceAccount | NodeKind::Bot => {
                let found = ask(context, Named::<domain::Profile> { of: PhantomData }, uuid).await?;
                whole(found, id).map(|node| profile(node).into())
            }
            NodeKind::Team | NodeKind::Group => {
                let found = ask(context, Named::<domain::Collective> { of: PhantomData }, uuid).await?;
                whole(found, id).map(|node| collective(node).into())
            }
            NodeKind::Role => {
                let found = ask(context, Named::<domain::Role> { of: PhantomData }, uuid).await?;
                found.map(|node| Self::Role(Role(node)))
            }
            NodeKind::LinkedIdentity => {
                let found = ask(context, Named::<domain::LinkedIdentity> { of: PhantomData }, uuid).await?;
                found.map(|node| Self::LinkedIdentity(LinkedIdentity(node)))
            }
            NodeKind::Token => None,
        })
    }
}

/// An id is only right as a whole: the UUID of a user behind another prefix is nobody's.
pub fn whole<T: Table>(found: Option<Arc<T>>, id: NodeId) -> Option<Arc<T>> {
    found.filter(|node| node.id() == id)
}

/// The organization of a node that the viewer has reached.
pub async fn organization_of(context: &Context<'_>, id: domain::OrganizationId) -> Result<Option<Organization>> {
    Ok(ask(context, Found::<domain::Organization> { of: PhantomData }, id.0).await?.map(Organization))
}

impl From<Profile> for Node {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::User(user) => Self::User(user),
            Profile::ServiceAccount(account) => Self::ServiceAccount(account),
            Profile::Bot(bot) => Self::Bot(bot),
        }
    }
}

impl From<super::collective::Collective> for Node {
    fn from(collective: super::collective::Collective) -> Self {
        match collective {
            super::collective::Collective::Team(team) => Self::Team(team),
            super::collective::Collective::Group(group) => Self::Group(group),
        }
    }
}
