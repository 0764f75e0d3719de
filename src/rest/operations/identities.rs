//! Accounts: list, get, the actions on them, and what they have done.

use super::lists::order;
use super::profiles::{MaybeReason, Reason};
use super::{ACTIVITY, IDENTITIES};
use crate::domain::session::parse_session_id;
use crate::domain::{Error, LinkedIdentity, NodeId, NodeKind, Slice, text};
use crate::resolvers::Command;
use crate::resolvers::command::{DisableIdentity, EnableIdentity, EndSession, ForcePasswordReset, RevokeSessions};
use crate::resolvers::policy::Action as Permission;
use crate::resolvers::query::questions::Listed as ListedNodes;
use crate::resolvers::query::questions::accounts::{AccessRecords, AccountActions, Sessions};
use crate::rest::Call;
use crate::rest::accounts::{account, allow, show};
use crate::rest::cursors::{BY_ID, BY_OCCURRENCE, id_cursor, number_cursor};
use crate::rest::input::{IdempotencyKey, Json, MaybeJson, Paging, Query};
use crate::rest::model::action::Action;
use crate::rest::model::activity::{AccessKind, AccessOutcome, AccessRecord, Session};
use crate::rest::model::identity::{Identity, IdentitySearch};
use crate::rest::model::moment::Moment;
use crate::rest::model::risk::Risk;
use crate::rest::operation::{Method, Operation};
use crate::rest::outcome::{Entity, Found, Gone, Listed, Taken};
use crate::rest::refusal::Result;
use crate::store::{AccessFilter, IdentityFilter, Listing, RiskFilter, SortField};
use schemars::JsonSchema;
use serde::Deserialize;
use std::marker::PhantomData;
use uuid::Uuid;

/// What accounts are sorted by.
const SORTED_BY: &[(&str, SortField)] = &[("created_at", SortField::CreatedAt), ("updated_at", SortField::UpdatedAt)];

const READS_HISTORY: &str = "Needs the role admin and the scope `history:read`; everybody may read their own.";
const ADMIN: &str = "Needs the role admin. The answer has a receipt for each target.";

/// Which sessions are wanted.
#[derive(Debug, Deserialize, JsonSchema)]
struct SessionSearch {
    /// Only those that go on.
    #[serde(rename = "filter[live]", default)]
    live: bool,
}

/// Which access records are wanted. Everything that is given must hold.
#[derive(Debug, Deserialize, JsonSchema)]
struct RecordSearch {
    /// Only those of this kind.
    #[serde(rename = "filter[kind]")]
    kind: Option<AccessKind>,
    /// Only those that went so.
    #[serde(rename = "filter[outcome]")]
    outcome: Option<AccessOutcome>,
    /// Only those that happened at or after this time.
    #[serde(rename = "filter[since]")]
    since: Option<Moment>,
    /// Only those that happened before this time.
    #[serde(rename = "filter[until]")]
    until: Option<Moment>,
}

