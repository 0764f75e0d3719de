//! What accounts do: sessions and access records, as they are shown and as they are reported.

use super::moment::Moment;
use crate::domain::access::{self, access_record_id};
use crate::domain::session::{self, parse_session_id, session_id};
use crate::domain::{self, Error, NodeId, NodeKind, Timestamp};
use crate::resolvers::command::{AccountRef, ReportedAccess, ReportedSession};
use crate::rest::input::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

choice! {
    /// Why a session is over.
    SessionEnd = session::SessionEnd {
        /// Whoever it was has signed out.
        SignedOut,
        /// Its time was up.
        Expired,
        /// Somebody has revoked it.
        Revoked,
        /// The account was disabled.
        Disabled,
    }
}

choice! {
    /// What an account has done.
    AccessKind = access::AccessKind {
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
}

choice! {
    /// How it went.
    AccessOutcome = access::AccessOutcome {
        /// Well.
        Success,
        /// It was refused, or given up.
        Failure,
    }
}

/// Where somebody is, or was, signed in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Session {
    /// Public id: `ses_…`.
    pub id: String,
    /// Public id of the account.
    pub identity_id: String,
    /// What whoever reports it calls it.
    pub external_id: Option<String>,
    /// From which address.
    pub ip: Option<String>,
    /// From which country (ISO 3166-1).
    pub country: Option<String>,
    /// The device, as whoever has reported it knows it.
    pub device: Option<String>,
    /// The program, as it calls itself.
    pub user_agent: Option<String>,
    /// The application that is used.
    pub application: Option<String>,
    /// Since when.
    pub started_at: Moment,
    /// When it was used last, as far as that was reported.
    pub last_seen_at: Moment,
    /// Until when at most, if that is known.
    pub expires_at: Option<Moment>,
    /// When it ended; null while it goes on.
    pub ended_at: Option<Moment>,
    /// Why it ended.
    pub end_reason: Option<SessionEnd>,
    /// Whether it goes on.
    pub live: bool,
}

impl Session {
    /// A session as it is at that time.
    pub fn of(session: &domain::Session, now: Timestamp) -> Self {
        let at = &session.whereabouts;
        Self {
            id: session_id(session.id),
            identity_id: session.identity.to_string(),
            external_id: session.external_id.clone(),
            ip: at.address.map(|address| address.to_string()),
            country: at.country.clone(),
            device: at.device.clone(),
            user_agent: at.user_agent.clone(),
            application: at.application.clone(),
            started_at: session.started_at.into(),
            last_seen_at: session.last_seen_at.into(),
            expires_at: session.expires_at.map(Into::into),
            ended_at: session.ended_at.map(Into::into),
            end_reason: session.end.map(Into::into),
            live: session.is_live(now),
        }
    }
}

/// What an account has done once.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccessRecord {
    /// Public id: `acc_…`.
    pub id: String,
    /// What whoever has reported it calls it.
    pub event_id: String,
    /// Public id of the account.
    pub identity_id: String,
    /// Public id of the session in which it was.
    pub session_id: Option<String>,
    /// What was done.
    pub kind: AccessKind,
    /// How it went.
    pub outcome: AccessOutcome,
    /// Why it failed, or what else there is to say.
    pub reason: Option<String>,
    /// By which method of signing in or of the second factor.
    pub method: Option<String>,
    /// What was accessed.
    pub resource: Option<String>,
    /// From which address.
    pub ip: Option<String>,
    /// From which country (ISO 3166-1).
    pub country: Option<String>,
    /// The device, as whoever has reported it knows it.
    pub device: Option<String>,
    /// The program, as it calls itself.
    pub user_agent: Option<String>,
    /// The application that is used.
    pub application: Option<String>,
    /// Whatever else is known.
    pub details: Map<String, Value>,
    /// When it happened.
    pub occurred_at: Moment,
    /// When it was recorded here.
    pub recorded_at: Moment,
}

impl From<&domain::AccessRecord> for AccessRecord {
    fn from(record: &domain::AccessRecord) -> Self {
        let at = &record.whereabouts;
        Self {
            id: access_record_id(record.id),
            event_id: record.event_id.clone(),
            identity_id: record.identity.to_string(),
            session_id: record.session.map(session_id),
            kind: record.kind.into(),
            outcome: record.outcome.into(),
            reason: record.reason.clone(),
            method: record.method.clone(),
            resource: record.resource.clone(),
            ip: at.address.map(|address| address.to_string()),
            country: at.country.clone(),
            device: at.device.clone(),
            user_agent: at.user_agent.clone(),
            application: at.application.clone(),
            details: record.details.clone(),
            occurred_at: record.occurred_at.into(),
            recorded_at: record.recorded_at.into(),
        }
    }
}

/// An account: its `id`, or `provider` and `provider_id`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountKey {
    /// Public id: `idn_…`.
    id: Option<String>,
    /// The provider.
    provider: Option<String>,
    /// The environment of the provider; `production` unless given.
    environment: Option<String>,
    /// The provider's id of the account.
    provider_id: Option<String>,
}

