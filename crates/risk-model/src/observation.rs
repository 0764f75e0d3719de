//! What comes in: an event, and what the caller looked up about it.

use serde::{Deserialize, Serialize};

use crate::baseline::Familiarity;
use crate::evidence::EventId;
use crate::number::{Key, Millis};

/// Something that happened to an identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The id of the event. The same id a second time changes nothing.
    pub id: EventId,
    /// When it happened. The caller refuses times in the future.
    pub at: Millis,
    /// What happened.
    pub kind: Kind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Someone tried to sign in.
    SignIn(SignIn),
    /// A session, or a token of one, was used.
    SessionUse {
        /// The session.
        session: Key,
        /// From where.
        origin: Origin,
    },
    /// Something was accessed.
    Access {
        /// What.
        resource: Key,
    },
    /// A prompt for a second factor was denied or not answered.
    MfaPromptDenied,
    /// The user says that a sign-in was someone else's.
    ReportedByUser,
    /// An alert of another system was raised or changed. Of several revisions, that with the latest time holds.
    Alert {
        /// The alert. Its evidence has this as its event, so that all revisions are of the same evidence.
        alert: EventId,
        /// When it was raised.
        raised_at: Millis,
        /// How bad it is.
        severity: Severity,
        /// What has become of it.
        status: AlertStatus,
        /// What it said before, if it was assessed before. The caller knows of more alerts than a state does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<(Severity, AlertStatus)>,
    },
    /// Another system says that the credential was found where it should not be, or says what has become of that. Revisions come
    /// in their order.
    LeakReported {
        /// The report. Its evidence has this as its event, so that all revisions are of the same evidence.
        leak: EventId,
        /// When the credential was found. What is changed later is another one.
        since: Millis,
        /// What has become of it.
        status: AlertStatus,
    },
    /// An address of this identity turns out to be on a list, after the fact.
    ThreatHit {
        /// How sure the list is, from 0 to 100.
        confidence: u8,
    },
    /// An address from which this identity signed in turns out to attack many, after the fact.
    AddressAttacked {
        /// Distinct accounts within an hour.
        victims: u32,
    },
    /// The credential was found where it should not be.
    CredentialLeaked,
    /// The credential was changed.
    CredentialChanged,
    /// A privilege was granted.
    PrivilegeGranted {
        /// How many hold it, this identity included.
        holders: u32,
        /// Of how many.
        population: u32,
    },
    /// How the identity is set up, as it is now. The latest one holds.
    Posture(Posture),
}

/// A try to sign in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    /// Whether it succeeded.
    pub success: bool,
    /// Whether a second factor was passed. Only such sign-ins, and those that are not suspicious, teach the baseline.
    pub second_factor: bool,
    /// From where.
    pub origin: Origin,
    /// The session that began.
    pub session: Option<Key>,
}

/// Where something came from, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Key>,
    /// The network: the number of the autonomous system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Key>,
    /// The country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Key>,
    /// The family of devices: phone of one maker, desktop of one system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<Key>,
    /// The user agent, without the numbers of minor versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<Key>,
    /// The family of the user agent: the browser and the system. Sessions are compared by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent_family: Option<Key>,
    /// The place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// A place, with how uncertain it is. For a country it is the centre, and the radius to its borders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Millionths of a degree north.
    pub latitude: i32,
    /// Millionths of a degree east.
    pub longitude: i32,
    /// Kilometres around it.
    pub radius: u16,
}

/// How bad an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Worth a look.
    Medium,
    /// Probably an attack.
    High,
    /// An attack.
    Critical,
}

/// What has become of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertStatus {
    /// Nobody has decided. It counts.
    Open,
    /// It is true. It counts.
    Confirmed,
    /// It was nothing. It does not count.
    Dismissed,
}

/// How an identity is set up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posture {
    /// An administrator without a second factor.
    pub administrator_without_mfa: bool,
    /// A bot or service account that nobody owns.
    pub ownerless: bool,
    /// A key that has not been changed for long.
    pub old_key: bool,
}

/// What the caller looked up about an event. The default is to know nothing. Stored with the event, it makes a replay the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// What the organization knows of the origin, before this event ([`crate::Baseline::familiarity`]).
    #[serde(skip_serializing_if = "is_default")]
    pub organization: Familiarity,
    /// What the server knows of it over all organizations, before this event.
    #[serde(skip_serializing_if = "is_default")]
    pub global: Familiarity,
    /// Whether the address belongs to Tor or another anonymiser.
    #[serde(skip_serializing_if = "is_default")]
    pub anonymiser: bool,
    /// Whether the network is that of a data centre.
    #[serde(skip_serializing_if = "is_default")]
    pub hosting: bool,
    /// How often others of the organization came from that network.
    #[serde(skip_serializing_if = "is_default")]
    pub organization_uses: u32,
    /// How sure the surest list is that names the address, from 0 to 100.
    #[serde(skip_serializing_if = "is_default")]
    pub threat_confidence: Option<u8>,
    /// Distinct accounts that the address attacked within an hour ([`crate::AddressActivity`]).
    #[serde(skip_serializing_if = "is_default")]
    pub victims: u32,
    /// What peers do in a day.
    #[serde(skip_serializing_if = "is_default")]
    pub peers: Option<Peers>,
    /// How many of a hundred peers use the resource that was accessed.
    #[serde(skip_serializing_if = "is_default")]
    pub peers_using: Option<u8>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What peers do in a day: the mean and the standard deviation of ln(1 + accesses).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peers {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub deviation: f64,
}
