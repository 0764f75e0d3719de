//! How resolvers follow the relations of the schema.

use super::connection::{BY_EDGE, BY_NODE, Count, count_by, id_cursor};
use super::failure::Result;
use super::moment::{At, Place};
use super::request::{PageArgs, ask};
use crate::domain::{Page, Profile, Slice};
use crate::resolvers::query::Relation;
use crate::resolvers::query::questions::{
    Ancestors, Merged, MergedCount, NeighbourCount, Neighbours, Reached, ReachedCount,
};
use crate::store::{Reach, Related, Table};
use async_graphql::Context;
use std::marker::PhantomData;
use std::sync::Arc;

/// The one neighbour of a node over edges of which there is one at most.
pub async fn neighbour<T: Table + Clone>(
    context: &Context<'_>,
    relation: Relation,
    from: Place,
) -> Result<Option<At<T>>> {
    let question = Neighbours::<T> { relation, page: Page::first(1), of: PhantomData };
    let slice = ask(context, question, from).await?;
    Ok(slice.and_then(|slice| slice.items.into_iter().next()).map(|related| At::new(related.node, from.1)))
}

/// A page of neighbours, and how to count them all.
pub async fn neighbours<T: Table + Clone>(
    context: &Context<'_>,
    relation: Relation,
    from: Place,
    args: PageArgs,
) -> Result<(Option<Slice<Related<At<T>>>>, Count)> {
    let page = args.page(context, BY_EDGE)?;
    let slice = ask(context, Neighbours::<T> { relation, page, of: PhantomData }, from).await?;
    let at = |related: Related<Arc<T>>| Related { edge: related.edge, node: At::new(related.node, from.1) };
    Ok((slice.map(|slice| slice.map(at)), count_by(NeighbourCount::<T> { relation, of: PhantomData }, from)))
}

/// The chain of parents, the nearest first.
pub async fn ancestors<T: Table>(context: &Context<'_>, from: Place) -> Result<Vec<At<T>>> {
    let chain = ask(context, Ancestors::<T> { of: PhantomData }, from).await?.unwrap_or_default();
    Ok(chain.into_iter().map(|node| At::new(node, from.1)).collect())
}

/// A page of what is reached, and how to count it all.
pub async fn reached<T: Table>(
    context: &Context<'_>,
    reach: Reach,
    from: Place,
    args: PageArgs,
) -> Result<(Option<Slice<At<T>>>, Count)> {
    let page = args.page(context, BY_NODE)?;
    let slice = ask(context, Reached::<T> { reach, page, of: PhantomData }, from).await?;
    let slice = slice.map(|slice| slice.map(|node| At::new(node, from.1)));
    Ok((slice, count_by(ReachedCount::<T> { reach, of: PhantomData }, from)))
}

/// A page of the profiles that were merged into a profile, and how to count them all.
pub async fn merged(context: &Context<'_>, from: Place, args: PageArgs) -> Result<(Option<Slice<At<Profile>>>, Count)> {
    let page = args.page(context, BY_NODE)?;
    let slice = ask(context, Merged { page }, from).await?;
    Ok((slice.map(|slice| slice.map(|node| At::new(node, from.1))), count_by(MergedCount, from)))
}

/// The place of an edge in its list.
pub fn edge_cursor<T>(related: &Related<T>) -> String {
    id_cursor(BY_EDGE, related.edge.id)
}

/// The place of a node in a list of what is reached.
pub fn node_cursor<T: Table>(node: &T) -> String {
    id_cursor(BY_NODE, node.id().uuid)
}
