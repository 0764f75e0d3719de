//! Walks over the graph as clients see them: steps, paths, neighbourhoods.

use super::failure::{Nullable, nullable};
use super::moment::Moment;
use super::node::Node;
use super::scalars::{self, EdgeKind, MemberRole};
use crate::domain::id::edge_id;
use crate::domain::{self, NodeId};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

/// Which way an edge is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum Direction {
    /// From the child, member, report, owned, account or holder to the other end.
    Out,
    /// From the parent, team, manager, owner, profile or role to the other end.
    In,
}

/// An edge of the graph: a relation between two nodes, of any kind.
pub struct GraphEdge {
    edge: domain::Edge,
    moment: Moment,
}

impl GraphEdge {
    /// The edge, read as of that moment.
    pub const fn new(edge: domain::Edge, moment: Moment) -> Self {
        Self { edge, moment }
    }
}

/// An edge of the graph: a relation between two nodes, of any kind.
#[Object]
impl GraphEdge {
    /// Public id: `edg_…`.
    async fn id(&self) -> ID {
        ID(edge_id(self.edge.id))
    }

    /// What it means.
    async fn kind(&self) -> EdgeKind {
        self.edge.kind.into()
    }

    /// Public id of the child, member, report, owned, account, or of the one who has the role.
    async fn from_id(&self) -> ID {
        scalars::id(self.edge.from)
    }

    /// Public id of the parent, team or group, manager, owner, profile, or role.
    async fn to_id(&self) -> ID {
        scalars::id(self.edge.to)
    }

    /// The child, member, report, owned, account, or the one who has the role.
    async fn from(&self, context: &Context<'_>) -> Nullable<Node> {
        nullable(Node::reached(context, self.edge.from, self.moment).await)
    }

    /// The parent, team or group, manager, owner, profile, or role.
    async fn to(&self, context: &Context<'_>) -> Nullable<Node> {
        nullable(Node::reached(context, self.edge.to, self.moment).await)
    }

    /// Lead or member, of a membership; null for other kinds.
    async fn role(&self) -> Option<MemberRole> {
        self.edge.member.as_ref().map(|facts| facts.role.into())
    }

    /// Named functions of a membership, such as `release-manager`.
    async fn functions(&self) -> Vec<&str> {
        self.edge.member.iter().flat_map(|facts| &facts.functions).map(String::as_str).collect()
    }

    /// When the relation began.
    async fn since(&self) -> DateTime<Utc> {
        self.edge.valid_from
    }

    /// Where the relation comes from, such as `graphql` or `import:people.ndjson`.
    async fn source(&self) -> &str {
        &self.edge.source
    }
}

/// One step of a path.
#[derive(SimpleObject)]
pub struct PathStep {
    /// The edge that is passed.
    edge: GraphEdge,
    /// Which way it is passed.
    direction: Direction,
    /// Public id of the node that is reached.
    node_id: ID,
}

/// A chain of edges from one node to another.
pub struct GraphPath {
    start: NodeId,
    edges: Vec<domain::Edge>,
    moment: Moment,
}

impl GraphPath {
    /// The chain that begins at `start`.
    pub const fn new(start: NodeId, edges: Vec<domain::Edge>, moment: Moment) -> Self {
        Self { start, edges, moment }
    }

    fn stops(&self) -> Vec<NodeId> {
        let mut stops = vec![self.start];
        for edge in &self.edges {
            let here = stops.last().copied().unwrap_or(self.start);
            stops.push(if edge.from == here { edge.to } else { edge.from });
        }
        stops
    }
}

/// A chain of edges from one node to another.
#[Object]
impl GraphPath {
    /// How many edges it has; none from a node to itself.
    async fn length(&self) -> usize {
        self.edges.len()
    }

    /// The nodes on it, from the first to the last; one more than edges.
    async fn nodes(&self, context: &Context<'_>) -> super::failure::Result<Vec<Option<Node>>> {
        let nodes = self.stops().into_iter().map(|stop| Node::reached(context, stop, self.moment));
        futures::future::join_all(nodes).await.into_iter().collect()
    }

    /// The edges on it, each with the way in which it is passed.
    async fn steps(&self) -> Vec<PathStep> {
        let stops = self.stops();
        let step = |(edge, pair): (&domain::Edge, &[NodeId])| PathStep {
            edge: GraphEdge::new(edge.clone(), self.moment),
            direction: if edge.from == pair[0] { Direction::Out } else { Direction::In },
            node_id: scalars::id(pair[1]),
        };
        self.edges.iter().zip(stops.windows(2)).map(step).collect()
    }
}

/// A node near another one.
pub struct Neighbor {
    id: NodeId,
    distance: u32,
    moment: Moment,
}

/// A node near another one.
#[Object]
impl Neighbor {
    /// Public id of the node.
    async fn id(&self) -> ID {
        scalars::id(self.id)
    }

    /// How many edges away it is; 0 for the node in the middle.
    async fn distance(&self) -> u32 {
        self.distance
    }

    /// The node.
    async fn node(&self, context: &Context<'_>) -> Nullable<Node> {
        nullable(Node::reached(context, self.id, self.moment).await)
    }
}

/// What lies around a node.
#[derive(SimpleObject)]
pub struct Neighborhood {
    /// The nodes, the nearest first; the first is the one in the middle.
    nodes: Vec<Neighbor>,
    /// The edges between these nodes.
    edges: Vec<GraphEdge>,
    /// Whether there is more within the depth than the limit allows.
    truncated: bool,
}

impl Neighborhood {
    /// What was found, as of that moment.
    pub fn new(found: crate::resolvers::query::walk::Neighborhood, moment: Moment) -> Self {
        let neighbor = |(id, distance)| Neighbor { id, distance, moment };
        Self {
            nodes: found.nodes.into_iter().map(neighbor).collect(),
            edges: found.edges.into_iter().map(|edge| GraphEdge::new(edge, moment)).collect(),
            truncated: found.truncated,
        }
    }
}
