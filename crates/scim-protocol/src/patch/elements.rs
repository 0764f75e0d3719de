//! Changes of multi-valued attributes: of the set, or of elements of it.

use super::OperationKind;
use super::apply::{Change, into_object};
use super::single::{only, set, set_part};
use crate::error::{ScimError, ScimType};
use crate::filter::{BoundFilter, Comparison, Operand, Operator};
use crate::schema::{Attribute, Mutability, Type};
use crate::value::{MAX_VALUES, Trail, deduplicate, fingerprint, is_primary, is_same, read_element, read_one};
use chrono::SecondsFormat;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Changes a multi-valued attribute.
pub(super) fn change(change: &Change<'_>, before: Option<Value>) -> Result<Option<Value>, ScimError> {
    let attribute = &*change.target.attribute;
    let settled = if attribute.mutability == Mutability::Immutable { before.clone() } else { None };
    let mut elements = match before {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(elements)) => elements,
        Some(single) => vec![single],
    };
    let most = elements.len().max(MAX_VALUES);
    let touched = if change.filter.is_none() && change.target.sub_attribute.is_none() {
        change_set(change, &mut elements)?
    } else {
        change_selected(change, &mut elements)?
    };
    demote(&mut elements, &touched, &change.path())?;
    elements.retain(|element| !element.is_null() && element.as_object().is_none_or(|parts| !parts.is_empty()));
    deduplicate(attribute, &mut elements);
    if elements.len() > most {
        return Err(ScimError::value(format!("{} would have more than {MAX_VALUES} values.", change.path())));
    }
    let after = (!elements.is_empty()).then_some(Value::Array(elements));
    match (settled, after) {
        (None, after) => Ok(after),
        (Some(settled), Some(after)) if is_same(attribute, &settled, &after) => Ok(Some(settled)),
        _ => Err(ScimError::mutability(format!("{} is immutable, and has values already.", change.path()))),
    }
}

/// Changes the set as such. Returns the indices of the elements that the operation speaks of.
fn change_set(change: &Change<'_>, elements: &mut Vec<Value>) -> Result<Vec<usize>, ScimError> {
    let attribute = &*change.target.attribute;
    if change.kind == OperationKind::Remove {
        match change.value {
            None | Some(Value::Null) => elements.clear(),
            Some(value) => {
                let patterns = given(attribute, value, &change.path())?;
                elements.retain(|element| !patterns.iter().any(|pattern| covers(attribute, pattern, element)));
            }
        }
        return Ok(Vec::new());
    }
    let mut given = change.value.map_or_else(|| Ok(Vec::new()), |value| given(attribute, value, &change.path()))?;
    if change.kind == OperationKind::Replace {
        deduplicate(attribute, &mut given);
        keep_parts_of_server(attribute, std::mem::replace(elements, given), elements);
        return Ok((0..elements.len()).collect());
    }
    let mut members = Members::new(attribute, elements);
    Ok(given.into_iter().map(|element| members.add(element)).collect())
}

/// The elements that a value gives: those of an array, or itself as the only one.
pub(super) fn given(attribute: &Attribute, value: &Value, path: &str) -> Result<Vec<Value>, ScimError> {
    let given = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let trail = Trail::Attribute(path);
    let read = |(index, element): (usize, &Value)| match read_element(attribute, element.clone(), index, &trail) {
        // What is null is absent, but an object in which nothing is recognised is a mistake: to remove it would remove
        // all.
        Ok(None) if !element.is_null() => Some(Err(trail.misfit(format_args!("has no value in element {index}")))),
        read => read.transpose(),
    };
    given.iter().enumerate().filter_map(read).collect()
}

