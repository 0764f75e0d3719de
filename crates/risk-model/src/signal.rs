//! The signals, and the levels of a score.

use serde::{Deserialize, Serialize};

/// What kind of thing evidence says. Their order is that of the table in the documentation of the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// A sign-in from where, when and with what the user does not usually sign in.
    UnfamiliarSignIn,
    /// A session is used from another network, country or kind of client than before: a stolen token.
    SessionContext,
    /// Two sign-ins that are further apart than anyone travels in that time.
    ImpossibleTravel,
    /// An address that tries many accounts.
    AttackingAddress,
    /// Many failures, then a success.
    FailuresThenSuccess,
    /// Tor, or another service that hides where someone is.
    Anonymiser,
    /// A data centre from which this user never signed in.
    HostingNetwork,
    /// The address is on a list of threat intelligence.
    ThreatIntelligence,
    /// The credential is known to others. Until it changes.
    LeakedCredential,
    /// The user is asked for a second factor again and again, or says that it was someone else.
    Mfa,
    /// Another system raised an alert.
    Alert,
    /// More, or rarer, accesses than by this user and its peers before.
    AccessVolume,
    /// A privilege that few have was granted.
    RarePrivilege,
    /// Active after a long silence.
    Dormant,
    /// How the identity is set up: an administrator without a second factor, a bot that nobody owns, an old key.
    Posture,
}

impl Signal {
    /// How many there are.
    pub const COUNT: usize = 15;

    /// All of them, in order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::UnfamiliarSignIn,
        Self::SessionContext,
        Self::ImpossibleTravel,
        Self::AttackingAddress,
        Self::FailuresThenSuccess,
        Self::Anonymiser,
        Self::HostingNetwork,
        Self::ThreatIntelligence,
        Self::LeakedCredential,
        Self::Mfa,
        Self::Alert,
        Self::AccessVolume,
        Self::RarePrivilege,
        Self::Dormant,
        Self::Posture,
    ];

    /// Whether it stands until something changes, and is never a matter of how long ago it was.
    #[must_use]
    pub fn stands(self) -> bool {
        matches!(self, Self::LeakedCredential | Self::Posture)
    }

    /// Its name, as it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        const NAMES: [&str; Signal::COUNT] = [
            "unfamiliar_sign_in",
            "session_context",
            "impossible_travel",
            "attacking_address",
            "failures_then_success",
            "anonymiser",
            "hosting_network",
            "threat_intelligence",
            "leaked_credential",
            "mfa",
            "alert",
            "access_volume",
            "rare_privilege",
            "dormant",
            "posture",
        ];
        NAMES[self.index()]
    }

    /// The signal of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signal| signal.name() == name)
    }

    /// Its place in [`Signal::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
}

/// A score in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 0 to 20.
    Low,
    /// 21 to 50.
    Medium,
    /// 51 to 75.
    High,
    /// 76 to 100.
    Critical,
}

impl Level {
    /// All of them, the lowest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Its name, as it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The level of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }

    /// The level of a score.
    #[must_use]
    pub fn of(score: u8) -> Self {
        match score {
            0..=20 => Self::Low,
            21..=50 => Self::Medium,
            51..=75 => Self::High,
            _ => Self::Critical,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_begin_and_end_where_they_should() {
        let expected = [
            (0, Level::Low),
            (20, Level::Low),
            (21, Level::Medium),
            (50, Level::Medium),
            (51, Level::High),
            (75, Level::High),
            (76, Level::Critical),
            (100, Level::Critical),
        ];
        for (score, level) in expected {
            assert_eq!(Level::of(score), level, "{score}");
        }
    }

    #[test]
    fn every_signal_is_at_its_place() {
        for (index, signal) in Signal::ALL.into_iter().enumerate() {
            assert_eq!(signal.index(), index);
        }
    }

    #[test]
    fn names_are_those_of_the_serialised_form() {
        for signal in Signal::ALL {
            assert_eq!(serde_json::to_value(signal).unwrap(), signal.name());
            assert_eq!(Signal::from_name(signal.name()), Some(signal));
        }
        for level in Level::ALL {
            assert_eq!(serde_json::to_value(level).unwrap(), level.name());
            assert_eq!(Level::from_name(level.name()), Some(level));
        }
    }
}
