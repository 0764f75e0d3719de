//! The lines of an NDJSON directory: what `import` reads and `export` writes.
//!
//! A line is a JSON object whose `type` says what it describes. Nodes are named by slug or user name,
//! never by id, so that a file means the same in every database. A field that is left out says
//! nothing; null clears what there is.

mod details;
mod field;
mod profile;
mod read;

pub use profile::{
    AddressLine, EmailLine, ExternalIdLine, IdentityLine, NameLine, NamePartsLine, PhoneLine, ProfileLine,
};
pub use read::{Problem, parse, user};

use crate::domain::{Extensions, MemberRole, NodeKind, Patch};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A line.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Line {
    Organization(OrganizationLine),
    Team(CollectiveLine),
    Group(CollectiveLine),
    Role(RoleLine),
    User(Box<ProfileLine>),
    ServiceAccount(Box<ProfileLine>),
    Bot(Box<ProfileLine>),
    Membership(MembershipLine),
    Grant(GrantLine),
}

/// An organization.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationLine {
    /// Which one.
    pub slug: String,
    /// Name to show; the slug if there is none.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub name: Patch<String>,
    /// The slug of the organization it hangs below.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub parent: Patch<String>,
    /// What it is.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub description: Patch<String>,
    /// Free JSON.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub metadata: Patch<Map<String, Value>>,
    /// What it declares of its profiles, teams and groups beyond what everybody has.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub extensions: Patch<Extensions>,
}

/// A team or a group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectiveLine {
    /// The slug of the organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Which one.
    pub slug: String,
    /// Name to show; the slug if there is none.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub name: Patch<String>,
    /// A free word for what kind of team or group it is.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub kind: Patch<String>,
    /// The slug of the team (or group) it hangs below.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub parent: Patch<String>,
    /// What it is for.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub description: Patch<String>,
    /// Free JSON.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub metadata: Patch<Map<String, Value>>,
    /// The ids by which clients of the directory know it.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub external_ids: Patch<Vec<ExternalIdLine>>,
    /// The values of declared attributes, by the URN of their schema.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub extensions: Patch<Map<String, Value>>,
}

/// A role.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleLine {
    /// The slug of the organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Which one.
    pub slug: String,
    /// Name to show; the slug if there is none.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub name: Patch<String>,
    /// What it allows.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub description: Patch<String>,
    /// Whether whoever has it can do harm.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub privileged: Patch<bool>,
    /// Free JSON.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub metadata: Patch<Map<String, Value>>,
}

/// A membership: who is in a team or group. One of the first two fields, and one of the next three.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MembershipLine {
    /// The slug of the organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The slug of the team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// The slug of the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The user name of the profile in it, of whatever kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The slug of the team in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_team: Option<String>,
    /// The slug of the group in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_group: Option<String>,
    /// Lead or member.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub role: Patch<MemberRole>,
    /// Named functions.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub functions: Patch<Vec<String>>,
}

/// A grant: who has a role. One of the last two fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantLine {
    /// The slug of the organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The slug of the role.
    pub role: String,
    /// The user name of the profile that has it, of whatever kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The slug of the group that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

impl Line {
    /// The line of a team or a group.
    #[must_use]
    pub fn of_collective(kind: NodeKind, line: CollectiveLine) -> Self {
        if kind == NodeKind::Group { Self::Group(line) } else { Self::Team(line) }
    }

    /// The line of a profile.
    #[must_use]
    pub fn of_profile(kind: NodeKind, line: ProfileLine) -> Self {
        let line = Box::new(line);
        match kind {
            NodeKind::ServiceAccount => Self::ServiceAccount(line),
            NodeKind::Bot => Self::Bot(line),
            _ => Self::User(line),
        }
    }

    /// The slug of the organization to which what the line describes belongs, if the line names it.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        match self {
            Self::Organization(line) => Some(&line.slug),
            Self::Team(line) | Self::Group(line) => line.organization.as_deref(),
            Self::Role(line) => line.organization.as_deref(),
            Self::User(line) | Self::ServiceAccount(line) | Self::Bot(line) => line.organization.as_deref(),
            Self::Membership(line) => line.organization.as_deref(),
            Self::Grant(line) => line.organization.as_deref(),
        }
    }
}
