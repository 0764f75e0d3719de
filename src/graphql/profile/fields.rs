//! What a profile answers, field by field: the same for every kind.

use super::{
    Kind, Owner, OwnershipConnection, OwnershipEdge, Profile, ProfileConnection, ProfileEdge, ProfileNode,
    ReportConnection, ReportEdge, owner, profile,
};
use crate::domain;
use crate::domain::NodeKind;
use crate::graphql::collective::{
    Group, GroupConnection, GroupEdge, GroupMembershipConnection, GroupMembershipEdge, Team, TeamConnection, TeamEdge,
    TeamMembershipConnection, TeamMembershipEdge,
};
use crate::graphql::contact::{Address, Email, ExternalId, PersonName, Phone};
use crate::graphql::details::ProfileDetails;
use crate::graphql::event::{Difference, EventConnection, Provenance};
use crate::graphql::failure::{Nullable, Result, nullable, present};
use crate::graphql::identity::{LinkConnection, LinkEdge, LinkedIdentity};
use crate::graphql::organization::Organization;
use crate::graphql::request::PageArgs;
use crate::graphql::risk::{self, ProfileRisk};
use crate::graphql::role::{EffectiveRoleConnection, Role, RoleGrantConnection, RoleGrantEdge};
use crate::graphql::scalars::{EmailAddress, ProfileStatus, Url};
use crate::graphql::{event, extension, moment, node, relations, role, scalars};
use crate::resolvers::query::relation;
use crate::store::Reach;
use async_graphql::{Context, ID, Json, Object};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

#[Object(name_type)]
impl<K: Kind> ProfileNode<K> {
    /// Public id: `usr_…`, `svc_…` or `bot_…`. The same on every face of the server.
    pub async fn id(&self) -> ID {
        scalars::id(self.0.id)
    }

    /// The organization it belongs to.
    pub async fn organization(&self, context: &Context<'_>) -> Nullable<Organization> {
        nullable(async { node::organization_of(context, (self.0.organization, self.0.moment)).await }.await)
    }

    /// The name to sign in with; unique in the organization, whatever the case.
    #[graphql(shareable)]
    pub async fn username(&self) -> String {
        self.0.username.clone()
    }

    /// The name to show: the display name, else the formal one, else given and family name, else the user name.
    #[graphql(shareable)]
    pub async fn display_name(&self) -> String {
        self.0.display_name()
    }

    /// The parts of the name.
    pub async fn name(&self) -> PersonName {
        PersonName::from(&self.0.name)
    }

    /// The e-mail address to use: the primary one, else the first.
    pub async fn email(&self) -> Option<EmailAddress> {
        self.0.email().map(|email| EmailAddress(email.to_owned()))
    }

    /// Every e-mail address.
    #[graphql(tag = "personal-data")]
    pub async fn emails(&self) -> Vec<Email> {
        self.0.emails.iter().map(Email::from).collect()
    }

    /// Every telephone number.
    #[graphql(tag = "personal-data")]
    pub async fn phones(&self) -> Vec<Phone> {
        self.0.phones.iter().map(Phone::from).collect()
    }

    /// Every postal address. Needs the role editor; profiles may read their own.
    #[graphql(tag = "personal-data")]
    pub async fn addresses(&self, context: &Context<'_>) -> Nullable<Vec<Address>> {
        nullable(
            async {
                self.private(context)?;
                Ok(Some(self.0.addresses.iter().map(Address::from).collect()))
            }
            .await,
        )
    }

    /// URL of a picture.
    pub async fn avatar(&self) -> Option<Url> {
        self.0.avatar.clone().map(Url)
    }

    /// Language tag (BCP 47), such as `pt-BR`.
    pub async fn locale(&self) -> Option<String> {
        self.0.locale.clone()
    }

    /// Time zone (IANA), such as `Europe/Vienna`.
    pub async fn time_zone(&self) -> Option<String> {
        self.0.time_zone.clone()
    }

    /// Job title.
    pub async fn title(&self) -> Option<String> {
        self.0.title.clone()
    }

    /// Department.
    pub async fn department(&self) -> Option<String> {
        self.0.department.clone()
    }

    /// Employee number.
    pub async fn employee_number(&self) -> Option<String> {
        self.0.employee_number.clone()
    }

    /// Where it stands in its life.
    pub async fn status(&self) -> ProfileStatus {
        self.0.status.into()
    }

    /// Why it stands there, if somebody said so. Needs the role editor; profiles may read their own.
    pub async fn status_reason(&self, context: &Context<'_>) -> Nullable<String> {
        nullable(
            async {
                self.private(context)?;
                Ok(self.0.status_reason.clone())
            }
            .await,
        )
    }

    /// Free labels.
    pub async fn tags(&self) -> Vec<String> {
        self.0.tags.clone()
    }

    /// Free JSON.
    pub async fn metadata(&self) -> Json<Map<String, Value>> {
        Json(self.0.metadata.clone())
    }

