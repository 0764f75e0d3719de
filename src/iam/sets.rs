//! Security event tokens of others (RFC 8417), verified by the keys of their transmitters, or fetched from them.

use super::fetch::Source;
use super::keys::Keys;
use super::poll::Pollers;
use super::refusal::Refusal;
use super::token;
use crate::config::{IamConfig, IamUrl};
use crate::domain::Timestamp;
use crate::domain::transmitter::{ReceivedSignal, SignalFault, SignalRefusal, Transmitter};
use crate::resolvers::reception::{Poll, PolledSignals, SignalSource};
use chrono::{DateTime, TimeDelta};
use futures::FutureExt;
use futures::future::BoxFuture;
use jsonwebtoken::{Algorithm, Header};
use quick_cache::sync::Cache;
use serde_json::{Map, Value};
use std::sync::Arc;
use uuid::Uuid;

/// How many transmitters' keys are kept in mind.
const TRANSMITTERS: usize = 1_000;
/// How long a signal may be, in bytes.
const MAX_LENGTH: usize = 65_536;
/// How long what it is known by may be, in bytes.
const MAX_JTI: usize = 512;
/// The types of token that are signals (RFC 8417 section 2.3).
const TYPES: [&str; 2] = ["secevent+jwt", "application/secevent+jwt"];
/// By which algorithms signals may be signed.
const ALGORITHMS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];

/// Those whose signals are taken, with their keys.
#[derive(Debug)]
pub struct Transmitters {
    config: IamConfig,
    keys: Cache<(Uuid, String), Arc<Keys>>,
    pollers: Pollers,
}

impl Transmitters {
    /// None yet: their keys are fetched as those of an IAM are, as often and for as long as the configuration says.
    #[must_use]
    pub fn new(config: &IamConfig) -> Arc<Self> {
        super::signature::install();
        Arc::new(Self { config: config.clone(), keys: Cache::new(TRANSMITTERS), pollers: Pollers::default() })
    }

    fn keys_of(&self, transmitter: &Transmitter) -> Result<Arc<Keys>, SignalRefusal> {
        let name = (transmitter.id, transmitter.jwks_url.clone());
        self.keys.get_or_insert_with(&name, || {
            let url = IamUrl::parse(&transmitter.jwks_url).ok_or_else(|| refusal(SignalFault::Key, NO_KEYS))?;
            let source = Source::new(&url, Some(&url)).map_err(|_| refusal(SignalFault::Key, NO_KEYS))?;
            Ok(Keys::new(source, ALGORITHMS.to_vec(), &self.config))
        })
    }

    async fn read(
        &self,
        signal: &str,
        transmitter: &Transmitter,
        (now, oldest): (Timestamp, TimeDelta),
    ) -> Result<ReceivedSignal, SignalRefusal> {
        let header = header(signal)?;
        let found = self.keys_of(transmitter)?.find(&header, now).await.map_err(|error| match error {
            Refusal::NoKeys => refusal(SignalFault::NoKeys, NO_KEYS),
            _ => refusal(SignalFault::Key, "The signal names no key that its issuer has."),
        })?;
        let claims = token::claims(signal, header.alg, &found.key)
            .map_err(|_| refusal(SignalFault::Key, "The signature is not that of the key."))?;
        if claims.get("iss").and_then(Value::as_str) != Some(transmitter.issuer.as_str()) {
            return Err(refusal(SignalFault::Issuer, "The signal is from another issuer (iss)."));
        }
        let is_us = |name: &Value| name.as_str() == Some(transmitter.audience.as_str());
        let is_for_us = match claims.get("aud") {
            Some(Value::Array(names)) => names.iter().any(is_us),
            Some(name) => is_us(name),
            None => false,
        };
        if !is_for_us {
            return Err(refusal(SignalFault::Audience, "The signal is for somebody else (aud)."));
        }
        let skew = TimeDelta::seconds(self.config.clock_skew_seconds.into());
        signal_of(&claims, (now, oldest, skew))
    }
}

impl SignalSource for Transmitters {
    fn verify<'a>(
        &'a self,
        signal: &'a str,
        transmitter: &'a Transmitter,
        when: (Timestamp, TimeDelta),
    ) -> BoxFuture<'a, Result<ReceivedSignal, SignalRefusal>> {
        self.read(signal, transmitter, when).boxed()
    }

    fn fetch<'a>(&'a self, poll: &'a Poll) -> BoxFuture<'a, Result<PolledSignals, String>> {
        self.pollers.fetch(poll).boxed()
    }
}

const NO_KEYS: &str = "The keys of the issuer are not to be had just now.";

fn refusal(fault: SignalFault, description: &str) -> SignalRefusal {
    SignalRefusal { fault, description: description.to_owned() }
}

fn malformed(description: &str) -> SignalRefusal {
    refusal(SignalFault::Request, description)
}

/// Reads the header, which nobody has vouched for yet, and requires that it is that of a signal.
fn header(signal: &str) -> Result<Header, SignalRefusal> {
    if signal.len() > MAX_LENGTH || signal.bytes().filter(|byte| *byte == b'.').count() != 2 {
        return Err(malformed("This is no signed JWT."));
    }
    let header = jsonwebtoken::decode_header(signal).map_err(|_| malformed("This is no signed JWT."))?;
    let is_signal = |typ: &str| TYPES.iter().any(|known| typ.eq_ignore_ascii_case(known));
    if !header.typ.as_deref().is_some_and(is_signal) {
        return Err(malformed("The type (typ) is not secevent+jwt."));
    }
    if header.crit.is_some() || header.enc.is_some() || header.zip.is_some() {
        return Err(malformed("The header asks for something that is not understood."));
    }
    if !ALGORITHMS.contains(&header.alg) {
        return Err(refusal(SignalFault::Key, "The signal is not signed by RS256, PS256, ES256 or EdDSA."));
    }
    Ok(header)
}

/// What the claims say.
fn signal_of(
    claims: &Map<String, Value>,
    (now, oldest, skew): (Timestamp, TimeDelta, TimeDelta),
) -> Result<ReceivedSignal, SignalRefusal> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.contains('\0'));
    let jti = text("jti").filter(|jti| (1..=MAX_JTI).contains(&jti.len()));
    let jti = jti.ok_or_else(|| malformed("The signal has no name (jti), or one that is too long."))?;
    let issued_at = claims.get("iat").and_then(Value::as_i64).and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let issued_at = issued_at.ok_or_else(|| malformed("The signal does not say when it was made (iat)."))?;
    if issued_at > now + skew {
        return Err(malformed("The signal is from the future (iat)."));
    }
    if issued_at < now - oldest {
        return Err(malformed("The signal is too old (iat)."));
    }
    let events = claims.get("events").and_then(Value::as_object).filter(|events| events.len() == 1);
    let event = events.and_then(|events| events.iter().next());
    let (event_type, about) = event.ok_or_else(|| malformed("The signal does not have exactly one event (events)."))?;
    let about = about.as_object().filter(|_| !has_nul(event_type, about));
    let about = about.ok_or_else(|| malformed("The event is no object, or contains the character NUL."))?;
    // Before SSF 1.0 the subject was in the event.
    let subject = claims.get("sub_id").or_else(|| about.get("subject")).cloned().unwrap_or(Value::Null);
    let mut said = about.clone();
    said.remove("subject");
    Ok(ReceivedSignal { jti: jti.to_owned(), issued_at, event_type: event_type.clone(), claims: said, subject })
}

/// No database keeps U+0000 in texts.
fn has_nul(event_type: &str, about: &Value) -> bool {
    event_type.contains('\0') || about.to_string().contains("\\u0000")
}
