//! Report what accounts do: sessions, and access records.

use super::super::activity::{AccessKind, AccessOutcome, SessionEnd};
use super::super::failure::{Nullable, present};
use super::super::inputs::{JsonObject, new_object, node_id};
use super::super::query::IdentityKey;
use super::super::scalars::CountryCode;
use super::{payload, run, tenant};
use crate::domain::access::access_record_id;
use crate::domain::session::{self, parse_session_id, session_id};
use crate::domain::{Error, NodeKind, Result, SessionRef};
use crate::resolvers::command::{
    AccountRef, RecordAccess, ReportRejection, ReportSessions, Reported, ReportedAccess, ReportedSession,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What identifies an account. Give exactly one.
#[derive(OneofObject)]
pub enum IdentityRef {
    /// Public id of the linked identity.
    Id(ID),
    /// The account at its provider.
    Account(IdentityKey),
}

/// What identifies a session. Give exactly one.
#[derive(OneofObject)]
pub enum SessionKey {
    /// Public id.
    Id(ID),
    /// What whoever has reported it calls it.
    ExternalId(String),
}

/// From where and with what somebody acts.
#[derive(Debug, Clone, Default, InputObject)]
pub struct WhereaboutsInput {
    /// The address (IPv4 or IPv6).
    address: Option<String>,
    /// The country that the address is in.
    country: Option<CountryCode>,
    /// The device: a name or an id.
    device: Option<String>,
    /// The program, as it calls itself (`User-Agent`).
    user_agent: Option<String>,
    /// The application that is used.
    application: Option<String>,
}

/// A session. What is left out stays as it is known.
#[derive(InputObject)]
pub struct SessionInput {
    /// What the session is called where it comes from; the same again is about the same session.
    external_id: String,
    /// The account that is signed in.
    identity: IdentityRef,
    /// From where and with what.
    whereabouts: Option<WhereaboutsInput>,
    /// Since when; now unless given. Does not change.
    started_at: Option<DateTime<Utc>>,
    /// When it was used last.
    last_seen_at: Option<DateTime<Utc>>,
    /// Until when at most.
    expires_at: Option<DateTime<Utc>>,
    /// When it ended. A session that is over stays over.
    ended_at: Option<DateTime<Utc>>,
    /// Why it ended; somebody has signed out, unless given.
    end_reason: Option<SessionEnd>,
}

/// Sessions to report.
#[derive(InputObject)]
pub struct ReportSessionsInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization; that of the token unless given.
    organization_id: Option<ID>,
    /// The sessions: 1 to 1000.
    sessions: Vec<SessionInput>,
}

/// What an account has done.
#[derive(InputObject)]
pub struct AccessRecordInput {
    /// What the record is called where it comes from: the same one twice is recorded once.
    event_id: String,
    /// The account.
    identity: IdentityRef,
    /// In which session.
    session: Option<SessionKey>,
    /// What was done.
    kind: AccessKind,
    /// How it went.
    #[graphql(default_with = "AccessOutcome::Success")]
    outcome: AccessOutcome,
    /// Why it failed.
    reason: Option<String>,
    /// By which method: that of the sign-in (`password`, `sso`) or of the second factor (`totp`, `hardware_key`).
    method: Option<String>,
    /// What was accessed.
    resource: Option<String>,
    /// From where and with what.
    whereabouts: Option<WhereaboutsInput>,
    /// Whatever else is known: free JSON of at most 8 KiB.
    details: Option<JsonObject>,
    /// When it happened; now unless given.
    occurred_at: Option<DateTime<Utc>>,
}

/// Access records to take.
#[derive(InputObject)]
pub struct RecordAccessInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization; that of the token unless given.
    organization_id: Option<ID>,
    /// The records: 1 to 1000.
    records: Vec<AccessRecordInput>,
}

/// What has become of an entry of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::resolvers::command::ReportStatus")]
pub enum ReportStatus {
    /// It is new, and was taken.
    Recorded,
    /// It says more of what was known, and was taken.
    Updated,
    /// It was known already.
    Known,
    /// It was not taken.
    Rejected,
}

/// Why an entry was not taken.
#[derive(Debug, Clone, SimpleObject)]
pub struct Rejection {
    /// Stable code, for programs.
    code: String,
    /// The field at fault; null when no single one is.
    field: Option<String>,
    /// A sentence for people, in English.
    message: String,
}

impl From<ReportRejection> for Rejection {
    fn from(ReportRejection { code, field, message }: ReportRejection) -> Self {
        Self { code, field, message }
    }
}

/// What has become of an entry, in the place that it had in the input.
#[derive(Debug, Clone, SimpleObject)]
pub struct Report {
    /// What has become of it.
    status: ReportStatus,
    /// Public id of the session, record or alert; null if it was not taken.
    id: Option<ID>,
    /// Why it was not taken; null if it was.
    rejection: Option<Rejection>,
}

