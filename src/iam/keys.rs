//! The keys of the issuer: which there are, and when they are fetched.
//!
//! Known keys are used at once, and fetched anew in the background when they are older than the configuration wants; when
//! they are twice as old, because nobody has come for so long, they are fetched first. A token that names a key which is
//! not known waits too, and not for long: the issuer may have a new key. However many such
//! tokens come, the issuer is asked by one request at a time and not more often than the configuration says, and less
//! often while it is away. While it is away, what was known last goes on being used, up to an age.

use super::fetch::Source;
use super::jwks::{self, Key};
use super::refusal::Refusal;
use crate::config::IamConfig;
use crate::domain::Timestamp;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;

/// How long a token with an unknown key waits for the issuer.
const PATIENCE: Duration = Duration::from_secs(3);
/// The longest pause between attempts while the issuer is away, unless the configuration wants a longer one.
const LONGEST_PAUSE: TimeDelta = TimeDelta::seconds(60);

/// The keys that the issuer had at some time.
#[derive(Debug, Default)]
struct KeySet {
    keys: Vec<Key>,
    /// When they were fetched; never, if there are none.
    fetched_at: Option<Timestamp>,
    /// The SHA-256 of the document in which they stood.
    digest: [u8; 32],
}

/// A key of the issuer, and the name of the keys that it is one of, as [`Keys::generation`] has it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) key: DecodingKey,
    pub(super) generation: [u8; 32],
}

/// What has been tried.
#[derive(Debug, Default)]
struct Attempts {
    last: Option<Timestamp>,
    /// Failures in a row.
    failures: u32,
    is_under_way: bool,
}

/// The keys of the issuer.
#[derive(Debug)]
pub(super) struct Keys {
    source: Source,
    allowed: Vec<Algorithm>,
    refresh: TimeDelta,
    retry: TimeDelta,
    max_age: TimeDelta,
    known: RwLock<Arc<KeySet>>,
    attempts: Mutex<Attempts>,
    /// Counts the attempts that have ended.
    ended: watch::Sender<u64>,
}

impl Keys {
    pub(super) fn new(source: Source, allowed: Vec<Algorithm>, config: &IamConfig) -> Arc<Self> {
        let seconds = |seconds: u32| TimeDelta::seconds(seconds.into());
        Arc::new(Self {
            source,
            allowed,
            refresh: seconds(config.keys_refresh_seconds),
            retry: seconds(config.keys_retry_seconds),
            max_age: seconds(config.keys_max_age_seconds),
            known: RwLock::default(),
            attempts: Mutex::default(),
            ended: watch::Sender::default(),
        })
    }

    /// The key that a header names, fetched if need be.
    pub(super) async fn find(self: &Arc<Self>, header: &Header, now: Timestamp) -> Result<Found, Refusal> {
        if let Ok(found) = self.known(header, now) {
            return Ok(found);
        }
        self.fetch_and_wait(now).await;
        self.known(header, now)
    }

    /// Fetches the keys before they are used, if nobody has asked for so long that a key may have been withdrawn in the
    /// meantime. While the issuer is away, nobody waits for it again and again.
    pub(super) async fn freshen(self: &Arc<Self>, now: Timestamp) {
        let fetched_at = self.known.read().unwrap_or_else(PoisonError::into_inner).fetched_at;
        let is_old = fetched_at.is_some_and(|fetched_at| now - fetched_at >= self.refresh * 2);
        if is_old && self.attempts.lock().unwrap_or_else(PoisonError::into_inner).failures == 0 {
            self.fetch_and_wait(now).await;
        }
    }

    async fn fetch_and_wait(self: &Arc<Self>, now: Timestamp) {
        let mut ended = self.ended.subscribe();
        if self.fetch_soon(now) {
            // If it takes longer, the answer is what it would be without.
            drop(tokio::time::timeout(PATIENCE, ended.changed()).await);
        }
    }

    /// Names the keys that are trusted now: another name means that other keys are. None if there are none.
    pub(super) fn generation(self: &Arc<Self>, now: Timestamp) -> Option<[u8; 32]> {
        self.current(now).map(|set| set.digest)
    }

