//! The attributes of an extension: their types and rules.

use super::is_false;
use crate::domain::error::{Error, Result};
use crate::domain::text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many attributes an extension may have, withdrawn ones included.
const MAX_ATTRIBUTES: usize = 50;
/// How many sub-attributes a complex attribute may have.
const MAX_SUB_ATTRIBUTES: usize = 20;
/// The longest name in characters.
const MAX_ATTRIBUTE_NAME: usize = 64;
/// How many values, or types that a reference leads to, may be suggested.
const MAX_SUGGESTIONS: usize = 50;

/// What the values of an attribute are (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeType {
    /// A text.
    String,
    /// True or false.
    Boolean,
    /// A number.
    Decimal,
    /// A whole number of 64 bits.
    Integer,
    /// An instant.
    DateTime,
    /// Bytes in base64.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

/// An attribute that an extension declares. What is left out is not so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// What its values are.
    #[serde(rename = "type")]
    pub kind: AttributeType,
    /// What it means, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it has a list of values.
    #[serde(default, skip_serializing_if = "is_false")]
    pub multi_valued: bool,
    /// Whether whatever has values of the extension, or of the complex attribute, has to have this one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// The only values that a text may have; any if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    /// Whether case counts when texts are compared.
    #[serde(default, skip_serializing_if = "is_false")]
    pub case_exact: bool,
    /// Whether a value stays once there is one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub immutable: bool,
    /// Whether SCIM shows it only to those who ask for it by name.
    #[serde(default, skip_serializing_if = "is_false")]
    pub on_request: bool,
    /// Whether no two nodes of the organization have the same value.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unique: bool,
    /// What a reference may lead to: names of resource types of SCIM, `external` or `uri`. Nobody looks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    /// What a complex attribute consists of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Self>,
    /// Whether it is in force no more.
    #[serde(default, skip_serializing_if = "is_false")]
    pub withdrawn: bool,
}

impl Attribute {
    /// Whether texts that differ in case only are different. URIs always are (RFC 7643 §2.3.7).
    #[must_use]
    pub const fn distinguishes_case(&self) -> bool {
        self.case_exact || matches!(self.kind, AttributeType::Reference)
    }

    /// Requires that this may be declared where the other was, which has the same name but for its case.
    pub(super) fn check_follows(&self, earlier: &Self) -> Result<()> {
        let path = format!("attributes.{}", earlier.name);
        if self.name != earlier.name {
            return Err(Error::conflict(path, format!("This is declared as {}; write it like that.", earlier.name)));
        }
        let same = (self.kind, self.multi_valued, self.distinguishes_case())
            == (earlier.kind, earlier.multi_valued, earlier.distinguishes_case());
        if !same {
            let message = "There may be values: type, multiValued and caseExact stay as they were. Take a new name.";
            return Err(Error::conflict(path, message));
        }
        for known in &earlier.sub_attributes {
            let new = self.sub_attributes.iter().find(|new| new.name.eq_ignore_ascii_case(&known.name));
            match new {
                Some(new) => new.check_follows(known).map_err(|error| error.at(format!("{path}.{}", known.name)))?,
                None => {
                    let message = format!("The sub-attribute {} is missing, of which there may be values.", known.name);
                    return Err(Error::conflict(path, message));
                }
            }
        }
        Ok(())
    }

    fn check(&self, path: &str) -> Result<()> {
        let wrong = |message: &'static str| Err(Error::invalid(path, message));
        self.description.as_deref().map_or(Ok(()), |text| text::check_paragraph(path, text, text::MAX_TEXT))?;
        check_suggestions(path, &self.canonical_values)?;
        check_suggestions(path, &self.reference_types)?;
        match (self.kind, self.sub_attributes.is_empty()) {
            (AttributeType::Complex, _) => check_all(&format!("{path}.subAttributes"), &self.sub_attributes)?,
            (_, false) => return wrong("This is not COMPLEX, so it has no sub-attributes."),
            (_, true) => {}
        }
        if !self.canonical_values.is_empty() && self.kind != AttributeType::String {
            return wrong("This is no STRING, so it has no canonical values.");
        }
        if !self.reference_types.is_empty() && self.kind != AttributeType::Reference {
            return wrong("This is no REFERENCE, so it leads to nothing.");
        }
        let can_be_unique =
            matches!(self.kind, AttributeType::String | AttributeType::Integer | AttributeType::Reference);
        if self.unique && (!can_be_unique || self.multi_valued) {
            return wrong("Only single attributes of the types STRING, INTEGER and REFERENCE can be unique.");
        }
        if self.name.eq_ignore_ascii_case("primary") && self.kind != AttributeType::Boolean {
            return wrong("An attribute of this name says which of several values is to be used; it is a BOOLEAN.");
        }
        Ok(())
    }

