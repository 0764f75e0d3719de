//! Sessions: where somebody is signed in with an account, since when, and how it ended.
//!
//! A session is a fact that is reported: by the IAM that has signed somebody in, or by this server for its own sign-ins. It
//! is no node: it has no version, and its history is in the [access records](super::access) that come with it.

use super::error::{Error, Result};
use super::id::{NodeId, OrganizationId, typeid};
use super::network::Network;
use super::time::Timestamp;
use super::{Actor, text};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use uuid::Uuid;

/// What the public id of a session begins with.
pub const PREFIX: &str = "ses";

/// How a session is named.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub enum SessionRef {
    /// By its id.
    Id(Uuid),
    /// By what whoever reports it calls it.
    External(String),
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

impl SessionEnd {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::SignedOut, Self::Expired, Self::Revoked, Self::Disabled];

    /// The name in stored rows and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Disabled => "disabled",
        }
    }

    /// The reason of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.name() == name)
    }
}

/// From where and with what somebody acts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whereabouts {
    /// The address (IPv4 or IPv6).
    pub address: Option<IpAddr>,
    /// The country that the address is in, as it was reported: two capital letters (ISO 3166-1).
    pub country: Option<String>,
    /// The device, as whoever reports knows it: a name or an id.
    pub device: Option<String>,
    /// The program, as it calls itself (`User-Agent`).
    pub user_agent: Option<String>,
    /// The application that is used.
    pub application: Option<String>,
    /// What was known of the address then. It is looked up, and not reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
}

impl Whereabouts {
    /// The country: the one that was reported, else the one that the address was known to be in.
    #[must_use]
    pub fn known_country(&self) -> Option<&str> {
        let looked_up = || self.network.as_ref().and_then(|network| network.country.as_deref());
        self.country.as_deref().or_else(looked_up)
    }

    /// Requires every field to be sound.
    pub fn check(&self) -> Result<()> {
        self.country.as_deref().map_or(Ok(()), |country| text::check_country("country", country))?;
        for (field, value, longest) in [
            ("device", &self.device, text::MAX_NAME),
            ("userAgent", &self.user_agent, text::MAX_TEXT),
            ("application", &self.application, text::MAX_NAME),
        ] {
            value.as_deref().map_or(Ok(()), |value| text::check_line(field, value, longest))?;
        }
        Ok(())
    }
}

/// Where somebody is, or was, signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The UUIDv7 behind `ses_`.
    pub id: Uuid,
    /// The tenant.
    pub organization: OrganizationId,
    /// The account that is signed in.
    pub identity: NodeId,
    /// What whoever reports it calls the session; unique in the organization.
    pub external_id: Option<String>,
    /// From where and with what.
    pub whereabouts: Whereabouts,
    /// Since when.
    pub started_at: Timestamp,
    /// When it was used last, as far as that was reported.
    pub last_seen_at: Timestamp,
    /// Until when at most, if that is known.
    pub expires_at: Option<Timestamp>,
    /// When it ended; none while it goes on.
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    pub end: Option<SessionEnd>,
    /// Who has reported it.
    pub actor: Actor,
    /// Through which face.
    pub source: String,
}

impl Session {
    /// The session as it was known at that time; as it is, if none is given.
    #[must_use]
    pub fn as_of(mut self, at: Option<Timestamp>) -> Self {
        let Some(at) = at else { return self };
        if self.ended_at.is_some_and(|ended| ended > at) {
            (self.ended_at, self.end) = (None, None);
        }
        self.last_seen_at = self.last_seen_at.min(at).max(self.started_at);
        self
    }

    /// Whether it goes on at that time.
    #[must_use]
    pub fn is_live(&self, at: Timestamp) -> bool {
        self.ended_at.is_none_or(|ended| ended > at) && self.expires_at.is_none_or(|expiry| expiry > at)
    }
}

/// The public id of a session.
#[must_use]
pub fn session_id(uuid: Uuid) -> String {
    typeid(PREFIX, uuid)
}

/// Reads the public id of a session that a client sent in `field`.
pub fn parse_session_id(text: &str, field: &str) -> Result<Uuid> {
    super::id::parse_typeid(text, PREFIX)
        .ok_or_else(|| Error::invalid(field, "This is not the id of a session; such an id begins with ses_."))
}
