//! From a filter of the protocol to a condition of the store.
//!
//! The condition is never narrower than the filter. Where the database can say exactly what the filter says, it does, and
//! [`Compiled::exact`] is true; where it cannot, such as for letters beyond ASCII whose case does not count, or for the ends
//! of an id, the condition finds more, and whoever asks lets [`BoundFilter::matches`] decide about what was found. Related
//! nodes, such as a user's groups, have conditions [of their own](super::related).

use super::needle::{indexed, keyed, narrowed};
use super::pictures;
use super::places::Places;
use super::present::Eye;
use super::registry::{ENTERPRISE, Kind};
use super::related::End;
use super::table::{Home, Row};
use crate::domain::node::{extension_key, external_id_key, namespace};
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

/// Compiles a filter for resources of a type, as somebody asks for them in an organization that is called so.
pub fn compile(kind: Kind, filter: &BoundFilter, eye: Eye<'_>, organization: &str) -> Result<Compiled, ScimError> {
    let mut compiler = Compiler { places: Places { kind }, eye, organization, end: None, exact: true };
    let condition = compiler.filter(filter, true)?;
    Ok(Compiled { condition, exact: compiler.exact })
}

pub(super) struct Compiler<'a> {
    pub(super) places: Places,
    pub(super) eye: Eye<'a>,
    organization: &'a str,
    /// Where the related node is that is looked at, within a filter of elements.
    pub(super) end: Option<End>,
    exact: bool,
}

/// What always holds, and what never does.
pub(super) const ALWAYS: Condition = Condition::All(Vec::new());
pub(super) const NEVER: Condition = Condition::Any(Vec::new());

