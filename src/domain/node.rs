//! Any node, and what all nodes have in common.

use super::contact::ExternalId;
use super::diff::{self, Fields};
use super::error::{Error, Result};
use super::id::{NodeId, NodeKind, OrganizationId};
use super::meta::Meta;
use super::{ApiToken, Collective, LinkedIdentity, Organization, Profile, Role, extension, text};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A node of any kind.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each variant is described at its type")]
pub enum Node {
    Organization(Organization),
    Profile(Box<Profile>),
    Collective(Collective),
    Role(Role),
    Identity(LinkedIdentity),
    Token(ApiToken),
}

/// A type of node: what a command may load and save.
pub trait NodeData: Clone + Send + Sync + Into<Node> {
    /// Takes the node out of the enum; none when it is of another kind.
    fn from_node(node: Node) -> Option<Self>;
}

/// A word by which a node is found: a namespace and a normalised value.
pub type NodeKey = (&'static str, String);

/// The namespaces of [`NodeKey`]s.
pub mod namespace {
    /// E-mail addresses of profiles.
    pub const EMAIL: &str = "email";
    /// User names that profiles had when they were merged into others.
    pub const FORMER_USERNAME: &str = "former_username";
    /// Telephone numbers of profiles.
    pub const PHONE: &str = "phone";
    /// Tags of profiles.
    pub const TAG: &str = "tag";
    /// External ids of profiles, teams and groups, as `client value`.
    pub const EXTERNAL_ID: &str = "external_id";
    /// Employee numbers of profiles.
    pub const EMPLOYEE_NUMBER: &str = "employee_number";
    /// Departments of profiles.
    pub const DEPARTMENT: &str = "department";
    /// Titles of profiles.
    pub const TITLE: &str = "title";
    /// Values of declared attributes, as `urn:name value`.
    pub const EXTENSION: &str = "extension";
    /// Words of the texts of any node.
    pub const TERM: &str = "term";
}

macro_rules! each {
    ($node:expr, $inner:ident => $value:expr) => {
        match $node {
            Node::Organization($inner) => $value,
            Node::Profile($inner) => $value,
            Node::Collective($inner) => $value,
            Node::Role($inner) => $value,
            Node::Identity($inner) => $value,
            Node::Token($inner) => $value,
        }
    };
}

impl Node {
    /// The public id.
    #[must_use]
    pub fn id(&self) -> NodeId {
        match self {
            Self::Organization(organization) => organization.id.node(),
            Self::Profile(profile) => profile.id,
            Self::Collective(collective) => collective.id,
            Self::Role(role) => role.id,
            Self::Identity(identity) => identity.id,
            Self::Token(token) => token.id,
        }
    }

    /// The tenant.
    #[must_use]
    pub fn organization(&self) -> OrganizationId {
        match self {
            Self::Organization(organization) => organization.id,
            Self::Profile(profile) => profile.organization,
            Self::Collective(collective) => collective.organization,
            Self::Role(role) => role.organization,
            Self::Identity(identity) => identity.organization,
            Self::Token(token) => token.tenant(),
        }
    }

    /// Version, times, provenance.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        each!(self, node => &node.meta)
    }

    /// Version, times, provenance.
    pub fn meta_mut(&mut self) -> &mut Meta {
        each!(self, node => &mut node.meta)
    }

    /// Requires every field to be sound.
    pub fn check(&self) -> Result<()> {
        each!(self, node => node.check())
    }

    /// The whole state as JSON.
    fn body(&self) -> Result<Map<String, Value>> {
        let value = each!(self, node => serde_json::to_value(node)).map_err(|_| Error::internal())?;
        let Value::Object(mut body) = value else { return Err(Error::internal()) };
        if let Some(deleted_at) = self.meta().deleted_at {
            body.insert("deleted_at".to_owned(), Value::String(deleted_at.to_rfc3339()));
        }
        Ok(body)
    }

    /// The fields that a change can touch, by path.
    pub fn fields(&self) -> Result<Fields> {
        let mut body = self.body()?;
        body.remove("id");
        if self.id().kind != NodeKind::Token {
            body.remove("organization");
        }
        Ok(diff::fields(body))
    }

    /// The words by which the node is found. A deleted node is found by none, except that what identified a merged profile
    /// leads to the one it was merged into.
    #[must_use]
    pub fn keys(&self) -> BTreeSet<NodeKey> {
        let mut keys = BTreeSet::new();
        match self {
            Self::Profile(profile) if profile.merged_into.is_some() => {
                keys.insert((namespace::FORMER_USERNAME, text::key(&profile.username)));
                identifying_keys(profile, &mut keys);
            }
            node if node.meta().deleted_at.is_some() => {}
            Self::Profile(profile) => profile_keys(profile, &mut keys),
            Self::Organization(organization) => {
                add_terms(&mut keys, [Some(&organization.slug), Some(&organization.name)]);
            }
            Self::Collective(collective) => {
                keys.extend(external_id_keys(&collective.external_ids));
                keys.extend(extension_keys(&collective.extensions));
                add_terms(&mut keys, [Some(&collective.slug), Some(&collective.name)]);
            }
            Self::Role(role) => add_terms(&mut keys, [Some(&role.slug), Some(&role.name)]),
            Self::Identity(identity) => {
                add_terms(&mut keys, [identity.username.as_ref(), identity.email.as_ref()]);
                add_terms(&mut keys, [Some(&identity.account_id), None]);
            }
            Self::Token(_) => {}
        }
        keys
    }
}

