//! The paths of PATCH operations (RFC 7644 §3.5.2, figure 7).

use crate::error::{ScimError, ScimType};
use crate::filter::lexer::Flaw;
use crate::filter::parser::{Parser, refusal};
use crate::filter::{AttributePath, BoundFilter, Filter};
use crate::schema::{Named, ResourceType, Schema, Target};
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

/// A path as it was written: `attribute`, `attribute.sub`, `attribute[filter]`, `attribute[filter].sub`, or the URN of
/// an extension alone. Displayed, it is text that parses to the same path.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchPath {
    attribute: AttributePath,
    filter: Option<Filter>,
    sub_attribute: Option<String>,
}

/// What a path means.
#[derive(Debug, Clone, PartialEq)]
pub enum Location {
    /// An extension as a whole.
    Extension(Arc<Schema>),
    /// An attribute, or a sub-attribute.
    Attribute {
        /// Which.
        target: Target,
        /// Which elements of it, if not all. It is bound to the attribute, for
        /// [`matches_element`](BoundFilter::matches_element).
        filter: Option<BoundFilter>,
    },
}

/// Parses the path of a PATCH operation.
///
/// # Errors
/// `invalidPath` with the place, if it does not follow the grammar; `invalidFilter`, if the filter in it does not;
/// `tooMany`, if it exceeds the bounds of filters.
pub fn parse_path(text: &str) -> Result<PatchPath, ScimError> {
    let mut parser = Parser::new(text).map_err(|flaw| malformed(&flaw, text))?;
    let attribute = parser.path().map_err(|flaw| malformed(&flaw, text))?;
    let (filter, sub_attribute) = if parser.is_before_element() {
        let filter = parser.element().map_err(|flaw| refusal(&flaw, text))?;
        (Some(filter), parser.sub_attribute().map_err(|flaw| malformed(&flaw, text))?)
    } else {
        (None, None)
    };
    if !parser.is_at_end() {
        return Err(malformed(&Flaw::new(parser.at(), "the end is expected"), text));
    }
    Ok(PatchPath { attribute, filter, sub_attribute })
}

fn malformed(flaw: &Flaw, text: &str) -> ScimError {
    let scim_type = if flaw.is_too_large { ScimType::TooMany } else { ScimType::InvalidPath };
    ScimError::new(scim_type, format!("The path cannot be read: {} at {}.", flaw.problem, flaw.place(text)))
}

impl PatchPath {
    /// Whether it selects elements.
    pub(crate) fn selects(&self) -> bool {
        self.filter.is_some()
    }
}

impl ResourceType {
    /// Finds what a path means.
    ///
    /// # Errors
    /// `invalidPath`, if there is no such attribute, or it has no elements to select from; `invalidFilter` as
    /// [`ResourceType::bind`].
    pub fn locate(&self, path: &PatchPath) -> Result<Location, ScimError> {
        let mut target = match self.named(path.attribute.as_str()) {
            None => return Err(self.unknown(path.attribute.as_str(), ScimType::InvalidPath)),
            Some(Named::Extension(schema)) if path.filter.is_none() => return Ok(Location::Extension(schema)),
            Some(Named::Extension(_)) => return Err(ScimError::path(format!("{path} selects from an extension."))),
            Some(Named::Attribute(target)) => target,
        };
        let Some(filter) = &path.filter else { return Ok(Location::Attribute { target, filter: None }) };
        if !target.attribute.multi_valued || target.sub_attribute.is_some() {
            return Err(ScimError::path(format!("{} has no elements to be selected with [ ].", path.attribute)));
        }
        let filter = self.bind_element(&target, filter)?;
        if let Some(name) = &path.sub_attribute {
            let found = target.attribute.sub_attribute(name).cloned();
            let unknown = || ScimError::path(format!("{} has no sub-attribute {name}.", target.attribute.name));
            target.sub_attribute = Some(found.ok_or_else(unknown)?);
        }
        Ok(Location::Attribute { target, filter: Some(filter) })
    }
}

impl Display for PatchPath {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.attribute)?;
        if let Some(filter) = &self.filter {
            write!(formatter, "[{filter}]")?;
        }
        if let Some(sub_attribute) = &self.sub_attribute {
            write!(formatter, ".{sub_attribute}")?;
        }
        Ok(())
    }
}
