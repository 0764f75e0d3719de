//! What organizations, groups and roles have in common: a name, a name to show, a description, free values.

use crate::domain::{Collective, Meta, Organization, Patch, Result, Role};
use crate::sdk::sent::Sent;
use serde_json::{Map, Value, json};

/// A node that says what it is.
pub trait Described {
    /// The name, unique among its kind.
    fn slug(&self) -> &str;
    /// The name to show.
    fn name(&self) -> &str;
    /// What it is.
    fn description(&self) -> Option<&str>;
    /// Free values.
    fn metadata(&self) -> &Map<String, Value>;
    /// Version and times.
    fn meta(&self) -> &Meta;
}

macro_rules! described {
    ($($type:ident),+) => {$(
        impl Described for $type {
            fn slug(&self) -> &str {
                &self.slug
            }

            fn name(&self) -> &str {
                &self.name
            }

            fn description(&self) -> Option<&str> {
                self.description.as_deref()
            }

            fn metadata(&self) -> &Map<String, Value> {
                &self.metadata
            }

            fn meta(&self) -> &Meta {
                &self.meta
            }
        }
    )+};
}

described!(Organization, Collective, Role);

/// What every such thing shows, with its public id and whose it is.
pub fn shown(node: &impl Described, id: &str, owner: &str) -> Value {
    json!({
        "owner": owner,
        "name": node.slug(),
        "id": id,
        "createdTime": node.meta().created_at,
        "updatedTime": node.meta().updated_at,
        "displayName": node.name(),
        "description": node.description().unwrap_or_default(),
        "properties": node.metadata(),
        // What is not is deleted, and not shown.
        "isEnabled": true,
    })
}

/// What a body says of that.
#[derive(Debug, Default)]
pub struct Draft {
    /// The name.
    pub slug: Option<String>,
    /// The name to show.
    pub name: Option<String>,
    /// What it is.
    pub description: Patch<String>,
    /// Free values.
    pub metadata: Patch<Map<String, Value>>,
}

impl Draft {
    /// What this body says.
    pub fn of(sent: &Sent) -> Result<Self> {
        Ok(Self {
            slug: sent.word("name")?.map(str::to_owned),
            name: sent.word("displayName")?.map(str::to_owned),
            description: match sent.text("description")? {
                None => Patch::Absent,
                Some("") => Patch::Null,
                Some(text) => Patch::Value(text.to_owned()),
            },
            metadata: sent.object("properties")?.cloned().into(),
        })
    }
}

/// A change, as the value of what is new.
pub fn value<T>(patch: Patch<T>) -> Option<T> {
    if let Patch::Value(value) = patch { Some(value) } else { None }
}
