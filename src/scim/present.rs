//! How nodes are shown as resources.

use super::registry::Kind;
use super::table::{Home, Row};
use crate::domain::profile::ProfileStatus;
use crate::domain::{Collective, Meta, NodeId, Profile, Result};
use chrono::SecondsFormat;
use scim_protocol::etag::weak;
use scim_protocol::schema::ResourceType;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// A resource in its canonical form.
pub type Resource = Map<String, Value>;

/// The type of the picture that an avatar is shown as.
pub(super) const PICTURE: &str = "photo";

/// What a resource says of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its id.
    pub id: NodeId,
    /// Its name.
    pub name: String,
}

/// A group that something is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The group.
    pub group: Reference,
    /// Whether it is a member itself.
    pub direct: bool,
}

/// What is shown of a profile besides its own fields. What is left out is not shown.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// How the organization is called.
    pub organization: String,
    /// Whom it reports to.
    pub manager: Option<Reference>,
    /// Who answers for it.
    pub owner: Option<Reference>,
    /// The groups that it is in.
    pub groups: Vec<Membership>,
}

/// Who looks, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Eye<'a> {
    /// The URL under which everything is, without a slash at the end.
    pub base: &'a str,
    /// By which name the client is known in external ids.
    pub client: &'a str,
}

impl Eye<'_> {
    /// The URL of a node that is shown; its id if it is not.
    #[must_use]
    pub fn location(&self, id: NodeId) -> String {
        match Kind::of(id.kind) {
            Some(kind) => format!("{}/{}/{id}", self.base, kind.endpoint()),
            None => id.to_string(),
        }
    }

    fn reference(&self, reference: &Reference, name: &str) -> Value {
        json!({ "value": reference.id.to_string(), "$ref": self.location(reference.id), name: reference.name })
    }
}

/// A resource as a client is shown it, and what goes with it whatever the client wants to see.
#[derive(Debug, Clone)]
pub struct Shown {
    /// What the client wants to see.
    pub resource: Resource,
    /// The version of the node.
    pub version: i64,
    /// The entity tag, without its quotation marks. See [`tag`].
    pub tag: String,
    /// The URL.
    pub location: String,
}

impl Shown {
    /// What a client wants to see of a node of that version.
    #[must_use]
    pub fn new(mut resource: Resource, id: NodeId, version: i64, eye: Eye<'_>) -> Self {
        let tag = tag(version, &resource);
        if let Some(shown) = resource.get_mut("meta").and_then(|meta| meta.get_mut("version")) {
            *shown = Value::String(weak(&tag));
        }
        Self { resource, version, tag, location: eye.location(id) }
    }
}

/// The entity tag of what is shown: the version of the node, and a mark of what others have come to say in it.
///
/// Who is in a group, and which groups a user is in, changes without that node: the group or its members may be what
/// changes. A tag that did not say so would tell a client with an old copy that nothing has changed.
#[must_use]
pub fn tag(version: i64, shown: &Resource) -> String {
    let manager = shown.get(super::registry::ENTERPRISE).and_then(|enterprise| enterprise.get("manager"));
    let others: Vec<&Value> =
        ["groups", "owners", "members"].into_iter().filter_map(|name| shown.get(name)).chain(manager).collect();
    if others.is_empty() {
        return version.to_string();
    }
    let mut hash = Sha256::new();
    for other in others {
        hash.update(other.to_string());
    }
    let mark: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{version}-{mark}")
}

/// How a profile looks.
pub fn profile(
    kind: Kind,
    of_type: &ResourceType,
    profile: &Profile,
    around: &Surroundings,
    eye: Eye<'_>,
) -> Result<Resource> {
    let stored = stored(profile)?;
    let mut resource = plain(kind, &stored);
    resource.insert("active".to_owned(), Value::Bool(profile.status == ProfileStatus::Active));
    let has_pictures = resource.contains_key("photos") || kind.row(None, "photos").is_none();
    if let Some(avatar) = profile.avatar.as_ref().filter(|_| !has_pictures) {
        resource.insert("photos".to_owned(), json!([{ "value": avatar, "type": PICTURE, "primary": true }]));
    }
    if let Some(id) = profile.external_ids.iter().find(|id| id.client == eye.client) {
        resource.insert("externalId".to_owned(), Value::String(id.value.clone()));
    }
    if !around.groups.is_empty() {
        let groups = around.groups.iter().map(|membership| {
            let mut group = eye.reference(&membership.group, "display");
            group["type"] = Value::from(if membership.direct { "direct" } else { "indirect" });
            group
        });
        resource.insert("groups".to_owned(), groups.collect());
    }
    if let Some(owner) = around.owner.as_ref().filter(|_| kind.row(None, "owners").is_some()) {
        resource.insert("owners".to_owned(), json!([eye.reference(owner, "display")]));
    }
    if kind == Kind::User {
        let enterprise = resource.entry(super::registry::ENTERPRISE).or_insert_with(|| json!({}));
        let organization = profile.details.organization_name.as_ref().unwrap_or(&around.organization);
        if !organization.is_empty() {
            enterprise["organization"] = Value::String(organization.clone());
        }
        if let Some(manager) = &around.manager {
            enterprise["manager"] = eye.reference(manager, "displayName");
        }
    }
    extend(&mut resource, &profile.extensions);
    finish(kind, of_type, &mut resource, profile.id, &profile.meta, eye);
    Ok(resource)
}

