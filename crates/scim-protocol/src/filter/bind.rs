//! From what a client wrote to what a schema defines.

use super::{AttributePath, BoundFilter, Comparison, Filter, Literal, Operand, Operator};
use crate::error::{ScimError, ScimType};
use crate::moment::parse_date_time;
use crate::schema::{Attribute, Named, ResourceType, Target, Type};

impl ResourceType {
    /// Finds what the names of a filter mean, and turns its literals into values of the types of the attributes.
    ///
    /// # Errors
    /// `invalidFilter`, if there is no such attribute, if it must not be filtered by (`returned: never`), or if its
    /// type cannot be compared like this or with this.
    pub fn bind(&self, filter: &Filter) -> Result<BoundFilter, ScimError> {
        Binder { resource_type: self, element: None }.bind(filter)
    }

    /// The same for what stands within `attribute[…]`.
    pub(crate) fn bind_element(&self, attribute: &Target, filter: &Filter) -> Result<BoundFilter, ScimError> {
        Binder { resource_type: self, element: Some(attribute) }.bind(filter)
    }
}

struct Binder<'a> {
    resource_type: &'a ResourceType,
    /// The attribute of which one element is looked at.
    element: Option<&'a Target>,
}

impl Binder<'_> {
    fn bind(&self, filter: &Filter) -> Result<BoundFilter, ScimError> {
        let all = |parts: &[Filter]| parts.iter().map(|part| self.bind(part)).collect::<Result<Vec<_>, _>>();
        Ok(match filter {
            Filter::And(parts) => BoundFilter::And(all(parts)?),
            Filter::Or(parts) => BoundFilter::Or(all(parts)?),
            Filter::Not(inner) => BoundFilter::Not(Box::new(self.bind(inner)?)),
            Filter::Present(path) => BoundFilter::Present(self.target(path)?),
            Filter::Compare { path, operator, literal } => self.compare(path, *operator, literal)?,
            Filter::Element { path, filter } => self.element(path, filter)?,
        })
    }

    fn element(&self, path: &AttributePath, filter: &Filter) -> Result<BoundFilter, ScimError> {
        let attribute = self.target(path)?;
        if attribute.sub_attribute.is_some() || !has_elements(&attribute.attribute) {
            return Err(ScimError::filter(format!("{path} has no elements to be selected with [ ].")));
        }
        let filter = Box::new(self.resource_type.bind_element(&attribute, filter)?);
        Ok(BoundFilter::Element { attribute, filter })
    }

    fn target(&self, path: &AttributePath) -> Result<Target, ScimError> {
        let found = match self.element {
            Some(element) => within(element, path.as_str()),
            None => match self.resource_type.named(path.as_str()) {
                Some(Named::Attribute(target)) => Some(target),
                _ => None,
            },
        };
        let target = match (found, self.element) {
            (Some(target), _) => target,
            (None, Some(element)) => {
                return Err(ScimError::filter(format!("{} has no sub-attribute {path}.", element.path())));
            }
            (None, None) => return Err(self.resource_type.unknown(path.as_str(), ScimType::InvalidFilter)),
        };
        if target.is_secret() {
            return Err(ScimError::filter(format!("{path} is never returned, so it cannot be filtered by.")));
        }
        Ok(target)
    }

    fn compare(&self, path: &AttributePath, operator: Operator, literal: &Literal) -> Result<BoundFilter, ScimError> {
        let target = self.target(path)?;
        if literal.is_null() {
            return match operator {
                Operator::Eq => Ok(BoundFilter::Not(Box::new(BoundFilter::Present(target)))),
                Operator::Ne => Ok(BoundFilter::Present(target)),
                _ => Err(ScimError::filter(format!(
                    "{path} cannot be compared with null by {operator}, only by eq and ne."
                ))),
            };
        }
        let target = target.or_value();
        if target.is_secret() {
            return Err(ScimError::filter(format!("{path} is never returned, so it cannot be filtered by.")));
        }
        check_operator(path, target.leaf().kind, operator)?;
        let operand = operand(path, target.leaf().kind, literal)?;
        Ok(BoundFilter::Compare(Comparison { target, operator, operand }))
    }
}

/// Whether `[ ]` can select something of it: the elements of a set, or the single complex value as its only element.
pub(crate) fn has_elements(attribute: &Attribute) -> bool {
    attribute.multi_valued || attribute.kind == Type::Complex
}

/// What a name means within `attribute[…]`: a sub-attribute, or `value` for an element that is simple.
fn within(element: &Target, name: &str) -> Option<Target> {
    let sub_attribute = match element.attribute.kind {
        Type::Complex => Some(element.attribute.sub_attribute(name)?.clone()),
        _ if name.eq_ignore_ascii_case("value") => None,
        _ => return None,
    };
    Some(Target { sub_attribute, in_element: true, ..element.clone() })
}

fn check_operator(path: &AttributePath, kind: Type, operator: Operator) -> Result<(), ScimError> {
    let is_possible = match kind {
        Type::String | Type::Reference => true,
        Type::Integer | Type::Decimal | Type::DateTime => !operator.is_about_parts(),
        Type::Boolean | Type::Binary => matches!(operator, Operator::Eq | Operator::Ne),
        Type::Complex => {
            return Err(ScimError::filter(format!("{path} is complex; compare one of its sub-attributes.")));
        }
    };
    if is_possible {
        return Ok(());
    }
    Err(ScimError::filter(format!("{path} is a {}, which cannot be compared by {operator}.", kind.as_str())))
}

fn operand(path: &AttributePath, kind: Type, literal: &Literal) -> Result<Operand, ScimError> {
    let text = literal.text();
    let operand = match kind {
        Type::Boolean => boolean(text).map(Operand::Boolean),
        Type::Integer => integer(text).map(Operand::Integer),
        Type::Decimal => decimal(text).map(Operand::Decimal),
        Type::DateTime => parse_date_time(text).map(Operand::Instant),
        _ => Some(Operand::Text(text.to_owned())),
    };
    operand.ok_or_else(|| {
        ScimError::filter(format!("{path} is a {}, which cannot be compared with {literal}.", kind.as_str()))
    })
}

/// `true` or `false` in any case, quoted or not.
fn boolean(text: &str) -> Option<bool> {
    [true, false].into_iter().find(|value| value.to_string().eq_ignore_ascii_case(text))
}

/// A JSON number without a fraction, be it written `1e3` or `1000.0`.
fn integer(text: &str) -> Option<i64> {
    crate::value::whole_number(&serde_json::from_str(text).ok()?)
}

/// A JSON number.
fn decimal(text: &str) -> Option<f64> {
    serde_json::from_str::<serde_json::Number>(text).ok()?.as_f64()
}
