//! Whether a filter holds of a resource. [`BoundFilter`] says by which rules.

use super::{BoundFilter, Comparison, Operand, Operator};
use crate::fold;
use crate::moment::parse_date_time;
use crate::schema::Target;
use crate::value::{is_present, whole_number};
use serde_json::{Map, Value};
use std::cmp::Ordering;
use std::slice;

impl BoundFilter {
    /// Whether it holds of a resource with canonical names, as [`body::read`](crate::body::read) makes it.
    #[must_use]
    pub fn matches(&self, resource: &Map<String, Value>) -> bool {
        self.holds(Subject::Resource(resource))
    }

    /// Whether it holds of one element, if it stands within `attribute[…]`.
    #[must_use]
    pub fn matches_element(&self, element: &Value) -> bool {
        self.holds(Subject::Element(element))
    }

    fn holds(&self, subject: Subject<'_>) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(subject)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(subject)),
            Self::Not(inner) => !inner.holds(subject),
            Self::Compare(comparison) => comparison.holds(subject),
            Self::Present(target) => {
                subject.elements(target).iter().any(|element| leaf(target, element).is_some_and(is_present))
            }
            Self::Element { attribute, filter } => {
                subject.elements(attribute).iter().any(|element| filter.matches_element(element))
            }
        }
    }
}

/// What a filter is about.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Resource(&'a Map<String, Value>),
    /// One element of the attribute that all targets are of.
    Element(&'a Value),
}

impl<'a> Subject<'a> {
    /// The elements of the target's attribute; a single value is the only element.
    fn elements(self, target: &Target) -> &'a [Value] {
        match self {
            Subject::Resource(resource) => elements(target, resource),
            Subject::Element(element) => slice::from_ref(element),
        }
    }
}

/// The elements of the target's attribute in a resource; a single value is the only element.
pub(crate) fn elements<'a>(target: &Target, resource: &'a Map<String, Value>) -> &'a [Value] {
    let container =
        if target.is_extension { resource.get(&target.schema.id).and_then(Value::as_object) } else { Some(resource) };
    match container.and_then(|container| container.get(&target.attribute.name)) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(elements)) => elements,
        Some(single) => slice::from_ref(single),
    }
}

/// What the target means in an element: the sub-attribute, or the element itself.
pub(crate) fn leaf<'a>(target: &Target, element: &'a Value) -> Option<&'a Value> {
    match &target.sub_attribute {
        Some(sub_attribute) => element.get(&sub_attribute.name),
        None => Some(element),
    }
}

impl Comparison {
    fn holds(&self, subject: Subject<'_>) -> bool {
        let elements = subject.elements(&self.target);
        if elements.is_empty() {
            return self.operator == Operator::Ne;
        }
        elements.iter().any(|element| self.holds_of(leaf(&self.target, element)))
    }

    fn holds_of(&self, value: Option<&Value>) -> bool {
        let ordering = match (&self.operand, value) {
            (Operand::Text(operand), Some(Value::String(value))) => {
                return if self.target.leaf().compares_case() {
                    text_holds(self.operator, value, operand)
                } else {
                    text_holds(self.operator, &fold(value), &fold(operand))
                };
            }
            (Operand::Boolean(operand), Some(Value::Bool(value))) => Some(value.cmp(operand)),
            (Operand::Integer(operand), Some(Value::Number(value))) => {
                whole_number(value).map(|value| value.cmp(operand))
            }
            (Operand::Decimal(operand), Some(Value::Number(value))) => {
                value.as_f64().and_then(|value| value.partial_cmp(operand))
            }
            (Operand::Instant(operand), Some(Value::String(value))) => {
                parse_date_time(value).map(|value| value.cmp(operand))
            }
            _ => None,
        };
        order_holds(self.operator, ordering)
    }
}

fn text_holds(operator: Operator, value: &str, operand: &str) -> bool {
    match operator {
        Operator::Co => value.contains(operand),
        Operator::Sw => value.starts_with(operand),
        Operator::Ew => value.ends_with(operand),
        _ => order_holds(operator, Some(value.cmp(operand))),
    }
}

/// Whether the operator holds of a value that stands so to the operand; none, if there is no value to speak of.
fn order_holds(operator: Operator, ordering: Option<Ordering>) -> bool {
    let Some(ordering) = ordering else { return operator == Operator::Ne };
    match operator {
        Operator::Eq => ordering.is_eq(),
        Operator::Ne => ordering.is_ne(),
        Operator::Gt => ordering.is_gt(),
        Operator::Ge => ordering.is_ge(),
        Operator::Lt => ordering.is_lt(),
        Operator::Le => ordering.is_le(),
        Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}