/// How a team or group looks, without its members.
pub fn group(of_type: &ResourceType, group: &Collective, eye: Eye<'_>) -> Result<Resource> {
    let mut stored = stored(group)?;
    stored.insert("kind".to_owned(), Value::from(group.id.kind.name()));
    let mut resource = plain(Kind::Group, &stored);
    if let Some(id) = group.external_ids.iter().find(|id| id.client == eye.client) {
        resource.insert("externalId".to_owned(), Value::String(id.value.clone()));
    }
    extend(&mut resource, &group.extensions);
    finish(Kind::Group, of_type, &mut resource, group.id, &group.meta, eye);
    Ok(resource)
}

/// Takes the extension out of a group if it says no more than that it is a group: a client that has never written it, or has
/// removed it, does not find it there.
pub fn leave_out_idle_extension(group: &mut Resource) {
    let Some((urn, _)) = Kind::Group.extension() else { return };
    let says_more = |(name, value): (&String, &Value)| name != "slug" && !(name == "kind" && value == "group");
    let is_idle = group.get(urn).and_then(Value::as_object).is_some_and(|extension| !extension.iter().any(says_more));
    if is_idle {
        group.remove(urn);
        if let Some(Value::Array(schemas)) = group.get_mut("schemas") {
            schemas.retain(|schema| schema != urn);
        }
    }
}

/// How a member of a group looks there.
#[must_use]
pub fn member(member: &Reference, eye: Eye<'_>) -> Value {
    let mut value = eye.reference(member, "display");
    value["type"] = Value::from(Kind::of(member.id.kind).map_or("User", Kind::name));
    value
}

/// The fields of a node as the graph keeps them.
pub(super) fn stored(node: &impl Serialize) -> Result<Map<String, Value>> {
    match serde_json::to_value(node) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(crate::domain::Error::internal()),
    }
}

/// What the table alone says.
fn plain(kind: Kind, stored: &Map<String, Value>) -> Resource {
    let mut resource: Resource = values(kind.rows(), stored).collect();
    if let Some((urn, rows)) = kind.extension() {
        let extension: Map<String, Value> = values(rows, stored).collect();
        if !extension.is_empty() {
            resource.insert(urn.to_owned(), Value::Object(extension));
        }
    }
    resource
}

fn values<'a>(rows: &'a [Row], stored: &'a Map<String, Value>) -> impl Iterator<Item = (String, Value)> + 'a {
    rows.iter().filter_map(|row| value(row, stored).map(|value| (row.name.to_owned(), value)))
}

/// The value of an attribute, if there is one.
pub(super) fn value(row: &Row, stored: &Map<String, Value>) -> Option<Value> {
    match row.home {
        Home::Computed | Home::Key(_) => None,
        Home::Column(column) => stored.get(column).filter(|value| !value.is_null()).cloned(),
        Home::Json(column, key) => stored.get(column)?.get(key).filter(|value| !value.is_null()).cloned(),
        Home::Object(column) => parts(row, stored.get(column)?),
        Home::List(column) => list(row, stored.get(column)?),
        Home::ListIn(column, key) => list(row, stored.get(column)?.get(key)?),
    }
}

fn list(row: &Row, elements: &Value) -> Option<Value> {
    let elements: Vec<Value> = elements.as_array()?.iter().filter_map(|element| parts(row, element)).collect();
    (!elements.is_empty()).then_some(Value::Array(elements))
}

fn parts(row: &Row, element: &Value) -> Option<Value> {
    let part = |part: &Row| match part.home {
        Home::Key(key) => {
            element.get(key).filter(|value| !value.is_null()).map(|value| (part.name.to_owned(), value.clone()))
        }
        _ => None,
    };
    let parts: Map<String, Value> = row.parts.iter().filter_map(part).collect();
    (!parts.is_empty()).then_some(Value::Object(parts))
}

fn extend(resource: &mut Resource, extensions: &Map<String, Value>) {
    resource.extend(extensions.iter().map(|(urn, values)| (urn.clone(), values.clone())));
}

/// Adds what every resource has.
fn finish(kind: Kind, of_type: &ResourceType, resource: &mut Resource, id: NodeId, meta: &Meta, eye: Eye<'_>) {
    // What is no longer declared is kept, and not shown.
    resource.retain(|name, value| {
        let Some(schema) = of_type.schemas().find(|schema| schema.id == *name) else { return !name.contains(':') };
        if let Value::Object(values) = value {
            values.retain(|name, _| schema.attribute(name).is_some());
            return !values.is_empty();
        }
        true
    });
    let extensions = of_type.extensions().iter().map(|extension| &extension.schema.id);
    let schemas = extensions.filter(|urn| resource.contains_key(*urn)).cloned();
    let schemas: Vec<String> = std::iter::once(kind.urn().to_owned()).chain(schemas).collect();
    resource.insert("schemas".to_owned(), json!(schemas));
    resource.insert("id".to_owned(), Value::String(id.to_string()));
    let time = |at: crate::domain::Timestamp| at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let meta = json!({
        "resourceType": kind.name(),
        "created": time(meta.created_at),
        "lastModified": time(meta.updated_at),
        "location": eye.location(id),
        "version": weak(&meta.version.to_string()),
    });
    resource.insert("meta".to_owned(), meta);
}
