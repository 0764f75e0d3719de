//! Teams and groups.

use super::change::{Change, Nullable};
use super::moment::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Whether it is a team or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CollectiveKind {
    /// A team.
    Team,
    /// A group.
    Group,
}

/// A team or a group.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Collective {
    /// Public id: `team_…` or `grp_…`.
    pub id: String,
    /// Whether it is a team or a group.
    #[serde(rename = "type")]
    pub kind: CollectiveKind,
    /// Short name, unique among the teams (or groups) of the organization.
    pub slug: String,
    /// Name to show.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// A free word for what kind of team or group it is.
    pub category: Option<String>,
    /// The slug of its organization.
    pub organization: String,
    /// Public id of the team (or group) that it belongs under.
    pub parent_id: Option<String>,
    /// Free JSON.
    pub metadata: Map<String, Value>,
    /// When it was created.
    pub created_at: Moment,
    /// When it, or who is in it, last changed.
    pub updated_at: Moment,
    /// Counts the changes, from 1.
    pub version: i64,
}

/// A team or group to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCollective {
    /// Where: the slug or id of the organization; that of the credential unless given.
    pub organization: Option<String>,
    /// Short name, unique among the teams (or groups) of the organization.
    #[schemars(length(min = 1, max = 100))]
    pub slug: String,
    /// Name to show; the slug unless given.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// A free word for what kind of team or group it is.
    pub category: Option<String>,
    /// Free JSON.
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// Public id of the team (or group) that it belongs under.
    pub parent_id: Option<String>,
}

/// Changes to a team or group. What is left out stays, null clears, objects inside `metadata` are merged (RFC 7396).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CollectiveChange {
    /// Short name, unique among the teams (or groups) of the organization.
    #[schemars(length(min = 1, max = 100))]
    #[serde(default, deserialize_with = "super::change::value")]
    #[schemars(transform = super::change::not_null)]
    pub slug: Option<String>,
    /// Name to show.
    #[serde(default, deserialize_with = "super::change::value")]
    #[schemars(transform = super::change::not_null)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub description: Change<String>,
    /// A free word for what kind of team or group it is.
    #[serde(default)]
    pub category: Change<String>,
    /// Free JSON.
    #[serde(default)]
    pub metadata: Change<Map<String, Value>>,
}

/// What something is to belong under.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewParent {
    /// Public id of the parent, of the same kind; null for the top.
    pub parent_id: Nullable<String>,
}
