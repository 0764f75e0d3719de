//! Alerts, as they are shown and as they are reported.

use super::activity::AccountKey;
use super::moment::Moment;
use crate::domain::alert::{self, alert_id};
use crate::domain::{self, Error};
use crate::resolvers::command::ReportedAlert;
use crate::rest::input::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

choice! {
    /// How bad an alert is.
    AlertSeverity = alert::AlertSeverity {
        /// Worth knowing.
        Low,
        /// Worth a look.
        Medium,
        /// Probably an attack.
        High,
        /// An attack.
        Critical,
    }
}

choice! {
    /// What has become of an alert.
    AlertState = alert::AlertState {
        /// Nobody has decided yet. It counts.
        Open,
        /// It is true. It counts.
        Confirmed,
        /// It was nothing. It does not count.
        Dismissed,
    }
}

/// What another system has noticed about an account, or about an address.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Alert {
    /// Public id: `alr_…`.
    pub id: String,
    /// Which system has noticed it.
    pub source: String,
    /// What that system calls it; unique for the source.
    pub external_id: String,
    /// What kind of alert it is. `leaked_credential` counts until the credential is changed, whatever its severity.
    pub kind: String,
    /// How bad it is.
    pub severity: AlertSeverity,
    /// What has become of it.
    pub state: AlertState,
    /// What it says, in a line.
    pub title: Option<String>,
    /// Whatever else is known.
    pub details: Map<String, Value>,
    /// Public id of the account that it is about; null if it is about whoever came from its address.
    pub identity_id: Option<String>,
    /// The address that it is about, or from which the account came.
    pub address: Option<String>,
    /// When it was noticed.
    pub observed_at: Moment,
    /// When what it says was last changed, by its source or here.
    pub updated_at: Moment,
    /// When it was recorded here.
    pub recorded_at: Moment,
    /// The name of who has reported it, or has changed it last, as it was then.
    pub changed_by: String,
}

impl From<&alert::Alert> for Alert {
    fn from(alert: &alert::Alert) -> Self {
        Self {
            id: alert_id(alert.id),
            source: alert.source.clone(),
            external_id: alert.external_id.clone(),
            kind: alert.kind.clone(),
            severity: alert.severity.into(),
            state: alert.state.into(),
            title: alert.title.clone(),
            details: alert.details.clone(),
            identity_id: alert.identity.map(|identity| identity.to_string()),
            address: alert.address.map(|address| address.to_string()),
            observed_at: alert.observed_at.into(),
            updated_at: alert.updated_at.into(),
            recorded_at: alert.recorded_at.into(),
            changed_by: alert.actor.name.clone(),
        }
    }
}

/// What another system has noticed, to report. Reported again, it says what has changed: of several reports the latest holds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAlert {
    /// Which system has noticed it: letters, digits, `-`, `_` and `.`.
    #[schemars(length(min = 1, max = 100))]
    source: String,
    /// What that system calls it: the same one twice is one alert.
    #[schemars(length(min = 1, max = 256))]
    external_id: String,
    /// What kind of alert it is: letters, digits, `-`, `_` and `.`. `leaked_credential` counts until the credential is changed. Does
    /// not change.
    #[schemars(length(min = 1, max = 100))]
    kind: String,
    /// How bad it is.
    severity: AlertSeverity,
    /// What has become of it; open, unless given.
    state: Option<AlertState>,
    /// What it says, in a line.
    title: Option<String>,
    /// Whatever else is known; at most 8 KiB.
    details: Option<Map<String, Value>>,
    /// The account that it is about. If it is left out, the alert counts against whoever came from the address on that day, the
    /// day before or the day after (UTC). Does not change.
    identity: Option<Object<AccountKey>>,
    /// The address (IPv4 or IPv6) that it is about, or from which the account came. Does not change.
    address: Option<String>,
    /// When it was noticed; now unless given. Does not change.
    observed_at: Option<Moment>,
    /// When its source has changed it last; when it was noticed unless given. The report with the latest time holds; of several
    /// with the same time, the one that decides most.
    updated_at: Option<Moment>,
}

impl NewAlert {
    /// The alert as the resolvers are told of it.
    pub fn reported(self) -> domain::Result<ReportedAlert> {
        let wrong = |_| Error::invalid("address", "This is no address; send an IPv4 or IPv6 address.");
        let address = self.address.map(|address| address.trim().parse().map_err(wrong)).transpose()?;
        Ok(ReportedAlert {
            source: self.source,
            external_id: self.external_id,
            kind: self.kind,
            severity: self.severity.into(),
            state: self.state.map_or(alert::AlertState::Open, Into::into),
            title: self.title,
            details: self.details.unwrap_or_default(),
            identity: self.identity.map(|key| key.0.named()).transpose()?,
            address,
            observed_at: self.observed_at.map(|time| time.0),
            updated_at: self.updated_at.map(|time| time.0),
        })
    }
}

/// What somebody decides about an alert.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertDecision {
    /// What becomes of it.
    pub state: AlertState,
    /// Why; becomes part of the history.
    pub reason: Option<String>,
}
