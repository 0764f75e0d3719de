//! API tokens: how programs prove who they are. Only a hash of the secret is kept.

use super::error::Result;
use super::id::{NodeId, OrganizationId};
use super::meta::Meta;
use super::text;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What somebody may do in an organization. Each role may do what the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganizationRole {
    /// Nothing but read, and partly edit, the profile the token acts for.
    #[serde(rename = "self")]
    OnlySelf,
    /// Read the directory.
    Reader,
    /// Also create and change profiles, teams, groups, memberships and links.
    Editor,
    /// Also roles, statuses, deletion, restoration, and the history of everything.
    Admin,
    /// Also privileged roles and the organization itself.
    Owner,
}

impl OrganizationRole {
    /// Every role, the weakest first.
    pub const ALL: [Self; 5] = [Self::OnlySelf, Self::Reader, Self::Editor, Self::Admin, Self::Owner];

    /// The name in stored rows and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OnlySelf => "self",
            Self::Reader => "reader",
            Self::Editor => "editor",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// A part of what a token may be used for. A token can do what its role *and* its scopes allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// Read the directory.
    #[serde(rename = "directory:read")]
    DirectoryRead,
    /// Change the directory.
    #[serde(rename = "directory:write")]
    DirectoryWrite,
    /// Read history and provenance.
    #[serde(rename = "history:read")]
    HistoryRead,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 3] = [Self::DirectoryRead, Self::DirectoryWrite, Self::HistoryRead];

    /// The name in stored rows and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DirectoryRead => "directory:read",
            Self::DirectoryWrite => "directory:write",
            Self::HistoryRead => "history:read",
        }
    }

    /// The scope of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// How a client wants to be understood by the SCIM face, where the standard leaves a choice or the client does not keep to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ScimOptions {
    /// By which name the client is known in external ids; made of the name of its token unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Whether a PATCH is answered with 204 and no body, instead of 200 and the resource.
    pub silent_patch: bool,
    /// Whether the client is Microsoft Entra ID, whose requests mean more than they say.
    pub entra: bool,
    /// Whether members of groups that do not exist are left out, instead of refused.
    pub ignore_unknown_members: bool,
}

/// An API token, without its secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Public id: `tok_…`.
    pub id: NodeId,
    /// The one organization it is good for; none for every organization.
    pub organization: Option<OrganizationId>,
    /// What it is for.
    pub name: String,
    /// What it may do at most.
    pub role: OrganizationRole,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// The profile it acts for, if any.
    pub profile: Option<NodeId>,
    /// When it ceases to work, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute or so.
    #[serde(skip)]
    pub last_used_at: Option<Timestamp>,
    /// How its holder wants to be understood by the SCIM face.
    #[serde(default, skip_serializing_if = "is_default")]
    pub scim: ScimOptions,
    /// SHA-256 of the secret. Never leaves the server.
    #[serde(skip)]
    pub hash: Vec<u8>,
    /// Version, times, provenance. A revoked token is a deleted one.
    #[serde(skip)]
    pub meta: Meta,
}

impl ApiToken {
    /// The tenant whose sequence records what happens to the token.
    #[must_use]
    pub fn tenant(&self) -> OrganizationId {
        self.organization.unwrap_or(OrganizationId::INSTANCE)
    }

    /// Requires every field to be sound.
    pub fn check(&self) -> Result<()> {
        self.scim.client.as_deref().map_or(Ok(()), |client| text::check_slug("scim.client", client))?;
        text::check_line("name", &self.name, text::MAX_NAME)
    }

    /// Whether the token still works at that time.
    #[must_use]
    pub fn is_live(&self, at: Timestamp) -> bool {
        self.meta.deleted_at.is_none() && self.expires_at.is_none_or(|expiry| at < expiry)
    }
}

/// Whether a client has asked for nothing in particular.
fn is_default(options: &ScimOptions) -> bool {
    *options == ScimOptions::default()
}
