//! What a tenant may declare as an extension of its own.

use super::{Attribute, Mutability, Returned, Schema, Type, Uniqueness};
use crate::error::ScimError;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;

/// How many attributes a schema may have, and a complex attribute sub-attributes.
const MAX_ATTRIBUTES: usize = 100;
/// How many characters a name may have.
const MAX_NAME_LENGTH: usize = 64;
/// How many characters a URN may have.
const MAX_URN_LENGTH: usize = 255;
/// How many characters a description may have.
const MAX_DESCRIPTION_LENGTH: usize = 1_000;
/// How many canonical values, or reference types, an attribute may have.
const MAX_SUGGESTIONS: usize = 100;
/// How many characters each of them may have.
const MAX_SUGGESTION_LENGTH: usize = 255;

impl Schema {
    /// Reads a schema in the form of RFC 7643 §7, and checks it.
    ///
    /// # Errors
    /// `invalidValue` with the attribute at fault, if it has not that form, or breaks a rule of [`Schema::check`].
    pub fn declared(declaration: &Value) -> Result<Self, ScimError> {
        let schema = Self::deserialize_from(declaration)?;
        schema.check()?;
        Ok(schema)
    }

    /// Checks what the standard, and the bounds of this module, ask of a schema: a URN; names that follow the grammar
    /// and differ in more than case; complex attributes with sub-attributes that are single and simple, and no
    /// sub-attributes for others; characteristics that do not contradict one another.
    ///
    /// # Errors
    /// `invalidValue` with the attribute at fault.
    pub fn check(&self) -> Result<(), ScimError> {
        if !is_urn(&self.id) {
            return Err(wrong("id", "is not a URN of at most 255 characters, such as urn:example:scim:1.0:Badge"));
        }
        if self.name.is_empty() || self.name.chars().count() > MAX_NAME_LENGTH {
            return Err(wrong("name", "is missing or too long"));
        }
        check_description("description", &self.description)?;
        check_all("attributes", &self.attributes)?;
        for attribute in &self.attributes {
            check_attribute(&attribute.name, attribute)?;
            for sub_attribute in &attribute.sub_attributes {
                let path = format!("{}.{}", attribute.name, sub_attribute.name);
                check_attribute(&path, sub_attribute)?;
                check_sub_attribute(&path, sub_attribute)?;
            }
        }
        Ok(())
    }

    fn deserialize_from(declaration: &Value) -> Result<Self, ScimError> {
        serde::Deserialize::deserialize(declaration)
            .map_err(|error| ScimError::value(format!("This is no schema: {error}.")))
    }
}

fn wrong(path: &str, problem: &str) -> ScimError {
    ScimError::value(format!("The schema cannot be declared: {path} {problem}."))
}

/// Names of attributes: present, not too many, following the grammar, and different.
fn check_all(path: &str, attributes: &[Arc<Attribute>]) -> Result<(), ScimError> {
    if attributes.is_empty() || attributes.len() > MAX_ATTRIBUTES {
        return Err(wrong(path, "are missing, or more than 100"));
    }
    let mut names = HashSet::new();
    for attribute in attributes {
        let name = &attribute.name;
        if !is_name(name) {
            let problem = format!("have the name {name:?}, which is not a letter and then letters, digits, $, - and _");
            return Err(wrong(path, &problem));
        }
        if !names.insert(name.to_ascii_lowercase()) {
            return Err(wrong(path, &format!("have the name {name} twice")));
        }
    }
    Ok(())
}

fn check_attribute(path: &str, attribute: &Attribute) -> Result<(), ScimError> {
    check_description(path, &attribute.description)?;
    check_suggestions(path, &attribute.canonical_values)?;
    check_suggestions(path, &attribute.reference_types)?;
    match (attribute.kind, attribute.sub_attributes.is_empty()) {
        (Type::Complex, _) => check_all(&format!("the subAttributes of {path}"), &attribute.sub_attributes)?,
        (_, false) => return Err(wrong(path, "has subAttributes but is not complex")),
        (_, true) => {}
    }
    let can_be_unique = matches!(attribute.kind, Type::String | Type::Reference | Type::Integer | Type::Decimal);
    if attribute.uniqueness != Uniqueness::None && !can_be_unique {
        return Err(wrong(path, "has a type whose values cannot be unique"));
    }
    if attribute.mutability == Mutability::WriteOnly && attribute.returned != Returned::Never {
        return Err(wrong(path, "is writeOnly, so that returned has to be never"));
    }
    if !attribute.reference_types.is_empty() && attribute.kind != Type::Reference {
        return Err(wrong(path, "has referenceTypes but is no reference"));
    }
    if attribute.name.eq_ignore_ascii_case("primary") && attribute.kind != Type::Boolean {
        return Err(wrong(path, "has to be a boolean (RFC 7643 §2.4)"));
    }
    Ok(())
}

fn check_sub_attribute(path: &str, attribute: &Attribute) -> Result<(), ScimError> {
    if attribute.kind == Type::Complex {
        return Err(wrong(path, "is complex within a complex attribute (RFC 7643 §2.3.8)"));
    }
    if attribute.multi_valued {
        return Err(wrong(path, "is multi-valued within a complex attribute"));
    }
    Ok(())
}

fn check_description(path: &str, description: &str) -> Result<(), ScimError> {
    if description.chars().count() > MAX_DESCRIPTION_LENGTH {
        return Err(wrong(path, "has a description of more than 1000 characters"));
    }
    Ok(())
}

fn check_suggestions(path: &str, suggestions: &[String]) -> Result<(), ScimError> {
    let is_too_long = |value: &String| value.chars().count() > MAX_SUGGESTION_LENGTH;
    if suggestions.len() > MAX_SUGGESTIONS || suggestions.iter().any(is_too_long) {
        return Err(wrong(
            path,
            "has more than 100 canonicalValues or referenceTypes, or one of more than 255 characters",
        ));
    }
    Ok(())
}

/// `ATTRNAME` of RFC 7643 §2.1, and `$ref`, which the standard uses although its grammar has no place for it.
fn is_name(name: &str) -> bool {
    let starts_with_a_letter = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let is_word = name.chars().all(|character| character.is_ascii_alphanumeric() || "$-_".contains(character));
    (starts_with_a_letter && is_word && name.len() <= MAX_NAME_LENGTH) || name == "$ref"
}

/// `urn:`, a namespace, and something in it, of characters that need no quoting in a path (RFC 8141 §2).
fn is_urn(text: &str) -> bool {
    let Some(rest) = super::strip_prefix_ignoring_case(text, "urn:") else { return false };
    let mut parts = rest.split(':');
    let has_namespace = parts.next().is_some_and(|namespace| {
        namespace.len() > 1 && namespace.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
    });
    let mut specific = parts.peekable();
    let is_specific = |part: &str| {
        !part.is_empty()
            && part.chars().all(|character| character.is_ascii_alphanumeric() || "-._~".contains(character))
    };
    text.len() <= MAX_URN_LENGTH && has_namespace && specific.peek().is_some() && specific.all(is_specific)
}
