//! From a filter of the protocol to a condition of the store.
//!
//! The condition is never narrower than the filter. Where the database can say exactly what the filter says, it does, and
//! [`Compiled::exact`] is true; where it cannot, such as for letters beyond ASCII whose case does not count, or for the ends
//! of an id, the condition finds more, and whoever asks lets [`BoundFilter::matches`] decide about what was found. What
//! nobody could find without looking at everything, such as the names of a user's groups, is refused.

use super::places::Places;
use super::registry::Kind;
use super::table::Home;
use crate::domain::node::{external_id_key, namespace};
use crate::domain::{EdgeKind, NodeId, text};
use crate::store::{CaseSense, Comparator, Condition, Place};
use chrono::{DateTime, Utc};
use scim_protocol::filter::{BoundFilter, Comparison, Operand, Operator};
use scim_protocol::schema::{Target, Type};
use scim_protocol::{ScimError, ScimType, fold};
use serde_json::Number;

/// A condition, and whether it says all that the filter says.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The condition.
    pub condition: Condition,
    /// Whether it finds exactly what the filter wants; else it finds that, and perhaps more.
    pub exact: bool,
}

/// Compiles a filter for resources of a type, as a client asks for them that is known by that name in external ids, in an
/// organization that is called so.
pub fn compile(kind: Kind, filter: &BoundFilter, client: &str, organization: &str) -> Result<Compiled, ScimError> {
    let mut compiler = Compiler { places: Places { kind }, client, organization, exact: true };
    let condition = compiler.filter(filter, true)?;
    Ok(Compiled { condition, exact: compiler.exact })
}

struct Compiler<'a> {
    places: Places,
    client: &'a str,
    organization: &'a str,
    exact: bool,
}

/// What always holds, and what never does.
const ALWAYS: Condition = Condition::All(Vec::new());
const NEVER: Condition = Condition::Any(Vec::new());

