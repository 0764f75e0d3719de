//! Linked identities.

use super::activity::{
    self, AccessRecordConnection, AccessRecordFilter, IdentityActionConnection, LastLogin, SessionConnection,
};
use super::alert::{self, AlertConnection, AlertFilter};
use super::connection::connection;
use super::event::{self, Difference, EventConnection, Provenance};
use super::failure::{Nullable, nullable, present};
use super::moment::{self, At};
use super::node;
use super::organization::Organization;
use super::profile::{Profile, profile};
use super::relations;
use super::request::{PageArgs, of};
use super::risk::{self, IdentityRisk};
use super::scalars::{self, EmailAddress, IdentityStatus, MfaState};
use crate::domain;
use crate::resolvers::query::relation;
use async_graphql::{Context, ID, Json, Object};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// An account at another provider.
pub struct LinkedIdentity(pub At<domain::LinkedIdentity>);

connection!(
    LinkedIdentityConnection,
    LinkedIdentityEdge,
    LinkedIdentity,
    "A page of linked identities.",
    "A linked identity in a page."
);
connection!(
    LinkConnection,
    LinkEdge,
    LinkedIdentity,
    "A page of the accounts that a profile owns.",
    "An account in a page, and since when it is linked.",
    relation
);

/// An account at another provider, which a profile may own.
#[Object]
impl LinkedIdentity {
    /// Public id: `idn_…`. The same on every face of the server.
    pub async fn id(&self) -> ID {
        scalars::id(self.0.id)
    }

    /// The organization it is known in.
    pub async fn organization(&self, context: &Context<'_>) -> Nullable<Organization> {
        nullable(async { node::organization_of(context, (self.0.organization, self.0.moment)).await }.await)
    }

    /// The provider, such as `github` or `azure_ad`.
    pub async fn provider(&self) -> String {
        self.0.provider.clone()
    }

    /// The provider's environment; `production` unless said otherwise.
    pub async fn environment(&self) -> String {
        self.0.environment.clone()
    }

    /// The provider's id of the account. Unique per organization, provider and environment; case counts.
    pub async fn account_id(&self) -> String {
        self.0.account_id.clone()
    }

    /// The name of the account at the provider.
    pub async fn username(&self) -> Option<String> {
        self.0.username.clone()
    }

    /// The e-mail address of the account at the provider.
    pub async fn email(&self) -> Option<EmailAddress> {
        self.0.email.clone().map(EmailAddress)
    }

    /// Whether the owner has proved to own the account.
    pub async fn verified(&self) -> bool {
        self.0.verified
    }

    /// Where the account stands at its provider.
    pub async fn status(&self) -> IdentityStatus {
        self.0.status.into()
    }

    /// What is known of its second factor. Needs the role editor.
    pub async fn mfa_state(&self, context: &Context<'_>) -> Nullable<MfaState> {
        nullable(
            async {
                of(context).read().allow_private(self.0.organization, None)?;
                Ok(Some(self.0.mfa_state.into()))
            }
            .await,
        )
    }

    /// The methods of its second factor, such as `totp` or `hardware_key`. Needs the role editor.
    pub async fn mfa_methods(&self, context: &Context<'_>) -> Nullable<Vec<String>> {
        nullable(
            async {
                of(context).read().allow_private(self.0.organization, None)?;
                Ok(Some(self.0.mfa_methods.clone()))
            }
            .await,
        )
    }

    /// How risky the provider says that it is, from 0 (not at all) to 100 (critical); null if it has not said. Needs the role editor.
    pub async fn provider_risk(&self, context: &Context<'_>) -> Nullable<i32> {
        nullable(
            async {
                of(context).read().allow_private(self.0.organization, None)?;
                Ok(self.0.provider_risk)
            }
            .await,
        )
    }

    /// How risky it is, as of now, and why. Needs the role editor.
    pub async fn risk(&self, context: &Context<'_>) -> Nullable<IdentityRisk> {
        present(risk::of_identity(context, &self.0).await)
    }

    /// The alerts that count against it, or would if they were not dismissed; the latest first, as of now. Needs the role editor.
    pub async fn alerts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<AlertFilter>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<AlertConnection> {
        present(alert::of_identity(context, &self.0, filter, PageArgs { first, after, last, before }).await)
    }

    /// Free JSON.
    pub async fn metadata(&self) -> Json<Map<String, Value>> {
        Json(self.0.metadata.clone())
    }

    /// The profile it belongs to; null while it is not linked.
    pub async fn profile(&self, context: &Context<'_>) -> Nullable<Profile> {
        nullable(
            async { Ok(relations::neighbour(context, relation::LINKED_PROFILE, self.0.place()).await?.map(profile)) }
                .await,
        )
    }

    /// The last sign-in that went well; null if none was reported. Needs the role editor; everybody may read their own.
    pub async fn last_login(&self, context: &Context<'_>) -> Nullable<LastLogin> {
        nullable(activity::last_login(context, &self.0).await)
    }

    /// Since when the password has to be changed, as of now; null if it need not be. Needs the role editor; everybody may read their own.
    pub async fn password_reset_since(&self, context: &Context<'_>) -> Nullable<DateTime<Utc>> {
        nullable(activity::password_reset_since(context, &self.0).await)
    }

    /// Where somebody is, or was, signed in with it, the newest first. Needs the role admin and the scope `history:read`; everybody may read their own.
    pub async fn sessions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only those that go on.", default)] live: bool,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<SessionConnection> {
        present(activity::sessions(context, &self.0, live, PageArgs { first, after, last, before }).await)
    }

    /// What it has done, the latest first. Needs the role admin and the scope `history:read`; everybody may read their own.
    pub async fn access_records(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which of it; all unless given.")] filter: Option<AccessRecordFilter>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<AccessRecordConnection> {
        present(activity::access_records(context, &self.0, filter, PageArgs { first, after, last, before }).await)
    }

    /// The actions that were taken on it, the newest first. Needs the role admin and the scope `history:read`; everybody may read their own.
    pub async fn actions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<IdentityActionConnection> {
        present(activity::actions(context, &self.0, PageArgs { first, after, last, before }).await)
    }

    /// The same as it was at that time, with whatever is reached from there; null if it did not exist then.
    pub async fn as_of(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "When, in the past.")] time: DateTime<Utc>,
    ) -> Nullable<LinkedIdentity> {
        nullable(async { Ok(moment::then(context, &self.0, time).await?.map(LinkedIdentity)) }.await)
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
