//! Edges: the relations between nodes, each with the time it held. An edge is closed, never deleted.

use super::error::{Error, Result};
use super::id::{NodeId, OrganizationId};
use super::text;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What an edge means. `from` is the nearer to the ground: the child, the member, the report, the owned, the account,
/// the one who has a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EdgeKind {
    /// From a child to its parent. One per child.
    Parent,
    /// From a member to the team or group. Carries a role and functions.
    Member,
    /// From a report to the manager. One per report.
    Manager,
    /// From a service account or bot to the user or team that owns it. One per account.
    Owner,
    /// From a linked identity to the profile it belongs to. One per identity.
    Link,
    /// From a profile or group to a role it has.
    Grant,
}

impl EdgeKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Parent, Self::Member, Self::Manager, Self::Owner, Self::Link, Self::Grant];

    /// The name in stored rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Member => "member",
            Self::Manager => "manager",
            Self::Owner => "owner",
            Self::Link => "link",
            Self::Grant => "grant",
        }
    }

    /// Whose change it is when an edge between these two opens or closes, and under which path its events tell it.
    #[must_use]
    pub fn told_by(self, from: NodeId, to: NodeId) -> (NodeId, String) {
        match self {
            Self::Parent => (from, "parent".to_owned()),
            Self::Member => (to, format!("members.{from}")),
            Self::Manager => (from, "manager".to_owned()),
            Self::Owner => (from, "owner".to_owned()),
            Self::Link => (from, "profile".to_owned()),
            Self::Grant => (from, format!("roles.{to}")),
        }
    }

    /// The kind of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What a member is in a team or group; the greater part first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// One of those who lead it.
    Lead,
    /// One of those who are in it.
    #[default]
    Member,
}

impl MemberRole {
    /// The name in stored rows and in events.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Member => "member",
        }
    }

    /// The role of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Lead, Self::Member].into_iter().find(|role| role.name() == name)
    }
}

/// What a membership says beyond that it exists.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MemberFacts {
    /// Lead or member.
    pub role: MemberRole,
    /// Named functions, such as `release-manager`.
    #[serde(default)]
    pub functions: Vec<String>,
}

impl MemberFacts {
    /// Requires every function to have a sound name, none twice.
    pub fn check(&self, field: &str) -> Result<()> {
        text::check_count(field, &self.functions)?;
        for (index, function) in self.functions.iter().enumerate() {
            text::check_line(&format!("{field}[{index}]"), function, 100)?;
            if self.functions[..index].contains(function) {
                return Err(Error::invalid(
                    format!("{field}[{index}]"),
                    "This function stands in the list twice; send it once.",
                ));
            }
        }
        Ok(())
    }
}

/// A relation between two nodes, over a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// The UUIDv7 of the edge; edges sort by the time they began.
    pub id: Uuid,
    /// The tenant.
    pub organization: OrganizationId,
    /// What it means.
    pub kind: EdgeKind,
    /// The nearer end.
    pub from: NodeId,
    /// The farther end.
    pub to: NodeId,
    /// What a membership says; nothing for other kinds.
    pub member: Option<MemberFacts>,
    /// When it began to hold.
    pub valid_from: Timestamp,
    /// When it ceased to hold; none while it holds.
    pub valid_to: Option<Timestamp>,
    /// The sequence number of the event that opened it.
    pub opened_seq: i64,
    /// The sequence number of the event that closed it.
    pub closed_seq: Option<i64>,
    /// Where the relation comes from, such as `graphql` or `import:people.ndjson`.
    pub source: String,
}

impl Edge {
    /// Whose change it is when it opens or closes, and under which path its events tell it.
    #[must_use]
    pub fn told_by(&self) -> (NodeId, String) {
        self.kind.told_by(self.from, self.to)
    }
}