    /// Starts to fetch the keys, if that may be done now. Says whether they are being fetched.
    pub(super) fn fetch_soon(self: &Arc<Self>, now: Timestamp) -> bool {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.is_under_way {
            return true;
        }
        if attempts.last.is_some_and(|last| now - last < self.pause(attempts.failures)) {
            return false;
        }
        attempts.is_under_way = true;
        attempts.last = Some(now);
        // On its own: whoever waits for it may go away.
        tokio::spawn(Arc::clone(self).fetch(now));
        true
    }

    /// How long to wait after an attempt, if so many have failed.
    fn pause(&self, failures: u32) -> TimeDelta {
        let factor = 2_i32.saturating_pow(failures.saturating_sub(1).min(10));
        (self.retry * factor).min(LONGEST_PAUSE).max(self.retry)
    }

    /// The keys that are trusted now. They are fetched anew, in the background, if it is time.
    fn current(self: &Arc<Self>, now: Timestamp) -> Option<Arc<KeySet>> {
        let set = Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner));
        let age = now - set.fetched_at?;
        if age >= self.refresh {
            self.fetch_soon(now);
        }
        (age < self.max_age).then_some(set)
    }

    fn known(self: &Arc<Self>, header: &Header, now: Timestamp) -> Result<Found, Refusal> {
        let set = self.current(now).ok_or(Refusal::NoKeys)?;
        let mut fitting = set.keys.iter().filter(|key| key.fits(header));
        let found = |key: &Key| Found { key: key.decoding.clone(), generation: set.digest };
        match (fitting.next(), fitting.next()) {
            // Without a name it has to be clear which one is meant.
            (Some(key), None) => Ok(found(key)),
            (Some(key), Some(_)) if header.kid.is_some() => Ok(found(key)),
            _ => Err(Refusal::UnknownKey),
        }
    }

    async fn fetch(self: Arc<Self>, now: Timestamp) {
        let fetched = self.source.fetch().await.and_then(|document| {
            let keys = jwks::read(&document, &self.allowed)?;
            Ok(KeySet { keys, fetched_at: Some(now), digest: Sha256::digest(&document).into() })
        });
        {
            let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
            attempts.is_under_way = false;
            match fetched {
                Ok(set) => {
                    if attempts.failures > 0 {
                        tracing::info!(iam.failures = attempts.failures, "the keys of the IAM are to be had again");
                    }
                    attempts.failures = 0;
                    *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
                }
                Err(reason) => {
                    if attempts.failures == 0 {
                        tracing::warn!(
                            error = reason,
                            "the keys of the IAM are not to be had just now; known ones go on being used"
                        );
                    }
                    attempts.failures = attempts.failures.saturating_add(1);
                }
            }
        }
        self.ended.send_modify(|ended| *ended = ended.wrapping_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Sources};
    use crate::domain::time::from_micros;

    /// A set with one key of that name, which nobody holds the other half of.
    fn set(name: &str) -> Arc<KeySet> {
        let key = serde_json::json!({"kty": "OKP", "crv": "Ed25519", "kid": name, "x": "A".repeat(43)});
        let document = serde_json::json!({ "keys": [key] }).to_string().into_bytes();
        let keys = jwks::read(&document, &[Algorithm::EdDSA]).expect("a key");
        Arc::new(KeySet { keys, fetched_at: Some(from_micros(0)), digest: Sha256::digest(&document).into() })
    }

    #[tokio::test]
    async fn a_key_that_is_withdrawn_is_not_taken_for_one_of_those_that_came_after_it() {
        let overrides =
            [("iam.issuer", "http://127.0.0.1:1"), ("iam.audience", "idgraph"), ("iam.organization", "acme")];
        let overrides = overrides.into_iter().chain([("iam.provider", "keycloak")]);
        let overrides = overrides.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let config = Config::load(Sources { overrides, ..Sources::default() }).expect("a configuration").iam;
        let source = Source::new(config.issuer.as_ref().expect("an issuer"), None).expect("certificates");
        let keys = Keys::new(source, vec![Algorithm::EdDSA], &config);
        let publish = |name| *keys.known.write().expect("the keys") = set(name);
        let header = Header { kid: Some("old".to_owned()), ..Header::new(Algorithm::EdDSA) };
        publish("old");
        let now = from_micros(1);
        let found = keys.find(&header, now).await.expect("the key");
        assert_eq!(keys.generation(now), Some(found.generation));
        publish("new");
        assert_ne!(keys.generation(now), Some(found.generation));
        assert_eq!(keys.known(&header, now).err(), Some(Refusal::UnknownKey));
    }
}
