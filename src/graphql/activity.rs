//! What accounts do: sessions, access records, the last sign-in, and the actions taken on them.

mod account;

pub use account::{access_records, account, actions, allow, last_login, password_reset_since, session, sessions};

use super::connection::connection;
use super::failure::{Nullable, nullable};
use super::identity::LinkedIdentity;
use super::moment::Moment;
use super::network::Network;
use super::request::{ask, of};
use super::scalars::CountryCode;
use crate::domain;
use crate::domain::AccessRecord as Record;
use crate::domain::access::access_record_id;
use crate::domain::action::{ActionRecord, action_id};
use crate::domain::session::session_id;
use crate::resolvers::query::questions::accounts::SessionById;
use crate::store::AccessFilter;
use async_graphql::{Context, Enum, ID, InputObject, Json, Object, SimpleObject};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::session::SessionEnd", name = "SessionEndReason")]
pub enum SessionEnd {
    /// Whoever it was has signed out.
    SignedOut,
    /// Its time was up.
    Expired,
    /// Somebody has revoked it.
    Revoked,
    /// The account was disabled.
    Disabled,
}

/// What an account has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::access::AccessKind")]
pub enum AccessKind {
    /// Somebody has signed in, or tried to.
    SignIn,
    /// A second factor was asked for.
    Mfa,
    /// A token was used.
    TokenUse,
    /// A resource was accessed.
    ResourceAccess,
    /// A session has begun.
    SessionStart,
    /// A session has ended.
    SessionEnd,
    /// The password, or another credential, was changed.
    CredentialChange,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::access::AccessOutcome")]
pub enum AccessOutcome {
    /// Well.
    Success,
    /// It was refused, or given up.
    Failure,
}

/// What is done to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::action::ActionKind", name = "IdentityActionKind")]
pub enum ActionKind {
    /// Its password has to be changed at the next sign-in.
    ForcePasswordReset,
    /// Whoever is signed in with it is not any more.
    RevokeSessions,
    /// It cannot be used any more.
    Disable,
    /// It can be used again.
    Enable,
}

/// What has become of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::action::ReceiptStatus", name = "ActionStatus")]
pub enum ReceiptStatus {
    /// It is done.
    Confirmed,
    /// It is under way.
    Pending,
    /// It could not be done.
    Failed,
    /// There is no way to do it there.
    Unsupported,
}

/// Which access records are wanted. All of it has to hold.
#[derive(Debug, Clone, Copy, Default, InputObject)]
pub struct AccessRecordFilter {
    /// Only those of this kind.
    kind: Option<AccessKind>,
    /// Only those that went so.
    outcome: Option<AccessOutcome>,
    /// Only those that happened at or after this time.
    since: Option<DateTime<Utc>>,
    /// Only those that happened before this time.
    until: Option<DateTime<Utc>>,
}

impl From<AccessRecordFilter> for AccessFilter {
    fn from(filter: AccessRecordFilter) -> Self {
        Self {
            kind: filter.kind.map(Into::into),
            outcome: filter.outcome.map(Into::into),
            since: filter.since,
            until: filter.until,
        }
    }
}

/// From where and with what somebody acts.
#[derive(Debug, Clone, SimpleObject)]
pub struct Whereabouts {
    /// The address (IPv4 or IPv6).
    address: Option<String>,
    /// The country that the address is in: as it was reported, else as the address was known.
    country: Option<CountryCode>,
    /// The device, as whoever has reported it knows it.
    device: Option<String>,
    /// The program, as it calls itself.
    user_agent: Option<String>,
    /// The application that is used.
    application: Option<String>,
    /// What was known of the address when this was reported; null if nothing was.
    network: Option<Network>,
}

impl From<&domain::session::Whereabouts> for Whereabouts {
    fn from(whereabouts: &domain::session::Whereabouts) -> Self {
        Self {
            address: whereabouts.address.map(|address| address.to_string()),
            country: whereabouts.known_country().map(|country| CountryCode(country.to_owned())),
            device: whereabouts.device.clone(),
            user_agent: whereabouts.user_agent.clone(),
            application: whereabouts.application.clone(),
            network: whereabouts.network.as_ref().map(Into::into),
        }
    }
}

/// The last sign-in that went well.
#[derive(Debug, Clone, SimpleObject)]
pub struct LastLogin {
    /// When it was.
    at: DateTime<Utc>,
    /// From which address (IPv4 or IPv6).
    address: Option<String>,
    /// From which country.
    country: Option<CountryCode>,
}

/// Where somebody is, or was, signed in with an account. Sessions are reported by the IAM, or are those of this server.
pub struct Session {
    session: Arc<domain::Session>,
    moment: Moment,
}

/// Where somebody is, or was, signed in with an account. Sessions are reported by the IAM, or are those of this server.
#[Object]
impl Session {
    /// Public id: `ses_…`.
    async fn id(&self) -> ID {
        ID(session_id(self.session.id))
    }

    /// What whoever has reported it calls it; unique in the organization. Null for sessions of this server.
    async fn external_id(&self) -> Option<&str> {
        self.session.external_id.as_deref()
    }

    /// The account that is signed in.
    async fn identity(&self, context: &Context<'_>) -> Nullable<LinkedIdentity> {
        nullable(account(context, (self.session.identity, self.moment)).await)
    }

    /// From where and with what.
    async fn whereabouts(&self) -> Whereabouts {
        (&self.session.whereabouts).into()
    }

    /// Since when.
    async fn started_at(&self) -> DateTime<Utc> {
        self.session.started_at
    }

    /// When it was used last, as far as that was reported.
    async fn last_seen_at(&self) -> DateTime<Utc> {
        self.session.last_seen_at
    }

