//! Walks over the graph, along edges of any kind and in either direction: shortest paths, and what lies around a node.
//!
//! A walk goes level by level, with two statements for each level, and looks at a bounded number of edges: a graph of
//! friends of friends is everybody within a few steps.

use super::Reader;
use crate::domain::{Edge, EdgeKind, Error, NodeId, Result};
use crate::store::Scope;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The most edges that one walk looks at.
pub const MAX_EDGES: usize = 20_000;
/// The longest path that is looked for.
pub const MAX_PATH: u32 = 16;
/// The farthest that a neighbourhood reaches.
pub const MAX_RADIUS: u32 = 6;

/// What lies around a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighborhood {
    /// The nodes, the nearest first, with their distances. The first is the node itself.
    pub nodes: Vec<(NodeId, u32)>,
    /// The edges between them.
    pub edges: Vec<Edge>,
    /// Whether there is more within the depth than the limit allows.
    pub truncated: bool,
}

/// One side of a search for a path: what has been reached, and over which edge.
struct Front {
    reached: HashMap<NodeId, Option<Edge>>,
    frontier: Vec<NodeId>,
}

impl Front {
    fn at(node: NodeId) -> Self {
        Self { reached: HashMap::from([(node, None)]), frontier: vec![node] }
    }

    /// The chain of edges from `node` back to where this side began.
    fn back(&self, mut node: NodeId) -> Vec<Edge> {
        let mut chain = Vec::new();
        while let Some(Some(edge)) = self.reached.get(&node) {
            chain.push(edge.clone());
            node = other_end(edge, node);
        }
        chain
    }
}