impl Compiler<'_> {
    /// A condition that finds at least what the filter does if `wide`, else at most that.
    pub(super) fn filter(&mut self, filter: &BoundFilter, wide: bool) -> Result<Condition, ScimError> {
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
    pub(super) fn unknown(&mut self, wide: bool) -> Condition {
        self.exact = false;
        if wide { ALWAYS } else { NEVER }
    }

    fn element(&mut self, attribute: &Target, filter: &BoundFilter, wide: bool) -> Result<Condition, ScimError> {
        if let Some(ends) = self.ends(attribute) {
            return self.some_related(ends, filter, wide);
        }
        let inner = self.filter(filter, wide)?;
        Ok(match self.places.list(attribute) {
            Some(list) => self.some(attribute, list, inner),
            // One object is its only element, if it is there.
            None => Condition::All(vec![self.present(attribute)?, inner]),
        })
    }

    fn present(&self, target: &Target) -> Result<Condition, ScimError> {
        if let Some(common) = self.common_present(target) {
            return Ok(common);
        }
        if let Some(ends) = self.ends(target) {
            return Ok(self.related_present(target, ends));
        }
        if self.places.row(target).is_some_and(|row| row.home == Home::Computed) {
            return computed_present(target);
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
                self.some(target, list, inner)
            }
            _ => Condition::Present(self.places.place(target)),
        })
    }

    fn compare(&mut self, comparison: &Comparison, wide: bool) -> Result<Condition, ScimError> {
        let Comparison { target, operator, operand } = comparison;
        match (self.ends(target), self.end) {
            (Some(ends), None) => return Ok(self.related(comparison, ends, wide)),
            (Some(_), Some(end)) if *operator != Operator::Ne => return Ok(self.part(comparison, end, wide)),
            (Some(_), Some(end)) => {
                let equal = Comparison { operator: Operator::Eq, ..comparison.clone() };
                return Ok(not(self.part(&equal, end, !wide)));
            }
            (None, _) => {}
        }
        if *operator == Operator::Ne {
            if !target.is_extension && target.path() == "schemas" {
                return Ok(self.unknown(wide));
            }
            let equal = Comparison { operator: Operator::Eq, ..comparison.clone() };
            let differs = |compiler: &mut Self| Ok::<_, ScimError>(not(compiler.leaf(&equal, !wide)?));
            // Of a list it is enough that one element differs, or that there is none.
            return match self.places.list(target) {
                Some(list) if !target.in_element => {
                    let some = differs(self)?;
                    let some = self.some(target, list.clone(), some);
                    Ok(Condition::Any(vec![not(self.some(target, list, ALWAYS)), some]))
                }
                _ => differs(self),
            };
        }
        let leaf = self.leaf(comparison, wide)?;
        Ok(match self.places.list(target) {
            Some(list) if !target.in_element => {
                let found = self.some(target, list, leaf);
                match (operator, operand, target.path().as_str()) {
                    (Operator::Eq, Operand::Text(value), "emails.value") => match keyed(value, text::key) {
                        Some(key) => Condition::All(vec![Condition::Key(namespace::EMAIL, key), found]),
                        None => found,
                    },
                    _ => found,
                }
            }
            _ => leaf,
        })
    }

    /// The list of the attribute has such an element.
    fn some(&self, target: &Target, list: Place, element: Condition) -> Condition {
        if self.places.row(target).is_some_and(|row| row.name == "photos") {
            return pictures::some(list, element);
        }
        Condition::Some(list, Box::new(element))
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
            Operand::Integer(value) => {
                let exact = Condition::Number(place, comparator, Number::from(*value));
                match declared_key(target, &value.to_string()) {
                    Some(index) if wide && *operator == Operator::Eq => Condition::All(vec![index, exact]),
                    _ => exact,
                }
            }
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
        if operator != Operator::Eq {
            return None;
        }
        let Some(row) = self.places.row(target) else { return declared_key(target, &text::key(value)) };
        let (column, key) = match row.home {
            Home::Column("title") => return indexed(namespace::TITLE, value),
            Home::Column("department") => return indexed(namespace::DEPARTMENT, value),
            Home::Column("employee_number") => return indexed(namespace::EMPLOYEE_NUMBER, value),
            Home::Column("username") => ("username_key", keyed(value, text::key)?),
            Home::Column("name") => ("name_key", keyed(value, text::sort_key)?),
            _ => return None,
        };
        Some(Condition::Text(Place::Column(column), Comparator::Equal, CaseSense::Exact, key))
    }

    pub(super) fn text(
        &mut self,
        place: Place,
        comparator: Comparator,
        exact: bool,
        value: &str,
        wide: bool,
    ) -> Condition {
        let case = if exact { CaseSense::Exact } else { CaseSense::Folded };
        // PostgreSQL has no U+0000, and neither database folds more than ASCII.
        if value.contains('\0') {
            return self.unknown(wide);
        }
        if !exact && !value.is_ascii() {
            let unknown = self.unknown(wide);
            return if wide { narrowed(place, comparator, &fold(value)) } else { unknown };
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
            ("id", Operand::Text(value)) => Some(self.part_of_id(*operator, value, wide)),
            ("meta.resourceType", Operand::Text(value)) => {
                let name = self.places.kind.name();
                let exact = target.leaf().compares_case();
                Some(constant(if exact {
                    holds_exactly(name, *operator, value)
                } else {
                    holds(name, *operator, value)
                }))
            }
            ("meta.location", Operand::Text(value)) if *operator == Operator::Eq => Some(self.at(value)),
            ("meta.version", Operand::Text(value)) if *operator == Operator::Eq => Some(of_version(value)),
            ("schemas", Operand::Text(value)) if *operator == Operator::Eq => Some(self.of_schema(value, wide)),
            ("schemas" | "meta.location" | "meta.version", _) => Some(self.unknown(wide)),
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

    /// The resource at that URL.
    fn at(&self, url: &str) -> Condition {
        let id = url.rsplit('/').next().and_then(|id| id.parse::<NodeId>().ok());
        match id.filter(|id| self.eye.location(*id) == url) {
            Some(id) => self.id(&id.to_string()),
            None => NEVER,
        }
    }

    /// What its kind says of an id already.
    fn part_of_id(&mut self, operator: Operator, value: &str, wide: bool) -> Condition {
        let prefixes: Vec<String> = self.places.kind.nodes().iter().map(|kind| format!("{}_", kind.prefix())).collect();
        match operator {
            Operator::Sw if prefixes.iter().all(|prefix| prefix.starts_with(value)) => ALWAYS,
            Operator::Sw if prefixes.iter().any(|prefix| prefix.starts_with(value) || value.starts_with(prefix)) => {
                self.unknown(wide)
            }
            Operator::Sw => NEVER,
            _ => self.unknown(wide),
        }
    }

    /// Those that have a schema: that of its type, which all have, or an extension of which something is said.
    fn of_schema(&mut self, urn: &str, wide: bool) -> Condition {
        let kind = self.places.kind;
        let is = |own: &str| fold(own) == fold(urn);
        if is(kind.urn()) {
            return ALWAYS;
        }
        if let Some((own, rows)) = kind.extension().filter(|(own, _)| is(own)) {
            return says_something(own, rows);
        }
        let is_of_others =
            Kind::ALL.into_iter().any(|other| is(other.urn()) || other.extension().is_some_and(|(own, _)| is(own)));
        if is_of_others { NEVER } else { self.unknown(wide) }
    }

    fn external_id(&mut self, operator: Operator, value: &str, wide: bool) -> Condition {
        let place = Place::Element(vec!["value".to_owned()]);
        let known = self.text(place, comparator(operator), true, value, wide);
        let known = self.known_as(known);
        if operator == Operator::Eq {
            let key = external_id_key(self.eye.client, value);
            return Condition::All(vec![Condition::Key(namespace::EXTERNAL_ID, key), known]);
        }
        known
    }

    /// The client knows the node by an id of which that is so.
    fn known_as(&self, condition: Condition) -> Condition {
        let place = Place::Element(vec!["client".to_owned()]);
        let client = Condition::Text(place, Comparator::Equal, CaseSense::Exact, self.eye.client.to_owned());
        Condition::Some(Place::Column("external_ids"), Box::new(Condition::All(vec![client, condition])))
    }

    fn computed(&mut self, comparison: &Comparison, wide: bool) -> Result<Condition, ScimError> {
        let Comparison { target, operator, operand } = comparison;
        let path = target.path();
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
                Condition::All(vec![organization_is_shown(), Condition::Any(vec![named, unnamed])])
            }
            _ => return Err(unsearchable(target)),
        })
    }
}

