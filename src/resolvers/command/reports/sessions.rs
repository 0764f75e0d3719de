//! Report sessions: that they have begun, that they are used, that they have ended.

use super::super::super::policy::Action;
use super::super::super::risk::{self, Surroundings};
use super::super::super::write::WriteContext;
use super::super::{Command, Target};
use super::{AccountRef, Accounts, ReportStatus, Reported, access, check_size};
use crate::domain::access::{AccessKind, AccessOutcome, AccessRecord, check_time};
use crate::domain::session::{SessionEnd, Whereabouts, session_id};
use crate::domain::{Error, OrganizationId, Result, Session, SessionRef, Timestamp, text};
use serde::Serialize;
use serde_json::Map;
use std::collections::{BTreeMap, HashMap};

/// A session, as it is reported. What is left out stays as it is known.
#[derive(Debug, Clone, Serialize)]
pub struct ReportedSession {
    /// What the reporter calls the session.
    pub external_id: String,
    /// The account that is signed in.
    pub identity: AccountRef,
    /// From where and with what.
    pub whereabouts: Whereabouts,
    /// Since when; now unless given. What is known of it does not change.
    pub started_at: Option<Timestamp>,
    /// When it was used last.
    pub last_seen_at: Option<Timestamp>,
    /// Until when at most.
    pub expires_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it ended; somebody has signed out, unless given.
    pub end: Option<SessionEnd>,
}

/// Reports sessions. A session that is over stays over. See the module.
#[derive(Debug, Clone, Serialize)]
pub struct ReportSessions {
    /// Of which organization the accounts are.
    pub organization: OrganizationId,
    /// The sessions.
    pub sessions: Vec<ReportedSession>,
}

impl Command for ReportSessions {
    type Output = Vec<Reported>;
    const ACTION: &'static str = "session.report";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organizationId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Vec<Reported>> {
        super::super::require_tenant(context).await?;
        context.authorize_tenant(Action::EditDirectory)?;
        check_size("sessions", self.sessions.len())?;
        let accounts = Accounts::find(context, self.sessions.iter().map(|session| &session.identity)).await?;
        let names = self.sessions.iter().filter(|session| session.check_name().is_ok());
        let names: Vec<SessionRef> = names.map(|session| SessionRef::External(session.external_id.clone())).collect();
        let known = context.unit().sessions(&names).await?;
        let mut known: HashMap<String, Session> =
            known.into_iter().filter_map(|session| Some((session.external_id.clone()?, session))).collect();
        let addresses = self.sessions.iter().map(|session| (session.whereabouts.address, None));
        let surroundings = Surroundings::of(context, addresses).await?;
        let mut changed: BTreeMap<String, Session> = BTreeMap::new();
        let (mut records, mut moved) = (Vec::new(), Vec::new());
        let mut answers = Vec::with_capacity(self.sessions.len());
        for reported in &self.sessions {
            let before = known.get(&reported.external_id);
            match reported.session(context, (before, &accounts), &surroundings) {
                Err(error) => answers.push(Reported::rejected(error)),
                Ok(after) if before == Some(&after) => answers.push(Reported::taken(ReportStatus::Known, after.id)),
                Ok(after) => {
                    let status = if before.is_none() { ReportStatus::Recorded } else { ReportStatus::Updated };
                    records.extend(told(context, before, &after));
                    if before.is_some_and(|before| before.whereabouts != after.whereabouts) {
                        moved.push(risk::of_moved_session(&after, context.unit().new_id(), context.now()));
                    }
                    answers.push(Reported::taken(status, after.id));
                    known.insert(reported.external_id.clone(), after.clone());
                    changed.insert(reported.external_id.clone(), after);
                }
            }
        }
        context.facts()?.write_sessions(&changed.into_values().collect::<Vec<_>>()).await?;
        access::write(context, &records).await?;
        risk::assess(context, &moved).await?;
        Ok(answers)
    }
}

impl ReportedSession {
    fn check_name(&self) -> Result<()> {
        text::check_line("externalId", &self.external_id, text::MAX_NAME)
    }

