//! The open edges that a batch may change, read at once, and what the batch has said about them so far.

use super::known::Known;
use super::record::{ImportRecord, Named};
use crate::domain::edge::MemberFacts;
use crate::domain::{Edge, EdgeKind, Error, Node, NodeId, NodeKind, Result};
use crate::store::{Side, Unit};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Where an edge leads, and what it says as a membership.
pub(super) type Relation = (NodeId, Option<MemberFacts>);

/// What an edge is known by: kind, beginning and, where a node may have several of a kind, end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct EdgeKey(EdgeKind, NodeId, Option<NodeId>);

impl EdgeKey {
    /// The one edge of its kind that goes out from a node.
    pub(super) const fn single(kind: EdgeKind, from: NodeId) -> Self {
        Self(kind, from, None)
    }

    /// The edge between two nodes.
    pub(super) const fn between(kind: EdgeKind, from: NodeId, to: NodeId) -> Self {
        Self(kind, from, Some(to))
    }

    const fn of(edge: &Edge) -> Self {
        match edge.kind {
            EdgeKind::Member | EdgeKind::Grant => Self::between(edge.kind, edge.from, edge.to),
            kind => Self::single(kind, edge.from),
        }
    }
}

/// The edges that a batch may change.
#[derive(Default)]
pub(super) struct Edges {
    stored: HashMap<EdgeKey, Edge>,
    said: HashMap<EdgeKey, Option<Relation>>,
    /// The profiles, among those to which stored links lead, that are alive, with their user names.
    holders: HashMap<NodeId, String>,
}

impl Edges {
    /// Reads the edges between what the records name, one statement for each kind of edge.
    pub(super) async fn read(unit: &Unit, records: &[(u64, &ImportRecord)], known: &Known) -> Result<Self> {
        let mut edges = Self::default();
        let mut ends: HashMap<EdgeKind, (HashSet<Uuid>, HashSet<Uuid>)> = HashMap::new();
        let id_of = |name: &Named| known.find(name).map(|id| id.uuid);
        for (_, record) in records {
            let (kind, from, to) = match record {
                ImportRecord::Parent { child, .. } => (EdgeKind::Parent, id_of(child), None),
                ImportRecord::Manager { report, .. } => {
                    (EdgeKind::Manager, id_of(&Named::Profile(report.clone())), None)
                }
                ImportRecord::Owner { owned, .. } => (EdgeKind::Owner, id_of(&Named::Profile(owned.clone())), None),
                ImportRecord::Membership(record) => (EdgeKind::Member, id_of(&record.member), id_of(&record.container)),
                ImportRecord::Grant(record) => {
                    (EdgeKind::Grant, id_of(&record.principal), id_of(&Named::Role(record.role.clone())))
                }
                ImportRecord::OrganizationParent(_) => (EdgeKind::Parent, Some(unit.tenant().0), None),
                _ => continue,
            };
            let (near, far) = ends.entry(kind).or_default();
            near.extend(from);
            far.extend(to);
        }
        ends.entry(EdgeKind::Link).or_default().0.extend(known.ids(|kind| kind == NodeKind::LinkedIdentity));
        for (kind, (near, far)) in ends {
            let (near, far): (Vec<Uuid>, Vec<Uuid>) = (near.into_iter().collect(), far.into_iter().collect());
            let others = matches!(kind, EdgeKind::Member | EdgeKind::Grant).then_some(far.as_slice());
            let found = unit.open_edges(kind, Side::Out, &near, others).await?;
            edges.stored.extend(found.into_iter().map(|edge| (EdgeKey::of(&edge), edge)));
        }
        let holders: HashSet<NodeId> =
            edges.stored.values().filter(|edge| edge.kind == EdgeKind::Link).map(|edge| edge.to).collect();
        let holders: Vec<NodeId> = holders.into_iter().collect();
        if !holders.is_empty() {
            for node in unit.nodes(&holders, false).await? {
                if let Node::Profile(profile) = node {
                    edges.holders.insert(profile.id, profile.username);
                }
            }
        }
        Ok(edges)
    }

    /// What there is, as far as the batch has come.
    pub(super) fn present(&self, key: EdgeKey) -> Option<Relation> {
        match self.said.get(&key) {
            Some(said) => said.clone(),
            None => self.stored.get(&key).map(|edge| (edge.to, edge.member.clone())),
        }
    }

    /// The edge as the database has it.
    pub(super) fn stored(&self, key: EdgeKey) -> Option<&Edge> {
        self.stored.get(&key)
    }

    /// Requires that no record of the batch has changed the edge before: which of two is to win is not for us to say.
    pub(super) fn require_unsaid(&self, key: EdgeKey, field: &str) -> Result<()> {
        if self.said.contains_key(&key) {
            return Err(Error::conflict(field, "An earlier record says otherwise; leave one of the two out."));
        }
        Ok(())
    }

    /// Takes note of what the batch says.
    pub(super) fn say(&mut self, key: EdgeKey, relation: Option<Relation>) {
        self.said.insert(key, relation);
    }

    /// The user name of a profile to which stored links lead.
    pub(super) fn name_of_holder(&self, profile: NodeId) -> Option<&str> {
        self.holders.get(&profile).map(String::as_str)
    }

    /// The live profile to which an identity is linked, if there is one.
    pub(super) fn holder(&self, identity: NodeId) -> Option<NodeId> {
        let key = EdgeKey::single(EdgeKind::Link, identity);
        let (profile, _) = self.present(key)?;
        // A deleted profile does not hold its accounts back.
        (self.said.contains_key(&key) || self.holders.contains_key(&profile)).then_some(profile)
    }
}