/// Changes elements: those that the filter selects, or all. Returns their indices.
fn change_selected(change: &Change<'_>, elements: &mut Vec<Value>) -> Result<Vec<usize>, ScimError> {
    let selected: Vec<usize> = match change.filter {
        Some(filter) => (0..elements.len()).filter(|index| filter.matches_element(&elements[*index])).collect(),
        None => (0..elements.len()).collect(),
    };
    if selected.is_empty() {
        return make_element(change, elements);
    }
    let (attribute, path) = (&*change.target.attribute, change.path());
    for index in &selected {
        let before = elements[*index].take();
        let after = match (&change.target.sub_attribute, change.kind) {
            (Some(sub_attribute), kind) => {
                let mut parts = into_object(Some(before));
                set_part(kind, sub_attribute, &mut parts, change.value, &path)?;
                Some(Value::Object(parts))
            }
            (None, OperationKind::Remove) => None,
            (None, OperationKind::Add) => set(OperationKind::Add, attribute, Some(before), change.value, &path)?,
            (None, OperationKind::Replace) => replace_element(attribute, before, change.value, &path)?,
        };
        // What has become of it, or null, which is swept out in the end.
        elements[*index] = after.unwrap_or_default();
    }
    Ok(selected)
}

/// Puts the given element in the place of another, of which stays what clients cannot change.
fn replace_element(
    attribute: &Attribute,
    before: Value,
    value: Option<&Value>,
    path: &str,
) -> Result<Option<Value>, ScimError> {
    let Some(given) = value.map_or(Ok(None), |value| only(value, path))? else { return Ok(None) };
    let mut after = read_one(attribute, given.clone(), &Trail::Attribute(path))?;
    let (Some(Value::Object(after)), Value::Object(before)) = (&mut after, before) else { return Ok(after) };
    for (name, part) in before {
        let Some(sub_attribute) = attribute.sub_attribute(&name) else { continue };
        if !matches!(sub_attribute.mutability, Mutability::ReadOnly | Mutability::Immutable) {
            continue;
        }
        if after.get(&name).is_some_and(|after| !is_same(sub_attribute, &part, after)) {
            return Err(ScimError::mutability(format!("{path}.{name} is immutable, and has a value already.")));
        }
        after.insert(name, part);
    }
    Ok(Some(Value::Object(std::mem::take(after))))
}

/// Makes the element that a filter without a match describes, and an operation without a filter needs.
fn make_element(change: &Change<'_>, elements: &mut Vec<Value>) -> Result<Vec<usize>, ScimError> {
    let (attribute, path) = (&*change.target.attribute, change.path());
    let mut parts = Map::new();
    match (change.kind, change.filter) {
        (OperationKind::Remove, _) => return Ok(Vec::new()),
        (OperationKind::Add, Some(filter)) => describe(filter, &mut parts, &path)?,
        (OperationKind::Replace, Some(filter)) if change.options.entra => describe(filter, &mut parts, &path)?,
        (OperationKind::Replace, Some(_)) => {
            return Err(ScimError::new(ScimType::NoTarget, format!("The filter selects nothing of {path}.")));
        }
        (_, None) => {}
    }
    let Some(value) = change.value.map_or(Ok(None), |value| only(value, &path))? else { return Ok(Vec::new()) };
    let described = (!parts.is_empty()).then_some(Value::Object(parts));
    let made = match &change.target.sub_attribute {
        Some(sub_attribute) => {
            let mut parts = into_object(described);
            set_part(OperationKind::Replace, sub_attribute, &mut parts, Some(value), &path)?;
            Some(Value::Object(parts))
        }
        None => set(OperationKind::Replace, attribute, described, Some(value), &path)?,
    };
    Ok(made.map(|made| Members::new(attribute, elements).add(made)).into_iter().collect())
}

/// What an element has to be for the filter to hold, as far as that is said by `eq` and `and`.
fn describe(filter: &BoundFilter, parts: &mut Map<String, Value>, path: &str) -> Result<(), ScimError> {
    match filter {
        BoundFilter::And(filters) => filters.iter().try_for_each(|filter| describe(filter, parts, path)),
        BoundFilter::Compare(Comparison { target, operator: Operator::Eq, operand }) => {
            if let Some(sub_attribute) = target.sub_attribute.as_ref().filter(|found| !found.is_read_only()) {
                parts.insert(sub_attribute.name.clone(), literal(operand));
            }
            Ok(())
        }
        _ => {
            let detail = format!("The filter selects nothing of {path}, and describes no element that could be made.");
            Err(ScimError::new(ScimType::NoTarget, detail))
        }
    }
}

fn literal(operand: &Operand) -> Value {
    match operand {
        Operand::Text(text) => text.as_str().into(),
        Operand::Boolean(value) => (*value).into(),
        Operand::Integer(value) => (*value).into(),
        Operand::Decimal(value) => (*value).into(),
        Operand::Instant(instant) => instant.to_rfc3339_opts(SecondsFormat::AutoSi, true).into(),
    }
}

