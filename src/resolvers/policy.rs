//! The one place that says who may do what.
//!
//! A viewer has a role in an organization (or in all of them) and scopes; an action asks for both. What a viewer may not
//! even see is *not found*; what it may see but not do is *forbidden*.
//!
//! | role | may |
//! |---|---|
//! | self | read its own profile, what is one edge away from it, and its organization; change some fields of its own |
//! | reader | read the directory, except what is [private](Action::ReadPrivate), and history |
//! | editor | also read what is private; create and change profiles, teams, groups, memberships, links, managers, owners |
//! | admin | also read history, and which API tokens there are, threat-intelligence feeds and risk policies; have signals about accounts sent; change statuses; delete and restore; manage and grant roles; change the organization |
//! | owner | also manage threat-intelligence feeds and risk policies; manage and grant privileged roles, and decide who is in groups that have one; have every change sent; call API tokens something else; delete the organization |
//!
//! Organizations are created, and hung below one another, by owners that span the server.

use super::viewer::{Access, Viewer};
use crate::domain::token::{OrganizationRole, Scope};
use crate::domain::{Error, ErrorCode, NodeId, OrganizationId, Result};
use crate::store;

/// The fields of a profile that its owner may change.
pub const OWN_FIELDS: &[&str] = &[
    "name.display",
    "name.given",
    "name.family",
    "name.middle",
    "name.formatted",
    "name.honorific_prefix",
    "name.honorific_suffix",
    "avatar",
    "locale",
    "time_zone",
    "phones",
    "addresses",
];

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Read what is for the eyes of those who manage: MFA states, reasons of statuses, postal addresses, external ids.
    ReadPrivate,
    /// Read events and provenance.
    ReadHistory,
    /// Have signals about the security of accounts sent to oneself.
    ReceiveSignals,
    /// Have every change of the organization sent somewhere.
    ManageWebhooks,
    /// Ask what the credentials of others are good for.
    Introspect,
    /// Know which credentials there are.
    ReadCredentials,
    /// Know of the threat-intelligence feeds.
    ReadFeeds,
    /// Add and remove threat-intelligence feeds.
    ManageFeeds,
    /// Know of the risk policies.
    ReadPolicies,
    /// Make, change and delete risk policies.
    ManagePolicies,
    /// Change fields of a profile that its owner may change too.
    EditOwnFields,
    /// Create and change profiles, teams and groups, memberships, links, managers and owners.
    EditDirectory,
    /// End sessions, and make worthless what was issued for them.
    EndSessions,
    /// Change statuses; delete and restore; change the organization.
    Administer,
    /// Create, change, delete, grant and revoke roles.
    ManageRoles,
    /// The same for privileged roles, and for who is in groups that have one; delete and restore the organization.
    Own,
    /// Create organizations, hang them below one another, make tokens.
    OwnServer,
}

impl Action {
    const fn needs(self) -> (OrganizationRole, Scope) {
        match self {
            Self::ReadPrivate => (OrganizationRole::Editor, Scope::DirectoryRead),
            Self::Introspect => (OrganizationRole::Reader, Scope::DirectoryRead),
            Self::ReadHistory | Self::ReceiveSignals => (OrganizationRole::Admin, Scope::HistoryRead),
            Self::ManageWebhooks => (OrganizationRole::Owner, Scope::HistoryRead),
            Self::ReadCredentials | Self::ReadFeeds | Self::ReadPolicies => {
                (OrganizationRole::Admin, Scope::DirectoryRead)
            }
            Self::EditOwnFields | Self::EditDirectory => (OrganizationRole::Editor, Scope::DirectoryWrite),
            Self::EndSessions | Self::Administer | Self::ManageRoles => {
                (OrganizationRole::Admin, Scope::DirectoryWrite)
            }
            Self::Own | Self::OwnServer | Self::ManageFeeds | Self::ManagePolicies => {
                (OrganizationRole::Owner, Scope::DirectoryWrite)
            }
        }
    }

    const fn open_to_self(self) -> bool {
        matches!(self, Self::ReadPrivate | Self::ReadHistory | Self::EditOwnFields | Self::EndSessions)
    }
}

/// What it is to be done to.
#[derive(Debug, Clone, Copy)]
pub struct Resource {
    /// The organization it belongs to.
    pub organization: OrganizationId,
    /// The profile it is, or belongs to.
    pub profile: Option<NodeId>,
    /// Whether whoever asks has seen it, even if it sees no more than its own profile.
    pub seen: bool,
}