payload!(ReportSessionsPayload, "What has become of the sessions.", {
    /// One for each, in the order of the input.
    reports: Vec<Report>,
});
payload!(RecordAccessPayload, "What has become of the records.", {
    /// One for each, in the order of the input.
    reports: Vec<Report>,
});

/// Mutations of what accounts do.
#[derive(Default)]
pub struct ActivityMutations;

/// Mutations of what accounts do.
#[Object]
impl ActivityMutations {
    /// Reports sessions: that they have begun, that they are used, that they have ended. An entry that cannot be taken is rejected, and the others are taken. Needs the role editor.
    async fn report_sessions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to report.")] input: ReportSessionsInput,
    ) -> Nullable<ReportSessionsPayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let sessions: Result<_> = input.sessions.into_iter().enumerate().map(session_of).collect();
                let command = tenant(context, input.organization_id.as_ref())
                    .and_then(|organization| Ok(ReportSessions { organization, sessions: sessions? }));
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(reported) => ReportSessionsPayload {
                        client_mutation_id,
                        reports: Some(reports(reported, session_id)),
                        errors: Vec::new(),
                    },
                    Err(error) => ReportSessionsPayload { client_mutation_id, reports: None, errors: vec![error] },
                })
            }
            .await,
        )
    }

    /// Takes access records. An entry that cannot be taken is rejected, and the others are taken. Needs the role editor.
    async fn record_access(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to record.")] input: RecordAccessInput,
    ) -> Nullable<RecordAccessPayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let records: Result<_> = input.records.into_iter().enumerate().map(record_of).collect();
                let command = tenant(context, input.organization_id.as_ref())
                    .and_then(|organization| Ok(RecordAccess { organization, records: records? }));
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(reported) => RecordAccessPayload {
                        client_mutation_id,
                        reports: Some(reports(reported, access_record_id)),
                        errors: Vec::new(),
                    },
                    Err(error) => RecordAccessPayload { client_mutation_id, reports: None, errors: vec![error] },
                })
            }
            .await,
        )
    }
}

/// What has become of entries, with ids as they are spelled in public.
pub(super) fn reports(reported: Vec<Reported>, public: fn(Uuid) -> String) -> Vec<Report> {
    let report = |reported: Reported| Report {
        status: reported.status.into(),
        id: reported.id.map(|id| ID(public(id))),
        rejection: reported.rejection.map(Into::into),
    };
    reported.into_iter().map(report).collect()
}

fn session_of((index, input): (usize, SessionInput)) -> Result<ReportedSession> {
    let within = |error: Error| error.within(&format!("sessions[{index}]"));
    Ok(ReportedSession {
        external_id: input.external_id,
        identity: input.identity.into_ref().map_err(within)?,
        whereabouts: input.whereabouts.unwrap_or_default().into_domain().map_err(within)?,
        started_at: input.started_at.map(crate::domain::time::to_micros),
        last_seen_at: input.last_seen_at.map(crate::domain::time::to_micros),
        expires_at: input.expires_at.map(crate::domain::time::to_micros),
        ended_at: input.ended_at.map(crate::domain::time::to_micros),
        end: input.end_reason.map(Into::into),
    })
}

fn record_of((index, input): (usize, AccessRecordInput)) -> Result<ReportedAccess> {
    let within = |error: Error| error.within(&format!("records[{index}]"));
    let session = input.session.map(|session| match session {
        SessionKey::Id(id) => parse_session_id(&id, "session").map(SessionRef::Id),
        SessionKey::ExternalId(name) => Ok(SessionRef::External(name)),
    });
    Ok(ReportedAccess {
        event_id: input.event_id,
        identity: input.identity.into_ref().map_err(within)?,
        session: session.transpose().map_err(within)?,
        kind: input.kind.into(),
        outcome: input.outcome.into(),
        reason: input.reason,
        method: input.method,
        resource: input.resource,
        whereabouts: input.whereabouts.unwrap_or_default().into_domain().map_err(within)?,
        details: new_object(input.details, "details").map_err(within)?,
        occurred_at: input.occurred_at.map(crate::domain::time::to_micros),
    })
}

impl IdentityRef {
    /// The account as the resolvers are told of it.
    pub(super) fn into_ref(self) -> Result<AccountRef> {
        Ok(match self {
            Self::Id(id) => AccountRef::Id(node_id(&id, &[NodeKind::LinkedIdentity], "identity.id")?),
            Self::Account(key) => AccountRef::at(key.provider, key.environment, key.account_id),
        })
    }
}

impl WhereaboutsInput {
    fn into_domain(self) -> Result<session::Whereabouts> {
        let address = self.address.map(|address| {
            address
                .trim()
                .parse()
                .map_err(|_| Error::invalid("whereabouts.address", "This is no address; send an IPv4 or IPv6 address."))
        });
        Ok(session::Whereabouts {
            address: address.transpose()?,
            country: self.country.map(|country| country.0),
            device: self.device,
            user_agent: self.user_agent,
            application: self.application,
            network: None,
        })
    }
}
