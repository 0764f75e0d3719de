//! Which attributes an answer contains (RFC 7644 §3.9, RFC 7643 §7 `returned`).

use crate::error::ScimError;
use crate::patch::member;
use crate::schema::{Attribute, Named, ResourceType, Returned, Type};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// What an answer contains: by default what is `returned` by default; with `attributes`, those alone; with
/// `excludedAttributes`, what is by default but those.
///
/// What is `returned: always` is always part of it, what is `never` never, and what is `request` only if it is named. A
/// whole extension is named by its URN. A complex attribute that is named comes with its sub-attributes, as far as they
/// are `returned` by default; of an attribute of which only sub-attributes are named, those come, and those that always
/// do. Names that the type does not have are ignored.
#[derive(Debug, Clone)]
pub struct Projection {
    resource_type: Arc<ResourceType>,
    /// Whether the client has named what it wants to see, or not.
    is_chosen: bool,
    contained: Arc<Contained>,
}

/// What is contained of a resource.
#[derive(Debug, Clone, PartialEq)]
struct Contained {
    /// Of the attributes at the top.
    top: Choices,
    /// Of the extensions, by URN.
    extensions: BTreeMap<String, Choices>,
}

/// What is contained of a resource of a type where nobody has named anything, once it was worked out: that is nearly always
/// asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct ByDefault(OnceLock<Arc<Contained>>);

/// It follows from the type, and tells no types apart.
impl PartialEq for ByDefault {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What is contained of attributes, by their names. What is not in it is not contained.
type Choices = BTreeMap<String, Extent>;

/// What is contained of an attribute.
#[derive(Debug, Clone, PartialEq)]
enum Extent {
    /// All.
    Whole,
    /// These sub-attributes.
    Parts(BTreeSet<String>),
}

impl Projection {
    /// A projection for `attributes` and `excludedAttributes`. An empty list says nothing.
    ///
    /// # Errors
    /// `invalidValue`, if both say something: they are mutually exclusive.
    pub fn new(
        resource_type: &Arc<ResourceType>,
        attributes: &[String],
        excluded_attributes: &[String],
    ) -> Result<Self, ScimError> {
        if !attributes.is_empty() && !excluded_attributes.is_empty() {
            return Err(ScimError::value("attributes and excludedAttributes cannot be given at once."));
        }
        let of = |names| Names::of(resource_type, names);
        let contained = if !attributes.is_empty() {
            Arc::new(Contained::of(resource_type, &Wish::Only(of(attributes))))
        } else if !excluded_attributes.is_empty() {
            Arc::new(Contained::of(resource_type, &Wish::AllBut(of(excluded_attributes))))
        } else {
            let work_out = || Arc::new(Contained::of(resource_type, &Wish::AllBut(of(&[]))));
            Arc::clone(resource_type.by_default.0.get_or_init(work_out))
        };
        Ok(Self { resource_type: resource_type.clone(), is_chosen: !attributes.is_empty(), contained })
    }

    /// The projection with what is `returned: request` among these names, which [`written_in`] a body: what a client
    /// has written, it is shown (RFC 7643 §7).
    #[must_use]
    pub fn with_written(mut self, names: &[String]) -> Self {
        for name in names {
            let Some(Named::Attribute(target)) = self.resource_type.named(name) else { continue };
            if target.attribute.returned != Returned::Request || target.attribute.is_read_only() {
                continue;
            }
            let by_default = |part: &Attribute| matches!(part.returned, Returned::Always | Returned::Default);
            let extent = extent_of(&target.attribute, by_default);
            let contained = Arc::make_mut(&mut self.contained);
            let choices = if target.is_extension {
                contained.extensions.entry(target.schema.id.clone()).or_default()
            } else {
                &mut contained.top
            };
            choices.entry(target.attribute.name.clone()).or_insert(extent);
        }
        self
    }

    /// Whether the client has named what it wants to see (`attributes`).
    #[must_use]
    pub const fn is_chosen(&self) -> bool {
        self.is_chosen
    }