    fn check_sub_attribute(&self, path: &str) -> Result<()> {
        let is_plain = self.kind != AttributeType::Complex
            && !(self.multi_valued || self.unique || self.immutable || self.on_request || self.withdrawn);
        if is_plain {
            return Ok(());
        }
        let message = "A sub-attribute is neither complex, multi-valued, unique, immutable, nor shown on request only.";
        Err(Error::invalid(path, message))
    }
}

/// Requires that attributes, or sub-attributes, are sound by themselves and beside one another.
pub(super) fn check_all(field: &str, attributes: &[Attribute]) -> Result<()> {
    let is_sub = field != "attributes";
    let most = if is_sub { MAX_SUB_ATTRIBUTES } else { MAX_ATTRIBUTES };
    if attributes.is_empty() || attributes.len() > most {
        return Err(Error::invalid(field, format!("There are {}; send 1 to {most}.", attributes.len())));
    }
    let mut names = BTreeSet::new();
    for (index, attribute) in attributes.iter().enumerate() {
        let path = format!("{field}[{index}]");
        if !(is_name(&attribute.name) || is_sub && attribute.name == "$ref") {
            let message =
                format!("A name has 1 to {MAX_ATTRIBUTE_NAME} letters, digits, '-' or '_', and begins with a letter.");
            return Err(Error::invalid(format!("{path}.name"), message));
        }
        if !names.insert(attribute.name.to_ascii_lowercase()) {
            return Err(Error::invalid(
                format!("{path}.name"),
                "There is another one of this name; case does not count.",
            ));
        }
        attribute.check(&path)?;
        if is_sub {
            attribute.check_sub_attribute(&path)?;
        }
    }
    Ok(())
}

fn check_suggestions(path: &str, suggestions: &[String]) -> Result<()> {
    let distinct: BTreeSet<&String> = suggestions.iter().collect();
    if suggestions.len() > MAX_SUGGESTIONS || distinct.len() != suggestions.len() {
        let message = format!("At most {MAX_SUGGESTIONS} values can be listed, each once.");
        return Err(Error::invalid(path, message));
    }
    suggestions.iter().try_for_each(|value| text::check_line(path, value, text::MAX_NAME))
}

/// `ATTRNAME` of RFC 7643 §2.1, without the dollar sign.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        && name.len() <= MAX_ATTRIBUTE_NAME
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn check(attributes: Value) -> Result<()> {
        let attributes: Vec<Attribute> = serde_json::from_value(attributes).expect("attributes");
        check_all("attributes", &attributes)
    }

    #[test]
    fn contradictions_are_refused_at_their_place() {
        let many: Vec<Value> = (0..51).map(|index| json!({"name": format!("a{index}"), "type": "string"})).collect();
        let sub = |sub: Value| json!([{"name": "a", "type": "complex", "sub_attributes": [sub]}]);
        for (attributes, field) in [
            (json!([]), "attributes"),
            (json!(many), "attributes"),
            (json!([{"name": "1a", "type": "string"}]), "attributes[0].name"),
            (json!([{"name": "a b", "type": "string"}]), "attributes[0].name"),
            (json!([{"name": "$ref", "type": "reference"}]), "attributes[0].name"),
            (json!([{"name": "a", "type": "string"}, {"name": "A", "type": "string"}]), "attributes[1].name"),
            (json!([{"name": "a", "type": "complex"}]), "attributes[0].subAttributes"),
            (
                json!([{"name": "a", "type": "string", "sub_attributes": [{"name": "b", "type": "string"}]}]),
                "attributes[0]",
            ),
            (json!([{"name": "a", "type": "integer", "canonical_values": ["1"]}]), "attributes[0]"),
            (json!([{"name": "a", "type": "string", "canonical_values": ["x", "x"]}]), "attributes[0]"),
            (json!([{"name": "a", "type": "string", "reference_types": ["User"]}]), "attributes[0]"),
            (json!([{"name": "a", "type": "boolean", "unique": true}]), "attributes[0]"),
            (json!([{"name": "a", "type": "string", "unique": true, "multi_valued": true}]), "attributes[0]"),
            (json!([{"name": "primary", "type": "string"}]), "attributes[0]"),
            (
                sub(json!({"name": "b", "type": "complex", "sub_attributes": [{"name": "c", "type": "string"}]})),
                "attributes[0].subAttributes[0]",
            ),
            (sub(json!({"name": "b", "type": "string", "multi_valued": true})), "attributes[0].subAttributes[0]"),
            (sub(json!({"name": "b", "type": "string", "immutable": true})), "attributes[0].subAttributes[0]"),
        ] {
            let error = check(attributes.clone()).expect_err("refused");
            assert_eq!(error.field.as_deref(), Some(field), "{attributes}");
        }
        assert!(check(sub(json!({"name": "$ref", "type": "reference"}))).is_ok());
    }

    #[test]
    fn rules_that_cannot_be_declared_are_no_part_of_the_form() {
        for rule in ["mutability", "returned", "uniqueness"] {
            let attribute = json!({"name": "a", "type": "string", rule: "never"});
            assert!(serde_json::from_value::<Attribute>(attribute).is_err(), "{rule}");
        }
    }
}