impl Compiler<'_> {
    /// A condition that finds at least what the filter does if `wide`, else at most that.
    fn filter(&mut self, filter: &BoundFilter, wide: bool) -> Result<Condition, ScimError> {
        Ok(match filter {
            BoundFilter::And(parts) => Condition::All(self.each(parts, wide)?),
            BoundFilter::Or(parts) => Condition::Any(self.each(parts, wide)?),
            BoundFilter::Not(part) => not(self.filter(part, !wide)?),
            BoundFilter::Compare(comparison) => self.compare(comparison, wide)?,
            BoundFilter::Present(target) => self.present(target)?,
            BoundFilter::Element { attribute, filter } => self.element(attribute, filter, wide)?,
        })
    }

    fn each(&mut self, parts: &[BoundFilter], wide: bool) -> Result<Vec<Condition>, ScimError> {
        parts.iter().map(|part| self.filter(part, wide)).collect()
    }

    /// The best that can be said of what the database cannot tell.
    fn unknown(&mut self, wide: bool) -> Condition {
        self.exact = false;
        if wide { ALWAYS } else { NEVER }
    }

    fn element(&mut self, attribute: &Target, filter: &BoundFilter, wide: bool) -> Result<Condition, ScimError> {
        match self.places.row(attribute).map(|row| row.home) {
            Some(Home::Computed) => match filter {
                // groups[value eq "…"] is groups.value eq "…".
                BoundFilter::Compare(comparison) => self.compare(comparison, wide),
                _ => Err(unsearchable(attribute)),
            },
            _ => {
                let inner = self.filter(filter, wide)?;
                Ok(match self.places.list(attribute) {
                    Some(list) => Condition::Some(list, Box::new(inner)),
                    // One object is its only element, if it is there.
                    None => Condition::All(vec![self.present(attribute)?, inner]),
                })
            }
        }
    }

    fn present(&self, target: &Target) -> Result<Condition, ScimError> {
        if let Some(common) = self.common_present(target) {
            return Ok(common);
        }
        if self.places.row(target).is_some_and(|row| row.home == Home::Computed) {
            return self.computed_present(target);
        }
        if target.sub_attribute.is_none() && target.attribute.kind == Type::Complex && !target.attribute.multi_valued {
            let parts = target.attribute.sub_attributes.iter().map(|part| {
                let target = Target { sub_attribute: Some(part.clone()), ..target.clone() };
                self.present(&target)
            });
            return Ok(Condition::Any(parts.collect::<Result<_, _>>()?));
        }
        Ok(match self.places.list(target) {
            Some(list) if !target.in_element => {
                let inner = if target.sub_attribute.is_some() {
                    Condition::Present(self.places.place_in_element(target))
                } else {
                    ALWAYS
                };
                Condition::Some(list, Box::new(inner))
            }
            _ => Condition::Present(self.places.place(target)),
        })
    }

    fn compare(&mut self, comparison: &Comparison, wide: bool) -> Result<Condition, ScimError> {
        let Comparison { target, operator, operand } = comparison;
        if *operator == Operator::Ne {
            let equal = Comparison { operator: Operator::Eq, ..comparison.clone() };
            let differs = |compiler: &mut Self| Ok::<_, ScimError>(not(compiler.leaf(&equal, !wide)?));
            // Of a list it is enough that one element differs, or that there is none.
            return match self.places.list(target) {
                Some(list) if !target.in_element => {
                    let some = Condition::Some(list.clone(), Box::new(differs(self)?));
                    Ok(Condition::Any(vec![not(Condition::Some(list, Box::new(ALWAYS))), some]))
                }
                _ => differs(self),
            };
        }
        let leaf = self.leaf(comparison, wide)?;
        Ok(match self.places.list(target) {
            Some(list) if !target.in_element => {
                let found = Condition::Some(list, Box::new(leaf));
                match (operator, operand, target.path().as_str()) {
                    (Operator::Eq, Operand::Text(value), "emails.value") => {
                        Condition::All(vec![Condition::Key(namespace::EMAIL, text::key(value)), found])
                    }
                    _ => found,
                }
            }
            _ => leaf,
        })
    }

    /// A comparison with one value: that of the node, or of the element that is looked at.
    fn leaf(&mut self, comparison: &Comparison, wide: bool) -> Result<Condition, ScimError> {
        let Comparison { target, operator, operand } = comparison;
        if let Some(condition) = self.common(comparison, wide) {
            return Ok(condition);
        }
        if self.places.row(target).is_some_and(|row| row.home == Home::Computed) {
            return self.computed(comparison, wide);
        }
        let place = if self.places.list(target).is_some() {
            self.places.place_in_element(target)
        } else {
            self.places.place(target)
        };
        let comparator = comparator(*operator);
        Ok(match operand {
            Operand::Boolean(value) => Condition::Boolean(place, *value),
            Operand::Integer(value) => Condition::Number(place, comparator, Number::from(*value)),
            Operand::Decimal(value) => match Number::from_f64(*value) {
                Some(number) => Condition::Number(place, comparator, number),
                None => self.unknown(wide),
            },
            Operand::Text(_) if target.leaf().kind == Type::Binary => self.unknown(wide),
            Operand::Text(value) => {
                let exact = self.text(place, comparator, target.leaf().compares_case(), value, wide);
                match self.index(target, *operator, value) {
                    Some(index) if wide => Condition::All(vec![index, exact]),
                    _ => exact,
                }
            }
            Operand::Instant(_) => self.unknown(wide),
        })
    }

    /// A condition on an indexed column that follows from the comparison.
    fn index(&self, target: &Target, operator: Operator, value: &str) -> Option<Condition> {
        let row = self.places.row(target).filter(|_| operator == Operator::Eq)?;
        let (column, key) = match row.home {
            Home::Column("username") => ("username_key", text::key(value)),
            Home::Column("name") => ("name_key", text::sort_key(value)),
            _ => return None,
        };
        Some(Condition::Text(Place::Column(column), Comparator::Equal, CaseSense::Exact, key))
    }

    fn text(&mut self, place: Place, comparator: Comparator, exact: bool, value: &str, wide: bool) -> Condition {
        let case = if exact { CaseSense::Exact } else { CaseSense::Folded };
        // PostgreSQL has no U+0000, and neither database folds more than ASCII.
        if value.contains('\0') || (!exact && !value.is_ascii()) {
            return self.unknown(wide);
        }
        let value = if exact { value.to_owned() } else { fold(value) };
        Condition::Text(place, comparator, case, value)
    }

    /// Comparisons of what every resource has.
    fn common(&mut self, Comparison { target, operator, operand }: &Comparison, wide: bool) -> Option<Condition> {
        if target.is_extension {
            return None;
        }
        let path = target.path();
        match (path.as_str(), operand) {
            ("id", Operand::Text(value)) if *operator == Operator::Eq => Some(self.id(value)),
            ("externalId", Operand::Text(value)) => Some(self.external_id(*operator, value, wide)),
            ("meta.created", Operand::Instant(at)) => Some(time("created_at", *operator, *at)),
            ("meta.lastModified", Operand::Instant(at)) => Some(time("updated_at", *operator, *at)),
            ("id" | "schemas" | "meta.resourceType" | "meta.location" | "meta.version", _) => Some(self.unknown(wide)),
            _ => None,
        }
    }

    fn common_present(&self, target: &Target) -> Option<Condition> {
        if target.is_extension {
            return None;
        }
        match target.attribute.name.as_str() {
            "id" | "meta" | "schemas" => Some(ALWAYS),
            "externalId" => Some(self.known_as(ALWAYS)),
            _ => None,
        }
    }

    fn id(&self, value: &str) -> Condition {
        match value.parse::<NodeId>() {
            Ok(id) if self.places.kind.nodes().contains(&id.kind) => {
                let kind = id.kind.name().to_owned();
                let kind = Condition::Text(Place::Column("kind"), Comparator::Equal, CaseSense::Exact, kind);
                Condition::All(vec![Condition::Id(id.uuid), kind])
            }
            _ => NEVER,
        }
    }

    fn external_id(&mut self, operator: Operator, value: &str, wide: bool) -> Condition {
        let place = Place::Element(vec!["value".to_owned()]);
        let known = self.text(place, comparator(operator), true, value, wide);
        let known = self.known_as(known);
        if operator == Operator::Eq {
            let key = external_id_key(self.client, value);
            return Condition::All(vec![Condition::Key(namespace::EXTERNAL_ID, key), known]);
        }
        known
    }

    /// The client knows the node by an id of which that is so.
    fn known_as(&self, condition: Condition) -> Condition {
        let place = Place::Element(vec!["client".to_owned()]);
        let client = Condition::Text(place, Comparator::Equal, CaseSense::Exact, self.client.to_owned());
        Condition::Some(Place::Column("external_ids"), Box::new(Condition::All(vec![client, condition])))
    }

    fn computed(&mut self, comparison: &Comparison, wide: bool) -> Result<Condition, ScimError> {
        let Comparison { target, operator, operand } = comparison;
        let path = target.path();
        let node = |kinds: fn(NodeId) -> bool| match operand {
            Operand::Text(value) => value.parse::<NodeId>().ok().filter(|id| kinds(*id)).map(|id| id.uuid),
            _ => None,
        };
        Ok(match (path.as_str(), operand, operator) {
            ("active", Operand::Boolean(active), _) => {
                let status = status_is_active();
                if *active { status } else { not(status) }
            }
            ("organization", Operand::Text(value), operator) => {
                let place = Place::Json("details", vec!["organization_name".to_owned()]);
                let named = self.text(place.clone(), comparator(*operator), false, value, wide);
                let own = if holds(self.organization, *operator, value) { ALWAYS } else { NEVER };
                let unnamed = Condition::All(vec![not(Condition::Present(place)), own]);
                Condition::Any(vec![named, unnamed])
            }
            ("manager.value", _, Operator::Eq) => node(|id| id.kind.is_profile())
                .map_or(NEVER, |id| Condition::Edge(EdgeKind::Manager, "profiles", Some(id))),
            ("groups.value", _, Operator::Eq) => {
                node(|id| id.kind.is_collective()).map_or(NEVER, Condition::InCollective)
            }
            ("members.value", _, Operator::Eq) => {
                node(|_| true).map_or(NEVER, |id| Condition::EdgeFrom(EdgeKind::Member, Some(id)))
            }
            _ => return Err(unsearchable(target)),
        })
    }

    fn computed_present(&self, target: &Target) -> Result<Condition, ScimError> {
        Ok(match (target.attribute.name.as_str(), target.sub_attribute.as_ref().map(|part| part.name.as_str())) {
            ("active" | "organization", None) => ALWAYS,
            ("manager", None | Some("value")) => Condition::Edge(EdgeKind::Manager, "profiles", None),
            ("groups", None | Some("value")) => Condition::Edge(EdgeKind::Member, "collectives", None),
            ("members", None | Some("value")) => Condition::EdgeFrom(EdgeKind::Member, None),
            _ => return Err(unsearchable(target)),
        })
    }
}

fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

fn status_is_active() -> Condition {
    Condition::Text(Place::Column("status"), Comparator::Equal, CaseSense::Exact, "active".to_owned())
}

/// Whether a text that the face makes itself compares so.
fn holds(own: &str, operator: Operator, value: &str) -> bool {
    let (own, value) = (fold(own), fold(value));
    match operator {
        Operator::Eq => own == value,
        Operator::Ne => own != value,
        Operator::Co => own.contains(&value),
        Operator::Sw => own.starts_with(&value),
        Operator::Ew => own.ends_with(&value),
        Operator::Gt => own > value,
        Operator::Ge => own >= value,
        Operator::Lt => own < value,
        Operator::Le => own <= value,
    }
}

/// Times are kept to the microsecond; a client may say more.
fn time(column: &'static str, operator: Operator, at: DateTime<Utc>) -> Condition {
    let micros = at.timestamp_micros();
    let between = !at.timestamp_subsec_nanos().is_multiple_of(1_000);
    let comparator = match operator {
        Operator::Gt | Operator::Ge if between => Comparator::Greater,
        Operator::Lt | Operator::Le if between => Comparator::LessOrEqual,
        Operator::Eq if between => return NEVER,
        other => comparator(other),
    };
    Condition::Time(column, comparator, micros)
}

const fn comparator(operator: Operator) -> Comparator {
    match operator {
        Operator::Eq | Operator::Ne => Comparator::Equal,
        Operator::Co => Comparator::Contains,
        Operator::Sw => Comparator::StartsWith,
        Operator::Ew => Comparator::EndsWith,
        Operator::Gt => Comparator::Greater,
        Operator::Ge => Comparator::GreaterOrEqual,
        Operator::Lt => Comparator::Less,
        Operator::Le => Comparator::LessOrEqual,
    }
}

fn unsearchable(target: &Target) -> ScimError {
    let path = target.qualified_path();
    let detail = format!(
        "{path} cannot be filtered in this way; compare ids with eq: manager.value, groups.value, members.value."
    );
    ScimError::new(ScimType::InvalidFilter, detail)
}
