//! Filters whose names and literals are understood.

use super::Operator;
use crate::schema::Target;
use chrono::{DateTime, Utc};

/// A filter of a resource type.
///
/// **Two values, not three.** A filter holds or does not hold, also of what is absent: a comparison with an absent
/// value is false, except `ne`, which is true; `not` turns the one into the other. `eq null` is bound as the absence of
/// a value, and `ne null` as its presence.
///
/// **Some element.** A comparison with a multi-valued attribute holds if it holds of *some* element (RFC 7644
/// §3.4.2.2). This goes for `ne`, too: `emails.type ne "work"` holds if some e-mail address is of another type, or of
/// none, and if there are no e-mail addresses at all. `not (emails.type eq "work")` holds if no e-mail address is of
/// that type.
#[derive(Debug, Clone, PartialEq)]
pub enum BoundFilter {
    /// All of them hold. None given: it always holds.
    And(Vec<BoundFilter>),
    /// One of them holds. None given: it never holds.
    Or(Vec<BoundFilter>),
    /// It does not hold.
    Not(Box<BoundFilter>),
    /// A value compared.
    Compare(Comparison),
    /// There is a value: neither null, nor an empty string, nor an array or object that contains none.
    Present(Target),
    /// One element of the attribute satisfies the filter, all targets of which are `in_element`. A single complex
    /// attribute is its only element.
    Element {
        /// The attribute, without a sub-attribute.
        attribute: Target,
        /// What the element has to satisfy.
        filter: Box<BoundFilter>,
    },
}

impl BoundFilter {
    /// What it looks at, so that a resource with no more than that can be matched.
    #[must_use]
    pub fn targets(&self) -> Vec<&Target> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::targets).collect(),
            Self::Not(inner) => inner.targets(),
            Self::Compare(comparison) => vec![&comparison.target],
            Self::Present(target) => vec![target],
            Self::Element { attribute, filter } => [vec![attribute], filter.targets()].concat(),
        }
    }

    /// How many comparisons it has.
    pub(crate) fn terms(&self) -> usize {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().map(Self::terms).sum(),
            Self::Not(inner) | Self::Element { filter: inner, .. } => inner.terms(),
            Self::Compare(_) | Self::Present(_) => 1,
        }
    }
}

/// A value compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What is compared. Never complex: where the client named a complex attribute, its sub-attribute `value` is meant.
    pub target: Target,
    /// How. For booleans `eq` and `ne` alone, also for binaries; `co`, `sw` and `ew` for strings and references alone.
    pub operator: Operator,
    /// With what, of the type of the target.
    pub operand: Operand,
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// For strings, references and binaries; as it was written. Where
    /// [`compares_case`](crate::schema::Attribute::compares_case) is false, both sides are to be
    /// [folded](crate::fold).
    Text(String),
    /// For booleans.
    Boolean(bool),
    /// For integers.
    Integer(i64),
    /// For decimals; finite.
    Decimal(f64),
    /// For dateTimes.
    Instant(DateTime<Utc>),
}
