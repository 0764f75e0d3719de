//! Transmitters: others whose signals about the security of accounts an organization takes.

use super::error::Result;
use super::id::{OrganizationId, parse_typeid, typeid};
use super::text;
use super::time::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

/// What the public id begins with.
const PREFIX: &str = "trx";
/// How long a URL may be.
const MAX_URL: usize = 2_048;

/// Somebody whose signals are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmitter {
    /// The UUIDv7 behind `trx_`.
    pub id: Uuid,
    /// The tenant.
    pub organization: OrganizationId,
    /// What its signals say that they are from, letter by letter.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_url: String,
    /// For whom its signals have to be meant.
    pub audience: String,
    /// The provider of the accounts that it knows by their ids.
    pub provider: String,
    /// The environment of those.
    pub environment: String,
    /// Since when it is trusted.
    pub created_at: Timestamp,
}

impl Transmitter {
    /// Requires what is said about it to be sound.
    pub fn check(&self) -> Result<()> {
        for (field, value) in [("issuer", &self.issuer), ("jwks_url", &self.jwks_url), ("audience", &self.audience)] {
            text::check_line(field, value, MAX_URL)?;
        }
        text::check_line("provider", &self.provider, text::MAX_NAME)?;
        text::check_line("environment", &self.environment, text::MAX_NAME)
    }
}

/// The public id of a transmitter.
#[must_use]
pub fn transmitter_id(uuid: Uuid) -> String {
    typeid(PREFIX, uuid)
}

/// The transmitter of that public id; none if none is called so.
#[must_use]
pub fn parse_transmitter_id(text: &str) -> Option<Uuid> {
    parse_typeid(text, PREFIX)
}

/// A signal that a transmitter has really sent to us.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceivedSignal {
    /// What it is known by.
    pub jti: String,
    /// When it was made.
    pub issued_at: Timestamp,
    /// The URI of the type of event.
    pub event_type: String,
    /// What it says.
    pub claims: Map<String, Value>,
    /// Whom it is about (RFC 9493).
    pub subject: Value,
}

/// Why a signal is refused (RFC 8935 section 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignalFault {
    /// It is no signal, or not one that can be taken.
    Request,
    /// It is not signed by a key of its transmitter.
    Key,
    /// It is from somebody else.
    Issuer,
    /// It is meant for somebody else.
    Audience,
    /// It was taken before.
    Replayed,
}

impl SignalFault {
    /// Every fault.
    pub const ALL: [Self; 5] = [Self::Request, Self::Key, Self::Issuer, Self::Audience, Self::Replayed];

    /// The name in stored rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Key => "key",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Replayed => "replayed",
        }
    }

    /// The fault of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }

    /// The code that is answered.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Request | Self::Replayed => "invalid_request",
            Self::Key => "invalid_key",
            Self::Issuer => "invalid_issuer",
            Self::Audience => "invalid_audience",
        }
    }
}

/// A signal that is refused, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalRefusal {
    /// What is wrong.
    pub fault: SignalFault,
    /// The same, in a sentence.
    pub description: String,
}

/// How often signals of a transmitter were refused for a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusals {
    /// What was wrong.
    pub fault: SignalFault,
    /// How often.
    pub count: i64,
    /// What was said about the last one.
    pub detail: String,
    /// When that was.
    pub last_at: Timestamp,
}
