//! Organizations: the tenants.

use super::error::{Error, Result};
use super::extension::Extensions;
use super::id::OrganizationId;
use super::meta::Meta;
use super::text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A tenant: everything else belongs to one organization, and no viewer of one sees another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// Public id: `org_…`.
    pub id: OrganizationId,
    /// Short name, unique on the server, whatever the case.
    pub slug: String,
    /// Name to show.
    pub name: String,
    /// What the organization is.
    pub description: Option<String>,
    /// Free JSON.
    pub metadata: Map<String, Value>,
    /// What it declares of its profiles, teams and groups beyond what everybody has.
    #[serde(default)]
    pub extensions: Extensions,
    /// Version, times, provenance.
    #[serde(skip)]
    pub meta: Meta,
}

/// What no organization may be called: SDKs of IAMs mean everybody by it.
const RESERVED: &str = "admin";

impl Organization {
    /// Requires that an organization may be called so from now on.
    pub fn check_new_slug(slug: &str) -> Result<()> {
        if text::key(slug) == RESERVED {
            return Err(Error::invalid("slug", "This slug stands for all organizations in SDKs; choose another one."));
        }
        text::check_slug("slug", slug)
    }

    /// Requires every field to be sound.
    pub fn check(&self) -> Result<()> {
        text::check_slug("slug", &self.slug)?;
        text::check_line("name", &self.name, text::MAX_NAME)?;
        self.description
            .as_deref()
            .map_or(Ok(()), |text| text::check_paragraph("description", text, text::MAX_TEXT))?;
        text::check_metadata("metadata", &self.metadata)?;
        self.extensions.check()
    }
}