/// What there is to do with accounts.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::Get, "/v1/identity", list)
            .named(IDENTITIES, "listIdentities", "List accounts")
            .described("The accounts of one tenant. Needs the role reader; who has no role sees none."),
        Operation::new(Method::Get, "/v1/identity/{id}", get).named(IDENTITIES, "getIdentity", "Get an account"),
        Operation::new(Method::Get, "/v1/identity/{id}/risk", risk)
            .named(IDENTITIES, "getRiskOfIdentity", "Get how risky an account is, and why")
            .described("As of now, down to the events. Needs the role editor."),
        Operation::new(Method::Post, "/v1/identity/{id}/force-password-reset", force_password_reset)
            .named(IDENTITIES, "forcePasswordReset", "Require that the password is changed at the next sign-in")
            .described(ADMIN),
        Operation::new(Method::Post, "/v1/identity/{id}/revoke-sessions", revoke_sessions)
            .named(IDENTITIES, "revokeSessions", "End every session, on all devices and in all applications")
            .described(
                "At once. What was issued for the account until now is of no use any more. Needs the role admin; everybody \
                 may revoke their own. The answer has a receipt for each target.",
            ),
        Operation::new(Method::Post, "/v1/identity/{id}/disable", disable)
            .named(IDENTITIES, "disableIdentity", "Bar an account, and the profile that owns it")
            .described(ADMIN),
        Operation::new(Method::Post, "/v1/identity/{id}/enable", enable)
            .named(IDENTITIES, "enableIdentity", "Let an account be used again, and the profile that owns it")
            .described(ADMIN),
        Operation::new(Method::Get, "/v1/identity/{id}/actions", actions)
            .named(IDENTITIES, "listActionsOfIdentity", "List the actions that were taken on an account, the newest first")
            .described(READS_HISTORY),
        Operation::new(Method::Get, "/v1/identity/{id}/sessions", sessions)
            .named(ACTIVITY, "listSessionsOfIdentity", "List the sessions of an account, the newest first")
            .described(READS_HISTORY),
        Operation::new(Method::Delete, "/v1/identity/{id}/sessions/{session_id}", end_session)
            .named(ACTIVITY, "endSession", "End a session")
            .described("Needs the role admin; everybody may end their own."),
        Operation::new(Method::Get, "/v1/identity/{id}/access-records", access_records)
            .named(ACTIVITY, "listAccessRecordsOfIdentity", "List what an account has done, the latest first")
            .described(READS_HISTORY),
    ]
}

async fn list(call: Call, (Query(search), paging): (Query<IdentitySearch>, Paging)) -> Result<Listed<Identity>> {
    let tenant = call.tenant(search.tenant_id.as_deref(), "filter[tenant_id]").await?;
    let order = order(search.sort.as_deref(), SORTED_BY)?;
    if let Some(provider) = &search.provider {
        text::check_slug("filter[provider]", provider)?;
    }
    let filter = IdentityFilter {
        provider: search.provider,
        email: search.email,
        status: search.status.map(Into::into),
        mfa_enrolled: search.mfa_enrolled,
        risk: search.risk_level.map(|level| RiskFilter { levels: vec![level.into()], at: call.app.clock().now() }),
        privileged: search.privileged,
        role: search.role,
        ..IdentityFilter::default()
    };
    let question = ListedNodes::<LinkedIdentity> { filter, order, page: paging.page(order.tag())?, of: PhantomData };
    let slice = call.reader().ask(&question, &[tenant.0]).await?.remove(&tenant.0).unwrap_or_else(Slice::empty);
    let next = slice.items.last().filter(|_| slice.has_next).map(|last| last.cursor(order).encode());
    Ok(Listed::new(&call, show(&call, &slice.items).await?, next))
}

async fn get(call: Call, (): ()) -> Result<Found<Identity>> {
    let identity = account(&call, identity_id(&call)?).await?;
    let version = identity.meta.version;
    let missing = || Error::not_found("id", "identity");
    let body = show(&call, &[identity]).await?.pop().ok_or_else(missing)?;
    Ok(Found(Entity { body, version }))
}

async fn risk(call: Call, (): ()) -> Result<Found<Risk>> {
    let identity = account(&call, identity_id(&call)?).await?;
    let version = identity.meta.version;
    Ok(Found(Entity { body: crate::rest::risk::risk(&call, &identity).await?, version }))
}

/// Takes an action, and answers with its record, if the viewer may read it.
async fn taken<C: Command<Output = Uuid>>(call: &Call, command: C, key: Option<String>) -> Result<Taken<Action>> {
    let id = call.run(command, key).await?;
    match call.reader().account_action(id).await {
        Ok(record) => Ok(Taken(Some((&record).into()))),
        Err(error) if error.code == crate::domain::ErrorCode::Forbidden => Ok(Taken(None)),
        Err(error) => Err(error.into()),
    }
}

type WithReason = (IdempotencyKey, MaybeJson<MaybeReason>);

