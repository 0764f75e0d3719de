//! Page after page of what organizations have, and of what is next to it.

use crate::domain::{Collective, Cursor, EdgeKind, NodeId, Organization, Page, Result, Role, Slice};
use crate::resolvers::Reader;
use crate::resolvers::query::Relation;
use crate::store::{Listing, Order, Related, RelationFilter, Side, Table};
use std::collections::HashMap;
use uuid::Uuid;

/// How many nodes a page has.
const NODES: u32 = 500;
/// How many neighbours of each node are read with those of others.
const NEIGHBOURS: u32 = 100;
/// How many neighbours of one node that has more are read at once.
const MORE_NEIGHBOURS: u32 = 1_000;

/// A list, page by page, in the order of creation.
pub(super) struct Pages {
    next: Option<Page>,
}

impl Pages {
    /// Begins with the first page.
    pub(super) const fn new() -> Self {
        Self { next: Some(Page::first(NODES)) }
    }

    /// The next page of the organizations.
    pub(super) async fn next_organizations(&mut self, reader: Reader<'_>) -> Result<Option<Vec<Organization>>> {
        let Some(page) = self.next.take() else { return Ok(None) };
        let slice = reader.organizations(Order::default(), &page).await?;
        Ok(Some(self.turn(slice)))
    }

    /// The next page of what an organization has of one type.
    pub(super) async fn next<T: Listing>(
        &mut self,
        reader: Reader<'_>,
        organization: &Organization,
        filter: &T::Filter,
    ) -> Result<Option<Vec<T>>> {
        let Some(page) = self.next.take() else { return Ok(None) };
        let id = organization.id.0;
        let mut slices = reader.list::<T>(filter, Order::default(), &[id], &page).await?;
        Ok(slices.remove(&id).map(|slice| self.turn(slice)))
    }

    fn turn<T: Listing>(&mut self, slice: Slice<T>) -> Vec<T> {
        if let Some(last) = slice.items.last().filter(|_| slice.has_next) {
            self.next = Some(Page { after: Some(last.cursor(Order::default())), ..Page::first(NODES) });
        }
        slice.items
    }
}

/// The neighbours of many nodes: their first ones are read together, the rest of each when it is its turn.
pub(super) struct Neighbours<T> {
    relation: Relation,
    slices: HashMap<Uuid, Slice<Related<T>>>,
}

impl<T: Table + Clone> Neighbours<T> {
    /// The members of these teams or groups, in the order in which they came.
    pub(super) async fn members(reader: Reader<'_>, collectives: &[Collective]) -> Result<Self> {
        let ids: Vec<NodeId> = collectives.iter().map(|collective| collective.id).collect();
        Self::read(reader, (EdgeKind::Member, Side::In), &ids).await
    }

    async fn read(reader: Reader<'_>, (kind, side): (EdgeKind, Side), nodes: &[NodeId]) -> Result<Self> {
        let relation = (kind, side, RelationFilter::default());
        let ids: Vec<Uuid> = nodes.iter().map(|id| id.uuid).collect();
        let slices = reader.related::<T>(relation, &ids, &Page::first(NEIGHBOURS)).await?;
        Ok(Self { relation, slices })
    }

    /// The next neighbours of a node.
    pub(super) async fn next(&mut self, reader: Reader<'_>, node: NodeId) -> Result<Option<Vec<Related<T>>>> {
        let Some(slice) = self.slices.remove(&node.uuid) else { return Ok(None) };
        if let Some(last) = slice.items.last().filter(|_| slice.has_next) {
            let after = Some(Cursor::id('e', last.edge.id));
            let page = Page { after, ..Page::first(MORE_NEIGHBOURS) };
            self.slices.extend(reader.related::<T>(self.relation, &[node.uuid], &page).await?);
        }
        Ok(Some(slice.items))
    }

    /// All neighbours of the nodes: for relations that lead to a few.
    async fn all(mut self, reader: Reader<'_>, nodes: &[NodeId]) -> Result<HashMap<Uuid, Vec<T>>> {
        let mut found: HashMap<Uuid, Vec<T>> = HashMap::new();
        for node in nodes {
            while let Some(neighbours) = self.next(reader, *node).await? {
                found.entry(node.uuid).or_default().extend(neighbours.into_iter().map(|related| related.node));
            }
        }
        Ok(found)
    }
}

/// What is at the other end of the edges of one kind, for nodes that have few of them.
pub(super) async fn all<T: Table + Clone>(
    reader: Reader<'_>,
    relation: (EdgeKind, Side),
    nodes: &[NodeId],
) -> Result<HashMap<Uuid, Vec<T>>> {
    Neighbours::read(reader, relation, nodes).await?.all(reader, nodes).await
}

/// The roles that were granted to profiles or groups, in the order of their creation.
pub(super) async fn all_roles(reader: Reader<'_>, principals: &[NodeId]) -> Result<HashMap<Uuid, Vec<Role>>> {
    let mut roles = all::<Role>(reader, (EdgeKind::Grant, Side::Out), principals).await?;
    for roles in roles.values_mut() {
        roles.sort_unstable_by_key(|role| role.id);
    }
    Ok(roles)
}
