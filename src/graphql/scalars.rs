//! Scalars, and the enums that mirror those of the domain.

use crate::domain;
use crate::domain::{NodeId, NodeKind};
use async_graphql::{Enum, ID, NewType};

/// An e-mail address (RFC 5321 mailbox), as it was given.
#[derive(Debug, Clone, PartialEq, Eq, NewType)]
#[graphql(name = "EmailAddress")]
pub struct EmailAddress(pub String);

/// An absolute `http` or `https` URL (RFC 3986).
#[derive(Debug, Clone, PartialEq, Eq, NewType)]
#[graphql(name = "URL")]
pub struct Url(pub String);

/// A country code of two capital letters (ISO 3166-1 alpha-2), such as `AT`.
#[derive(Debug, Clone, PartialEq, Eq, NewType)]
#[graphql(name = "CountryCode")]
pub struct CountryCode(pub String);

/// The public id as GraphQL has it.
pub fn id(id: NodeId) -> ID {
    ID(id.to_string())
}

/// What kind of profile it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ProfileKind {
    /// A person.
    User,
    /// A program that acts under an account of its own.
    ServiceAccount,
    /// An automated participant, such as a chat bot or an agent.
    Bot,
}

impl From<ProfileKind> for NodeKind {
    fn from(kind: ProfileKind) -> Self {
        match kind {
            ProfileKind::User => Self::User,
            ProfileKind::ServiceAccount => Self::ServiceAccount,
            ProfileKind::Bot => Self::Bot,
        }
    }
}

/// What an edge of the graph means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum EdgeKind {
    /// From a child to its parent.
    Parent,
    /// From a member to the team or group.
    Member,
    /// From a report to the manager.
    Manager,
    /// From a service account or bot to the user or team that owns it.
    Owner,
    /// From a linked identity to the profile it belongs to.
    Link,
    /// From a profile or group to a role it has.
    Grant,
}

impl From<EdgeKind> for domain::EdgeKind {
    fn from(kind: EdgeKind) -> Self {
        match kind {
            EdgeKind::Parent => Self::Parent,
            EdgeKind::Member => Self::Member,
            EdgeKind::Manager => Self::Manager,
            EdgeKind::Owner => Self::Owner,
            EdgeKind::Link => Self::Link,
            EdgeKind::Grant => Self::Grant,
        }
    }
}

impl From<domain::EdgeKind> for EdgeKind {
    fn from(kind: domain::EdgeKind) -> Self {
        match kind {
            domain::EdgeKind::Parent => Self::Parent,
            domain::EdgeKind::Member => Self::Member,
            domain::EdgeKind::Manager => Self::Manager,
            domain::EdgeKind::Owner => Self::Owner,
            domain::EdgeKind::Link => Self::Link,
            domain::EdgeKind::Grant => Self::Grant,
        }
    }
}

/// What kind of node it is, for search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SearchKind {
    /// Organizations.
    Organization,
    /// People.
    User,
    /// Service accounts.
    ServiceAccount,
    /// Bots.
    Bot,
    /// Teams.
    Team,
    /// Groups.
    Group,
    /// Roles.
    Role,
    /// Linked identities.
    LinkedIdentity,
}

impl From<SearchKind> for NodeKind {
    fn from(kind: SearchKind) -> Self {
        match kind {
            SearchKind::Organization => Self::Organization,
            SearchKind::User => Self::User,
            SearchKind::ServiceAccount => Self::ServiceAccount,
            SearchKind::Bot => Self::Bot,
            SearchKind::Team => Self::Team,
            SearchKind::Group => Self::Group,
            SearchKind::Role => Self::Role,
            SearchKind::LinkedIdentity => Self::LinkedIdentity,
        }
    }
}

/// What kind of node has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "NodeKind", name = "ChangeKind")]
pub enum ChangeKind {
    /// An organization.
    Organization,
    /// A person.
    User,
    /// A program that acts under an account of its own.
    ServiceAccount,
    /// An automated participant, such as a chat bot or an agent.
    Bot,
    /// A team.
    Team,
    /// A group.
    Group,
    /// A role.
    Role,
    /// An account at another provider.
    LinkedIdentity,
    /// An API token of the organization.
    Token,
}

/// Where a profile stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::profile::ProfileStatus")]
pub enum ProfileStatus {
    /// Prepared, but not to be used yet.
    Staged,
    /// In use.
    Active,
    /// Barred for a time; expected to come back.
    Suspended,
    /// Barred for good, unless somebody enables it again.
    Disabled,
    /// Gone from every list and look-up; only `restoreProfile` knows it.
    Deleted,
}

/// What a member is in a team or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::MemberRole")]
pub enum MemberRole {
    /// One of those who lead it.
    Lead,
    /// One of those who are in it.
    Member,
}

/// Where an account stands at its provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::identity::IdentityStatus")]
pub enum IdentityStatus {
    /// In use.
    Active,
    /// Barred for a time.
    Suspended,
    /// Barred for good.
    Disabled,
}

/// What is known of the second factor of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::identity::MfaState")]
pub enum MfaState {
    /// Nobody has said.
    Unknown,
    /// There is none.
    NotEnrolled,
    /// There is one.
    Enrolled,
    /// There is one, and the provider insists on it.
    Enforced,
}

/// What a viewer may do in an organization. Each role may do what the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::token::OrganizationRole")]
pub enum OrganizationRole {
    /// Read its own profile and what is one edge away from it; change some fields of its own.
    OnlySelf,
    /// Read the directory.
    Reader,
    /// Also create and change profiles, teams, groups, memberships and links.
    Editor,
    /// Also statuses, deletion, restoration, roles, and history.
    Admin,
    /// Also privileged roles and the organization itself.
    Owner,
}

/// The direction of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum OrderDirection {
    /// The least first.
    #[default]
    Asc,
    /// The greatest first.
    Desc,
}