    /// The ids by which clients of the directory know it. Needs the role editor; profiles may read their own.
    pub async fn external_ids(&self, context: &Context<'_>) -> Nullable<Vec<ExternalId>> {
        nullable(
            async {
                self.private(context)?;
                Ok(Some(self.0.external_ids.iter().map(ExternalId::from).collect()))
            }
            .await,
        )
    }

    /// What directories say of it beyond that. Needs the role editor; profiles may read their own.
    #[graphql(tag = "personal-data")]
    pub async fn details(&self, context: &Context<'_>) -> Nullable<ProfileDetails> {
        nullable(
            async {
                self.private(context)?;
                Ok(Some(ProfileDetails::from(&self.0.details)))
            }
            .await,
        )
    }

    /// The values of attributes that the organization has declared, by the URN of the schema that declares them. Needs the role editor; profiles may read their own.
    pub async fn extensions(&self, context: &Context<'_>) -> Nullable<Json<Map<String, Value>>> {
        nullable(
            async {
                self.private(context)?;
                let kind = self.0.id.kind;
                extension::shown(context, (self.0.organization, self.0.moment), (kind, &self.0.extensions)).await
            }
            .await,
        )
    }

    /// Who it reports to.
    pub async fn manager(&self, context: &Context<'_>) -> Nullable<Profile> {
        nullable(
            async { Ok(relations::neighbour(context, relation::MANAGER, self.0.place()).await?.map(profile)) }.await,
        )
    }

    /// Those who report to it, in the order in which they came.
    pub async fn reports(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<ReportConnection> {
        let (slice, count) = relations::neighbours::<domain::Profile>(
            context,
            relation::REPORTS,
            self.0.place(),
            PageArgs { first, after, last, before },
        )
        .await?;
        Ok(ReportConnection::of(slice, count, |related| ReportEdge {
            cursor: relations::edge_cursor(&related),
            node: profile(related.node),
            says: related.edge,
        }))
    }

    /// The teams it is a member of, in the order in which it joined.
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

    /// The groups it is a member of, in the order in which it joined.
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

    /// The teams it is in, directly or through teams they contain, ordered by id.
    pub async fn effective_teams(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<TeamConnection> {
        let (slice, count) = relations::reached::<domain::Collective>(
            context,
            Reach::EffectiveCollectives(NodeKind::Team),
            self.0.place(),
            PageArgs { first, after, last, before },
        )
        .await?;
        Ok(TeamConnection::of(slice, count, |found| TeamEdge {
            cursor: relations::node_cursor(&*found),
            node: Team(found),
            says: (),
        }))
    }

    /// The groups it is in, directly or through teams and groups they contain, ordered by id.
    pub async fn effective_groups(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<GroupConnection> {
        let (slice, count) = relations::reached::<domain::Collective>(
            context,
            Reach::EffectiveCollectives(NodeKind::Group),
            self.0.place(),
            PageArgs { first, after, last, before },
        )
        .await?;
        Ok(GroupConnection::of(slice, count, |found| GroupEdge {
            cursor: relations::node_cursor(&*found),
            node: Group(found),
            says: (),
        }))
    }

    /// The accounts it owns at other providers, in the order in which they were linked.
    pub async fn linked_identities(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<LinkConnection> {
        let (slice, count) = relations::neighbours::<domain::LinkedIdentity>(
            context,
            relation::LINKED_IDENTITIES,
            self.0.place(),
            PageArgs { first, after, last, before },
        )
        .await?;
        Ok(LinkConnection::of(slice, count, |related| LinkEdge {
            cursor: relations::edge_cursor(&related),
            node: LinkedIdentity(related.node),
            says: related.edge,
        }))
    }

    /// The roles granted to itself, in the order in which they were granted.
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

    /// The roles it has, by itself or through groups it is in, ordered by id.
    pub async fn effective_roles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<EffectiveRoleConnection> {
        role::effective(context, self.0.place(), PageArgs { first, after, last, before }).await
    }

    /// How risky it is, as of now: its accounts combined. Needs the role editor.
    pub async fn risk(&self, context: &Context<'_>) -> Nullable<ProfileRisk> {
        present(risk::of_profile(context, &self.0).await)
    }

    /// The user or team that answers for it. Users have none.
    pub async fn owner(&self, context: &Context<'_>) -> Nullable<Owner> {
        nullable(async { owner(context, &self.0).await }.await)
    }

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

    /// The profiles that were merged into it, ordered by id, as they were in the end; `asOf` shows them as they were before.
    pub async fn merged_profiles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Result<ProfileConnection> {
        let args = PageArgs { first, after, last, before };
        let (slice, count) = relations::merged(context, self.0.place(), args).await?;
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
    ) -> Nullable<Profile> {
        nullable(async { Ok(moment::then(context, &self.0, time).await?.map(profile)) }.await)
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
