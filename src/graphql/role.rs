//! Roles, and who has them.

use super::collective::{Group, GroupGranteeConnection, GroupGranteeEdge};
use super::connection::{BY_NODE, Count, connection, id_cursor};
use super::event::{self, Difference, EventConnection, Provenance};
use super::failure::{Nullable, Result, nullable, present};
use super::moment::{self, At, Moment, Place};
use super::node;
use super::organization::Organization;
use super::profile::{GranteeConnection, GranteeEdge, ProfileConnection, ProfileEdge, profile};
use super::relations;
use super::request::{PageArgs, ask, of};
use super::scalars;
use super::walk::GraphPath;
use crate::domain::{self, NodeId, Page};
use crate::resolvers::query::questions::{Ascent, EffectiveRoles, Found};
use crate::resolvers::query::relation;
use crate::resolvers::query::walk::shortest_ascent;
use crate::store::Reach;
use async_graphql::{Context, ID, Json, Object};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use std::marker::PhantomData;
use std::sync::Arc;
use uuid::Uuid;

/// A role that other systems act upon.
pub struct Role(pub At<domain::Role>);

connection!(RoleConnection, RoleEdge, Role, "A page of roles.", "A role in a page.");
connection!(
    RoleGrantConnection,
    RoleGrantEdge,
    Role,
    "A page of the roles that were granted to somebody.",
    "A role in a page, and since when it is granted.",
    relation
);
connection!(
    EffectiveRoleConnection,
    EffectiveRoleEdge,
    Role,
    "A page of the roles that a profile has.",
    "A role in a page, and how the profile comes to have it.", { RoleOrigin:
    /// Whether the role was granted to the profile itself.
    pub async fn direct(&self) -> bool {
        self.says.direct
    }

    /// The groups that the role was granted to and the profile is in, directly or not.
    pub async fn via(&self, context: &Context<'_>) -> Result<Vec<Group>> {
        self.says.via(context).await
    }

    /// Why the profile has the role: for each grant, a shortest chain of memberships and parents that leads to it, and the
    /// grant itself.
    pub async fn paths(&self, context: &Context<'_>) -> Result<Vec<GraphPath>> {
        self.says.paths(context, self.node.0.id.uuid).await
    }
});

/// How a profile comes to have a role.
pub struct RoleOrigin {
    holder: Uuid,
    direct: bool,
    groups: Vec<NodeId>,
    moment: Moment,
}

impl RoleOrigin {
    async fn via(&self, context: &Context<'_>) -> Result<Vec<Group>> {
        let question = || Found::<domain::Collective> { of: PhantomData };
        let group = |id: &NodeId| ask(context, question(), (id.uuid, self.moment));
        let groups = futures::future::join_all(self.groups.iter().map(group)).await;
        let groups: Vec<Option<_>> = groups.into_iter().collect::<Result<_>>()?;
        Ok(groups.into_iter().flatten().map(|node| Group(At::new(node, self.moment))).collect())
    }

    async fn paths(&self, context: &Context<'_>, role: Uuid) -> Result<Vec<GraphPath>> {
        let edges = ask(context, Ascent, (self.holder, self.moment)).await?.unwrap_or_default();
        let holders = self.direct.then_some(self.holder).into_iter().chain(self.groups.iter().map(|group| group.uuid));
        let chains = holders.filter_map(|holder| shortest_ascent(&edges, self.holder, holder, role));
        Ok(chains.filter_map(|chain| Some(GraphPath::new(chain.first()?.from, chain, self.moment))).collect())
    }
}

/// The roles that a profile has, by itself or through groups.
pub async fn effective(context: &Context<'_>, from: Place, args: PageArgs) -> Result<EffectiveRoleConnection> {
    let page = args.page(context, BY_NODE)?;
    let slice = ask(context, EffectiveRoles { page }, from).await?;
    Ok(EffectiveRoleConnection::of(slice, count(from), |found| EffectiveRoleEdge {
        cursor: id_cursor(BY_NODE, found.role.id.uuid),
        says: RoleOrigin { holder: from.0, direct: found.direct, groups: found.via.clone(), moment: from.1 },
        node: Role(At::new(Arc::new(found.role.clone()), from.1)),
    }))
}

/// Nobody has so many roles that counting them needs a statement of its own kind.
fn count(from: Place) -> Count {
    Arc::new(move |context| {
        let loaders = of(context).loaders.clone();
        Box::pin(async move {
            let all = loaders.ask(EffectiveRoles { page: Page::first(10_000) }, from).await?;
            Ok(all.map_or(0, |slice| i64::try_from(slice.items.len()).unwrap_or(i64::MAX)))
        })
    })
}