impl Reader<'_> {
    /// A shortest chain of edges between two nodes, none if there is no chain of at most `max_length`. Among several it is
    /// always the same one.
    pub async fn path(
        &self,
        from: NodeId,
        to: NodeId,
        kinds: &[EdgeKind],
        max_length: u32,
    ) -> Result<Option<Vec<Edge>>> {
        let Some(scope) = self.browse()? else { return Ok(None) };
        let alive = self.store().alive(scope, &[from, to]).await?;
        if !alive.contains(&from) || !alive.contains(&to) {
            return Ok(None);
        }
        if from == to {
            return Ok(Some(Vec::new()));
        }
        let (mut near, mut far) = (Front::at(from), Front::at(to));
        let mut left = MAX_EDGES;
        for _ in 0..max_length {
            // The side with fewer nodes to go on from goes on.
            let near_goes = near.frontier.len() <= far.frontier.len();
            let (side, opposite) = if near_goes { (&mut near, &far) } else { (&mut far, &near) };
            if side.frontier.is_empty() {
                return Ok(None);
            }
            let (fresh, passed) = self.step(scope, side, kinds, left).await?;
            left = left.checked_sub(passed).ok_or_else(too_far)?;
            if let Some(meeting) = fresh.iter().find(|node| opposite.reached.contains_key(node)) {
                let mut path = near.back(*meeting);
                path.reverse();
                path.extend(far.back(*meeting));
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// What lies within `depth` edges of a node, at most `limit` nodes.
    pub async fn neighborhood(
        &self,
        center: NodeId,
        depth: u32,
        kinds: &[EdgeKind],
        limit: usize,
    ) -> Result<Option<Neighborhood>> {
        let Some(scope) = self.browse()? else { return Ok(None) };
        if self.store().alive(scope, &[center]).await?.is_empty() {
            return Ok(None);
        }
        let mut front = Front::at(center);
        let mut nodes = vec![(center, 0)];
        let mut truncated = false;
        for distance in 1..=depth {
            if truncated || front.frontier.is_empty() {
                break;
            }
            // Parallel edges lead to one node, so a few more edges than nodes are looked at.
            let most = 4 * limit;
            let (fresh, passed) = self.step(scope, &mut front, kinds, most).await?;
            truncated = passed > most || nodes.len() + fresh.len() > limit;
            nodes.extend(fresh.into_iter().map(|node| (node, distance)).take(limit.saturating_sub(nodes.len())));
        }
        let inside: HashSet<NodeId> = nodes.iter().map(|(node, _)| *node).collect();
        let ids: Vec<Uuid> = inside.iter().map(|node| node.uuid).collect();
        let edges = self.store().edges_between(scope, &ids, kinds, one_more(MAX_EDGES)).await?;
        truncated |= edges.len() > MAX_EDGES;
        Ok(Some(Neighborhood { nodes, edges, truncated }))
    }

    /// Goes one edge on, passing at most one edge more than `most`. Returns what is reached for the first time, in the order
    /// of the edges, and how many edges were passed.
    async fn step(
        &self,
        scope: Scope,
        front: &mut Front,
        kinds: &[EdgeKind],
        most: usize,
    ) -> Result<(Vec<NodeId>, usize)> {
        let from: HashSet<NodeId> = front.frontier.iter().copied().collect();
        let ids: Vec<Uuid> = front.frontier.iter().map(|node| node.uuid).collect();
        let edges = self.store().edges_around(scope, &ids, kinds, one_more(most)).await?;
        let passed = edges.len();
        let mut fresh = Vec::new();
        for edge in edges {
            for end in [edge.from, edge.to] {
                if from.contains(&other_end(&edge, end)) && !front.reached.contains_key(&end) {
                    front.reached.insert(end, Some(edge.clone()));
                    fresh.push(end);
                }
            }
        }
        let alive = self.store().alive(scope, &fresh).await?;
        fresh.retain(|node| {
            let lives = alive.contains(node);
            if !lives {
                front.reached.remove(node);
            }
            lives
        });
        front.frontier.clone_from(&fresh);
        Ok((fresh, passed))
    }

    /// The edges over which many profiles come by their roles: see [`shortest_ascent`].
    pub async fn ascents(&self, profiles: &[Uuid]) -> Result<HashMap<Uuid, Vec<Edge>>> {
        let (scope, profiles) = self.look(profiles)?;
        if profiles.is_empty() {
            return Ok(HashMap::new());
        }
        let ascents = self.store().edges_above(scope, &profiles, one_more(MAX_EDGES)).await?;
        if ascents.values().map(Vec::len).sum::<usize>() > MAX_EDGES {
            return Err(too_far());
        }
        Ok(ascents)
    }
}

fn too_far() -> Error {
    Error::too_complex(format!("This walk passes more than {MAX_EDGES} edges; ask for fewer kinds or steps."))
}

/// One more than may be passed, so that too many are noticed.
fn one_more(most: usize) -> u64 {
    u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1)
}

fn other_end(edge: &Edge, end: NodeId) -> NodeId {
    if edge.from == end { edge.to } else { edge.from }
}

/// The shortest chain of edges, each from its `from` to its `to`, that leads from `start` over `holder` to `role`.
#[must_use]
pub fn shortest_ascent(edges: &[Edge], start: Uuid, holder: Uuid, role: Uuid) -> Option<Vec<Edge>> {
    let grant =
        edges.iter().find(|edge| edge.kind == EdgeKind::Grant && edge.from.uuid == holder && edge.to.uuid == role)?;
    let mut reached: HashMap<Uuid, Option<&Edge>> = HashMap::from([(start, None)]);
    let mut next = vec![start];
    while !reached.contains_key(&holder) {
        let mut fresh = Vec::new();
        for edge in edges.iter().filter(|edge| edge.kind != EdgeKind::Grant && next.contains(&edge.from.uuid)) {
            if let Entry::Vacant(place) = reached.entry(edge.to.uuid) {
                place.insert(Some(edge));
                fresh.push(edge.to.uuid);
            }
        }
        if fresh.is_empty() {
            return None;
        }
        next = fresh;
    }
    let mut chain = vec![grant.clone()];
    let mut place = holder;
    while let Some(Some(edge)) = reached.get(&place) {
        chain.push((*edge).clone());
        place = edge.from.uuid;
    }
    chain.reverse();
    Some(chain)
}