async fn force_password_reset(
    call: Call,
    (IdempotencyKey(key), MaybeJson(MaybeReason { reason })): WithReason,
) -> Result<Taken<Action>> {
    taken(&call, ForcePasswordReset { id: identity_id(&call)?, reason }, key).await
}

async fn revoke_sessions(
    call: Call,
    (IdempotencyKey(key), MaybeJson(MaybeReason { reason })): WithReason,
) -> Result<Taken<Action>> {
    taken(&call, RevokeSessions { id: identity_id(&call)?, reason }, key).await
}

async fn disable(
    call: Call,
    (IdempotencyKey(key), Json(Reason { reason })): (IdempotencyKey, Json<Reason>),
) -> Result<Taken<Action>> {
    taken(&call, DisableIdentity { id: identity_id(&call)?, reason }, key).await
}

async fn enable(
    call: Call,
    (IdempotencyKey(key), MaybeJson(MaybeReason { reason })): WithReason,
) -> Result<Taken<Action>> {
    taken(&call, EnableIdentity { id: identity_id(&call)?, reason }, key).await
}

async fn actions(call: Call, paging: Paging) -> Result<Listed<Action>> {
    let id = history_of(&call).await?;
    let question = AccountActions { page: paging.page(BY_ID)? };
    let slice = call.reader().ask(&question, &[id]).await?.remove(&id).unwrap_or_else(Slice::empty);
    let next = slice.items.last().filter(|_| slice.has_next).map(|last| id_cursor(BY_ID, last.id));
    Ok(Listed::new(&call, slice.items.iter().map(|record| Action::from(&**record)).collect(), next))
}

async fn sessions(call: Call, (Query(search), paging): (Query<SessionSearch>, Paging)) -> Result<Listed<Session>> {
    let id = history_of(&call).await?;
    let question = Sessions { live: search.live, page: paging.page(BY_ID)? };
    let slice = call.reader().ask(&question, &[id]).await?.remove(&id).unwrap_or_else(Slice::empty);
    let next = slice.items.last().filter(|_| slice.has_next).map(|last| id_cursor(BY_ID, last.id));
    let now = call.app.clock().now();
    Ok(Listed::new(&call, slice.items.iter().map(|session| Session::of(session, now)).collect(), next))
}

async fn end_session(call: Call, (): ()) -> Result<Gone> {
    let text = call.parameters.get("session_id").map_or("", String::as_str);
    let missing = |_: Error| Error::not_found("session_id", "session of this account");
    let session = parse_session_id(text, "session_id").map_err(missing)?;
    call.run(EndSession { identity: identity_id(&call)?, session, reason: None }, None).await?;
    Ok(Gone)
}

async fn access_records(
    call: Call,
    (Query(search), paging): (Query<RecordSearch>, Paging),
) -> Result<Listed<AccessRecord>> {
    let id = history_of(&call).await?;
    let filter = AccessFilter {
        kind: search.kind.map(Into::into),
        outcome: search.outcome.map(Into::into),
        since: search.since.map(|time| time.0),
        until: search.until.map(|time| time.0),
    };
    let question = AccessRecords { filter, page: paging.page(BY_OCCURRENCE)? };
    let slice = call.reader().ask(&question, &[id]).await?.remove(&id).unwrap_or_else(Slice::empty);
    let next = slice
        .items
        .last()
        .filter(|_| slice.has_next)
        .map(|last| number_cursor(BY_OCCURRENCE, last.occurred_at.timestamp_micros(), last.id));
    Ok(Listed::new(&call, slice.items.iter().map(|record| AccessRecord::from(&**record)).collect(), next))
}

/// The account that the path names, of whose doings the viewer may read.
async fn history_of(call: &Call) -> Result<Uuid> {
    let identity = account(call, identity_id(call)?).await?;
    allow(call, &identity, Permission::ReadHistory).await?;
    Ok(identity.id.uuid)
}

fn identity_id(call: &Call) -> Result<NodeId> {
    call.id("id", &[NodeKind::LinkedIdentity])
}
