//! Access records: what accounts do, each time they do it.
//!
//! A record is a fact that somebody reports and nobody changes: a sign-in that went well or failed, a second factor, the use
//! of a token, access to a resource, a session that began or ended. Records are their own history: each says who reported
//! it, when, and in which request. What is known of the last sign-in follows from them.

use super::error::{Error, Result};
use super::id::{NodeId, OrganizationId, typeid};
use super::session::Whereabouts;
use super::time::Timestamp;
use super::{Actor, text};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What the public id of an access record begins with.
pub const PREFIX: &str = "acc";
/// How far ahead of this server the clock of somebody who reports may be.
pub const MAX_AHEAD: TimeDelta = TimeDelta::minutes(5);
/// The largest `details` of a record in bytes.
const MAX_DETAILS: usize = 8_192;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

impl AccessKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::SignIn,
        Self::Mfa,
        Self::TokenUse,
        Self::ResourceAccess,
        Self::SessionStart,
        Self::SessionEnd,
        Self::CredentialChange,
    ];

    /// The name in stored rows and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Mfa => "mfa",
            Self::TokenUse => "token_use",
            Self::ResourceAccess => "resource_access",
            Self::SessionStart => "session_start",
            Self::SessionEnd => "session_end",
            Self::CredentialChange => "credential_change",
        }
    }

    /// The kind of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessOutcome {
    /// Well.
    Success,
    /// It was refused, or given up.
    Failure,
}

impl AccessOutcome {
    /// Every outcome.
    pub const ALL: [Self; 2] = [Self::Success, Self::Failure];

    /// The name in stored rows and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }

    /// The outcome of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// What an account has done once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccessRecord {
    /// The UUIDv7 behind `acc_`.
    pub id: Uuid,
    /// The tenant.
    pub organization: OrganizationId,
    /// What whoever reports it calls it; unique in the organization, so that what is reported twice is recorded once.
    pub event_id: String,
    /// The account.
    pub identity: NodeId,
    /// In which session.
    pub session: Option<Uuid>,
    /// What was done.
    pub kind: AccessKind,
    /// How it went.
    pub outcome: AccessOutcome,
    /// Why it failed, or what else there is to say, in a word or a sentence.
    pub reason: Option<String>,
    /// By which method: that of the sign-in (`password`, `sso`) or the second factor (`totp`, `hardware_key`).
    pub method: Option<String>,
    /// What was accessed.
    pub resource: Option<String>,
    /// From where and with what.
    pub whereabouts: Whereabouts,
    /// Whatever else is known. At most 8 KiB.
    pub details: Map<String, Value>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was recorded here.
    pub recorded_at: Timestamp,
    /// Who has reported it.
    pub actor: Actor,
    /// Through which face.
    pub source: String,
    /// In which request.
    pub request_id: String,
}

impl AccessRecord {
    /// Requires every field to be sound.
    pub fn check(&self) -> Result<()> {
        text::check_line("eventId", &self.event_id, text::MAX_NAME)?;
        for (field, value, longest) in [
            ("reason", &self.reason, text::MAX_TEXT),
            ("method", &self.method, 100),
            ("resource", &self.resource, text::MAX_TEXT),
        ] {
            value.as_deref().map_or(Ok(()), |value| text::check_line(field, value, longest))?;
        }
        self.whereabouts.check()?;
        check_time("occurredAt", self.occurred_at, self.recorded_at)?;
        text::check_metadata("details", &self.details)?;
        if serde_json::to_vec(&self.details).is_ok_and(|details| details.len() > MAX_DETAILS) {
            return Err(Error::invalid("details", format!("This has more than {MAX_DETAILS} bytes; send less.")));
        }
        Ok(())
    }
}

/// Requires a time that is not ahead of the present by more than clocks may differ.
pub fn check_time(field: &str, at: Timestamp, now: Timestamp) -> Result<()> {
    if at > now + MAX_AHEAD {
        return Err(Error::invalid(field, "This time lies in the future; send when it happened."));
    }
    Ok(())
}

/// The public id of an access record.
#[must_use]
pub fn access_record_id(uuid: Uuid) -> String {
    typeid(PREFIX, uuid)
}
