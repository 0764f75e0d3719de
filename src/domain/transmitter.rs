//! Transmitters: others whose signals about the security of accounts an organization takes.

use super::error::Result;
use super::id::{OrganizationId, parse_typeid, typeid};
use super::text;
use super::time::{Timestamp, from_micros};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
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
    /// How its signals are fetched; none if it pushes them.
    pub polling: Option<Polling>,
}

/// How signals are fetched from somebody who does not push them (RFC 8936).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Polling {
    /// Where they are.
    pub url: String,
    /// The token that is shown, sealed.
    pub sealed: Vec<u8>,
    /// How it goes.
    pub state: PollState,
}

/// How fetching the signals of somebody goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollState {
    /// When they are fetched next.
    pub next_at: Timestamp,
    /// When that was tried last.
    pub attempted_at: Option<Timestamp>,
    /// When it last went well.
    pub succeeded_at: Option<Timestamp>,
    /// How often it has failed since.
    pub failures: u32,
    /// Why it failed the last time.
    pub failure: Option<String>,
}

impl Transmitter {
    /// Requires what is said about it to be sound.
    pub fn check(&self) -> Result<()> {
        for (field, value) in [("issuer", &self.issuer), ("jwks_url", &self.jwks_url), ("audience", &self.audience)] {
            text::check_line(field, value, MAX_URL)?;
        }
        text::check_slug("provider", &self.provider)?;
        text::check_slug("environment", &self.environment)
    }
}

/// How much of the digest of an issuer stands in the source of its alerts, in bytes.
const SHORT_DIGEST: usize = 4;
/// How much of an issuer stands there before it.
const MAX_STEM: usize = 90;

impl Transmitter {
    /// The source of the alerts that its signals become: the issuer as a slug. Where that leaves out more than `https://`, a digest
    /// tells it from others that would look like it.
    #[must_use]
    pub fn alert_source(&self) -> String {
        let whole = self.issuer.strip_prefix("https://");
        if let Some(stem) = whole.filter(|stem| text::check_slug("source", stem).is_ok()) {
            return stem.to_owned();
        }
        let stem = whole.or_else(|| self.issuer.strip_prefix("http://")).unwrap_or(&self.issuer);
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' };
        let stem: String = stem.chars().map(plain).skip_while(|c| !c.is_ascii_alphanumeric()).take(MAX_STEM).collect();
        let digest = Sha256::digest(self.issuer.as_bytes());
        let digest: String = digest.iter().take(SHORT_DIGEST).map(|byte| format!("{byte:02x}")).collect();
        let stem = stem.trim_end_matches('-');
        if stem.is_empty() { digest } else { format!("{stem}-{digest}") }
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

impl ReceivedSignal {
    /// When what it says has happened: when the event says so, if that is a time before it was made, else when it was made.
    #[must_use]
    pub fn happened_at(&self) -> Timestamp {
        let seconds = self.claims.get("event_timestamp").and_then(Value::as_f64);
        #[expect(clippy::cast_possible_truncation, reason = "it is far below the limit")]
        let at =
            seconds.filter(|seconds| (0.0..1e11).contains(seconds)).map(|seconds| from_micros((seconds * 1e6) as i64));
        at.map_or(self.issued_at, |at| at.min(self.issued_at))
    }
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
    /// The keys of its transmitter are not to be had just now.
    NoKeys,
}

impl SignalFault {
    /// Every fault.
    pub const ALL: [Self; 6] = [Self::Request, Self::Key, Self::Issuer, Self::Audience, Self::Replayed, Self::NoKeys];

    /// The name in stored rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Key => "key",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Replayed => "replayed",
            Self::NoKeys => "no_keys",
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
            Self::Key | Self::NoKeys => "invalid_key",
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

/// A signal that was refused, as far as it is remembered: never the signal itself, which may be anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedSignal {
    /// When.
    pub at: Timestamp,
    /// What was wrong.
    pub fault: SignalFault,
    /// The same, in a sentence.
    pub description: String,
    /// What it says that it is known by, if that can be read. Nobody may have vouched for it.
    pub jti: Option<String>,
    /// What it says that it is from, likewise.
    pub issuer: Option<String>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::OrganizationId;
    use serde_json::json;

    fn source(issuer: &str) -> String {
        let transmitter = Transmitter {
            id: Uuid::nil(),
            organization: OrganizationId(Uuid::nil()),
            issuer: issuer.to_owned(),
            jwks_url: String::new(),
            audience: String::new(),
            provider: String::new(),
            environment: String::new(),
            created_at: from_micros(0),
            polling: None,
        };
        transmitter.alert_source()
    }

    #[test]
    fn an_issuer_is_a_slug_of_its_own() {
        assert_eq!(source("https://idp.example.org"), "idp.example.org");
        let long = format!("https://idp.example.org/{}", "a".repeat(500));
        let issuers =
            ["http://idp.example.org", "https://idp.example.org/a/b", "https://idp.example.org/a-b", "??", &long];
        for issuer in issuers {
            assert!(text::check_slug("source", &source(issuer)).is_ok(), "{issuer}: {}", source(issuer));
        }
        assert!(source("https://idp.example.org/a/b").starts_with("idp.example.org-a-b-"));
        assert_ne!(source("https://idp.example.org/a/b"), source("https://idp.example.org/a:b"));
    }

    #[test]
    fn what_is_told_has_happened_before() {
        let at = |said: Value| {
            let claims = json!({"event_timestamp": said}).as_object().cloned().unwrap_or_default();
            let issued_at = from_micros(1_000_000_000);
            let (jti, event_type) = (String::new(), String::new());
            ReceivedSignal { jti, issued_at, event_type, claims, subject: Value::Null }.happened_at().timestamp_micros()
        };
        assert_eq!([at(json!(999)), at(json!(999.5)), at(json!(0))], [999_000_000, 999_500_000, 0]);
        for wrong in [json!(1001), json!(999_000), json!(1e300), json!(-1), json!("999"), Value::Null] {
            assert_eq!(at(wrong.clone()), 1_000_000_000, "{wrong}");
        }
    }
}
