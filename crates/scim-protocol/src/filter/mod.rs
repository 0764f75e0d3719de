//! Filters: parsed, bound to a resource type, and evaluated (RFC 7644 §3.4.2.2).
//!
//! [`parse_filter`] knows the grammar and no schema. [`ResourceType::bind`](crate::schema::ResourceType::bind) finds
//! what the names mean and turns literals into values of the types of the attributes; whoever translates a filter into
//! SQL starts from the [`BoundFilter`]. [`BoundFilter::matches`] evaluates one in memory, and so says what the SQL has
//! to say.

mod bind;
mod bound;
mod evaluate;
pub(crate) mod lexer;
pub(crate) mod parser;

pub use bound::{BoundFilter, Comparison, Operand};
pub(crate) use evaluate::{elements, leaf};
pub use parser::{MAX_DEPTH, MAX_LENGTH, MAX_TERMS, parse_filter};

use std::fmt::{self, Display, Formatter};

/// A filter as it was written. Displayed, it is text that parses to the same filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them hold. At least two, if it was written; none, if it always holds: see [`Filter::without`].
    And(Vec<Filter>),
    /// One of them holds. At least two, if it was written; none, if it never holds.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// An attribute compared with a literal.
    Compare {
        /// What the client calls the attribute.
        path: AttributePath,
        /// How it is compared.
        operator: Operator,
        /// With what.
        literal: Literal,
    },
    /// The attribute has a value.
    Present(AttributePath),
    /// One element of a multi-valued attribute satisfies the filter, whose paths are names of sub-attributes.
    Element {
        /// What the client calls the attribute.
        path: AttributePath,
        /// What the element has to satisfy.
        filter: Box<Filter>,
    },
}

impl Filter {
    /// The filter for resources of a type that does not have these attributes, and of which a client asks together with
    /// resources of types that do: an attribute that there is not has no value (RFC 7644 §3.4.2.1).
    #[must_use]
    pub fn without(&self, lacks: &dyn Fn(&AttributePath) -> bool) -> Self {
        let all = |parts: &[Self]| parts.iter().map(|part| part.without(lacks)).collect();
        let constant = |holds: bool| if holds { Self::And(Vec::new()) } else { Self::Or(Vec::new()) };
        match self {
            Self::And(parts) => Self::And(all(parts)),
            Self::Or(parts) => Self::Or(all(parts)),
            Self::Not(inner) => Self::Not(Box::new(inner.without(lacks))),
            Self::Present(path) | Self::Element { path, .. } if lacks(path) => constant(false),
            Self::Compare { path, operator, literal } if lacks(path) => {
                let differs = *operator == Operator::Ne && !literal.is_null();
                constant(differs || *operator == Operator::Eq && literal.is_null())
            }
            other => other.clone(),
        }
    }
}

/// An attribute as a client writes it: `[URN ":"] name ["." name]`. Whether there is such a thing is for
/// [`ResourceType::target`](crate::schema::ResourceType::target) to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributePath(String);

impl AttributePath {
    /// The path, if the text follows the grammar.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let (urn, names) = text.rsplit_once(':').map_or((None, text), |(urn, names)| (Some(urn), names));
        let is_urn =
            |urn: &str| urn.chars().all(|character| character.is_ascii_graphic() && !"\"<>\\^`{|}".contains(character));
        // The end of a URN such as urn:example:1.0 is no name, but may be all that is named.
        let are_names = match urn {
            Some(urn) => is_urn(urn) && !urn.is_empty() && !names.is_empty() && names.chars().all(is_word),
            None => names.split('.').count() <= 2 && names.split('.').all(is_name),
        };
        are_names.then(|| Self(text.to_owned()))
    }

    /// The path as the client wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_.$~".contains(character)
}

/// A name by the grammars of both standards, of which one forgets `$`.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$')
        && text.chars().all(|character| character.is_ascii_alphanumeric() || "-_$".contains(character))
}

/// How an attribute is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal. True, too, of what has no value.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than.
    Gt,
    /// Greater than, or equal.
    Ge,
    /// Less than.
    Lt,
    /// Less than, or equal.
    Le,
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    /// The operator as a filter writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// Whether it looks for a part of a text.
    #[must_use]
    pub const fn is_about_parts(self) -> bool {
        matches!(self, Self::Co | Self::Sw | Self::Ew)
    }

    /// Whether it is about an order.
    #[must_use]
    pub const fn is_about_order(self) -> bool {
        matches!(self, Self::Gt | Self::Ge | Self::Lt | Self::Le)
    }

    fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.as_str().eq_ignore_ascii_case(text))
    }
}

/// What an attribute is compared with, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A JSON string, without its quotation marks and escapes.
    Quoted(String),
    /// Anything else: `true`, `1e3`, `null`, and texts that a client has forgotten to quote.
    Bare(String),
}

impl Literal {
    /// The text, quoted or not.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Quoted(text) | Self::Bare(text) => text,
        }
    }

    /// Whether it is the JSON literal `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Bare(text) if text.eq_ignore_ascii_case("null"))
    }
}

impl Display for AttributePath {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Display for Operator {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Display for Literal {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quoted(text) => write!(formatter, "{}", serde_json::Value::from(text.as_str())),
            Self::Bare(text) => formatter.write_str(text),
        }
    }
}

impl Display for Filter {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => joined(formatter, parts, " and "),
            Self::Or(parts) => joined(formatter, parts, " or "),
            Self::Not(inner) => write!(formatter, "not ({inner})"),
            Self::Compare { path, operator, literal } => write!(formatter, "{path} {operator} {literal}"),
            Self::Present(path) => write!(formatter, "{path} pr"),
            Self::Element { path, filter } => write!(formatter, "{path}[{filter}]"),
        }
    }
}

/// Joins the parts, with each that is itself joined in parentheses.
fn joined(formatter: &mut Formatter<'_>, parts: &[Filter], word: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            formatter.write_str(word)?;
        }
        if matches!(part, Filter::And(_) | Filter::Or(_)) {
            write!(formatter, "({part})")?;
        } else {
            write!(formatter, "{part}")?;
        }
    }
    Ok(())
}
