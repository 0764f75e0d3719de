//! Alerts: what other systems have noticed about accounts, and what has become of it.
//!
//! An alert is told again whenever something about it changes: the same external id of the same source is the same alert. Of
//! several reports the latest holds, by the time that its source gives, and among those of the same time the one that decides
//! most. So reports that come twice, late or out of order come to the same.

use super::error::{Error, Result};
use super::id::{NodeId, OrganizationId, parse_typeid, typeid};
use super::risk;
use super::time::Timestamp;
use super::{Actor, text};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::net::IpAddr;
use uuid::Uuid;

/// What the public id of an alert begins with.
pub const PREFIX: &str = "alr";
/// The kind of alerts that say that a credential is known to others.
pub const LEAKED_CREDENTIAL: &str = "leaked_credential";
/// The largest `details` of an alert in bytes.
const MAX_DETAILS: usize = 8_192;

/// How bad an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertSeverity {
    /// Worth knowing.
    Low,
    /// Worth a look.
    Medium,
    /// Probably an attack.
    High,
    /// An attack.
    Critical,
}

impl AlertSeverity {
    /// Every severity, the least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name in stored rows and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

impl From<AlertSeverity> for risk::Severity {
    fn from(severity: AlertSeverity) -> Self {
        match severity {
            AlertSeverity::Low => Self::Low,
            AlertSeverity::Medium => Self::Medium,
            AlertSeverity::High => Self::High,
            AlertSeverity::Critical => Self::Critical,
        }
    }
}

/// What has become of an alert. Their order is how much they decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Nobody has decided yet. It counts.
    Open,
    /// It is true. It counts.
    Confirmed,
    /// It was nothing. It does not count.
    Dismissed,
}

impl AlertState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Confirmed, Self::Dismissed];

    /// The name in stored rows and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Confirmed => "confirmed",
            Self::Dismissed => "dismissed",
        }
    }

    /// The state of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl From<AlertState> for risk::AlertStatus {
    fn from(state: AlertState) -> Self {
        match state {
            AlertState::Open => Self::Open,
            AlertState::Confirmed => Self::Confirmed,
            AlertState::Dismissed => Self::Dismissed,
        }
    }
}

/// What another system has noticed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// The UUIDv7 behind `alr_`.
    pub id: Uuid,
    /// The tenant.
    pub organization: OrganizationId,
    /// Which system: a slug.
    pub source: String,
    /// What that system calls the alert; unique for the source.
    pub external_id: String,
    /// What kind of alert it is: a slug. [`LEAKED_CREDENTIAL`] means something here.
    pub kind: String,
    /// How bad it is.
    pub severity: AlertSeverity,
    /// What has become of it.
    pub state: AlertState,
    /// What it says, in a line.
    pub title: Option<String>,
    /// Whatever else is known. At most 8 KiB.
    pub details: Map<String, Value>,
    /// The account that it is about.
    pub identity: Option<NodeId>,
    /// The address that it is about, or from which the account came.
    pub address: Option<IpAddr>,
    /// When it was noticed. Does not change.
    pub observed_at: Timestamp,
    /// When what it says was last changed, by its source or here.
    pub updated_at: Timestamp,
    /// How often it has changed here, from 1.
    pub revision: i64,
    /// When it was recorded here.
    pub recorded_at: Timestamp,
    /// When it was last changed here.
    pub changed_at: Timestamp,
    /// Who has reported it or changed it last.
    pub actor: Actor,
    /// Through which face.
    pub face: String,
    /// In which request.
    pub request_id: String,
    /// Whether others have signalled it. What it adds to the risk of an account is not signalled on.
    pub is_heard: bool,
}

impl Alert {
    /// Requires every field to be sound.
    pub fn check(&self) -> Result<()> {
        text::check_slug("source", &self.source)?;
        text::check_line("externalId", &self.external_id, text::MAX_NAME)?;
        text::check_slug("kind", &self.kind)?;
        self.title.as_deref().map_or(Ok(()), |title| text::check_line("title", title, text::MAX_TEXT))?;
        text::check_metadata("details", &self.details)?;
        if serde_json::to_vec(&self.details).is_ok_and(|details| details.len() > MAX_DETAILS) {
            return Err(Error::invalid("details", format!("This has more than {MAX_DETAILS} bytes; send less.")));
        }
        if self.identity.is_none() && self.address.is_none() {
            return Err(Error::invalid("identity", "Name the account or the address that the alert is about."));
        }
        if self.identity.is_none() && self.is_leak() {
            return Err(Error::invalid("identity", "Name the account whose credential is known to others."));
        }
        self.address.map_or(Ok(()), check_address)?;
        super::access::check_time("observedAt", self.observed_at, self.recorded_at)?;
        super::access::check_time("updatedAt", self.updated_at, self.changed_at)?;
        if self.updated_at < self.observed_at {
            return Err(Error::invalid("updatedAt", "This is before the alert was observed; send the later time."));
        }
        Ok(())
    }

    /// Whether it says that a credential is known to others.
    #[must_use]
    pub fn is_leak(&self) -> bool {
        self.kind == LEAKED_CREDENTIAL
    }

    /// The address whose users it counts against; none if it names an account.
    #[must_use]
    pub fn suspect(&self) -> Option<IpAddr> {
        self.address.filter(|_| self.identity.is_none())
    }

    /// Whether this report of an alert holds, and not that one.
    #[must_use]
    pub fn holds_over(&self, known: &Self) -> bool {
        self.weight() > known.weight()
    }

    /// By what reports are compared.
    fn weight(&self) -> (Timestamp, AlertState, AlertSeverity, Option<&str>, String) {
        let details = serde_json::to_string(&self.details).unwrap_or_default();
        (self.updated_at, self.state, self.severity, self.title.as_deref(), details)
    }
}

/// Requires an address that somebody can come from.
fn check_address(address: IpAddr) -> Result<()> {
    let is_broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    if address.is_unspecified() || address.is_multicast() || is_broadcast {
        return Err(Error::invalid("address", "Nobody comes from this address; send that of one host."));
    }
    Ok(())
}

/// The public id of an alert.
#[must_use]
pub fn alert_id(uuid: Uuid) -> String {
    typeid(PREFIX, uuid)
}

/// Reads the public id of an alert that a client sent in `field`.
pub fn parse_alert_id(text: &str, field: &str) -> Result<Uuid> {
    parse_typeid(text, PREFIX)
        .ok_or_else(|| Error::invalid(field, "This is not the id of an alert; such an id begins with alr_."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for severity in AlertSeverity::ALL {
            assert_eq!(AlertSeverity::from_name(severity.name()), Some(severity));
        }
        for state in AlertState::ALL {
            assert_eq!(AlertState::from_name(state.name()), Some(state));
        }
        assert_eq!(parse_alert_id(&alert_id(Uuid::from_u128(7)), "id").ok(), Some(Uuid::from_u128(7)));
        assert!(parse_alert_id("acc_00000000000000000000000007", "id").is_err());
    }

    #[test]
    fn an_address_is_one_that_somebody_can_come_from() {
        for (address, is_sound) in
            [("192.0.2.1", true), ("2001:db8::1", true), ("0.0.0.0", false), ("::", false), ("224.0.0.1", false)]
        {
            assert_eq!(check_address(address.parse().unwrap()).is_ok(), is_sound, "{address}");
        }
        assert!(check_address("255.255.255.255".parse().unwrap()).is_err());
        assert!(check_address("ff02::1".parse().unwrap()).is_err());
    }
}
