//! Lists of what an organization has: the same for the roots and for the organization's fields.

use super::collective::{Group, GroupConnection, GroupEdge, Team, TeamConnection, TeamEdge};
use super::connection::{Count, count_by};
use super::failure::Result;
use super::filter::{CollectiveFilter, IdentityFilter, NameOrder, ProfileFilter, ProfileOrder, RoleFilter, TimeOrder};
use super::identity::{LinkedIdentity, LinkedIdentityConnection, LinkedIdentityEdge};
use super::moment::{At, Moment};
use super::profile::{ProfileConnection, ProfileEdge, profile};
use super::request::{PageArgs, ask, of};
use super::role::{Role, RoleConnection, RoleEdge};
use crate::domain::{self, NodeKind, OrganizationId, Slice};
use crate::resolvers::query::questions::{Listed, ListedCount};
use crate::store::{Listing, Order};
use async_graphql::Context;
use std::marker::PhantomData;

/// Whose list it is, and as of when.
pub type Owner = (OrganizationId, Moment);

type Found<T> = (Option<Slice<At<T>>>, Count);

async fn listed<T: Listing>(
    context: &Context<'_>,
    (organization, moment): Owner,
    (filter, order): (T::Filter, Order),
    args: PageArgs,
) -> Result<Found<T>> {
    let page = args.page(context, order.tag())?;
    let question = Listed::<T> { filter: filter.clone(), order, page, of: PhantomData };
    let place = (organization.0, moment);
    let slice = ask(context, question, place).await?;
    let slice = slice.map(|slice| slice.map(|node| At::new(node, moment)));
    Ok((slice, count_by(ListedCount::<T> { filter, of: PhantomData }, place)))
}

/// Profiles of an organization.
pub async fn profiles(
    context: &Context<'_>,
    owner: Owner,
    (filter, order): (Option<ProfileFilter>, Option<ProfileOrder>),
    args: PageArgs,
) -> Result<ProfileConnection> {
    let (filter, order) = (filter.unwrap_or_default().compile()?, order.map(Order::from).unwrap_or_default());
    let (slice, count) = listed::<domain::Profile>(context, owner, (filter, order), args).await?;
    Ok(ProfileConnection::of(slice, count, |node| ProfileEdge {
        cursor: node.cursor(order).encode(),
        node: profile(node),
        says: (),
    }))
}

/// Teams of an organization.
pub async fn teams(
    context: &Context<'_>,
    owner: Owner,
    (filter, order): (Option<CollectiveFilter>, Option<NameOrder>),
    args: PageArgs,
) -> Result<TeamConnection> {
    let (filter, order) =
        (filter.unwrap_or_default().compile(NodeKind::Team)?, order.map(Order::from).unwrap_or_default());
    let (slice, count) = listed::<domain::Collective>(context, owner, (filter, order), args).await?;
    Ok(TeamConnection::of(slice, count, |node| TeamEdge {
        cursor: node.cursor(order).encode(),
        node: Team(node),
        says: (),
    }))
}

/// Groups of an organization.
pub async fn groups(
    context: &Context<'_>,
    owner: Owner,
    (filter, order): (Option<CollectiveFilter>, Option<NameOrder>),
    args: PageArgs,
) -> Result<GroupConnection> {
    let (filter, order) =
        (filter.unwrap_or_default().compile(NodeKind::Group)?, order.map(Order::from).unwrap_or_default());
    let (slice, count) = listed::<domain::Collective>(context, owner, (filter, order), args).await?;
    Ok(GroupConnection::of(slice, count, |node| GroupEdge {
        cursor: node.cursor(order).encode(),
        node: Group(node),
        says: (),
    }))
}

/// Roles of an organization.
pub async fn roles(
    context: &Context<'_>,
    owner: Owner,
    (filter, order): (Option<RoleFilter>, Option<NameOrder>),
    args: PageArgs,
) -> Result<RoleConnection> {
    let (filter, order) = (filter.unwrap_or_default().compile()?, order.map(Order::from).unwrap_or_default());
    let (slice, count) = listed::<domain::Role>(context, owner, (filter, order), args).await?;
    Ok(RoleConnection::of(slice, count, |node| RoleEdge {
        cursor: node.cursor(order).encode(),
        node: Role(node),
        says: (),
    }))
}

/// Linked identities of an organization.
pub async fn identities(
    context: &Context<'_>,
    owner: Owner,
    (filter, order): (Option<IdentityFilter>, Option<TimeOrder>),
    args: PageArgs,
) -> Result<LinkedIdentityConnection> {
    let filter = filter.unwrap_or_default().compile(of(context).app.clock().now(), owner.1)?;
    let order = order.map(Order::from).unwrap_or_default();
    let (slice, count) = listed::<domain::LinkedIdentity>(context, owner, (filter, order), args).await?;
    Ok(LinkedIdentityConnection::of(slice, count, |node| LinkedIdentityEdge {
        cursor: node.cursor(order).encode(),
        node: LinkedIdentity(node),
        says: (),
    }))
}