    /// Whether anything of an attribute is contained, so that it has to be loaded at all: `members`, `name.givenName`,
    /// `urn:…:User:manager`, or the URN of an extension. False for what the type does not have.
    #[must_use]
    pub fn wants(&self, path: &str) -> bool {
        match self.resource_type.named(path) {
            None => false,
            Some(Named::Extension(schema)) => {
                self.contained.extensions.get(&schema.id).is_some_and(|choices| !choices.is_empty())
            }
            Some(Named::Attribute(target)) => {
                let Contained { top, extensions } = &*self.contained;
                let choices = if target.is_extension { extensions.get(&target.schema.id) } else { Some(top) };
                let extent = choices.and_then(|choices| choices.get(&target.attribute.name));
                extent.is_some_and(|extent| match (extent, &target.sub_attribute) {
                    (Extent::Parts(parts), Some(part)) => parts.contains(&part.name),
                    _ => true,
                })
            }
        }
    }

    /// Takes what is contained out of a resource in the canonical form.
    #[must_use]
    pub fn apply(&self, resource: Map<String, Value>) -> Map<String, Value> {
        let Contained { top, extensions } = &*self.contained;
        let chosen = resource.into_iter().filter_map(|(name, value)| {
            let value = match (extensions.get(&name), value) {
                (Some(choices), Value::Object(parts)) => {
                    let parts: Map<_, _> = parts.into_iter().filter_map(|part| chosen(choices, part)).collect();
                    (!parts.is_empty()).then_some(Value::Object(parts))
                }
                (_, value) => return chosen(top, (name, value)),
            };
            value.map(|value| (name, value))
        });
        chosen.collect()
    }
}

impl Contained {
    fn of(resource_type: &ResourceType, wish: &Wish) -> Self {
        let choices = |attributes: &mut dyn Iterator<Item = &Arc<Attribute>>, urn: Option<&str>| -> Choices {
            attributes.filter_map(|attribute| Some((attribute.name.clone(), wish.extent(attribute, urn)?))).collect()
        };
        let extensions = resource_type.extensions().iter().map(|extension| {
            let schema = &extension.schema;
            (schema.id.clone(), choices(&mut schema.attributes.iter(), Some(&schema.id)))
        });
        Self { top: choices(&mut resource_type.top_attributes(), None), extensions: extensions.collect() }
    }
}

/// The names of what a body speaks of: that of a resource, or that of a PATCH with its operations. Those in extensions have
/// the URN before them.
#[must_use]
pub fn written_in(body: &Value) -> Vec<String> {
    let mut names = Vec::new();
    let operations = body.as_object().and_then(|body| member(body, "Operations")).and_then(Value::as_array);
    let Some(operations) = operations else {
        note_members(body, "", &mut names);
        return names;
    };
    for operation in operations.iter().filter_map(Value::as_object) {
        let value = member(operation, "value").unwrap_or(&Value::Null);
        match member(operation, "path").and_then(Value::as_str) {
            None => note_members(value, "", &mut names),
            Some(path) => {
                let name = path.split('[').next().unwrap_or(path);
                names.push(name.to_owned());
                note_members(value, name, &mut names);
            }
        }
    }
    names
}

/// Notes the members of a value at a path, and those of extensions in it.
fn note_members(value: &Value, path: &str, names: &mut Vec<String>) {
    let is_urn = |name: &str| name.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn:"));
    if !(path.is_empty() || is_urn(path)) {
        return;
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        let name = if path.is_empty() { name.clone() } else { format!("{path}:{name}") };
        if path.is_empty() && is_urn(&name) {
            note_members(value, &name, names);
        }
        names.push(name);
    }
}

/// What is contained of one attribute of a resource or an extension.
fn chosen(choices: &Choices, (name, value): (String, Value)) -> Option<(String, Value)> {
    let value = match choices.get(&name)? {
        Extent::Whole => value,
        Extent::Parts(parts) => chosen_of(parts, value)?,
    };
    Some((name, value))
}

/// What is contained of a complex value; none, if nothing is.
fn chosen_of(parts: &BTreeSet<String>, value: Value) -> Option<Value> {
    match value {
        Value::Object(mut object) => {
            object.retain(|name, _| parts.contains(name));
            (!object.is_empty()).then_some(Value::Object(object))
        }
        Value::Array(elements) => {
            let chosen: Vec<_> = elements.into_iter().filter_map(|element| chosen_of(parts, element)).collect();
            (!chosen.is_empty()).then_some(Value::Array(chosen))
        }
        simple => Some(simple),
    }
}

/// The whole of a simple attribute, or the chosen parts of a complex one.
fn extent_of(attribute: &Attribute, is_chosen: impl Fn(&Attribute) -> bool) -> Extent {
    if attribute.kind != Type::Complex {
        return Extent::Whole;
    }
    let parts = attribute.sub_attributes.iter().filter(|part| is_chosen(part));
    Extent::Parts(parts.map(|part| part.name.clone()).collect())
}

/// What a client asks for.
enum Wish {
    /// Only what is named.
    Only(Names),
    /// What is returned by default, but for what is named.
    AllBut(Names),
}

impl Wish {
    /// What is contained of an attribute; none, if nothing is.
    fn extent(&self, attribute: &Attribute, urn: Option<&str>) -> Option<Extent> {
        let (Self::Only(names) | Self::AllBut(names)) = self;
        let named_parts = names.parts.get(&key(attribute, urn));
        let is_whole = names.has_whole(attribute, urn);
        let is_contained = match (self, attribute.returned) {
            (_, Returned::Never) => false,
            (_, Returned::Always) => true,
            (Self::Only(_), _) => is_whole || named_parts.is_some(),
            (Self::AllBut(_), returned) => returned == Returned::Default && !is_whole,
        };
        let has_part = |part: &Attribute| {
            let is_named = named_parts.is_some_and(|parts| parts.contains(&part.name));
            match (self, part.returned) {
                (_, Returned::Never) => false,
                (_, Returned::Always) => true,
                (Self::Only(_), Returned::Request) => is_named,
                // What always comes, comes whole unless parts of it are named.
                (Self::Only(_), Returned::Default) => is_whole || is_named || named_parts.is_none(),
                (Self::AllBut(_), returned) => returned == Returned::Default && !is_named,
            }
        };
        is_contained.then(|| extent_of(attribute, has_part))
    }
}

/// The attributes that are named.
struct Names {
    /// Attributes and extensions that are named as a whole.
    whole: BTreeSet<String>,
    /// Attributes of which sub-attributes are named, and those.
    parts: BTreeMap<String, BTreeSet<String>>,
}

impl Names {
    fn of(resource_type: &ResourceType, paths: &[String]) -> Self {
        let mut names = Self { whole: BTreeSet::new(), parts: BTreeMap::new() };
        for path in paths {
            match resource_type.named(path.trim()) {
                None => {}
                Some(Named::Extension(schema)) => {
                    names.whole.insert(schema.id.clone());
                }
                Some(Named::Attribute(target)) => {
                    let key = key(&target.attribute, target.is_extension.then_some(target.schema.id.as_str()));
                    match &target.sub_attribute {
                        None => names.whole.insert(key),
                        Some(part) => names.parts.entry(key).or_default().insert(part.name.clone()),
                    };
                }
            }
        }
        names
    }

    fn has_whole(&self, attribute: &Attribute, urn: Option<&str>) -> bool {
        urn.is_some_and(|urn| self.whole.contains(urn)) || self.whole.contains(&key(attribute, urn))
    }
}

/// How an attribute is noted among names.
fn key(attribute: &Attribute, urn: Option<&str>) -> String {
    match urn {
        Some(urn) => format!("{urn}:{}", attribute.name),
        None => attribute.name.clone(),
    }
}