impl Resource {
    /// Something of an organization.
    #[must_use]
    pub const fn of(organization: OrganizationId) -> Self {
        Self { organization, profile: None, seen: false }
    }

    /// A profile, or something that is its own.
    #[must_use]
    pub const fn of_profile(organization: OrganizationId, profile: NodeId) -> Self {
        Self { organization, profile: Some(profile), seen: false }
    }

    /// The same, which the viewer has seen.
    #[must_use]
    pub const fn seen(self) -> Self {
        Self { seen: true, ..self }
    }
}

/// Requires that the viewer may do that. The resource is one that exists.
pub fn allow(viewer: &Viewer, action: Action, resource: Resource) -> Result<()> {
    let access = viewer.access.as_ref().ok_or_else(Error::unauthenticated)?;
    if !spans(access, resource.organization) {
        return Err(Error::not_found("id", "such thing"));
    }
    let (role, scope) = action.needs();
    if !access.scopes.contains(&scope) {
        return Err(Error::forbidden(format!("This needs a token with the scope {}.", scope.name())));
    }
    let is_self = access.profile.is_some() && access.profile == resource.profile;
    if action.open_to_self() && is_self {
        return Ok(());
    }
    if access.role == OrganizationRole::OnlySelf && !resource.seen && !is_self {
        return Err(Error::not_found("id", "such thing"));
    }
    if access.role < role {
        return Err(Error::forbidden(format!("This needs the role {} in the organization.", role.name())));
    }
    if action == Action::OwnServer && access.organization.is_some() {
        return Err(Error::forbidden("This needs a token that is not confined to one organization."));
    }
    Ok(())
}

/// Requires that a credential is the one that the viewer has come with: everybody may give up what is its own.
pub fn allow_own(viewer: &Viewer, credential: Option<NodeId>) -> Result<()> {
    viewer.access.as_ref().ok_or_else(Error::unauthenticated)?;
    if credential.is_some() && credential == viewer.actor.id {
        return Ok(());
    }
    Err(Error::not_found("token", "such thing"))
}

/// Whether the viewer may know what a credential is good for: one of its own organization, unless it spans the server.
pub fn allow_introspection(viewer: &Viewer, of: Option<OrganizationId>) -> Result<bool> {
    let access = viewer.access.as_ref().ok_or_else(Error::unauthenticated)?;
    let own = access.organization.unwrap_or(OrganizationId::INSTANCE);
    allow(viewer, Action::Introspect, Resource::of(own).seen())?;
    Ok(access.organization.is_none() || access.organization == of)
}

/// Whether the viewer may know of the credentials of others: of one organization, or of all.
pub fn allow_credentials(viewer: &Viewer, of: Option<OrganizationId>) -> Result<bool> {
    match allow(viewer, Action::ReadCredentials, Resource::of(of.unwrap_or(OrganizationId::INSTANCE)).seen()) {
        Ok(()) => Ok(true),
        Err(error) if error.code == ErrorCode::Forbidden => Ok(false),
        Err(error) => Err(error),
    }
}

/// Requires that the viewer may know of an organization at all.
pub fn allow_tenant(viewer: &Viewer, organization: OrganizationId, field: &str) -> Result<()> {
    let access = viewer.access.as_ref().ok_or_else(Error::unauthenticated)?;
    if spans(access, organization) { Ok(()) } else { Err(Error::not_found(field, "such thing")) }
}

fn spans(access: &Access, organization: OrganizationId) -> bool {
    access.organization.is_none_or(|own| own == organization)
}

/// What a viewer may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The directory, within a scope.
    Directory(store::Scope),
    /// Its own profile, what is one edge away from it, and its organization.
    Own(NodeId, OrganizationId),
}

/// What the viewer may read of the directory.
pub fn sight(viewer: &Viewer) -> Result<Sight> {
    let access = viewer.access.as_ref().ok_or_else(Error::unauthenticated)?;
    if !access.scopes.contains(&Scope::DirectoryRead) {
        return Err(Error::forbidden("This needs a token with the scope directory:read."));
    }
    let scope = access.organization.map_or(store::Scope::EVERYTHING, store::Scope::organization);
    if access.role >= OrganizationRole::Reader {
        return Ok(Sight::Directory(scope));
    }
    match (access.profile, access.organization) {
        (Some(profile), Some(organization)) => Ok(Sight::Own(profile, organization)),
        _ => Err(Error::forbidden("This token acts for no profile and has no role; it can read nothing.")),
    }
}
