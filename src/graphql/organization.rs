//! Organizations.

use super::collective::{GroupConnection, TeamConnection};
use super::connection::connection;
use super::event::{self, Difference, EventConnection, Provenance};
use super::extension::{self, Extension};
use super::failure::{Nullable, Result, nullable, present};
use super::filter::{CollectiveFilter, IdentityFilter, NameOrder, ProfileFilter, ProfileOrder, RoleFilter, TimeOrder};
use super::identity::LinkedIdentityConnection;
use super::lists;
use super::moment::{self, At};
use super::profile::ProfileConnection;
use super::relations;
use super::request::PageArgs;
use super::risk::{self, RiskOverview};
use super::role::RoleConnection;
use super::scalars;
use super::subscription;
use crate::domain;
use crate::resolvers::query::relation;
use crate::store::Reach;
use async_graphql::{Context, ID, Json, Object};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// A tenant: everything else belongs to one organization, and no viewer of one sees another.
pub struct Organization(pub At<domain::Organization>);

connection!(
    OrganizationConnection,
    OrganizationEdge,
    Organization,
    "A page of organizations.",
    "An organization in a page."
);
connection!(
    OrganizationChildConnection,
    OrganizationChildEdge,
    Organization,
    "A page of the organizations below an organization.",
    "An organization in a page, and since when it hangs there.",
    relation
);

/// A tenant: everything else belongs to one organization, and no viewer of one sees another.
#[Object]
impl Organization {
    /// Public id: `org_…`. The same on every face of the server.
    pub async fn id(&self) -> ID {
        scalars::id(self.0.id.node())
    }

    /// Short name, unique on the server, whatever the case.
    #[graphql(shareable)]
    pub async fn slug(&self) -> String {
        self.0.slug.clone()
    }

    /// Name to show.
    #[graphql(shareable)]
    pub async fn name(&self) -> String {
        self.0.name.clone()
    }

    /// What it is.
    pub async fn description(&self) -> Option<String> {
        self.0.description.clone()
    }

    /// Free JSON.
    pub async fn metadata(&self) -> Json<Map<String, Value>> {
        Json(self.0.metadata.clone())
    }

    /// What it declares of its profiles, teams and groups beyond what everybody has.
    pub async fn extensions(
        &self,
        #[graphql(desc = "Also those that are withdrawn, and withdrawn attributes.", default)] withdrawn: bool,
    ) -> Vec<Extension> {
        extension::list(&self.0.extensions, withdrawn)
    }

    /// The organization it hangs below, for viewers who see both.
    pub async fn parent(&self, context: &Context<'_>) -> Nullable<Organization> {
        nullable(
            async { Ok(relations::neighbour(context, relation::PARENT, self.0.place()).await?.map(Organization)) }
                .await,
        )
    }

    /// Every organization above it that the viewer sees, the nearest first; at most 31.
    pub async fn ancestors(&self, context: &Context<'_>) -> Result<Vec<Organization>> {
        let chain = relations::ancestors::<domain::Organization>(context, self.0.place()).await?;
        Ok(chain.into_iter().map(Organization).collect())
    }

    /// The organizations directly below it that the viewer sees, in the order in which they were hung.
    pub async fn children(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<OrganizationChildConnection> {
        let (slice, count) = relations::neighbours::<domain::Organization>(
            context,
            relation::CHILDREN,
            self.0.place(),
            PageArgs { first, after, last, before },
        )
        .await?;
        Ok(OrganizationChildConnection::of(slice, count, |related| OrganizationChildEdge {
            cursor: relations::edge_cursor(&related),
            node: Organization(related.node),
            says: related.edge,
        }))
    }

    /// Every organization below it, at any depth, that the viewer sees, ordered by id.
    pub async fn descendants(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<OrganizationConnection> {
        let (slice, count) = relations::reached::<domain::Organization>(
            context,
            Reach::Descendants,
            self.0.place(),
            PageArgs { first, after, last, before },
        )
        .await?;
        Ok(OrganizationConnection::of(slice, count, |found| OrganizationEdge {
            cursor: relations::node_cursor(&*found),
            node: Organization(found),
            says: (),
        }))
    }

    /// Its users, service accounts and bots.
    pub async fn profiles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<ProfileFilter>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<ProfileOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<ProfileConnection> {
        lists::profiles(
            context,
            (self.0.id, self.0.moment),
            (filter, order_by),
            PageArgs { first, after, last, before },
        )
        .await
    }

    /// Its teams.
    pub async fn teams(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<CollectiveFilter>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<NameOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<TeamConnection> {
        lists::teams(context, (self.0.id, self.0.moment), (filter, order_by), PageArgs { first, after, last, before })
            .await
    }

    /// Its groups.
    pub async fn groups(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<CollectiveFilter>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<NameOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<GroupConnection> {
        lists::groups(context, (self.0.id, self.0.moment), (filter, order_by), PageArgs { first, after, last, before })
            .await
    }

    /// Its roles.
    pub async fn roles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<RoleFilter>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<NameOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<RoleConnection> {
        lists::roles(context, (self.0.id, self.0.moment), (filter, order_by), PageArgs { first, after, last, before })
            .await
    }

    /// How risky its accounts are, as of now. Needs the role editor.
    pub async fn risk_overview(&self, context: &Context<'_>) -> Nullable<RiskOverview> {
        present(risk::of_organization(context, self.0.id).await)
    }

    /// The accounts that are known of at other providers, linked or not.
    pub async fn identities(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<IdentityFilter>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<TimeOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<LinkedIdentityConnection> {
        lists::identities(
            context,
            (self.0.id, self.0.moment),
            (filter, order_by),
            PageArgs { first, after, last, before },
        )
        .await
    }

    /// The same as it was at that time, with whatever is reached from there; null if it did not exist then.
    pub async fn as_of(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "When, in the past.")] time: DateTime<Utc>,
    ) -> Nullable<Organization> {
        nullable(async { Ok(moment::then(context, &self.0, time).await?.map(Organization)) }.await)
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

    /// The place in its sequence of events that it has come to by now: the subscription `changes` goes on from there, so
    /// that nothing is missed between reading something and following it. Needs what `changes` needs.
    pub async fn changes_cursor(&self, context: &Context<'_>) -> Nullable<String> {
        present(subscription::cursor_of_now(context, self.0.id).await)
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
                    (self.0.id, self.0.id.node(), self.0.moment),
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
        present(event::changes(context, (self.0.id, self.0.id.node(), self.0.moment), (after, until)).await)
    }

    /// Where the current value of each field comes from. Needs what `history` needs.
    pub async fn provenance(&self, context: &Context<'_>) -> Nullable<Vec<Provenance>> {
        present(async { event::provenance(context, (self.0.id, self.0.id.node()), &self.0.meta) }.await)
    }
}
