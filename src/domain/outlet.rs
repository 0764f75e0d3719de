//! Outlets: where the changes of an organization are sent. A stream of shared signals is one, a webhook another.
//!
//! What is to be sent is a [`Delivery`]. It is written down in the transaction that moves its outlet's place in the sequence of
//! events on, so that none is lost and none is made twice; and it is sent until it has arrived, or is given up.

use super::error::{Error, Result};
use super::id::{OrganizationId, parse_typeid, typeid};
use super::public_address::leads_outside;
use super::signal::SubjectFormat;
use super::text;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

/// What the public id of a stream begins with.
const STREAM: &str = "str";
/// What the public id of a webhook begins with.
const WEBHOOK: &str = "whk";
/// How long the URL of a receiver may be.
const MAX_URL: usize = 2_048;
/// How many types of event an outlet may ask for.
const MAX_EVENTS: usize = 100;

/// How many webhooks an organization may have.
pub const MAX_WEBHOOKS: u32 = 50;

/// What kind of outlet something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutletKind {
    /// A stream whose signals are pushed (RFC 8935).
    Push,
    /// A stream whose signals are fetched (RFC 8936).
    Poll,
    /// A webhook.
    Webhook,
}

impl OutletKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Push, Self::Poll, Self::Webhook];

    /// The name in stored rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Poll => "poll",
            Self::Webhook => "webhook",
        }
    }

    /// The kind of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it is a stream of signals.
    #[must_use]
    pub const fn is_stream(self) -> bool {
        matches!(self, Self::Push | Self::Poll)
    }
}

/// Whether an outlet is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutletStatus {
    /// What is to be sent is sent.
    Enabled,
    /// What is to be sent is kept, and not sent.
    Paused,
    /// Nothing is sent, and nothing is kept.
    Disabled,
}

impl OutletStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Enabled, Self::Paused, Self::Disabled];

    /// The name in stored rows and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }

    /// The status of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// Where changes of an organization are sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlet {
    /// The UUIDv7 behind `str_` or `whk_`.
    pub id: Uuid,
    /// The tenant.
    pub organization: OrganizationId,
    /// What it is.
    pub kind: OutletKind,
    /// The API token that a stream belongs to; none for webhooks.
    pub token: Option<Uuid>,
    /// Whether it is in use.
    pub status: OutletStatus,
    /// Why its status is what it is, if somebody said so.
    pub status_reason: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Where the receiver is; none for streams that are fetched from.
    pub url: Option<String>,
    /// The types of event that are wanted; empty for all of them.
    pub events: Vec<String>,
    /// How the receiver of a stream wants to be told whom it is about.
    pub format: Option<SubjectFormat>,
    /// What is secret about it, sealed: the header `Authorization` for the receiver of a stream, the key of a webhook.
    pub secret: Option<Vec<u8>>,
    /// The key of a webhook before this one, sealed.
    pub former_secret: Option<Vec<u8>>,
    /// Until when that is used too.
    pub former_until: Option<Timestamp>,
    /// The number of the last event whose deliveries are written down.
    pub collected_seq: i64,
    /// Since when there is this outlet.
    pub created_at: Timestamp,
    /// Since when it is as it is.
    pub updated_at: Timestamp,
    /// When its receiver has last asked for a sign of life.
    pub verified_at: Option<Timestamp>,
    /// How often in a row the receiver was not to be had.
    pub failures: i64,
    /// Since when it has not been.
    pub failing_since: Option<Timestamp>,
    /// When it is tried again.
    pub retry_at: Option<Timestamp>,
    /// What went wrong last.
    pub last_failure: Option<String>,
}

impl Outlet {
    /// The public id.
    #[must_use]
    pub fn public_id(&self) -> String {
        outlet_id(self.kind, self.id)
    }

    /// Requires what others say about it to be sound.
    pub fn check(&self) -> Result<()> {
        self.description.as_deref().map_or(Ok(()), |about| text::check_line("description", about, text::MAX_TEXT))?;
        self.status_reason.as_deref().map_or(Ok(()), |reason| text::check_line("reason", reason, text::MAX_TEXT))?;
        if self.events.len() > MAX_EVENTS {
            return Err(Error::invalid("events", format!("At most {MAX_EVENTS} types of event can be asked for.")));
        }
        self.events.iter().try_for_each(|event| text::check_line("events", event, text::MAX_NAME))
    }

    /// Whether it wants events of that type: if it asks for none, for this one, or for all that begin so (`profile.*`).
    #[must_use]
    pub fn wants(&self, event: &str) -> bool {
        let is_meant = |wanted: &String| match wanted.strip_suffix('*') {
            Some(beginning) => event.starts_with(beginning),
            None => wanted == event,
        };
        self.events.is_empty() || self.events.iter().any(is_meant)
    }
}

