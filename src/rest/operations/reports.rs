//! What others report about accounts: sessions, and access records; one, or many at once.

use super::ACTIVITY;
use crate::domain::access::access_record_id;
use crate::domain::session::session_id;
use crate::domain::{Error, ErrorCode};
use crate::resolvers::command::{RecordAccess, ReportSessions, Reported};
use crate::rest::Call;
use crate::rest::input::{IdempotencyKey, OneOrMany, Query, in_entry};
use crate::rest::model::activity::{NewAccessRecord, NewSession};
use crate::rest::model::report::Reports;
use crate::rest::operation::{Method, Operation};
use crate::rest::outcome::Done;
use crate::rest::refusal::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// Of which organization the accounts are.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Of {
    /// The slug or public id (`org_…`, `ten_…`) of the organization; that of the credential unless given.
    pub(super) organization: Option<String>,
}

pub(super) const ABOUT: &str = "One object, or a list of at most 1000. Each entry of a list stands for itself: one that cannot be taken \
    is rejected with the reason, and the others are taken. Needs the role editor.";

/// What there is to report.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::Post, "/v1/sessions", sessions)
            .named(ACTIVITY, "reportSessions", "Report sessions: that they begin, are used, end")
            .described(ABOUT),
        Operation::new(Method::Post, "/v1/access-records", access_records)
            .named(ACTIVITY, "recordAccess", "Record what accounts have done")
            .described(ABOUT),
    ]
}

async fn sessions(
    call: Call,
    (Query(of), IdempotencyKey(key), sent): (Query<Of>, IdempotencyKey, OneOrMany<NewSession>),
) -> Result<Done<Reports>> {
    let organization = call.tenant(of.organization.as_deref(), "organization").await?;
    let is_one = sent.is_one;
    let sessions = entries(sent, NewSession::reported)?;
    reports(call.run(ReportSessions { organization, sessions }, key).await?, (is_one, session_id))
}

async fn access_records(
    call: Call,
    (Query(of), IdempotencyKey(key), sent): (Query<Of>, IdempotencyKey, OneOrMany<NewAccessRecord>),
) -> Result<Done<Reports>> {
    let organization = call.tenant(of.organization.as_deref(), "organization").await?;
    let is_one = sent.is_one;
    let records = entries(sent, NewAccessRecord::reported)?;
    reports(call.run(RecordAccess { organization, records }, key).await?, (is_one, access_record_id))
}

/// The entries as the resolvers are told of them.
pub(super) fn entries<T, U>(sent: OneOrMany<T>, read: fn(T) -> crate::domain::Result<U>) -> Result<Vec<U>> {
    let OneOrMany { entries, is_one } = sent;
    let read = |(index, entry)| read(entry).map_err(|error| if is_one { error } else { in_entry(error, index) });
    Ok(entries.into_iter().enumerate().map(read).collect::<crate::domain::Result<_>>()?)
}

/// What has become of the entries. If there is one, and not in a list, it is refused as anything else.
pub(super) fn reports(reported: Vec<Reported>, (is_one, public): (bool, fn(Uuid) -> String)) -> Result<Done<Reports>> {
    if let (true, [Reported { rejection: Some(rejection), .. }]) = (is_one, reported.as_slice()) {
        let code = ErrorCode::from_name(&rejection.code).unwrap_or(ErrorCode::InvalidInput);
        let error = Error { field: rejection.field.clone(), code, ..Error::invalid("", rejection.message.clone()) };
        return Err(error.into());
    }
    Ok(Done(Reports::of(reported, public)))
}
