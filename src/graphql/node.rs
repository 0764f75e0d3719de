//! Any node: the interfaces that all types share, and how a node is found by its public id.

use super::collective::{Group, Team, collective};
use super::event::{Difference, EventConnection, Provenance};
use super::failure::{Nullable, Result};
use super::identity::LinkedIdentity;
use super::moment::{At, Moment};
use super::organization::Organization;
use super::profile::{Bot, Profile, ServiceAccount, User, profile};
use super::request::ask;
use super::role::Role;
use crate::domain::{self, NodeId, NodeKind};
use crate::resolvers::query::questions::{Found, Named};
use crate::store::Table;
use async_graphql::{Context, ID, Interface};
use chrono::{DateTime, Utc};
use std::marker::PhantomData;

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
        name = "changes",
        ty = "Nullable<Vec<Difference>>",
        desc = "What differs between it at one time and at another: its fields, and edges at either end of which it is. What changed and changed back does not differ. Needs what `history` needs.",
        arg(
            name = "after",
            ty = "DateTime<Utc>",
            desc = "The first time; what was done at that very time is not counted."
        ),
        arg(name = "until", ty = "Option<DateTime<Utc>>", desc = "The second time; now unless given.")
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

/// One node of whatever kind its id says, by a function that loads a node of one type.
macro_rules! one {
    ($context:ident, $id:ident, $moment:ident, $load:ident) => {
        Ok(match $id.kind {
            NodeKind::Organization => $load($context, $id, $moment).await?.map(|node| Organization(node).into()),
            NodeKind::User | NodeKind::ServiceAccount | NodeKind::Bot => {
                $load($context, $id, $moment).await?.map(|node| profile(node).into())
            }
            NodeKind::Team | NodeKind::Group => {
                $load($context, $id, $moment).await?.map(|node| collective(node).into())
            }
            NodeKind::Role => $load($context, $id, $moment).await?.map(|node| Role(node).into()),
            NodeKind::LinkedIdentity => $load($context, $id, $moment).await?.map(|node| LinkedIdentity(node).into()),
            NodeKind::Token => None,
        })
    };
}

impl Node {
    /// The node that the client has named by its id, as it is now.
    pub async fn load(context: &Context<'_>, id: NodeId) -> Result<Option<Self>> {
        Self::load_at(context, id, None).await
    }

    /// The node that the client has named by its id, as it was at that moment.
    pub async fn load_at(context: &Context<'_>, id: NodeId, moment: Moment) -> Result<Option<Self>> {
        one!(context, id, moment, named)
    }

    /// The node that the viewer has reached over an edge it may follow.
    pub async fn reached(context: &Context<'_>, id: NodeId, moment: Moment) -> Result<Option<Self>> {
        one!(context, id, moment, found)
    }

    /// The profile that it is, if it is one.
    pub fn into_profile(self) -> Option<Profile> {
        match self {
            Self::User(user) => Some(Profile::User(user)),
            Self::ServiceAccount(account) => Some(Profile::ServiceAccount(account)),
            Self::Bot(bot) => Some(Profile::Bot(bot)),
            _ => None,
        }
    }
}

/// A node of one type that the client has named. An id is only right as a whole.
pub async fn named<T: Table>(context: &Context<'_>, id: NodeId, moment: Moment) -> Result<Option<At<T>>> {
    let found = ask(context, Named::<T> { of: PhantomData }, (id.uuid, moment)).await?;
    Ok(found.filter(|node| node.is_meant_by(id)).map(|node| At::new(node, moment)))
}

/// A node of one type that the viewer has reached over an edge it may follow.
async fn found<T: Table>(context: &Context<'_>, id: NodeId, moment: Moment) -> Result<Option<At<T>>> {
    let found = ask(context, Found::<T> { of: PhantomData }, (id.uuid, moment)).await?;
    Ok(found.map(|node| At::new(node, moment)))
}

/// The organization of a node that the viewer has reached.
pub async fn organization_of(
    context: &Context<'_>,
    (id, moment): (domain::OrganizationId, Moment),
) -> Result<Option<Organization>> {
    Ok(found(context, id.node(), moment).await?.map(Organization))
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
