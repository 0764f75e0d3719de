//! Organizations.

use super::change::Change;
use super::moment::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A tenant.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Organization {
    /// Public id: `org_…`.
    pub id: String,
    /// Short name, unique on the server.
    pub slug: String,
    /// Name to show.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Public id of the organization that it belongs under, if the credential may see it.
    pub parent_id: Option<String>,
    /// Free JSON.
    pub metadata: Map<String, Value>,
    /// When it was created.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
    /// Counts the changes, from 1.
    pub version: i64,
}

/// An organization to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrganization {
    /// Short name, unique on the server.
    #[schemars(length(min = 1, max = 100))]
    pub slug: String,
    /// Name to show; the slug unless given.
    pub name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Free JSON.
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// Public id of the organization that it belongs under.
    pub parent_id: Option<String>,
}

/// Changes to an organization. What is left out stays, null clears, objects inside `metadata` are merged (RFC 7396).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationChange {
    /// Short name, unique on the server.
    #[schemars(length(min = 1, max = 100))]
    #[serde(default, deserialize_with = "super::change::value")]
    #[schemars(transform = super::change::not_null)]
    pub slug: Option<String>,
    /// Name to show.
    #[serde(default, deserialize_with = "super::change::value")]
    #[schemars(transform = super::change::not_null)]
    pub name: Option<String>,
    /// What it is.
    #[serde(default)]
    pub description: Change<String>,
    /// Free JSON.
    #[serde(default)]
    pub metadata: Change<Map<String, Value>>,
}
