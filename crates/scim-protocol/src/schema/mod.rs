//! Schemas and resource types: what there is to be named, and what may be said of it (RFC 7643 §3, §6 and §7).
//!
//! A [`Schema`] is built in code, or read from what a tenant has declared with [`Schema::declared`]. A [`ResourceType`]
//! puts a core schema and its extensions together and resolves names: attributes, sub-attributes and URNs are the same
//! in any case, and the common attributes `id`, `externalId`, `meta` and `schemas` belong to every type (RFC 7643
//! §3.1).

mod attribute;
mod common;
mod declaration;
mod lookup;
mod resource_type;

pub use attribute::{Attribute, Mutability, Returned, Type, Uniqueness};
pub use lookup::Target;
pub(crate) use lookup::{Named, strip_prefix_ignoring_case};
pub use resource_type::{Extension, ResourceType};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// A set of attributes with a URN (RFC 7643 §7).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Schema {
    /// The URN, in its canonical case. URNs are the same in any case.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The attributes, without the common ones.
    pub attributes: Vec<Arc<Attribute>>,
}

impl Schema {
    /// The URN of the schema of schemas.
    pub const URN: &'static str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

    /// A schema of these attributes.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        description: impl Into<String>,
        attributes: impl IntoIterator<Item = Attribute>,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            description: description.into(),
            attributes: attributes.into_iter().map(Arc::new).collect(),
        }
    }

    /// The attribute of this name, in any case.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        attribute::find(&self.attributes, name)
    }

    /// The resource at `/Schemas/{id}`. `base` is the URL of the service provider's root, without a slash at the end.
    #[must_use]
    pub fn to_json(&self, base: &str) -> Value {
        json!({
            "schemas": [Self::URN],
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "attributes": self.attributes,
            "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{}", self.id) },
        })
    }
}