/// The elements of a set by what makes each the same as another.
struct Members<'a> {
    attribute: &'a Attribute,
    elements: &'a mut Vec<Value>,
    places: HashMap<String, usize>,
}

impl<'a> Members<'a> {
    fn new(attribute: &'a Attribute, elements: &'a mut Vec<Value>) -> Self {
        let mut places = HashMap::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            places.entry(identity(attribute, element)).or_insert(index);
        }
        Self { attribute, elements, places }
    }

    /// Adds an element, or merges it into the one that is the same. Returns the index.
    fn add(&mut self, element: Value) -> usize {
        let index = *self.places.entry(identity(self.attribute, &element)).or_insert(self.elements.len());
        match (self.elements.get_mut(index), element) {
            (None, element) => self.elements.push(element),
            (Some(Value::Object(parts)), Value::Object(new)) => {
                for (name, part) in new {
                    let known = self.attribute.sub_attribute(&name);
                    let is_settled = known.is_some_and(|known| known.mutability == Mutability::Immutable);
                    let is_same = |before: &Value| known.is_some_and(|known| is_same(known, before, &part));
                    if !parts.get(&name).is_some_and(|before| is_settled || is_same(before)) {
                        parts.insert(name, part);
                    }
                }
            }
            (Some(_), _) => {}
        }
        index
    }
}

/// What makes an element the same as another: its `value` and `type`, of which a set should have each pair once (RFC
/// 7643 §2.4); the whole, if it has no `value`.
fn identity(attribute: &Attribute, element: &Value) -> String {
    match element.as_object() {
        Some(parts) if parts.contains_key("value") => {
            let pair = parts.iter().filter(|(name, _)| ["value", "type"].contains(&name.as_str()));
            let pair: Map<_, _> = pair.map(|(name, part)| (name.clone(), part.clone())).collect();
            fingerprint(attribute, &Value::Object(pair))
        }
        _ => fingerprint(attribute, element),
    }
}

/// Whether an element is what a pattern says, as far as the pattern says something. What is only for display does not
/// count beside a `value`.
fn covers(attribute: &Attribute, pattern: &Value, element: &Value) -> bool {
    if attribute.kind != Type::Complex {
        return is_same(attribute, pattern, element);
    }
    let Some(parts) = pattern.as_object() else { return false };
    let counts = |name: &str| !parts.contains_key("value") || ["value", "type"].contains(&name);
    parts.iter().filter(|(name, _)| counts(name)).all(|(name, part)| {
        attribute
            .sub_attribute(name)
            .zip(element.get(name))
            .is_some_and(|(sub_attribute, now)| is_same(sub_attribute, part, now))
    })
}

/// Gives the elements of a new set what the server had said about the same elements of the old one.
fn keep_parts_of_server(attribute: &Attribute, before: Vec<Value>, elements: &mut [Value]) {
    let mut before: HashMap<String, Value> =
        before.into_iter().map(|element| (identity(attribute, &element), element)).collect();
    for element in elements {
        let Some(Value::Object(before)) = before.remove(&identity(attribute, element)) else { continue };
        let Value::Object(parts) = element else { continue };
        let is_of_server = |name: &str| attribute.sub_attribute(name).is_some_and(|found| found.is_read_only());
        parts.extend(before.into_iter().filter(|(name, _)| is_of_server(name)));
    }
}

/// Leaves one element primary: the one that the operation has made so, if it has.
fn demote(elements: &mut [Value], touched: &[usize], path: &str) -> Result<(), ScimError> {
    let primary = |index: &&usize| elements.get(**index).is_some_and(is_primary);
    let mut new: Vec<usize> = touched.iter().filter(primary).copied().collect();
    new.dedup();
    let [new] = new.as_slice() else {
        return if new.is_empty() {
            Ok(())
        } else {
            Err(ScimError::value(format!("{path} would have more than one primary value.")))
        };
    };
    for (index, element) in elements.iter_mut().enumerate() {
        if index != *new && is_primary(element) {
            element["primary"] = Value::Bool(false);
        }
    }
    Ok(())
}