/// The public id of an outlet.
#[must_use]
pub fn outlet_id(kind: OutletKind, uuid: Uuid) -> String {
    typeid(if kind.is_stream() { STREAM } else { WEBHOOK }, uuid)
}

/// The stream of that public id; none if no stream is called so.
#[must_use]
pub fn parse_stream_id(text: &str) -> Option<Uuid> {
    parse_typeid(text, STREAM)
}

/// The webhook of that public id; none if no webhook is called so.
#[must_use]
pub fn parse_webhook_id(text: &str) -> Option<Uuid> {
    parse_typeid(text, WEBHOOK)
}

/// What has become of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is still to arrive.
    Pending,
    /// It has arrived.
    Delivered,
    /// It is given up.
    Dead,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Dead];

    /// The name in stored rows and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    /// The state of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Something that is sent to an outlet.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The place among all deliveries: 0 while it is not written down.
    pub position: i64,
    /// What the receiver knows it by, and what is the same each time it is sent.
    pub id: Uuid,
    /// The outlet.
    pub outlet: Uuid,
    /// The node that it is about, or the outlet itself. What is about one node is sent in its order.
    pub subject: Uuid,
    /// The type of event.
    pub event_type: String,
    /// What is said.
    pub body: Value,
    /// The number of the event that it tells of, if it tells of one.
    pub seq: Option<i64>,
    /// What has become of it.
    pub state: DeliveryState,
    /// How often it was sent.
    pub attempts: i64,
    /// When it is sent, or sent again.
    pub due_at: Timestamp,
    /// Since when it is to be sent.
    pub created_at: Timestamp,
    /// Since when it has arrived, or is given up.
    pub finished_at: Option<Timestamp>,
    /// With which status of HTTP the receiver has answered last.
    pub answer_status: Option<i64>,
    /// What went wrong last.
    pub failure: Option<String>,
}

impl Delivery {
    /// One that is new.
    #[must_use]
    pub fn new(id: Uuid, (outlet, subject): (Uuid, Uuid), (event_type, body): (&str, Value), at: Timestamp) -> Self {
        Self {
            position: 0,
            id,
            outlet,
            subject,
            event_type: event_type.to_owned(),
            body,
            seq: None,
            state: DeliveryState::Pending,
            attempts: 0,
            due_at: at,
            created_at: at,
            finished_at: None,
            answer_status: None,
            failure: None,
        }
    }
}

/// What a receiver has said about a signal that it could not make use of (RFC 8936 section 2.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRefusal {
    /// The signal.
    pub id: Uuid,
    /// Why, in words.
    pub failure: String,
}

/// A node that the receiver of a stream does not want to hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Exclusion {
    /// The stream.
    pub outlet: Uuid,
    /// The node.
    pub node: Uuid,
}

/// Requires the URL of a receiver to be one that may be sent to: by https and in public, unless the operator allows anything.
pub fn check_target(field: &str, url: &str, allow_private: bool) -> Result<Url> {
    let parsed = Url::parse(url).ok().filter(|parsed| {
        let is_plain = parsed.username().is_empty() && parsed.password().is_none() && parsed.fragment().is_none();
        url.len() <= MAX_URL && is_plain && parsed.has_host() && matches!(parsed.scheme(), "https" | "http")
    });
    let Some(parsed) = parsed else {
        return Err(Error::invalid(field, "This is not the URL of a receiver; send one that begins with https://."));
    };
    if allow_private {
        return Ok(parsed);
    }
    if parsed.scheme() == "https" && parsed.host().is_some_and(|host| leads_outside(&host)) {
        return Ok(parsed);
    }
    Err(Error::invalid(
        field,
        "Receivers are reached by https, at addresses that are public; deliveries.allow_private_networks allows others.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receivers_are_public_and_spoken_to_in_private() {
        for url in ["https://receiver.example.org/events", "https://192.88.99.1/", "https://[2606:4700::1111]/x?y=z"] {
            assert!(check_target("url", url, false).is_ok(), "{url}");
        }
        for url in [
            "",
            "receiver",
            "http://receiver.example.org/",
            "ftp://receiver.example.org/",
            "https://me:secret@receiver.example.org/",
            "https://receiver.example.org/#x",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://10.1.2.3/",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00::1]/",
        ] {
            assert!(check_target("url", url, false).is_err(), "{url}");
        }
        for url in ["http://127.0.0.1:1/", "https://localhost/x"] {
            assert!(check_target("url", url, true).is_ok(), "{url}");
        }
        assert!(check_target("url", "gopher://127.0.0.1/", true).is_err());
    }
}
