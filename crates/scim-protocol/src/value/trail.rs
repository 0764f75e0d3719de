//! Where in a body something stands, for the words of an error.

use crate::error::ScimError;
use std::fmt::{self, Display, Formatter};

/// The way from the top of a body to a value: `emails[1].value`. It costs nothing until an error is to be written.
#[derive(Clone, Copy)]
pub(crate) enum Trail<'a> {
    /// The top.
    Top,
    /// An attribute, as a path calls it.
    Attribute(&'a str),
    /// The extension with this URN.
    Extension(&'a str),
    /// An element of an array.
    Element(&'a Trail<'a>, usize),
    /// A sub-attribute.
    Part(&'a Trail<'a>, &'a str),
}

impl Trail<'_> {
    /// The value here does not fit its attribute. The problem is the end of a sentence about it.
    pub(crate) fn misfit(&self, problem: impl Display) -> ScimError {
        ScimError::value(format!("{self} {problem}."))
    }
}

impl Display for Trail<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top => formatter.write_str("The resource"),
            Self::Attribute(name) | Self::Extension(name) => formatter.write_str(name),
            Self::Element(array, index) => write!(formatter, "{array}[{index}]"),
            Self::Part(Trail::Top, name) => formatter.write_str(name),
            Self::Part(Trail::Extension(urn), name) => write!(formatter, "{urn}:{name}"),
            Self::Part(whole, name) => write!(formatter, "{whole}.{name}"),
        }
    }
}
