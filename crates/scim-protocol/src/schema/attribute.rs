//! Attributes: what a schema says of each (RFC 7643 §2 and §7).

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The data type of an attribute (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Type {
    /// A text.
    #[default]
    String,
    /// True or false.
    Boolean,
    /// A number.
    Decimal,
    /// A whole number of 64 bits.
    Integer,
    /// An instant, as an `xsd:dateTime`.
    DateTime,
    /// Bytes in Base64, of either alphabet, padded or not.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

impl Type {
    /// The type as a schema writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }
}

/// Who may change an attribute, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// Only the server.
    ReadOnly,
    /// Everyone, at any time.
    #[default]
    ReadWrite,
    /// Clients, as long as it has no value.
    Immutable,
    /// Clients, who never get to see it.
    WriteOnly,
}

/// When an attribute is part of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// In every answer; it cannot be excluded.
    Always,
    /// In none. It cannot be filtered or sorted by either, since that would tell it.
    Never,
    /// Unless it is excluded, or only others are asked for.
    #[default]
    Default,
    /// When it is asked for by name.
    Request,
}

/// Where a value may occur only once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// Nowhere.
    #[default]
    None,
    /// At the service provider, which is to say in one tenant.
    Server,
    /// Everywhere.
    Global,
}

/// What a schema says of an attribute. As JSON it is what RFC 7643 §7 describes; what is left out there has the
/// defaults of §2.2: a single string that may be read, written and left out, whatever its case.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Attribute {
    /// The name, in its canonical case. Names are the same in any case.
    pub name: String,
    /// The data type.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Whether it has a set of values, in an array.
    pub multi_valued: bool,
    /// What it means, for people.
    pub description: String,
    /// Whether a resource, or the object that it is a sub-attribute of, has to have it.
    pub required: bool,
    /// Suggested values. Others are accepted too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    /// Whether case matters. [`Attribute::compares_case`] is the answer for every type.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// When it is part of an answer.
    pub returned: Returned,
    /// Where a value may occur only once.
    pub uniqueness: Uniqueness,
    /// What a reference may lead to: names of resource types, `external` or `uri`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    /// What a complex attribute consists of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Arc<Attribute>>,
    /// Whether its values live outside of the resource and may be many, as the members of a group. PATCH turns
    /// operations on it into [`DetachedChange`](crate::patch::DetachedChange)s. Not part of the JSON.
    #[serde(skip)]
    pub detached: bool,
    /// Whether the service provider gives it a value where a client gives none: a body may leave it out, even if it is
    /// required, while PATCH cannot take it away. Not part of the JSON.
    #[serde(skip)]
    pub defaulted: bool,
}

/// How attributes are written down in code.
impl Attribute {
    /// A single attribute with the defaults of RFC 7643 §2.2.
    pub fn new(name: impl Into<String>, kind: Type) -> Self {
        Self { name: name.into(), kind, ..Self::default() }
    }

    /// A complex attribute of these sub-attributes.
    pub fn complex(name: impl Into<String>, sub_attributes: impl IntoIterator<Item = Self>) -> Self {
        let sub_attributes = sub_attributes.into_iter().map(Arc::new).collect();
        Self { sub_attributes, ..Self::new(name, Type::Complex) }
    }

    /// With a description.
    #[must_use]
    pub fn described(self, description: impl Into<String>) -> Self {
        Self { description: description.into(), ..self }
    }

    /// With a set of values instead of one.
    #[must_use]
    pub fn multi_valued(self) -> Self {
        Self { multi_valued: true, ..self }
    }

    /// Which must not be missing.
    #[must_use]
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Of which the case matters.
    #[must_use]
    pub fn case_exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    /// With another mutability than `readWrite`.
    #[must_use]
    pub fn with_mutability(self, mutability: Mutability) -> Self {
        Self { mutability, ..self }
    }

    /// Which is returned otherwise than by default.
    #[must_use]
    pub fn with_returned(self, returned: Returned) -> Self {
        Self { returned, ..self }
    }

    /// Whose values are unique.
    #[must_use]
    pub fn with_uniqueness(self, uniqueness: Uniqueness) -> Self {
        Self { uniqueness, ..self }
    }

    /// With suggested values.
    #[must_use]
    pub fn with_canonical_values(self, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { canonical_values: values.into_iter().map(Into::into).collect(), ..self }
    }

    /// Which leads to these types.
    #[must_use]
    pub fn with_reference_types(self, types: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { reference_types: types.into_iter().map(Into::into).collect(), ..self }
    }

    /// Whose values live outside of the resource.
    #[must_use]
    pub fn detached(self) -> Self {
        Self { detached: true, ..self }
    }
}

/// What follows from what a schema says.
impl Attribute {
    /// Whether case matters when values are compared. References and binaries are always case exact (RFC 7643 §2.3.6
    /// and §2.3.7).
    #[must_use]
    pub fn compares_case(&self) -> bool {
        self.case_exact || matches!(self.kind, Type::Reference | Type::Binary)
    }

    /// The sub-attribute of this name, in any case.
    #[must_use]
    pub fn sub_attribute(&self, name: &str) -> Option<&Arc<Self>> {
        find(&self.sub_attributes, name)
    }

    /// The sub-attribute `value`, for which a complex attribute stands where a simple one is expected: in
    /// `emails co "x"`, and in a body that says `"manager": "26118915"`.
    #[must_use]
    pub fn value_attribute(&self) -> Option<&Arc<Self>> {
        self.sub_attribute("value")
    }

    /// Whether clients cannot change it.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.mutability == Mutability::ReadOnly
    }

    /// Whether a value that it has may be changed, or taken away.
    #[must_use]
    pub fn is_changeable(&self) -> bool {
        matches!(self.mutability, Mutability::ReadWrite | Mutability::WriteOnly)
    }
}

/// The attribute of this name, in any case.
pub(super) fn find<'a>(attributes: &'a [Arc<Attribute>], name: &str) -> Option<&'a Arc<Attribute>> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
