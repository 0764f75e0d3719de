//! Record what accounts have done.

use super::super::super::policy::Action;
use super::super::super::risk::{self, Incoming, Surroundings};
use super::super::super::write::WriteContext;
use super::super::{Command, Target};
use super::{AccountRef, Accounts, ReportStatus, Reported, check_session_ref, check_size};
use crate::domain::access::{AccessKind, AccessOutcome, AccessRecord};
use crate::domain::session::Whereabouts;
use crate::domain::standing::LastLogin;
use crate::domain::{Error, OrganizationId, Result, Session, SessionRef, Timestamp, text};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// What an account has done, as it is reported.
#[derive(Debug, Clone, Serialize)]
pub struct ReportedAccess {
    /// What the reporter calls it: the same one twice is recorded once.
    pub event_id: String,
    /// Which account.
    pub identity: AccountRef,
    /// In which session.
    pub session: Option<SessionRef>,
    /// What was done.
    pub kind: AccessKind,
    /// How it went.
    pub outcome: AccessOutcome,
    /// Why it failed.
    pub reason: Option<String>,
    /// By which method.
    pub method: Option<String>,
    /// What was accessed.
    pub resource: Option<String>,
    /// From where and with what.
    pub whereabouts: Whereabouts,
    /// Whatever else is known.
    pub details: Map<String, Value>,
    /// When it happened; now unless given.
    pub occurred_at: Option<Timestamp>,
}

/// Records what accounts have done. See the module.
#[derive(Debug, Clone, Serialize)]
pub struct RecordAccess {
    /// Of which organization the accounts are.
    pub organization: OrganizationId,
    /// What they have done.
    pub records: Vec<ReportedAccess>,
}

impl Command for RecordAccess {
    type Output = Vec<Reported>;
    const ACTION: &'static str = "access.record";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organizationId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Vec<Reported>> {
        super::super::require_tenant(context).await?;
        context.authorize_tenant(Action::EditDirectory)?;
        check_size("records", self.records.len())?;
        let accounts = Accounts::find(context, self.records.iter().map(|record| &record.identity)).await?;
        let sessions = self.sessions(context).await?;
        let names = self.records.iter().map(|record| record.event_id.as_str());
        let names: Vec<&str> = names.filter(|name| text::check_line("eventId", name, text::MAX_NAME).is_ok()).collect();
        let mut known = context.unit().recorded(&names).await?;
        let addresses = self.records.iter().map(|record| (record.whereabouts.address, record.occurred_at));
        let surroundings = Surroundings::of(context, addresses).await?;
        let mut fresh = Vec::new();
        let mut answers = Vec::with_capacity(self.records.len());
        for reported in &self.records {
            if let Some(id) = known.get(&reported.event_id) {
                answers.push(Reported::taken(ReportStatus::Known, *id));
                continue;
            }
            match reported.record(context, (&accounts, &sessions), &surroundings) {
                Ok(record) => {
                    known.insert(record.event_id.clone(), record.id);
                    answers.push(Reported::taken(ReportStatus::Recorded, record.id));
                    fresh.push(record);
                }
                Err(error) => answers.push(Reported::rejected(error)),
            }
        }
        write(context, &fresh).await?;
        Ok(answers)
    }
}

impl RecordAccess {
    /// The sessions that are named, by how they are named.
    async fn sessions(&self, context: &WriteContext<'_>) -> Result<HashMap<SessionRef, Session>> {
        let mut named: Vec<SessionRef> = self.records.iter().filter_map(|record| record.session.clone()).collect();
        named.retain(|name| check_session_ref(name).is_ok());
        let mut found = HashMap::new();
        for session in context.unit().sessions(&named).await? {
            if let Some(name) = &session.external_id {
                found.insert(SessionRef::External(name.clone()), session.clone());
            }
            found.insert(SessionRef::Id(session.id), session);
        }
        Ok(found)
    }
}

impl ReportedAccess {
    fn record(
        &self,
        context: &WriteContext<'_>,
        (accounts, sessions): (&Accounts, &HashMap<SessionRef, Session>),
        surroundings: &Surroundings<'_>,
    ) -> Result<AccessRecord> {
        let identity = accounts.get(&self.identity)?;
        let session = match &self.session {
            None => None,
            Some(name) => {
                let session = sessions.get(name).filter(|session| session.identity == identity);
                Some(session.ok_or_else(|| Error::not_found("session", "session of this account"))?.id)
            }
        };
        let record = AccessRecord {
            id: context.unit().new_id(),
            organization: context.tenant(),
            event_id: self.event_id.clone(),
            identity,
            session,
            kind: self.kind,
            outcome: self.outcome,
            reason: self.reason.clone(),
            method: self.method.clone(),
            resource: self.resource.clone(),
            whereabouts: surroundings.complete(&self.whereabouts, self.occurred_at),
            details: self.details.clone(),
            occurred_at: self.occurred_at.unwrap_or_else(|| context.now()),
            recorded_at: context.now(),
            actor: context.viewer().actor.clone(),
            source: context.viewer().source.to_string(),
            request_id: context.viewer().origin.request_id.to_string(),
        };
        record.check()?;
        Ok(record)
    }
}

/// Writes records, and what follows from them: when a session was used last, the last sign-in of an account, and its risk.
pub(in super::super) async fn write(context: &mut WriteContext<'_>, records: &[AccessRecord]) -> Result<()> {
    let mut seen: BTreeMap<Uuid, Timestamp> = BTreeMap::new();
    let mut logins: BTreeMap<Uuid, LastLogin> = BTreeMap::new();
    for record in records {
        if let Some(session) = record.session {
            let last = seen.entry(session).or_insert(record.occurred_at);
            *last = record.occurred_at.max(*last);
        }
        if record.kind == AccessKind::SignIn && record.outcome == AccessOutcome::Success {
            let country = record.whereabouts.known_country().map(str::to_owned);
            let login = LastLogin { at: record.occurred_at, address: record.whereabouts.address, country };
            let last = logins.entry(record.identity.uuid).or_insert_with(|| login.clone());
            if last.at <= login.at {
                *last = login;
            }
        }
    }
    let facts = context.facts()?;
    facts.write_access_records(records).await?;
    facts.touch_sessions(&seen.into_iter().collect::<Vec<_>>()).await?;
    facts.note_logins(&logins.into_iter().collect::<Vec<_>>()).await?;
    let events: Vec<Incoming> = records.iter().flat_map(risk::of_record).collect();
    risk::assess(context, &events).await
}
