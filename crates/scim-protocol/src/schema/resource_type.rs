//! Resource types: a core schema, its extensions, and an endpoint (RFC 7643 §6).

use super::{Attribute, Schema, common};
use crate::error::ScimError;
use crate::projection::ByDefault;
use serde_json::{Value, json};
use std::sync::Arc;

/// An extension of a resource type.
#[derive(Debug, Clone, PartialEq)]
pub struct Extension {
    /// The schema. Its attributes stand in an object under its URN.
    pub schema: Arc<Schema>,
    /// Whether a resource has to have it.
    pub required: bool,
}

/// A type of resources.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceType {
    name: String,
    endpoint: String,
    description: String,
    schema: Arc<Schema>,
    extensions: Vec<Extension>,
    pub(crate) by_default: ByDefault,
}

impl ResourceType {
    /// The URN of the schema of resource types.
    pub const URN: &'static str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";

    /// A type without extensions. The endpoint is relative to the root of the service provider: `/Users`. The name is
    /// its id, too.
    pub fn new(
        name: impl Into<String>,
        endpoint: impl Into<String>,
        description: impl Into<String>,
        schema: Schema,
    ) -> Self {
        Self {
            name: name.into(),
            endpoint: endpoint.into(),
            description: description.into(),
            schema: Arc::new(schema),
            extensions: Vec::new(),
            by_default: ByDefault::default(),
        }
    }

    /// Adds an extension.
    ///
    /// # Errors
    /// `uniqueness`, if the URN is that of another schema of the type in any case, or if one of them reads like an
    /// attribute of the other.
    pub fn extended_by(mut self, schema: impl Into<Arc<Schema>>, required: bool) -> Result<Self, ScimError> {
        let schema = schema.into();
        self.by_default = ByDefault::default();
        if let Some(other) = self.schemas().find(|other| would_be_mistaken(&schema.id, &other.id)) {
            return Err(ScimError::new(
                crate::ScimType::Uniqueness,
                format!("The URN {} cannot be told from {}, which {} has already.", schema.id, other.id, self.name),
            ));
        }
        self.extensions.push(Extension { schema, required });
        Ok(self)
    }

    /// The name, and id: `User`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The endpoint, relative to the root: `/Users`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What it is for.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The core schema.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The extensions, in the order in which they were added.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// The core schema, then those of the extensions.
    pub fn schemas(&self) -> impl Iterator<Item = &Arc<Schema>> {
        std::iter::once(&self.schema).chain(self.extensions.iter().map(|extension| &extension.schema))
    }

    /// The resource at `/ResourceTypes/{name}`. `base` is the URL of the service provider's root, without a slash at
    /// the end.
    #[must_use]
    pub fn to_json(&self, base: &str) -> Value {
        let extensions: Vec<Value> = self
            .extensions
            .iter()
            .map(|extension| json!({ "schema": extension.schema.id, "required": extension.required }))
            .collect();
        json!({
            "schemas": [Self::URN],
            "id": self.name,
            "name": self.name,
            "endpoint": self.endpoint,
            "description": self.description,
            "schema": self.schema.id,
            "schemaExtensions": extensions,
            "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", self.name) },
        })
    }

    /// The attributes at the top of a resource: the common ones, then those of the core schema.
    pub(crate) fn top_attributes(&self) -> impl Iterator<Item = &Arc<Attribute>> {
        let core = self.schema.attributes.iter().filter(|attribute| common::find(&attribute.name).is_none());
        common::all().iter().chain(core)
    }

    /// The attribute at the top of a resource that has this name, in any case. What the standard says of the common
    /// ones goes before what a core schema says of them (RFC 7643 §3.1).
    pub(crate) fn top_attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        common::find(name).or_else(|| self.schema.attribute(name))
    }

    /// The extension with this URN, in any case.
    pub(crate) fn extension(&self, urn: &str) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.schema.id.eq_ignore_ascii_case(urn))
    }
}

/// Whether the two are the same URN, or one reads like an attribute of the other.
fn would_be_mistaken(left: &str, right: &str) -> bool {
    let (shorter, longer) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    super::strip_prefix_ignoring_case(longer, shorter).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}
