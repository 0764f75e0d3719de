//! The relations of the schema, and how resolvers follow them.

use super::connection::{BY_EDGE, BY_NODE, Count, count_by, id_cursor};
use super::failure::Result;
use super::moment::{At, Place};
use super::request::{PageArgs, ask};
use crate::domain::{EdgeKind, NodeKind, Page, Profile, Slice};
use crate::resolvers::query::Relation;
use crate::resolvers::query::questions::{
    Ancestors, Merged, MergedCount, NeighbourCount, Neighbours, Reached, ReachedCount,
};
use crate::store::{Reach, Related, RelationFilter, Side, Table};
use async_graphql::Context;
use std::marker::PhantomData;
use std::sync::Arc;

const fn relation(kind: EdgeKind, side: Side, kinds: &'static [NodeKind]) -> Relation {
    (kind, side, RelationFilter { role: None, kinds })
}

/// From a team or group to the profiles that are its members.
pub const MEMBERS: Relation = relation(EdgeKind::Member, Side::In, &NodeKind::PROFILES);
/// From a team or group to the teams and groups that are its members.
pub const MEMBER_COLLECTIVES: Relation = relation(EdgeKind::Member, Side::In, &NodeKind::COLLECTIVES);
/// From a member to the teams it is in.
pub const TEAMS: Relation = relation(EdgeKind::Member, Side::Out, &[NodeKind::Team]);
/// From a member to the groups it is in.
pub const GROUPS: Relation = relation(EdgeKind::Member, Side::Out, &[NodeKind::Group]);
/// From a child to its parent.
pub const PARENT: Relation = relation(EdgeKind::Parent, Side::Out, &[]);
/// From a parent to its children.
pub const CHILDREN: Relation = relation(EdgeKind::Parent, Side::In, &[]);
/// From a report to its manager.
pub const MANAGER: Relation = relation(EdgeKind::Manager, Side::Out, &[]);
/// From a manager to those who report to it.
pub const REPORTS: Relation = relation(EdgeKind::Manager, Side::In, &[]);
/// From a service account or bot to the user that owns it.
pub const OWNING_USER: Relation = relation(EdgeKind::Owner, Side::Out, &[NodeKind::User]);
/// From a service account or bot to the team that owns it.
pub const OWNING_TEAM: Relation = relation(EdgeKind::Owner, Side::Out, &[NodeKind::Team]);
/// From a user or team to the service accounts and bots it owns.
pub const OWNED: Relation = relation(EdgeKind::Owner, Side::In, &[]);
/// From a profile to the accounts it has elsewhere.
pub const LINKED_IDENTITIES: Relation = relation(EdgeKind::Link, Side::In, &[]);
/// From an account to the profile it belongs to.
pub const LINKED_PROFILE: Relation = relation(EdgeKind::Link, Side::Out, &[]);
/// From a profile or group to the roles it was granted.
pub const ROLES: Relation = relation(EdgeKind::Grant, Side::Out, &[]);
/// From a role to the profiles it was granted to.
pub const GRANTED_PROFILES: Relation = relation(EdgeKind::Grant, Side::In, &NodeKind::PROFILES);
/// From a role to the groups it was granted to.
pub const GRANTED_GROUPS: Relation = relation(EdgeKind::Grant, Side::In, &[NodeKind::Group]);

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