/// A role that other systems act upon: granted to profiles, and to groups for everybody in them.
#[Object]
impl Role {
    /// Public id: `rol_…`. The same on every face of the server.
    pub async fn id(&self) -> ID {
        scalars::id(self.0.id)
    }

    /// The organization it belongs to.
    pub async fn organization(&self, context: &Context<'_>) -> Nullable<Organization> {
        nullable(async { node::organization_of(context, (self.0.organization, self.0.moment)).await }.await)
    }

    /// Short name, unique among the roles of the organization, whatever the case.
    #[graphql(shareable)]
    pub async fn slug(&self) -> String {
        self.0.slug.clone()
    }

    /// Name to show.
    #[graphql(shareable)]
    pub async fn name(&self) -> String {
        self.0.name.clone()
    }

    /// What it allows.
    pub async fn description(&self) -> Option<String> {
        self.0.description.clone()
    }

    /// Whether whoever has it can do harm: owners alone may grant it.
    pub async fn privileged(&self) -> bool {
        self.0.privileged
    }

    /// Free JSON.
    pub async fn metadata(&self) -> Json<Map<String, Value>> {
        Json(self.0.metadata.clone())
    }

    /// The profiles it was granted to themselves, in the order in which it was granted.
    pub async fn profiles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<GranteeConnection> {
        let (slice, count) = relations::neighbours::<domain::Profile>(
            context,
            relation::GRANTED_PROFILES,
            self.0.place(),
            PageArgs { first, after, last, before },
        )
        .await?;
        Ok(GranteeConnection::of(slice, count, |related| GranteeEdge {
            cursor: relations::edge_cursor(&related),
            node: profile(related.node),
            says: related.edge,
        }))
    }

    /// The groups it was granted to, in the order in which it was granted.
    pub async fn groups(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<GroupGranteeConnection> {
        let (slice, count) = relations::neighbours::<domain::Collective>(
            context,
            relation::GRANTED_GROUPS,
            self.0.place(),
            PageArgs { first, after, last, before },
        )
        .await?;
        Ok(GroupGranteeConnection::of(slice, count, |related| GroupGranteeEdge {
            cursor: relations::edge_cursor(&related),
            node: Group(related.node),
            says: related.edge,
        }))
    }

    /// Everybody who has it, by themselves or through groups, ordered by id.
    pub async fn effective_profiles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<ProfileConnection> {
        let (slice, count) = relations::reached::<domain::Profile>(
            context,
            Reach::EffectiveHolders,
            self.0.place(),
            PageArgs { first, after, last, before },
        )
        .await?;
        Ok(ProfileConnection::of(slice, count, |found| ProfileEdge {
            cursor: relations::node_cursor(&*found),
            node: profile(found),
            says: (),
        }))
    }

    /// The same as it was at that time, with whatever is reached from there; null if it did not exist then.
    pub async fn as_of(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "When, in the past.")] time: DateTime<Utc>,
    ) -> Nullable<Role> {
        nullable(async { Ok(moment::then(context, &self.0, time).await?.map(Role)) }.await)
    }

    /// Counts the changes, from 1. Give it as `expectedVersion` to change only what you have seen.
    pub async fn version(&self) -> i64 {
        self.0.meta.version
    }

    /// When it was created.
    pub async fn created_at(&self) -> DateTime<Utc> {
        self.0.meta.created_at
    }

    /// When it, or an edge that belongs to it, last changed.
    pub async fn updated_at(&self) -> DateTime<Utc> {
        self.0.meta.updated_at
    }

    /// What was done to it, and to edges at whose other end it is, the newest first. Needs the role admin and the scope `history:read`; profiles may read their own.
    pub async fn history(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<EventConnection> {
        present(
            async {
                event::history(
                    context,
                    (self.0.organization, self.0.id, self.0.moment),
                    PageArgs { first, after, last, before },
                )
                .await
            }
            .await,
        )
    }

    /// What differs between it at one time and at another: its fields, and edges at either end of which it is. What changed and changed back does not differ. Needs what `history` needs.
    pub async fn changes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first time; what was done at that very time is not counted.")] after: DateTime<Utc>,
        #[graphql(desc = "The second time; now unless given.")] until: Option<DateTime<Utc>>,
    ) -> Nullable<Vec<Difference>> {
        present(event::changes(context, (self.0.organization, self.0.id, self.0.moment), (after, until)).await)
    }

    /// Where the current value of each field comes from. Needs what `history` needs.
    pub async fn provenance(&self, context: &Context<'_>) -> Nullable<Vec<Provenance>> {
        present(async { event::provenance(context, (self.0.organization, self.0.id), &self.0.meta) }.await)
    }
}