fn computed_present(target: &Target) -> Result<Condition, ScimError> {
    match target.attribute.name.as_str() {
        "active" => Ok(ALWAYS),
        "organization" => Ok(organization_is_shown()),
        _ => Err(unsearchable(target)),
    }
}

/// The entry of the key index that a node has with this value of a declared attribute: see
/// [`keys`](crate::domain::extension::keys).
fn declared_key(target: &Target, key: &str) -> Option<Condition> {
    let is_indexed = target.is_extension
        && target.sub_attribute.is_none()
        && !target.attribute.multi_valued
        && key.chars().count() <= text::MAX_NAME;
    let key = is_indexed.then(|| extension_key(&target.schema.id, &target.attribute.name, key))?;
    Some(Condition::Key(namespace::EXTENSION, key))
}

pub(super) fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

/// A directory may have taken the name of the organization away.
fn organization_is_shown() -> Condition {
    let place = Place::Json("details", vec!["organization_name".to_owned()]);
    not(Condition::Text(place, Comparator::Equal, CaseSense::Exact, String::new()))
}

/// Something is said in an extension of ours.
fn says_something(urn: &str, rows: &[Row]) -> Condition {
    let own = rows.iter().filter_map(|row| match row.home {
        Home::Column(column) => Some(Condition::Present(Place::Column(column))),
        Home::Json(column, key) => Some(Condition::Present(Place::Json(column, vec![key.to_owned()]))),
        _ => None,
    });
    let computed = [organization_is_shown(), Condition::Edge(EdgeKind::Manager, "profiles", None)];
    Condition::Any(if urn == ENTERPRISE { own.chain(computed).collect() } else { own.collect() })
}

fn status_is_active() -> Condition {
    Condition::Text(Place::Column("status"), Comparator::Equal, CaseSense::Exact, "active".to_owned())
}

pub(super) const fn constant(holds: bool) -> Condition {
    if holds { ALWAYS } else { NEVER }
}

/// The resources of that version, whatever others say in them: see [`tag`](super::present::tag).
fn of_version(value: &str) -> Condition {
    let tag = value.strip_prefix("W/\"").and_then(|value| value.strip_suffix('"'));
    let version = tag.map(|tag| tag.split_once('-').map_or(tag, |(version, _)| version));
    // Nobody else writes numbers otherwise.
    let version = version.and_then(|text| text.parse::<i64>().ok().filter(|number| number.to_string() == text));
    match version {
        Some(version) => Condition::Number(Place::Column("version"), Comparator::Equal, Number::from(version)),
        None => NEVER,
    }
}

/// Whether a text that the face makes itself compares so.
pub(super) fn holds(own: &str, operator: Operator, value: &str) -> bool {
    holds_exactly(&fold(own), operator, &fold(value))
}

pub(super) fn holds_exactly(own: &str, operator: Operator, value: &str) -> bool {
    match operator {
        Operator::Eq => own == value,
        Operator::Ne => own != value,
        Operator::Co => own.contains(value),
        Operator::Sw => own.starts_with(value),
        Operator::Ew => own.ends_with(value),
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

pub(super) const fn comparator(operator: Operator) -> Comparator {
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
    let detail = format!("{} cannot be filtered in this way; filter by another attribute.", target.qualified_path());
    ScimError::new(ScimType::InvalidFilter, detail)
}
