//! How resources are written: as commands that run the commands of the graph.
//!
//! Each command here loads the node inside the transaction, shows it as a resource, lets the protocol change that, and runs
//! what makes the node say the same: `UpdateProfile`, `SetManager`, `DisableProfile`, `AddMembers`, … each with its own event.
//! Nothing that looks as before is touched.

mod conditions;
mod deletion;
mod group;
mod members;
mod profile;
mod secret;

pub use conditions::Conditions;
pub use deletion::DeleteResource;
pub use group::{ChangeGroup, ProvisionGroup};
pub use profile::{ChangeProfile, ProvisionProfile, Provisioned};
pub use secret::{Hidden, Secret};

use super::error;
use super::present::{Eye, Resource};
use super::registry::Kind;
use crate::domain::contact::ExternalId;
use crate::domain::node::{NodeKey, external_id_key, namespace};
use crate::domain::{Error, Node, NodeId, Result};
use crate::resolvers::WriteContext;
use scim_protocol::patch::{self, PatchOptions, PatchRequest};
use scim_protocol::schema::ResourceType;
use scim_protocol::{ScimType, body};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

/// What is to become of a resource.
#[derive(Debug, Clone)]
pub enum Change {
    /// What a PUT says: this.
    Replace(Value),
    /// What a PATCH says: this is to be done.
    Patch(PatchRequest),
}

/// Who writes, and how it wants things to be understood.
#[derive(Debug, Clone)]
pub struct Writer {
    /// The type of the resource.
    pub kind: Kind,
    /// That type, as the organization has it.
    pub of_type: Arc<ResourceType>,
    /// The URL under which everything is.
    pub base: String,
    /// By which name the client is known in external ids.
    pub client: String,
    /// How the organization is called: slug, name, id.
    pub organization: [String; 3],
    /// Whether the client is Entra ID, whose requests mean more than they say.
    pub entra: bool,
    /// Whether members that do not exist are left out, instead of refused.
    pub ignore_unknown_members: bool,
    /// At which versions of the resource the client wants it written.
    pub conditions: Conditions,
}

/// The node that a client knows by one of its ids.
struct Known {
    /// The node: the one that it has become, if it was merged into another.
    id: NodeId,
    /// Whether it was.
    merged: bool,
}

impl Writer {
    fn eye(&self) -> Eye<'_> {
        Eye { base: &self.base, client: &self.client }
    }

    /// The resource as the change wants it, and what it does to values that are kept elsewhere.
    fn changed(&self, current: &Resource, change: &Change) -> Result<patch::Patched> {
        match change {
            Change::Replace(body) => {
                let purpose = body::Purpose::Replace { current };
                let resource = body::read(&self.of_type, body.clone(), purpose).map_err(error::of_protocol)?;
                Ok(patch::Patched { changed: resource != *current, resource, detached: Vec::new() })
            }
            Change::Patch(request) => {
                let options = PatchOptions { entra: self.entra };
                patch::apply(&self.of_type, current, request, options).map_err(error::of_protocol)
            }
        }
    }

    /// Requires that the resource is at a version that the client expects.
    fn check_version(&self, version: i64) -> Result<()> {
        if self.conditions.hold(version) { Ok(()) } else { Err(Error::stale(version)) }
    }

    /// Requires that the client knows no other node by the same id.
    async fn check_external_id(
        &self,
        context: &WriteContext<'_>,
        own: Option<NodeId>,
        ids: &[ExternalId],
    ) -> Result<()> {
        match self.known_as(context, ids).await? {
            Some(other) if Some(other.id) != own => Err(other.taken()),
            _ => Ok(()),
        }
    }

    /// The key of the node that the client knows by this id.
    fn key_of(&self, external_id: &str) -> NodeKey {
        (namespace::EXTERNAL_ID, external_id_key(&self.client, external_id))
    }

    /// The key by which it is looked for what the client knows by the external id of a resource.
    fn lookups(&self, resource: &Resource) -> Vec<NodeKey> {
        let id = resource.get("externalId").and_then(Value::as_str);
        id.map(|id| self.key_of(id)).into_iter().collect()
    }

    /// The node of the type that the client knows by its id among these: a live one, or else the one that a merged one has
    /// become. Resources of different types may have the same id (RFC 7643 §3.1).
    async fn known_as(&self, context: &WriteContext<'_>, ids: &[ExternalId]) -> Result<Option<Known>> {
        let Some(id) = ids.iter().find(|id| id.client == self.client) else { return Ok(None) };
        let (_, key) = self.key_of(&id.value);
        let mut holders = context.unit().nodes_by_key(namespace::EXTERNAL_ID, &key).await?;
        holders.retain(|holder| self.kind.nodes().contains(&holder.kind));
        let mut nodes = context.unit().nodes(&holders, true).await?;
        nodes.sort_by_key(Node::id);
        if let Some(live) = nodes.iter().find(|node| node.meta().deleted_at.is_none()) {
            return Ok(Some(Known { id: live.id(), merged: false }));
        }
        let mut next = nodes.iter().find_map(merged_into);
        // A merge joins what is alive, so there are no circles.
        while let Some(id) = next {
            match context.unit().nodes(&[id], true).await?.pop() {
                Some(node) if node.meta().deleted_at.is_none() => return Ok(Some(Known { id, merged: true })),
                node => next = node.as_ref().and_then(merged_into),
            }
        }
        Ok(None)
    }

    /// Requires that what a resource calls its organization is the organization. Entra ID sends the name of the company,
    /// which is kept as it is: then it is the name to keep.
    fn organization_of(&self, named: Option<&str>) -> Result<Option<String>> {
        let Some(named) = named else { return Ok(None) };
        let [slug, ..] = &self.organization;
        if self.organization.iter().any(|own| scim_protocol::fold(own) == scim_protocol::fold(named)) {
            return Ok(None);
        }
        if self.entra {
            return Ok(Some(named.to_owned()));
        }
        let message = format!("This credential writes to the organization {slug}; send that, or leave it out.");
        Err(Error::invalid("organization", message).known_as(ScimType::InvalidValue.as_str()))
    }
}

impl Known {
    /// Says that it keeps its id for itself.
    fn taken(&self) -> Error {
        let Self { id, merged } = self;
        let message = if *merged {
            format!("What had this externalId was merged into {id}; change that one instead.")
        } else {
            format!("This externalId is that of {id} already; change that one, or send another externalId.")
        };
        Error::conflict("externalId", message)
    }
}

fn merged_into(node: &Node) -> Option<NodeId> {
    if let Node::Profile(profile) = node { profile.merged_into } else { None }
}

/// What tells one such command from another, for those who send one twice.
impl Serialize for Change {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Replace(body) => body.serialize(serializer),
            Self::Patch(request) => format!("{request:?}").serialize(serializer),
        }
    }
}

/// The id that a reference names.
fn id_of(reference: &Value) -> Option<NodeId> {
    let value = reference.as_str().or_else(|| reference.get("value").and_then(Value::as_str))?;
    value.parse().ok()
}