    /// The session as it is to be known.
    fn session(
        &self,
        context: &WriteContext<'_>,
        (known, accounts): (Option<&Session>, &Accounts),
        surroundings: &Surroundings<'_>,
    ) -> Result<Session> {
        self.check_name()?;
        self.whereabouts.check()?;
        let identity = accounts.get(&self.identity)?;
        let now = context.now();
        for (field, at) in
            [("startedAt", self.started_at), ("lastSeenAt", self.last_seen_at), ("endedAt", self.ended_at)]
        {
            at.map_or(Ok(()), |at| check_time(field, at, now))?;
        }
        let mut session = match known {
            Some(known) if known.identity != identity => {
                return Err(Error::conflict("identity", "This session is known as one of another account."));
            }
            Some(known) => known.clone(),
            None => self.begun(context, identity),
        };
        session.last_seen_at = self.last_seen_at.map_or(session.last_seen_at, |seen| seen.max(session.last_seen_at));
        session.expires_at = self.expires_at.or(session.expires_at);
        session.whereabouts = merged(&session.whereabouts, &self.whereabouts, surroundings);
        if let (None, Some(ended)) = (session.ended_at, self.ended_at) {
            session.ended_at = Some(ended);
            session.end = Some(self.end.unwrap_or(SessionEnd::SignedOut));
        }
        for (field, at) in [("endedAt", session.ended_at), ("expiresAt", session.expires_at)] {
            if at.is_some_and(|at| at < session.started_at) {
                return Err(Error::invalid(field, "This is before the session has begun."));
            }
        }
        Ok(session)
    }

    fn begun(&self, context: &WriteContext<'_>, identity: crate::domain::NodeId) -> Session {
        let started_at = self.started_at.or(self.last_seen_at).or(self.ended_at).unwrap_or_else(|| context.now());
        Session {
            id: context.unit().new_id(),
            organization: context.tenant(),
            identity,
            external_id: Some(self.external_id.clone()),
            whereabouts: Whereabouts::default(),
            started_at,
            last_seen_at: started_at,
            expires_at: None,
            ended_at: None,
            end: None,
            actor: context.viewer().actor.clone(),
            source: context.viewer().source.to_string(),
        }
    }
}

/// What is known of whereabouts with what is told of them. What is known of an address was looked up when it was told first.
fn merged(known: &Whereabouts, told: &Whereabouts, surroundings: &Surroundings<'_>) -> Whereabouts {
    let is_elsewhere = told.address.is_some() && told.address != known.address;
    let network = if is_elsewhere { surroundings.complete(told, None).network } else { known.network.clone() };
    let found = network.as_ref().is_some_and(|network| network.country.is_some());
    // Where another address was is not where this one is, if that is known.
    let country = told.country.clone().or_else(|| known.country.clone().filter(|_| !(is_elsewhere && found)));
    Whereabouts {
        address: told.address.or(known.address),
        country,
        device: told.device.clone().or_else(|| known.device.clone()),
        user_agent: told.user_agent.clone().or_else(|| known.user_agent.clone()),
        application: told.application.clone().or_else(|| known.application.clone()),
        network,
    }
}

/// The records that a session has begun, or has ended.
fn told(context: &WriteContext<'_>, before: Option<&Session>, after: &Session) -> Vec<AccessRecord> {
    let mut records = Vec::new();
    if before.is_none() {
        records.push(record(context, after, AccessKind::SessionStart, after.started_at));
    }
    if let (None, Some(ended)) = (before.and_then(|before| before.ended_at), after.ended_at) {
        records.push(record(context, after, AccessKind::SessionEnd, ended));
    }
    records
}

/// The record of something that happens to a session once.
pub(in super::super) fn record(
    context: &WriteContext<'_>,
    session: &Session,
    kind: AccessKind,
    occurred_at: Timestamp,
) -> AccessRecord {
    AccessRecord {
        id: context.unit().new_id(),
        organization: session.organization,
        event_id: format!("{}:{}", session_id(session.id), kind.name()),
        identity: session.identity,
        session: Some(session.id),
        kind,
        outcome: AccessOutcome::Success,
        reason: session.end.filter(|_| kind == AccessKind::SessionEnd).map(|end| end.name().to_owned()),
        method: None,
        resource: None,
        whereabouts: session.whereabouts.clone(),
        details: Map::new(),
        occurred_at,
        recorded_at: context.now(),
        actor: context.viewer().actor.clone(),
        source: context.viewer().source.to_string(),
        request_id: context.viewer().origin.request_id.to_string(),
    }
}