    /// Until when at most; null if that is not known.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.session.expires_at
    }

    /// When it ended; null while it goes on.
    async fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.session.ended_at
    }

    /// Why it ended; null while it goes on.
    async fn end_reason(&self) -> Option<SessionEnd> {
        self.session.end.map(Into::into)
    }

    /// Whether it goes on.
    async fn live(&self, context: &Context<'_>) -> bool {
        self.session.is_live(self.moment.unwrap_or_else(|| of(context).app.clock().now()))
    }
}

/// What an account has done once. A record never changes.
pub struct AccessRecord {
    pub(super) record: Arc<Record>,
    pub(super) moment: Moment,
}

/// What an account has done once. A record never changes.
#[Object]
impl AccessRecord {
    /// Public id: `acc_…`.
    async fn id(&self) -> ID {
        ID(access_record_id(self.record.id))
    }

    /// What whoever has reported it calls it; unique in the organization.
    async fn event_id(&self) -> &str {
        &self.record.event_id
    }

    /// The account.
    async fn identity(&self, context: &Context<'_>) -> Nullable<LinkedIdentity> {
        nullable(account(context, (self.record.identity, self.moment)).await)
    }

    /// In which session; null if that is not known.
    async fn session(&self, context: &Context<'_>) -> Nullable<Session> {
        nullable(
            async {
                let Some(id) = self.record.session else { return Ok(None) };
                let found = ask(context, SessionById, (id, self.moment)).await?;
                Ok(found.map(|session| Session { session, moment: self.moment }))
            }
            .await,
        )
    }

    /// What was done.
    async fn kind(&self) -> AccessKind {
        self.record.kind.into()
    }

    /// How it went.
    async fn outcome(&self) -> AccessOutcome {
        self.record.outcome.into()
    }

    /// Why it failed, or what else there is to say.
    async fn reason(&self) -> Option<&str> {
        self.record.reason.as_deref()
    }

    /// By which method: that of the sign-in (`password`, `sso`) or of the second factor (`totp`, `hardware_key`).
    async fn method(&self) -> Option<&str> {
        self.record.method.as_deref()
    }

    /// What was accessed.
    async fn resource(&self) -> Option<&str> {
        self.record.resource.as_deref()
    }

    /// From where and with what.
    async fn whereabouts(&self) -> Whereabouts {
        (&self.record.whereabouts).into()
    }

    /// Whatever else is known: free JSON of at most 8 KiB.
    async fn details(&self) -> Json<Map<String, Value>> {
        Json(self.record.details.clone())
    }

    /// When it happened.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.record.occurred_at
    }

    /// When it was recorded here.
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.record.recorded_at
    }

    /// The name of who has reported it, as it was then.
    async fn reported_by(&self) -> &str {
        &self.record.actor.name
    }

    /// Through which face of the server: `graphql`, `rest`, and so on.
    async fn source(&self) -> &str {
        &self.record.source
    }

    /// The id of the request, which its answer carried as `x-request-id`, and the logs know.
    async fn request_id(&self) -> &str {
        &self.record.request_id
    }
}

/// What has become of an action at one target.
#[derive(Debug, Clone, SimpleObject)]
pub struct Receipt {
    /// Where: `idgraph:…` for something of this server, else the provider of the account.
    target: String,
    /// What has become of it there.
    status: ReceiptStatus,
    /// How many things it was done to; null where that cannot be counted.
    count: Option<u64>,
    /// What there is to say about it.
    detail: Option<String>,
}

/// An action that was taken on an account, and what has become of it wherever it was to reach.
pub struct IdentityAction {
    action: Arc<ActionRecord>,
    moment: Moment,
}

impl IdentityAction {
    /// The action, as it was just taken.
    pub fn taken(action: ActionRecord) -> Self {
        Self { action: Arc::new(action), moment: None }
    }
}

/// An action that was taken on an account, and what has become of it wherever it was to reach.
#[Object]
impl IdentityAction {
    /// Public id: `act_…`.
    async fn id(&self) -> ID {
        ID(action_id(self.action.id))
    }

    /// The account.
    async fn identity(&self, context: &Context<'_>) -> Nullable<LinkedIdentity> {
        nullable(account(context, (self.action.identity, self.moment)).await)
    }

    /// What was done.
    async fn kind(&self) -> ActionKind {
        self.action.kind.into()
    }

    /// What has become of it altogether: failed or pending if it is so anywhere, confirmed if it is done wherever that is
    /// possible, unsupported if it is possible nowhere.
    async fn status(&self) -> ReceiptStatus {
        self.action.status().into()
    }

    /// What has become of it, target by target.
    async fn receipts(&self) -> Vec<Receipt> {
        let receipt = |receipt: &domain::action::Receipt| Receipt {
            target: receipt.target.clone(),
            status: receipt.status.into(),
            count: receipt.count,
            detail: receipt.detail.clone(),
        };
        self.action.receipts.iter().map(receipt).collect()
    }

    /// Why, if somebody said so.
    async fn reason(&self) -> Option<&str> {
        self.action.reason.as_deref()
    }

    /// When it was taken.
    async fn taken_at(&self) -> DateTime<Utc> {
        self.action.taken_at
    }

    /// The name of who has taken it, as it was then.
    async fn taken_by(&self) -> &str {
        &self.action.actor.name
    }
}

connection!(SessionConnection, SessionEdge, Session, "A page of sessions, the newest first.", "A session in a page.");
connection!(
    AccessRecordConnection,
    AccessRecordEdge,
    AccessRecord,
    "A page of access records, the latest first.",
    "An access record in a page."
);
connection!(
    IdentityActionConnection,
    IdentityActionEdge,
    IdentityAction,
    "A page of actions, the newest first.",
    "An action in a page."
);
