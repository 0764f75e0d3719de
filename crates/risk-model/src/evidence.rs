//! Evidence: what an event says, how strongly, and why.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::number::{Key, Millis, Strength};
use crate::observation::{AlertStatus, Severity};
use crate::signal::Signal;

/// The id of an event: 128 bits, such as a UUID. Written as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u128);

impl EventId {
    pub(crate) fn key(self) -> Key {
        Key::of_bytes(&self.0.to_be_bytes())
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

impl Serialize for EventId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(deserializer)?;
        u128::from_str_radix(&digits, 16).map(Self).map_err(D::Error::custom)
    }
}

/// What one event says by one signal. The caller stores it with the event; an event has at most one for each signal.
///
/// `strength` and `model` are what was found at the time. They are never computed anew, unless all is replayed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The event.
    pub event: EventId,
    /// What kind of thing it says.
    pub signal: Signal,
    /// When the event happened, not when it arrived.
    pub at: Millis,
    /// How strongly.
    pub strength: Strength,
    /// The version of the model by which it was found.
    pub model: u32,
    /// The raw values and what they were compared with.
    pub reason: Reason,
}

/// The raw values behind evidence, and the baseline that they were compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason {
    /// See [`crate::signals::sign_in`].
    UnfamiliarSignIn {
        /// The log-likelihood ratio, the sum of the features.
        ratio: f64,
        /// What each feature added to it, by its name. What was not known of the sign-in is missing.
        features: Vec<(Feature, f64)>,
        /// The user's sign-ins that it was compared with (older ones count less).
        sign_ins: f64,
    },
    /// See [`crate::signals::session`].
    SessionContext {
        /// The network changed; whether the new one is known from the user.
        network: Option<Novelty>,
        /// The family of the user agent changed.
        user_agent: bool,
        /// The country changed; whether the new one is known from the user.
        country: Option<Novelty>,
    },
    /// See [`crate::signals::travel`].
    ImpossibleTravel {
        /// How far apart, less what both places are uncertain.
        kilometres: f64,
        /// The speed that would have been needed.
        kilometres_per_hour: f64,
        /// The other sign-in.
        other: EventId,
        /// Whether the user was seen on this network before.
        place: Novelty,
    },
    /// Distinct accounts that the address tried within an hour.
    AttackingAddress {
        /// How many.
        victims: u32,
    },
    /// Failures before the success.
    FailuresThenSuccess {
        /// How many.
        failures: u32,
    },
    /// The address belongs to an anonymiser.
    Anonymiser,
    /// A data centre, new to the user.
    HostingNetwork {
        /// How often others of the organization came from there.
        organization_uses: u32,
    },
    /// A list names the address.
    ThreatIntelligence {
        /// How sure the list is, from 0 to 100.
        confidence: u8,
    },
    /// The credential was found where it should not be.
    LeakedCredential,
    /// Prompts that were denied or not answered.
    MfaFatigue {
        /// How many within the time that the model sets.
        prompts: u32,
    },
    /// The user says that it was someone else.
    ReportedByUser,
    /// An alert of another system.
    Alert {
        /// How bad it says that it is.
        severity: Severity,
        /// What has become of it.
        status: AlertStatus,
    },
    /// See [`crate::signals::activity`].
    AccessVolume {
        /// Accesses that day, or those to rare resources.
        count: u32,
        /// Whether it is rare resources that were counted.
        rare: bool,
        /// Standard deviations above the usual.
        z: f64,
        /// The mean of ln(1 + count) that it was compared with.
        usual: f64,
    },
    /// A privilege that few have.
    RarePrivilege {
        /// How many hold it.
        holders: u32,
        /// Of how many.
        population: u32,
    },
    /// Active after a long silence.
    Dormant {
        /// The days of silence.
        days: u32,
    },
    /// See [`crate::Posture`].
    Posture {
        /// An administrator without a second factor.
        administrator_without_mfa: bool,
        /// A bot that nobody owns.
        ownerless: bool,
        /// A key that has not been changed for long.
        old_key: bool,
    },
}

/// Whether something is known from this user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Novelty {
    /// Seen before.
    Known,
    /// Never seen.
    New,
}

impl Novelty {
    pub(crate) fn of(known: bool) -> Self {
        if known { Self::Known } else { Self::New }
    }
}

/// What is remembered of where, when and with what someone signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// The address.
    Address,
    /// The network (the autonomous system).
    Network,
    /// The country.
    Country,
    /// The family of devices.
    Device,
    /// The user agent.
    UserAgent,
    /// The hour of the day, in UTC.
    Hour,
    /// What was accessed. Not a part of a sign-in.
    Resource,
}

impl Feature {
    /// All of them, in order.
    pub const ALL: [Self; 7] =
        [Self::Address, Self::Network, Self::Country, Self::Device, Self::UserAgent, Self::Hour, Self::Resource];

    /// The features of a sign-in, in order.
    pub const OF_SIGN_IN: [Self; 6] =
        [Self::Address, Self::Network, Self::Country, Self::Device, Self::UserAgent, Self::Hour];

    /// Its place in [`Feature::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
}