impl AccountKey {
    /// The account as the resolvers are told of it.
    pub fn named(self) -> domain::Result<AccountRef> {
        match (self.id, self.provider, self.provider_id) {
            (Some(id), None, None) if self.environment.is_none() => {
                Ok(AccountRef::Id(NodeId::parse_as(&id, &[NodeKind::LinkedIdentity], "identity.id")?))
            }
            (None, Some(provider), Some(account)) => Ok(AccountRef::at(provider, self.environment, account)),
            _ => Err(Error::invalid("identity", "Give either id, or provider and provider_id.")),
        }
    }
}

/// A session to report. What is left out stays as it is known.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    /// What the reporter calls it: the same one twice is one session.
    #[schemars(length(min = 1, max = 256))]
    external_id: String,
    /// The account that is signed in.
    identity: Object<AccountKey>,
    /// From which address (IPv4 or IPv6).
    ip: Option<String>,
    /// From which country: two capital letters (ISO 3166-1).
    country: Option<String>,
    /// The device: a name or an id.
    device: Option<String>,
    /// The program, as it calls itself.
    user_agent: Option<String>,
    /// The application that is used.
    application: Option<String>,
    /// Since when; now unless given.
    started_at: Option<Moment>,
    /// When it was used last.
    last_seen_at: Option<Moment>,
    /// Until when at most.
    expires_at: Option<Moment>,
    /// When it ended.
    ended_at: Option<Moment>,
    /// Why it ended; signed out, unless given.
    end_reason: Option<SessionEnd>,
}

/// Something that an account has done, to record.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccessRecord {
    /// What the reporter calls it: the same one twice is recorded once.
    #[schemars(length(min = 1, max = 256))]
    event_id: String,
    /// The account.
    identity: Object<AccountKey>,
    /// The session in which it was: its public id, or what its reporter calls it.
    session: Option<String>,
    /// What was done.
    kind: AccessKind,
    /// How it went; well, unless given.
    outcome: Option<AccessOutcome>,
    /// Why it failed, or what else there is to say.
    reason: Option<String>,
    /// By which method of signing in (`password`, `sso`) or of the second factor (`totp`, `hardware_key`).
    method: Option<String>,
    /// What was accessed.
    resource: Option<String>,
    /// From which address (IPv4 or IPv6).
    ip: Option<String>,
    /// From which country: two capital letters (ISO 3166-1).
    country: Option<String>,
    /// The device: a name or an id.
    device: Option<String>,
    /// The program, as it calls itself.
    user_agent: Option<String>,
    /// The application that is used.
    application: Option<String>,
    /// Whatever else is known; at most 8 KiB.
    details: Option<Map<String, Value>>,
    /// When it happened; now unless given.
    occurred_at: Option<Moment>,
}

/// An address that is one.
fn address(ip: Option<String>) -> domain::Result<Option<std::net::IpAddr>> {
    let wrong = || Error::invalid("ip", "This is no address; send an IPv4 or IPv6 address.");
    ip.map(|ip| ip.trim().parse().map_err(|_| wrong())).transpose()
}

impl NewSession {
    /// The session as the resolvers are told of it.
    pub fn reported(self) -> domain::Result<ReportedSession> {
        Ok(ReportedSession {
            external_id: self.external_id,
            identity: self.identity.0.named()?,
            whereabouts: session::Whereabouts {
                address: address(self.ip)?,
                country: self.country,
                device: self.device,
                user_agent: self.user_agent,
                application: self.application,
                network: None,
            },
            started_at: self.started_at.map(|time| time.0),
            last_seen_at: self.last_seen_at.map(|time| time.0),
            expires_at: self.expires_at.map(|time| time.0),
            ended_at: self.ended_at.map(|time| time.0),
            end: self.end_reason.map(Into::into),
        })
    }
}

impl NewAccessRecord {
    /// The record as the resolvers are told of it.
    pub fn reported(self) -> domain::Result<ReportedAccess> {
        let session = self.session.map(|name| match parse_session_id(&name, "session") {
            Ok(id) => session::SessionRef::Id(id),
            Err(_) => session::SessionRef::External(name),
        });
        Ok(ReportedAccess {
            event_id: self.event_id,
            identity: self.identity.0.named()?,
            session,
            kind: self.kind.into(),
            outcome: self.outcome.map_or(access::AccessOutcome::Success, Into::into),
            reason: self.reason,
            method: self.method,
            resource: self.resource,
            whereabouts: session::Whereabouts {
                address: address(self.ip)?,
                country: self.country,
                device: self.device,
                user_agent: self.user_agent,
                application: self.application,
                network: None,
            },
            details: self.details.unwrap_or_default(),
            occurred_at: self.occurred_at.map(|time| time.0),
        })
    }
}