fn identifying_keys(profile: &Profile, keys: &mut BTreeSet<NodeKey>) {
    use namespace::{EMAIL, PHONE};
    keys.extend(profile.emails.iter().map(|email| (EMAIL, text::key(&email.value))));
    keys.extend(profile.phones.iter().map(|phone| (PHONE, text::phone_key(&phone.value))));
    keys.extend(external_id_keys(&profile.external_ids));
}

fn external_id_keys(ids: &[ExternalId]) -> impl Iterator<Item = NodeKey> {
    ids.iter().map(|id| (namespace::EXTERNAL_ID, external_id_key(&id.client, &id.value)))
}

fn profile_keys(profile: &Profile, keys: &mut BTreeSet<NodeKey>) {
    use namespace::{DEPARTMENT, EMPLOYEE_NUMBER, TAG, TITLE};
    identifying_keys(profile, keys);
    keys.extend(extension_keys(&profile.extensions));
    keys.extend(profile.tags.iter().map(|tag| (TAG, text::key(tag))));
    for (space, value) in
        [(EMPLOYEE_NUMBER, &profile.employee_number), (DEPARTMENT, &profile.department), (TITLE, &profile.title)]
    {
        keys.extend(value.iter().map(|value| (space, text::key(value))));
    }
    let name = &profile.name;
    add_terms(keys, [Some(&profile.username), Some(&profile.display_name())]);
    add_terms(keys, [&name.given, &name.family, &name.middle, &name.formatted].map(Option::as_ref));
    add_terms(keys, profile.emails.iter().map(|email| Some(&email.value)));
}

/// The value of an external id in the key index: the client, a space, and the id as it is.
#[must_use]
pub fn external_id_key(client: &str, value: &str) -> String {
    format!("{client} {value}").replace('\0', "\u{fffd}")
}

fn extension_keys(values: &Map<String, Value>) -> impl Iterator<Item = NodeKey> {
    extension::keys(values).map(|key| (namespace::EXTENSION, key))
}

/// The value of a declared attribute in the key index: where it stands, a space, and its key.
#[must_use]
pub fn extension_key(urn: &str, name: &str, key: &str) -> String {
    format!("{urn}:{name} {key}").replace('\0', "\u{fffd}")
}

fn add_terms<'a>(keys: &mut BTreeSet<NodeKey>, texts: impl IntoIterator<Item = Option<&'a String>>) {
    for text in texts.into_iter().flatten() {
        keys.extend(text::terms(text).into_iter().map(|term| (namespace::TERM, term)));
    }
}

macro_rules! node_data {
    ($($variant:ident($type:ty)),+ $(,)?) => {$(
        impl From<$type> for Node {
            fn from(node: $type) -> Self {
                Self::$variant(node)
            }
        }

        impl NodeData for $type {
            fn from_node(node: Node) -> Option<Self> {
                match node {
                    Node::$variant(node) => Some(node),
                    _ => None,
                }
            }
        }
    )+};
}

node_data!(Organization(Organization), Collective(Collective), Role(Role), Identity(LinkedIdentity), Token(ApiToken));

impl From<Profile> for Node {
    fn from(node: Profile) -> Self {
        Self::Profile(Box::new(node))
    }
}

impl NodeData for Profile {
    fn from_node(node: Node) -> Option<Self> {
        match node {
            Node::Profile(profile) => Some(*profile),
            _ => None,
        }
    }
}
