//! Pages of lists: of what organizations have, of what is next to a node, of what was done.

use crate::domain::{Error, NodeId, OrganizationId, Slice};
use crate::resolvers::query::Relation;
use crate::resolvers::query::questions::{History, Listed as ListedNodes, Neighbours, Reached};
use crate::rest::around::Shown;
use crate::rest::call::Call;
use crate::rest::cursors::{BY_EDGE, BY_NODE, BY_SEQUENCE, id_cursor, number_cursor};
use crate::rest::input::Paging;
use crate::rest::model::event::Event;
use crate::rest::outcome::Listed;
use crate::rest::refusal::Result;
use crate::store::{Listing, Order, Reach, Related, SortField, Table};
use std::marker::PhantomData;
use std::sync::Arc;

/// The order that a client asks for: a field, behind a minus for the greatest first.
pub fn order(sort: Option<&str>, fields: &[(&str, SortField)]) -> Result<Order> {
    let Some(sort) = sort else { return Ok(Order::default()) };
    let (name, descending) = sort.strip_prefix('-').map_or((sort, false), |name| (name, true));
    let field = fields.iter().find(|(known, _)| *known == name).map(|(_, field)| *field);
    let message = || {
        let known: Vec<&str> = fields.iter().map(|(known, _)| *known).collect();
        format!("Sort by {}, with a minus in front for the other way round.", known.join(", "))
    };
    Ok(Order { field: field.ok_or_else(|| Error::invalid("sort", message()))?, descending })
}

/// What named things are sorted by.
pub const NAMED: &[(&str, SortField)] =
    &[("created_at", SortField::CreatedAt), ("updated_at", SortField::UpdatedAt), ("name", SortField::Name)];

/// What an organization has of one type.
pub async fn of_organization<S>(
    call: &Call,
    organization: OrganizationId,
    (filter, order): (<S::Node as Listing>::Filter, Order),
    paging: &Paging,
) -> Result<Listed<S>>
where
    S: Shown,
    S::Node: Listing,
{
    let question = ListedNodes::<S::Node> { filter, order, page: paging.page(order.tag())?, of: PhantomData };
    let found = call.reader().ask(&question, &[organization.0]).await?.remove(&organization.0);
    let slice = found.unwrap_or_else(Slice::empty);
    let next = slice.items.last().filter(|_| slice.has_next).map(|last| last.cursor(order).encode());
    Ok(Listed::new(call, S::show(call, &slice.items).await?, next))
}

/// What is next to a node, in the order in which the edges were opened.
pub async fn next_to<T: Table + Clone>(
    call: &Call,
    relation: Relation,
    from: NodeId,
    paging: &Paging,
) -> Result<(Vec<Related<Arc<T>>>, Option<String>)> {
    let question = Neighbours::<T> { relation, page: paging.page(BY_EDGE)?, of: PhantomData };
    let slice = call.reader().ask(&question, &[from.uuid]).await?.remove(&from.uuid).unwrap_or_else(Slice::empty);
    let next = slice.items.last().filter(|_| slice.has_next).map(|last| id_cursor(BY_EDGE, last.edge.id));
    Ok((slice.items, next))
}

/// What is reached from a node over more than one edge, ordered by id.
pub async fn reached<T: Table>(
    call: &Call,
    reach: Reach,
    from: NodeId,
    paging: &Paging,
) -> Result<(Vec<Arc<T>>, Option<String>)> {
    let question = Reached::<T> { reach, page: paging.page(BY_NODE)?, of: PhantomData };
    let slice = call.reader().ask(&question, &[from.uuid]).await?.remove(&from.uuid).unwrap_or_else(Slice::empty);
    let next = slice.items.last().filter(|_| slice.has_next).map(|last| id_cursor(BY_NODE, last.id().uuid));
    Ok((slice.items, next))
}

/// What is next to a node, as it is shown by itself.
pub async fn shown_next_to<S>(call: &Call, relation: Relation, from: NodeId, paging: &Paging) -> Result<Listed<S>>
where
    S: Shown,
    S::Node: Clone,
{
    let (found, next) = next_to::<S::Node>(call, relation, from, paging).await?;
    let nodes: Vec<Arc<S::Node>> = found.into_iter().map(|related| related.node).collect();
    Ok(Listed::new(call, S::show(call, &nodes).await?, next))
}

/// What was done to a node of an organization, the newest first.
pub async fn history(
    call: &Call,
    (organization, id): (OrganizationId, NodeId),
    paging: &Paging,
) -> Result<Listed<Event>> {
    call.reader().allow_history(organization, id)?;
    let question = History { page: paging.page(BY_SEQUENCE)? };
    let slice = call.reader().ask(&question, &[id.uuid]).await?.remove(&id.uuid).unwrap_or_else(Slice::empty);
    let next = slice.items.last().filter(|_| slice.has_next).map(|last| number_cursor(BY_SEQUENCE, last.seq, last.id));
    Ok(Listed::new(call, slice.items.iter().map(|event| Event::from(&**event)).collect(), next))
}
