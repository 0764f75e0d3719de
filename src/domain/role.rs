//! Roles, which are granted to profiles and to groups.

use super::error::Result;
use super::id::{NodeId, OrganizationId};
use super::meta::Meta;
use super::text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A role that other systems act upon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Public id: `rol_…`.
    pub id: NodeId,
    /// The tenant.
    pub organization: OrganizationId,
    /// Short name, unique among the roles of the organization, whatever the case.
    pub slug: String,
    /// Name to show.
    pub name: String,
    /// What the role allows.
    pub description: Option<String>,
    /// Whether whoever has the role can do harm: owners alone may grant it.
    pub privileged: bool,
    /// Free JSON.
    pub metadata: Map<String, Value>,
    /// Version, times, provenance.
    #[serde(skip)]
    pub meta: Meta,
}

impl Role {
    /// Requires every field to be sound.
    pub fn check(&self) -> Result<()> {
        text::check_slug("slug", &self.slug)?;
        text::check_line("name", &self.name, text::MAX_NAME)?;
        self.description
            .as_deref()
            .map_or(Ok(()), |text| text::check_paragraph("description", text, text::MAX_TEXT))?;
        text::check_metadata("metadata", &self.metadata)
    }
}
