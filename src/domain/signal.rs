//! Shared signals: what is told to others about the security of accounts, in the words of CAEP 1.0 and RISC 1.0.

use serde::{Deserialize, Serialize};

/// What the URIs of CAEP begin with.
const CAEP: &str = "https://schemas.openid.net/secevent/caep/event-type/";
/// What the URIs of RISC begin with.
const RISC: &str = "https://schemas.openid.net/secevent/risc/event-type/";
/// That the receiver has asked for a sign of life (SSF 1.0 section 8.1.4).
pub const VERIFICATION: &str = "https://schemas.openid.net/secevent/ssf/event-type/verification";
/// That the transmitter has changed the status of a stream (SSF 1.0 section 8.1.5).
pub const STREAM_UPDATED: &str = "https://schemas.openid.net/secevent/ssf/event-type/stream-updated";

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// A session, or all sessions of an account, are over (CAEP 1.0 section 3.1).
    SessionRevoked,
    /// A credential was made, changed or taken away (CAEP 1.0 section 3.3).
    CredentialChange,
    /// An account is riskier than before, or less so (CAEP 1.0 section 3.8).
    RiskLevelChange,
    /// An account cannot be used any more (RISC 1.0 section 2.4).
    AccountDisabled,
    /// It can be used again (RISC 1.0 section 2.5).
    AccountEnabled,
    /// Its credential has to be changed (RISC 1.0 section 2.1).
    CredentialChangeRequired,
    /// Its credential is known to others (RISC 1.0 section 2.7). It is taken from others, and not told to them.
    CredentialCompromise,
}

impl SignalKind {
    /// Every kind that is told.
    pub const ALL: [Self; 6] = [
        Self::SessionRevoked,
        Self::CredentialChange,
        Self::RiskLevelChange,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::CredentialChangeRequired,
    ];

    /// The URI of the type of event.
    #[must_use]
    pub fn uri(self) -> String {
        let (base, name) = match self {
            Self::SessionRevoked => (CAEP, "session-revoked"),
            Self::CredentialChange => (CAEP, "credential-change"),
            Self::RiskLevelChange => (CAEP, "risk-level-change"),
            Self::AccountDisabled => (RISC, "account-disabled"),
            Self::AccountEnabled => (RISC, "account-enabled"),
            Self::CredentialChangeRequired => (RISC, "account-credential-change-required"),
            Self::CredentialCompromise => (RISC, "credential-compromise"),
        };
        format!("{base}{name}")
    }

    /// The kind of that [`uri`](Self::uri), whether it is told or only taken.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().chain([Self::CredentialCompromise]).find(|kind| kind.uri() == uri)
    }

    /// Whether it is one of CAEP, whose events tell when they were and who is behind them.
    #[must_use]
    pub const fn is_caep(self) -> bool {
        matches!(self, Self::SessionRevoked | Self::CredentialChange | Self::RiskLevelChange)
    }
}

/// How it is told whom a signal is about (RFC 9493).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectFormat {
    /// By its parts: the user, the account, the session if it is about one, the organization.
    #[default]
    Complex,
    /// By the issuer and the id of the profile, else of the account.
    IssSub,
    /// By the e-mail address; where none is known, by issuer and id.
    Email,
    /// By the id of the account or profile that has changed.
    Opaque,
}

impl SubjectFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Complex, Self::IssSub, Self::Email, Self::Opaque];

    /// The name in stored rows and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Complex => "complex",
            Self::IssSub => "iss_sub",
            Self::Email => "email",
            Self::Opaque => "opaque",
        }
    }

    /// The format of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// What a signal is known by: `jti`.
#[must_use]
pub fn set_id(uuid: uuid::Uuid) -> String {
    super::id::typeid("set", uuid)
}

/// The signal that is known by that; none if none of ours is.
#[must_use]
pub fn parse_set_id(text: &str) -> Option<uuid::Uuid> {
    super::id::parse_typeid(text, "set")
}
