//! How deep teams and groups hang, as far as a batch moves them: the edges it opens are not written yet.

use super::known::Known;
use super::record::ImportRecord;
use crate::domain::{Error, NodeId, Result};
use crate::store::Unit;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The deepest hierarchy that is allowed, counted in nodes from the top to the bottom; as in `set_parent`.
const MAX_DEPTH: usize = 32;

/// The parts of the hierarchy of parents that a batch moves: what lies above the new parents, and below the children.
#[derive(Default)]
pub(super) struct Hierarchy {
    parents: HashMap<Uuid, Uuid>,
    children: HashMap<Uuid, HashSet<Uuid>>,
}

impl Hierarchy {
    /// Reads it, in one statement.
    pub(super) async fn read(unit: &Unit, records: &[(u64, &ImportRecord)], known: &Known) -> Result<Self> {
        let (mut above, mut below) = (Vec::new(), Vec::new());
        for (_, record) in records {
            if let ImportRecord::Parent { child, parent: Some(parent) } = record {
                above.extend(known.find(parent).map(|id| id.uuid));
                below.extend(known.find(child).map(|id| id.uuid));
            }
        }
        let mut hierarchy = Self::default();
        for (child, parent) in unit.lineage(&above, &below).await? {
            hierarchy.put(child, parent);
        }
        Ok(hierarchy)
    }

    /// Requires that a node may hang below another without the whole becoming too deep.
    pub(super) fn check(&self, child: NodeId, parent: NodeId, field: &str) -> Result<()> {
        if self.above(parent.uuid) + self.below(child.uuid) + 2 > MAX_DEPTH {
            let message = format!("The hierarchy would be more than {MAX_DEPTH} deep; make it flatter.");
            return Err(Error::invalid(field, message));
        }
        Ok(())
    }

    /// Hangs a node below another, or nowhere.
    pub(super) fn hang(&mut self, child: NodeId, parent: Option<NodeId>) {
        if let Some(old) = self.parents.remove(&child.uuid)
            && let Some(siblings) = self.children.get_mut(&old)
        {
            siblings.remove(&child.uuid);
        }
        if let Some(parent) = parent {
            self.put(child.uuid, parent.uuid);
        }
    }

    fn put(&mut self, child: Uuid, parent: Uuid) {
        self.parents.insert(child, parent);
        self.children.entry(parent).or_default().insert(child);
    }

    /// How many levels lie above a node.
    fn above(&self, id: Uuid) -> usize {
        std::iter::successors(self.parents.get(&id), |id| self.parents.get(id)).take(MAX_DEPTH).count()
    }

    /// How many levels lie below a node.
    fn below(&self, id: Uuid) -> usize {
        let mut level = vec![id];
        let mut depth = 0;
        while depth < MAX_DEPTH {
            level = level.iter().filter_map(|id| self.children.get(id)).flatten().copied().collect();
            if level.is_empty() {
                break;
            }
            depth += 1;
        }
        depth
    }
}
