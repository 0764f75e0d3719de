//! What is read of one account, by those who may.

use super::super::connection::{count_by, id_cursor};
use super::super::failure::Result;
use super::super::identity::LinkedIdentity;
use super::super::moment::{At, Moment};
use super::super::request::{PageArgs, ask, of};
use super::super::scalars::CountryCode;
use super::{
    AccessRecord, AccessRecordConnection, AccessRecordEdge, AccessRecordFilter, IdentityAction,
    IdentityActionConnection, IdentityActionEdge, LastLogin, Session, SessionConnection, SessionEdge,
};
use crate::domain::{self, Cursor, CursorKey};
use crate::resolvers::policy::Action;
use crate::resolvers::query::questions::Found;
use crate::resolvers::query::questions::accounts::{
    AccessRecordCount, AccessRecords, AccountActionCount, AccountActions, OwnAccount, SessionById, SessionCount,
    Sessions, Standings,
};
use crate::store::AccessFilter;
use async_graphql::{Context, ID};
use chrono::{DateTime, Utc};
use std::marker::PhantomData;

/// The order tag of lists of sessions and actions, which are sorted by id, the newest first.
const BY_ID: char = 'C';
/// The order tag of lists of access records, which are sorted by when they happened, the latest first.
const BY_OCCURRENCE: char = 'o';

/// The account with that id, as of that moment.
pub async fn account(context: &Context<'_>, (id, moment): (domain::NodeId, Moment)) -> Result<Option<LinkedIdentity>> {
    let found = ask(context, Found::<domain::LinkedIdentity> { of: PhantomData }, (id.uuid, moment)).await?;
    Ok(found.map(|node| LinkedIdentity(At::new(node, moment))))
}

/// Requires that the viewer may read that about an account. Whose account it is matters only to those who act for somebody.
pub async fn allow(context: &Context<'_>, identity: &At<domain::LinkedIdentity>, action: Action) -> Result<()> {
    let reader = of(context).read();
    let is_own = reader.profile().is_some() && ask(context, OwnAccount, identity.place()).await?.is_some();
    Ok(reader.allow_on_account(action, identity.organization, is_own)?)
}

/// The sessions of an account, if the viewer may read them.
pub async fn sessions(
    context: &Context<'_>,
    identity: &At<domain::LinkedIdentity>,
    live: bool,
    args: PageArgs,
) -> Result<SessionConnection> {
    allow(context, identity, Action::ReadHistory).await?;
    let (page, moment) = (args.page(context, BY_ID)?, identity.moment);
    let slice = ask(context, Sessions { live, page }, identity.place()).await?;
    let count = count_by(SessionCount { live }, identity.place());
    Ok(SessionConnection::of(slice, count, |session| SessionEdge {
        cursor: id_cursor(BY_ID, session.id),
        node: Session { session, moment },
        says: (),
    }))
}

/// What an account has done, if the viewer may read it.
pub async fn access_records(
    context: &Context<'_>,
    identity: &At<domain::LinkedIdentity>,
    filter: Option<AccessRecordFilter>,
    args: PageArgs,
) -> Result<AccessRecordConnection> {
    allow(context, identity, Action::ReadHistory).await?;
    let (page, moment) = (args.page(context, BY_OCCURRENCE)?, identity.moment);
    let filter = AccessFilter::from(filter.unwrap_or_default());
    let slice = ask(context, AccessRecords { filter: filter.clone(), page }, identity.place()).await?;
    let count = count_by(AccessRecordCount { filter }, identity.place());
    Ok(AccessRecordConnection::of(slice, count, |record| {
        let key = CursorKey::Number(record.occurred_at.timestamp_micros());
        let cursor = Cursor { order: BY_OCCURRENCE, key, id: record.id };
        AccessRecordEdge { cursor: cursor.encode(), node: AccessRecord { record, moment }, says: () }
    }))
}

/// The actions that were taken on an account, if the viewer may read them.
pub async fn actions(
    context: &Context<'_>,
    identity: &At<domain::LinkedIdentity>,
    args: PageArgs,
) -> Result<IdentityActionConnection> {
    allow(context, identity, Action::ReadHistory).await?;
    let (page, moment) = (args.page(context, BY_ID)?, identity.moment);
    let slice = ask(context, AccountActions { page }, identity.place()).await?;
    let count = count_by(AccountActionCount, identity.place());
    Ok(IdentityActionConnection::of(slice, count, |action| IdentityActionEdge {
        cursor: id_cursor(BY_ID, action.id),
        node: IdentityAction { action, moment },
        says: (),
    }))
}

/// The last sign-in that went well, if the viewer may read it.
pub async fn last_login(context: &Context<'_>, identity: &At<domain::LinkedIdentity>) -> Result<Option<LastLogin>> {
    allow(context, identity, Action::ReadPrivate).await?;
    let standing = ask(context, Standings, identity.place()).await?;
    let login = standing.and_then(|standing| standing.last_login.clone());
    Ok(login.map(|login| LastLogin {
        at: login.at,
        address: login.address.map(|address| address.to_string()),
        country: login.country.map(CountryCode),
    }))
}

/// Since when the password has to be changed, if the viewer may read it.
pub async fn password_reset_since(
    context: &Context<'_>,
    identity: &At<domain::LinkedIdentity>,
) -> Result<Option<DateTime<Utc>>> {
    allow(context, identity, Action::ReadPrivate).await?;
    let standing = ask(context, Standings, (identity.id.uuid, None)).await?;
    Ok(standing.and_then(|standing| standing.password_reset_since))
}

/// The session with that id, if the viewer may read it.
pub async fn session(context: &Context<'_>, id: &ID) -> Result<Option<Session>> {
    let id = domain::session::parse_session_id(id, "id")?;
    let Some(session) = ask(context, SessionById, (id, None)).await? else { return Ok(None) };
    let identity =
        ask(context, Found::<domain::LinkedIdentity> { of: PhantomData }, (session.identity.uuid, None)).await?;
    let Some(identity) = identity else { return Ok(None) };
    allow(context, &At::new(identity, None), Action::ReadHistory).await?;
    Ok(Some(Session { session, moment: None }))
}
