//! What the operations of a PATCH do.

use super::detached::{self, DetachedChange};
use super::{OperationKind, PatchOperation, PatchRequest, elements, single};
use crate::body::name_schemas;
use crate::error::{ScimError, ScimType};
use crate::filter::BoundFilter;
use crate::path::{Location, parse_path};
use crate::required;
use crate::schema::{Attribute, Named, ResourceType, Schema, Target};
use crate::value::{is_present, is_same};
use serde_json::{Map, Value};
use std::sync::Arc;

/// How much work one PATCH may be: the elements that its changes look at, each as often as there are comparisons in the
/// filter, four times as often as there are values to be removed, and twice more. A thousand operations on a set of
/// five hundred are less.
pub const MAX_WORK: usize = 4_000_000;

/// What is tolerated beyond the standard, by client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PatchOptions {
    /// Whether a `replace` whose filter selects nothing makes the element that the filter describes, as Microsoft Entra
    /// ID expects. Else it is `noTarget`. An `add` makes it in any case.
    pub entra: bool,
}

/// What a PATCH leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Patched {
    /// The resource, in the canonical form.
    pub resource: Map<String, Value>,
    /// Whether it differs from what it was. What [`Patched::detached`] changes is not part of this.
    pub changed: bool,
    /// What is to be done, in this order, to values that live outside of the resource.
    pub detached: Vec<DetachedChange>,
}

/// Applies a PATCH to a resource in the canonical form. Values of detached attributes need not be part of that, and are
/// not touched if they are.
///
/// - Operations are applied in sequence, and either all or none.
/// - `add` and `replace` without a path merge an object into the resource. Its keys may be paths: `name.givenName`,
///   `urn:…:User:employeeNumber`, `emails[type eq "work"].value`. Unknown keys are ignored; a readOnly one is, if its
///   value is what the resource has already, or if it is detached.
/// - `add` to a set adds what is not in it. An element with the same `value` and `type` as another is merged into that.
/// - `replace` of a selected element puts the new one in its place; what is immutable in it stays.
/// - `add` with a filter that selects nothing makes an element with what the filter says is equal.
/// - `remove` of a set with a `value` removes those elements alone.
/// - One value may stand for a set of one, and a set of one for a single value. `null` is the absence of a value:
///   `replace` with it removes, `add` does nothing.
/// - A new primary element demotes the one before.
/// - `schemas` follows what is present. Operations on it are checked and do nothing.
///
/// # Errors
/// `noTarget`, if a `remove` has no path, or the filter of a `replace` selects nothing; `invalidPath` and
/// `invalidFilter` as [`ResourceType::locate`]; `invalidValue`, if a value is missing or does not fit; `mutability`, if
/// an operation changes what is readOnly, or what is immutable and has a value, or if a required attribute loses its
/// value; 413, if it takes more work than [`MAX_WORK`].
pub fn apply(
    resource_type: &ResourceType,
    current: &Map<String, Value>,
    request: &PatchRequest,
    options: PatchOptions,
) -> Result<Patched, ScimError> {
    let mut patcher = Patcher { resource_type, options, resource: current.clone(), detached: Vec::new(), work: 0 };
    for operation in &request.operations {
        patcher.operate(operation)?;
    }
    patcher.finish(current)
}

/// A change of one attribute.
pub(super) struct Change<'a> {
    pub(super) kind: OperationKind,
    pub(super) target: &'a Target,
    pub(super) filter: Option<&'a BoundFilter>,
    /// The value. None and `null` differ for `remove` alone.
    pub(super) value: Option<&'a Value>,
    pub(super) options: PatchOptions,
}

impl Change<'_> {
    /// Changes the attribute in the object in which it stands.
    fn apply_in(&self, container: &mut Map<String, Value>) -> Result<(), ScimError> {
        let name = &self.target.attribute.name;
        let before = container.remove(name);
        let after = if self.target.attribute.multi_valued {
            elements::change(self, before)?
        } else {
            single::change(self, before)?
        };
        container.extend(after.map(|after| (name.clone(), after)));
        Ok(())
    }

    /// The name of the target, for the words of an error.
    pub(super) fn path(&self) -> String {
        self.target.qualified_path()
    }
}

