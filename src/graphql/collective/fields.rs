//! What a team or a group answers, field by field: the same for both, and for each one relation more.

use super::{
    CollectiveMemberConnection, CollectiveMemberEdge, Group, GroupChildConnection, GroupChildEdge, GroupConnection,
    GroupEdge, GroupMembershipConnection, GroupMembershipEdge, Team, TeamChildConnection, TeamChildEdge,
    TeamConnection, TeamEdge, TeamMembershipConnection, TeamMembershipEdge, collective,
};
use crate::domain;
use crate::graphql::contact::ExternalId;
use crate::graphql::event::{Difference, EventConnection, Provenance};
use crate::graphql::failure::{Nullable, Result, nullable, present};
use crate::graphql::organization::Organization;
use crate::graphql::profile::{
    MemberConnection, MemberEdge, OwnershipConnection, OwnershipEdge, ProfileConnection, ProfileEdge, profile,
};
use crate::graphql::request::{PageArgs, of};
use crate::graphql::role::{Role, RoleGrantConnection, RoleGrantEdge};
use crate::graphql::scalars::MemberRole;
use crate::graphql::{event, extension, moment, node, relations, scalars};
use crate::resolvers::query::relation;
use crate::store::{Reach, RelationFilter};
use async_graphql::{Context, ID, Json, Object};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// Declares the fields of a team or group: its type, the connections to its own kind, and what the other does not have.
macro_rules! collective_object {
    ($(#[$doc:meta])* $type:ident, ($children:ident, $child:ident), ($connection:ident, $edge:ident), { $($own:tt)* }) => {
        $(#[$doc])*
        #[Object]
        impl $type {
            /// Public id: `team_…` or `grp_…`. The same on every face of the server.
            pub async fn id(&self) -> ID {
                scalars::id(self.0.id)
            }

            /// The organization it belongs to.
            pub async fn organization(&self, context: &Context<'_>) -> Nullable<Organization> {
                nullable(async { node::organization_of(context, (self.0.organization, self.0.moment)).await }.await)
            }

            /// Short name, unique among its kind in the organization, whatever the case.
            #[graphql(shareable)]
            pub async fn slug(&self) -> String {
                self.0.slug.clone()
            }

            /// Name to show.
            #[graphql(shareable)]
            pub async fn name(&self) -> String {
                self.0.name.clone()
            }

            /// What it is for.
            pub async fn description(&self) -> Option<String> {
                self.0.description.clone()
            }

            /// A free word for what kind of team or group it is, such as `working-group`.
            pub async fn category(&self) -> Option<String> {
                self.0.category.clone()
            }

            /// Free JSON.
            pub async fn metadata(&self) -> Json<Map<String, Value>> {
                Json(self.0.metadata.clone())
            }

            /// The ids by which clients of the directory know it. Needs the role editor.
            pub async fn external_ids(&self, context: &Context<'_>) -> Nullable<Vec<ExternalId>> {
                nullable(
                    async {
                        of(context).read().allow_private(self.0.organization, None)?;
                        Ok(Some(self.0.external_ids.iter().map(ExternalId::from).collect()))
                    }
                    .await,
                )
            }

            /// The values of attributes that the organization has declared, by the URN of the schema that declares them. Needs the role editor.
            pub async fn extensions(&self, context: &Context<'_>) -> Nullable<Json<Map<String, Value>>> {
                nullable(
                    async {
                        of(context).read().allow_private(self.0.organization, None)?;
                        let kind = self.0.id.kind;
                        extension::shown(context, (self.0.organization, self.0.moment), (kind, &self.0.extensions)).await
                    }
                    .await,
                )
            }

            /// Its members, in the order in which they joined.
            pub async fn members(
                &self,
                context: &Context<'_>,
                #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
                #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
                #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
                #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
                #[graphql(desc = "Only members of this role.")] role: Option<MemberRole>,
            ) -> Result<MemberConnection> {
                let (kind, side, filter) = relation::MEMBERS;
                let relation = (kind, side, RelationFilter { role: role.map(Into::into), ..filter });
                let (slice, count) = relations::neighbours::<domain::Profile>(
                    context,
                    relation,
                    self.0.place(),
                    PageArgs { first, after, last, before },
                )
                .await?;
                Ok(MemberConnection::of(slice, count, |related| MemberEdge {
                    cursor: relations::edge_cursor(&related),
                    node: profile(related.node),
                    says: related.edge,
                }))
            }

            /// The teams and groups that are its members, in the order in which they joined.
            pub async fn member_collectives(
                &self,
                context: &Context<'_>,
                #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
                #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
                #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
                #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
            ) -> Result<CollectiveMemberConnection> {
                let (slice, count) = relations::neighbours::<domain::Collective>(
                    context,
                    relation::MEMBER_COLLECTIVES,
                    self.0.place(),
                    PageArgs { first, after, last, before },
                )
                .await?;
                Ok(CollectiveMemberConnection::of(slice, count, |related| CollectiveMemberEdge {
                    cursor: relations::edge_cursor(&related),
                    node: collective(related.node),
                    says: related.edge,
                }))
            }

            /// Everybody in it: its members, those of everything below it, and those of everything that is a member of these, ordered by id.
            pub async fn effective_members(
                &self,
                context: &Context<'_>,
                #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
                #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
                #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
                #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
            ) -> Result<ProfileConnection> {
                let (slice, count) = relations::reached::<domain::Profile>(
                    context,
                    Reach::EffectiveMembers,
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

            /// The teams that it is a member of.
            pub async fn teams(
                &self,
                context: &Context<'_>,
                #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
                #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
                #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
                #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
            ) -> Result<TeamMembershipConnection> {
                let (slice, count) = relations::neighbours::<domain::Collective>(
                    context,
                    relation::TEAMS,
                    self.0.place(),
                    PageArgs { first, after, last, before },
                )
                .await?;
                Ok(TeamMembershipConnection::of(slice, count, |related| TeamMembershipEdge {
                    cursor: relations::edge_cursor(&related),
                    node: Team(related.node),
                    says: related.edge,
                }))
            }

            /// The groups that it is a member of.
            pub async fn groups(
                &self,
                context: &Context<'_>,
                #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
                #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
                #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
                #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
            ) -> Result<GroupMembershipConnection> {
                let (slice, count) = relations::neighbours::<domain::Collective>(
                    context,
                    relation::GROUPS,
                    self.0.place(),
                    PageArgs { first, after, last, before },
                )
                .await?;
                Ok(GroupMembershipConnection::of(slice, count, |related| GroupMembershipEdge {
                    cursor: relations::edge_cursor(&related),
                    node: Group(related.node),
                    says: related.edge,
                }))
            }

            /// The same as it was at that time, with whatever is reached from there; null if it did not exist then.
            pub async fn as_of(
                &self,
                context: &Context<'_>,
                #[graphql(desc = "When, in the past.")] time: DateTime<Utc>,
            ) -> Nullable<$type> {
                nullable(async { Ok(moment::then(context, &self.0, time).await?.map($type)) }.await)
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

            /// The one it hangs below; null at the top.
            pub async fn parent(&self, context: &Context<'_>) -> Nullable<$type> {
                nullable(async { Ok(relations::neighbour(context, relation::PARENT, self.0.place()).await?.map($type)) }.await)
            }

            /// Everything above it, the nearest first; at most 31.
            pub async fn ancestors(&self, context: &Context<'_>) -> Result<Vec<$type>> {
                let chain = relations::ancestors::<domain::Collective>(context, self.0.place()).await?;
                Ok(chain.into_iter().map($type).collect())
            }

            /// Those that hang directly below it, in the order in which they were hung.
            pub async fn children(
                &self,
                context: &Context<'_>,
                #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
                #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
                #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
                #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
            ) -> Result<$children> {
                let (slice, count) = relations::neighbours::<domain::Collective>(
                    context,
                    relation::CHILDREN,
                    self.0.place(),
                    PageArgs { first, after, last, before },
                )
                .await?;
                Ok($children::of(slice, count, |related| $child {
                    cursor: relations::edge_cursor(&related),
                    node: $type(related.node),
                    says: related.edge,
                }))
            }

            /// Everything below it, at any depth, ordered by id.
            pub async fn descendants(
                &self,
                context: &Context<'_>,
                #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
                #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
                #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
                #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
            ) -> Result<$connection> {
                let (slice, count) = relations::reached::<domain::Collective>(
                    context,
                    Reach::Descendants,
                    self.0.place(),
                    PageArgs { first, after, last, before },
                )
                .await?;
                Ok($connection::of(slice, count, |found| $edge {
                    cursor: relations::node_cursor(&*found),
                    node: $type(found),
                    says: (),
                }))
            }

            $($own)*
        }
    };
}

collective_object! {
    /// A team: people who work together, in a hierarchy of teams. Its members are profiles and other teams.
    Team, (TeamChildConnection, TeamChildEdge), (TeamConnection, TeamEdge), {
        /// The service accounts and bots it answers for, in the order in which it took them over.
        pub async fn owned(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
            #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
            #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
            #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
        ) -> Result<OwnershipConnection> {
            let (slice, count) = relations::neighbours::<domain::Profile>(
                context,
                relation::OWNED,
                self.0.place(),
                PageArgs { first, after, last, before },
            )
            .await?;
            Ok(OwnershipConnection::of(slice, count, |related| OwnershipEdge {
                cursor: relations::edge_cursor(&related),
                node: profile(related.node),
                says: related.edge,
            }))
        }
    }
}

collective_object! {
    /// A group: whoever is to have something in common, such as roles. Its members are profiles, groups and teams.
    Group, (GroupChildConnection, GroupChildEdge), (GroupConnection, GroupEdge), {
        /// The roles granted to it, which everybody in it has, in the order in which they were granted.
        pub async fn roles(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
            #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
            #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
            #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
        ) -> Result<RoleGrantConnection> {
            let (slice, count) = relations::neighbours::<domain::Role>(
                context,
                relation::ROLES,
                self.0.place(),
                PageArgs { first, after, last, before },
            )
            .await?;
            Ok(RoleGrantConnection::of(slice, count, |related| RoleGrantEdge {
                cursor: relations::edge_cursor(&related),
                node: Role(related.node),
                says: related.edge,
            }))
        }
    }
}
