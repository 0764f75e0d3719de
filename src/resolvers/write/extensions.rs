//! Values of declared attributes: whatever face they come through, and whichever command brings them, they are held to what
//! the organization has declared, in the transaction that writes them.

use super::WriteContext;
use crate::domain::extension::UniqueValue;
use crate::domain::node::namespace;
use crate::domain::{Error, Extensions, Node, NodeId, Organization, Patch, Result};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

impl WriteContext<'_> {
    /// What the organization declares, as the command has left it so far.
    pub async fn declarations(&mut self) -> Result<Arc<Extensions>> {
        let id = self.unit.tenant().node();
        if let Some(Node::Organization(own)) = self.staged.get(&id).map(|staged| &staged.after) {
            return Ok(Arc::new(own.extensions.clone()));
        }
        if let Some(known) = &self.declared {
            return Ok(Arc::clone(known));
        }
        let found = self.unit.nodes(&[id], true).await?.into_iter().find_map(|node| match node {
            Node::Organization(Organization { extensions, .. }) => Some(extensions),
            _ => None,
        });
        let declared = Arc::new(found.unwrap_or_default());
        self.declared = Some(Arc::clone(&declared));
        Ok(declared)
    }

    /// The values of a node after somebody has given these in the place of those that are shown.
    pub async fn extended(
        &mut self,
        id: NodeId,
        before: &Map<String, Value>,
        given: &Patch<Map<String, Value>>,
    ) -> Result<Map<String, Value>> {
        match given {
            Patch::Absent => Ok(before.clone()),
            Patch::Null => self.declarations().await?.given(id.kind, before, &Map::new()),
            Patch::Value(given) if given == before => Ok(before.clone()),
            Patch::Value(given) => self.declarations().await?.given(id.kind, before, given),
        }
    }

    /// Requires that what is new about the values of a node is as it was declared, and that what may be there only once is.
    pub async fn check_extensions(&mut self, before: Option<&Node>, after: &Node) -> Result<()> {
        let nothing = Map::new();
        let (Some(old), Some(new)) = (before.map_or(Some(&nothing), values), values(after)) else { return Ok(()) };
        let is_back = before.is_some_and(|before| !is_live(before));
        if !is_live(after) || (old == new && !is_back) {
            return Ok(());
        }
        let (kind, declared) = (after.id().kind, self.declarations().await?);
        declared.check_values(kind, old, new)?;
        let known = if is_back { Vec::new() } else { declared.unique_values(kind, old) };
        let unique = declared.unique_values(kind, new).into_iter().filter(|value| !known.contains(value));
        let unique: Vec<UniqueValue> = unique.collect();
        self.check_unique(after.id(), &unique).await
    }

    /// The same for everything that the command has changed.
    pub(super) async fn check_all_extensions(&mut self) -> Result<()> {
        let is_affected = |id: &&NodeId| {
            self.staged.get(*id).is_some_and(|staged| {
                let before = staged.before.as_ref();
                values(&staged.after).is_some_and(|new| match before {
                    Some(before) => values(before) != Some(new) || (!is_live(before) && !new.is_empty()),
                    None => !new.is_empty(),
                })
            })
        };
        let affected: Vec<NodeId> = self.order.iter().filter(is_affected).copied().collect();
        for id in affected {
            let nodes = self.staged.get(&id).map(|staged| (staged.before.clone(), staged.after.clone()));
            if let Some((before, after)) = nodes {
                self.check_extensions(before.as_ref(), &after).await?;
            }
        }
        Ok(())
    }

    async fn check_unique(&self, own: NodeId, unique: &[UniqueValue]) -> Result<()> {
        if unique.is_empty() {
            return Ok(());
        }
        let here = self.staged.values().map(|staged| &staged.after);
        let here = here.filter(|node| node.id() != own && is_live(node));
        for (node, values) in here.filter_map(|node| Some((node, values(node)?))) {
            if let Some(value) = unique.iter().find(|value| value.is_among(values)) {
                return Err(taken(value, node.id()));
            }
        }
        let keys: HashMap<&str, &UniqueValue> = unique.iter().map(|value| (value.key.as_str(), value)).collect();
        let names: Vec<String> = keys.keys().map(|key| (*key).to_owned()).collect();
        let found = self.unit.nodes_by_keys(namespace::EXTENSION, &names).await?;
        let others: Vec<NodeId> =
            found.into_iter().map(|(_, id)| id).filter(|id| *id != own && !self.staged.contains_key(id)).collect();
        for node in self.unit.nodes(&others, false).await? {
            let values = values(&node);
            if let Some(value) = unique.iter().find(|value| values.is_some_and(|values| value.is_among(values))) {
                return Err(taken(value, node.id()));
            }
        }
        Ok(())
    }
}

/// The values of a node that can have some.
const fn values(node: &Node) -> Option<&Map<String, Value>> {
    match node {
        Node::Profile(profile) => Some(&profile.extensions),
        Node::Collective(collective) => Some(&collective.extensions),
        Node::Organization(_) | Node::Role(_) | Node::Identity(_) | Node::Token(_) => None,
    }
}

fn is_live(node: &Node) -> bool {
    node.meta().deleted_at.is_none()
}

fn taken(value: &UniqueValue, by: NodeId) -> Error {
    Error::conflict(value.field(), format!("This is declared to be unique, and that of {by}; send another value."))
}
