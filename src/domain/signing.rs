//! The keys by which this server signs tokens.
//!
//! Of each algorithm one key is current: it signs. One that was retired still verifies what it has signed, for as long as
//! that can be good. One that was withdrawn is of no use at all. What is known of a key is its history; no event tells it.

use super::error::{Error, Result};
use super::event::Actor;
use super::id::typeid;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What the name of a key begins with.
const PREFIX: &str = "key";

/// By which algorithm a key signs (RFC 7518 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SigningAlgorithm {
    /// ECDSA on the curve P-256, with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// RSA (3072 bits, PKCS#1 v1.5), with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
}

impl SigningAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 2] = [Self::Es256, Self::Rs256];

    /// The name in headers of tokens, in stored rows and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    /// The algorithm of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

/// A key, with its private part sealed.
#[derive(Debug, Clone, PartialEq)]
pub struct SigningKey {
    /// The UUIDv7 behind `key_`.
    pub id: Uuid,
    /// By which algorithm it signs.
    pub algorithm: SigningAlgorithm,
    /// The public part, as members of a JWK (RFC 7517): those of its type alone.
    pub public: Map<String, Value>,
    /// The private part, sealed. Of no use without the secret of the configuration.
    pub sealed: Vec<u8>,
    /// Since when there is this key.
    pub created_at: Timestamp,
    /// Who has made it, or had it made.
    pub created_by: Actor,
    /// Since when it signs no more.
    pub retired_at: Option<Timestamp>,
    /// Until when it verifies what it has signed; none while it is current.
    pub verifies_until: Option<Timestamp>,
    /// Since when it is of no use.
    pub withdrawn_at: Option<Timestamp>,
}

impl SigningKey {
    /// Whether it signs.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.retired_at.is_none() && self.withdrawn_at.is_none()
    }

    /// Whether what it has signed is good at that time.
    #[must_use]
    pub fn verifies(&self, at: Timestamp) -> bool {
        self.withdrawn_at.is_none() && self.verifies_until.is_none_or(|until| at < until)
    }

    /// What its holder would call its state.
    #[must_use]
    pub fn state(&self, at: Timestamp) -> &'static str {
        match (self.withdrawn_at, self.is_current(), self.verifies(at)) {
            (Some(_), ..) => "withdrawn",
            (None, true, _) => "current",
            (None, false, true) => "verifies",
            (None, false, false) => "retired",
        }
    }
}

/// The name of a key: `kid` in headers of tokens.
#[must_use]
pub fn key_id(uuid: Uuid) -> String {
    typeid(PREFIX, uuid)
}

/// The key of that name; none if no key of this server is called so.
#[must_use]
pub fn key_of(name: &str) -> Option<Uuid> {
    super::id::parse_typeid(name, PREFIX)
}

/// Reads the name of a key that somebody sent in `field`.
pub fn parse_key_id(text: &str, field: &str) -> Result<Uuid> {
    key_of(text).ok_or_else(|| Error::invalid(field, "This is not the id of a key; such an id begins with key_."))
}