struct Patcher<'a> {
    resource_type: &'a ResourceType,
    options: PatchOptions,
    resource: Map<String, Value>,
    detached: Vec<DetachedChange>,
    /// How much has been looked at. See [`MAX_WORK`].
    work: usize,
}

impl Patcher<'_> {
    fn operate(&mut self, operation: &PatchOperation) -> Result<(), ScimError> {
        let kind = operation.kind;
        let value = operation.value.as_ref();
        if value.is_none() && kind != OperationKind::Remove {
            return Err(ScimError::value("An add or replace needs a value."));
        }
        match &operation.path {
            Some(path) => match self.resource_type.locate(path)? {
                Location::Extension(schema) => self.change_extension(kind, &schema, value),
                Location::Attribute { target, filter } => self.change(kind, &target, filter.as_ref(), value),
            },
            None if kind == OperationKind::Remove => Err(ScimError::new(ScimType::NoTarget, "A remove needs a path.")),
            None => self.merge(kind, value),
        }
    }

    /// Merges an object into the resource. Its keys are paths.
    fn merge(&mut self, kind: OperationKind, value: Option<&Value>) -> Result<(), ScimError> {
        let Some(Value::Object(parts)) = value else {
            return Err(ScimError::value("Without a path, the value has to be an object."));
        };
        for (key, value) in parts {
            let Some(location) = self.location_of_key(key)? else { continue };
            match location {
                Location::Extension(schema) => self.change_extension(kind, &schema, Some(value))?,
                Location::Attribute { target, filter } => self.merge_one(kind, &target, filter.as_ref(), value)?,
            }
        }
        Ok(())
    }

    /// What a key means; none, if it is unknown.
    fn location_of_key(&self, key: &str) -> Result<Option<Location>, ScimError> {
        match parse_path(key) {
            Ok(path) if path.selects() => self.resource_type.locate(&path).map(Some),
            Ok(path) => Ok(self.resource_type.locate(&path).ok()),
            Err(_) => Ok(None),
        }
    }

    /// Changes what one key of an object names, unless it says of something readOnly what is so already.
    fn merge_one(
        &mut self,
        kind: OperationKind,
        target: &Target,
        filter: Option<&BoundFilter>,
        value: &Value,
    ) -> Result<(), ScimError> {
        let says_nothing_new = |now: Option<&Value>| match now {
            Some(now) => is_same(target.leaf(), now, value),
            None => !is_present(value),
        };
        // The standard has meta ignored wherever clients provide it (RFC 7643 §3.1).
        // And what lives elsewhere is not there to be compared with.
        let is_elsewhere = is_read_only(target) && target.attribute.detached;
        let is_ignored = is_common(target, "schemas") || is_common(target, "meta") || is_elsewhere;
        if is_ignored || is_read_only(target) && says_nothing_new(self.value_of(target)) {
            return Ok(());
        }
        self.change(kind, target, filter, Some(value))
    }

    /// Merges an object into an extension, or removes what clients may remove of it.
    fn change_extension(
        &mut self,
        kind: OperationKind,
        schema: &Arc<Schema>,
        value: Option<&Value>,
    ) -> Result<(), ScimError> {
        let target = |attribute: &Arc<Attribute>| Target {
            schema: schema.clone(),
            is_extension: true,
            attribute: attribute.clone(),
            sub_attribute: None,
            in_element: false,
        };
        match (kind, value) {
            (OperationKind::Remove, _) | (OperationKind::Replace, Some(Value::Null)) => {
                for attribute in schema.attributes.iter().filter(|attribute| attribute.is_changeable()) {
                    self.change(OperationKind::Remove, &target(attribute), None, None)?;
                }
                Ok(())
            }
            (_, Some(Value::Object(parts))) => {
                for (key, value) in parts {
                    // A key may repeat the URN.
                    let own = match self.resource_type.named(key) {
                        Some(Named::Attribute(found)) if found.schema.id == schema.id => Some(found),
                        _ => schema.attribute(key).map(target),
                    };
                    if let Some(target) = own {
                        self.merge_one(kind, &target, None, value)?;
                    }
                }
                Ok(())
            }
            (OperationKind::Add, Some(Value::Null)) => Ok(()),
            _ => Err(ScimError::value(format!("{} has to be an object.", schema.id))),
        }
    }

    fn change(
        &mut self,
        kind: OperationKind,
        target: &Target,
        filter: Option<&BoundFilter>,
        value: Option<&Value>,
    ) -> Result<(), ScimError> {
        if is_common(target, "schemas") {
            return check_schemas(self.resource_type, kind, value);
        }
        if is_read_only(target) {
            return Err(ScimError::mutability(format!("{} is readOnly.", target.qualified_path())));
        }
        let change = Change { kind, target, filter, value, options: self.options };
        self.charge(&change)?;
        if target.attribute.detached {
            self.detached.extend(detached::change(&change)?);
            return Ok(());
        }
        if !target.is_extension {
            return change.apply_in(&mut self.resource);
        }
        let urn = &target.schema.id;
        let mut parts = into_object(self.resource.remove(urn));
        change.apply_in(&mut parts)?;
        if !parts.is_empty() {
            self.resource.insert(urn.clone(), Value::Object(parts));
        }
        Ok(())
    }

    /// Counts the work that a change is, and refuses what is too much.
    fn charge(&mut self, change: &Change<'_>) -> Result<(), ScimError> {
        let whole = Target { sub_attribute: None, ..change.target.clone() };
        let elements = self.value_of(&whole).and_then(Value::as_array).map_or(0, Vec::len);
        let removals = match (change.kind, change.value) {
            (OperationKind::Remove, Some(Value::Array(values))) => values.len(),
            _ => 0,
        };
        self.work += 1 + elements * (2 + 4 * removals + change.filter.map_or(0, BoundFilter::terms));
        if self.work > MAX_WORK {
            let detail = "This PATCH is too much work, for what it selects from large sets; send it in parts.";
            return Err(ScimError::with_status(413, detail));
        }
        Ok(())
    }

    fn value_of(&self, target: &Target) -> Option<&Value> {
        let container =
            if target.is_extension { self.resource.get(&target.schema.id)?.as_object()? } else { &self.resource };
        let value = container.get(&target.attribute.name)?;
        match &target.sub_attribute {
            Some(sub_attribute) => value.get(&sub_attribute.name),
            None => Some(value),
        }
    }

    /// Looks at the whole: what is required, which schemas there are, and whether anything has changed.
    fn finish(mut self, current: &Map<String, Value>) -> Result<Patched, ScimError> {
        let missing_before = required::missing(self.resource_type, current);
        let missing = required::missing(self.resource_type, &self.resource);
        if let Some(path) = missing.difference(&missing_before).next() {
            return Err(ScimError::mutability(format!("{path} is required, and would be without a value.")));
        }
        let changed = !has_same_content(current, &self.resource);
        if changed {
            name_schemas(self.resource_type, &mut self.resource);
        }
        Ok(Patched { resource: self.resource, changed, detached: self.detached })
    }
}

