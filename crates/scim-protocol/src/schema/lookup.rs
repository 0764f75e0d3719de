//! Attribute notation: from what a client writes to what a schema defines (RFC 7644 §3.10).

use super::{Attribute, ResourceType, Returned, Schema};
use crate::error::{ScimError, ScimType};
use std::sync::Arc;

/// An attribute that somebody named, found.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The schema that defines it; for a common attribute, the core schema.
    pub schema: Arc<Schema>,
    /// Whether that schema is an extension, so that the attribute stands in the object under its URN.
    pub is_extension: bool,
    /// The attribute at the top of the resource or of the extension.
    pub attribute: Arc<Attribute>,
    /// The sub-attribute, if one is meant.
    pub sub_attribute: Option<Arc<Attribute>>,
    /// Whether it is named within `attribute[…]`, where it means the one element that is looked at.
    pub in_element: bool,
}

impl Target {
    /// The definition of what is meant in the end: that of the sub-attribute, if there is one.
    #[must_use]
    pub fn leaf(&self) -> &Arc<Attribute> {
        self.sub_attribute.as_ref().unwrap_or(&self.attribute)
    }

    /// The canonical names without the URN: `emails.value`.
    #[must_use]
    pub fn path(&self) -> String {
        match &self.sub_attribute {
            Some(sub_attribute) => format!("{}.{}", self.attribute.name, sub_attribute.name),
            None => self.attribute.name.clone(),
        }
    }

    /// The canonical names, with the URN if it is of an extension: `urn:…:User:manager.value`.
    #[must_use]
    pub fn qualified_path(&self) -> String {
        if self.is_extension { format!("{}:{}", self.schema.id, self.path()) } else { self.path() }
    }

    /// The target itself, or its sub-attribute `value` where a complex attribute stands for that.
    pub(crate) fn or_value(mut self) -> Self {
        if self.sub_attribute.is_none() {
            self.sub_attribute = self.attribute.value_attribute().cloned();
        }
        self
    }

    /// Whether it must not be told, and so must not be filtered or sorted by either.
    pub(crate) fn is_secret(&self) -> bool {
        self.attribute.returned == Returned::Never || self.leaf().returned == Returned::Never
    }
}

/// What a path names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Named {
    /// An extension as a whole, by its URN alone.
    Extension(Arc<Schema>),
    /// An attribute.
    Attribute(Target),
}

impl ResourceType {
    /// Finds the attribute that a path such as `userName`, `name.givenName`, `urn:…:User:userName` or
    /// `urn:…:enterprise:2.0:User:manager.value` names, in any case. The URN of an extension should be there, but may
    /// be missing if nothing else has the name: Microsoft Entra ID writes `manager`.
    ///
    /// # Errors
    /// `invalidPath`, if there is none.
    pub fn target(&self, path: &str) -> Result<Target, ScimError> {
        match self.named(path) {
            Some(Named::Attribute(target)) => Ok(target),
            _ => Err(self.unknown(path, ScimType::InvalidPath)),
        }
    }

    /// Whether resources of the type may have what a path names.
    #[must_use]
    pub fn knows(&self, path: &str) -> bool {
        self.named(path).is_some()
    }

    /// Finds what a path names: an attribute, or an extension as a whole.
    pub(crate) fn named(&self, path: &str) -> Option<Named> {
        for schema in self.schemas() {
            let Some(rest) = strip_prefix_ignoring_case(path, &schema.id) else { continue };
            let is_extension = !Arc::ptr_eq(schema, self.schema());
            if rest.is_empty() {
                return is_extension.then(|| Named::Extension(schema.clone()));
            }
            if let Some(names) = rest.strip_prefix(':') {
                return self.named_in(schema, is_extension, names);
            }
        }
        self.named_in(self.schema(), false, path).or_else(|| {
            let mut found =
                self.extensions().iter().filter_map(|extension| self.named_in(&extension.schema, true, path));
            found.next().filter(|_| found.next().is_none())
        })
    }

    /// The error for a path that names nothing.
    pub(crate) fn unknown(&self, path: &str, scim_type: ScimType) -> ScimError {
        ScimError::new(scim_type, format!("{} has no attribute {path}.", self.name()))
    }

    fn named_in(&self, schema: &Arc<Schema>, is_extension: bool, names: &str) -> Option<Named> {
        let (name, sub_name) = names.split_once('.').map_or((names, None), |(name, rest)| (name, Some(rest)));
        let attribute = if is_extension { schema.attribute(name) } else { self.top_attribute(name) }?;
        let sub_attribute = match sub_name {
            Some(sub_name) => Some(attribute.sub_attribute(sub_name)?.clone()),
            None => None,
        };
        Some(Named::Attribute(Target {
            schema: schema.clone(),
            is_extension,
            attribute: attribute.clone(),
            sub_attribute,
            in_element: false,
        }))
    }
}

/// What follows the prefix, which may differ in the case of its ASCII letters.
pub(crate) fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    if start.eq_ignore_ascii_case(prefix) { text.get(prefix.len()..) } else { None }
}
