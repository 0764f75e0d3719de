//! Teams and groups: what profiles belong to.
//!
//! Both have a parent of their own kind, and members. A team's members are profiles and other teams; a group's members
//! are profiles, groups and teams. *Containment* is parenthood and membership taken together: a collective contains its
//! children and the collectives among its members. Containment has no cycles.

use super::contact::{self, ExternalId};
use super::error::{Error, Result};
use super::id::{NodeId, NodeKind, OrganizationId};
use super::meta::Meta;
use super::text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A team or a group. Its kind is in its id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Collective {
    /// Public id: `team_…` or `grp_…`.
    pub id: NodeId,
    /// The tenant.
    pub organization: OrganizationId,
    /// Short name, unique among the teams (or groups) of the organization, whatever the case.
    pub slug: String,
    /// Name to show.
    pub name: String,
    /// What the team or group is for.
    pub description: Option<String>,
    /// A free word for what kind of team or group it is, such as `working-group`.
    pub category: Option<String>,
    /// Free JSON.
    pub metadata: Map<String, Value>,
    /// The ids by which clients of the directory know the team or group.
    #[serde(default)]
    pub external_ids: Vec<ExternalId>,
    /// The values of the attributes that the organization has declared, by the URN of the schema that declares them.
    #[serde(default)]
    pub extensions: Map<String, Value>,
    /// Version, times, provenance.
    #[serde(skip)]
    pub meta: Meta,
}

impl Collective {
    /// A team or group with a slug and nothing else.
    #[must_use]
    pub fn new(id: NodeId, organization: OrganizationId, slug: String) -> Self {
        Self {
            id,
            organization,
            name: slug.clone(),
            slug,
            description: None,
            category: None,
            metadata: Map::new(),
            external_ids: Vec::new(),
            extensions: Map::new(),
            meta: Meta::default(),
        }
    }

    /// Requires every field to be sound.
    pub fn check(&self) -> Result<()> {
        text::check_slug("slug", &self.slug)?;
        text::check_line("name", &self.name, text::MAX_NAME)?;
        self.description
            .as_deref()
            .map_or(Ok(()), |text| text::check_paragraph("description", text, text::MAX_TEXT))?;
        self.category.as_deref().map_or(Ok(()), |text| text::check_line("category", text, 64))?;
        contact::check_external_ids("externalIds", &self.external_ids)?;
        text::check_metadata("extensions", &self.extensions)?;
        text::check_metadata("metadata", &self.metadata)
    }
}

/// Requires that something of kind `member` may be a member of something of kind `container`.
pub fn check_membership(field: &str, container: NodeKind, member: NodeKind) -> Result<()> {
    let allowed = match container {
        NodeKind::Team => member.is_profile() || member == NodeKind::Team,
        NodeKind::Group => member.is_profile() || member.is_collective(),
        _ => false,
    };
    if allowed {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        format!(
            "A {member} cannot be a member of a {container}: teams take profiles and teams, groups take profiles, groups and teams."
        ),
    ))
}