/// Whether it is the common attribute of this name.
fn is_common(target: &Target, name: &str) -> bool {
    target.attribute.name == name && !target.is_extension
}

fn is_read_only(target: &Target) -> bool {
    target.attribute.is_read_only() || target.leaf().is_read_only()
}

/// The object, or an empty one where there is none.
pub(super) fn into_object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(parts)) => parts,
        _ => Map::new(),
    }
}

/// Whether the two are the same but for `schemas`, which follows from the rest.
fn has_same_content(left: &Map<String, Value>, right: &Map<String, Value>) -> bool {
    let content = |resource| Map::iter(resource).filter(|(name, _)| name.as_str() != "schemas");
    content(left).count() == content(right).count() && content(left).all(|(name, value)| right.get(name) == Some(value))
}

/// `schemas` follows from what is present, so an operation on it has nothing to do. It must not be removed, and names
/// URNs of the type.
fn check_schemas(resource_type: &ResourceType, kind: OperationKind, value: Option<&Value>) -> Result<(), ScimError> {
    if kind == OperationKind::Remove {
        return Err(ScimError::mutability("schemas cannot be removed; remove the attributes of the extension."));
    }
    let is_known = |urn: &Value| {
        urn.as_str().is_some_and(|urn| resource_type.schemas().any(|schema| schema.id.eq_ignore_ascii_case(urn)))
    };
    let are_known = match value {
        Some(Value::Array(urns)) => urns.iter().all(is_known),
        Some(urn) => is_known(urn),
        None => false,
    };
    if are_known {
        return Ok(());
    }
    Err(ScimError::value(format!("schemas has to consist of schemas of {}.", resource_type.name())))
}
