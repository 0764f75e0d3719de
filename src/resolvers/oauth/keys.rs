//! Keys: making them, signing, verifying, and which there are.
//!
//! The keys are in the database, so that every server has the same. What is there is read again after two seconds, or as soon
//! as this process hears that something has changed: a key that was withdrawn may be good for so long elsewhere. A token that
//! names a key which is not known has them read at once, since another server may just have made it.
//!
//! ring signs and verifies. It makes no RSA keys, so those are made by the crate `rsa`, and used by ring.

use super::super::authenticate::Trusted;
use super::super::command::{AddSigningKey, WithdrawSigningKey};
use super::super::viewer::Viewer;
use super::super::{App, RunOptions};
use super::Settings;
use crate::domain::signing::key_id;
use crate::domain::{Error, ErrorCode, OrganizationId, Result, SigningAlgorithm, SigningKey, Timestamp};
use crate::store::{Realm, Scope};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::{Map, Value, json};
use std::sync::{Arc, PoisonError};
use uuid::Uuid;

/// How long keys that were read are used.
const FRESH: TimeDelta = TimeDelta::seconds(2);
/// How long it takes at least before an unknown name has the keys read again.
const PATIENCE: TimeDelta = TimeDelta::milliseconds(100);
/// By how much the clocks of servers may differ: so much longer a retired key verifies.
const SKEW: TimeDelta = TimeDelta::seconds(60);

/// A pair that signs.
enum Pair {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

/// A public key that verifies.
enum Public {
    Ec(Vec<u8>),
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

/// A key that is ready to be used.
pub(super) struct Key {
    pub(super) stored: SigningKey,
    public: Public,
    /// The private half, if it could be opened.
    pair: Option<Pair>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("id", &self.stored.id).finish_non_exhaustive()
    }
}

impl Key {
    fn of(stored: SigningKey, settings: &Settings) -> Option<Self> {
        let part = |name: &str| URL_SAFE_NO_PAD.decode(stored.public.get(name)?.as_str()?).ok();
        let public = match stored.algorithm {
            SigningAlgorithm::Es256 => Public::Ec([vec![4], part("x")?, part("y")?].concat()),
            SigningAlgorithm::Rs256 => Public::Rsa { n: part("n")?, e: part("e")? },
        };
        let pair = if stored.is_current() {
            let private = settings.sealer.open(stored.id, &stored.sealed);
            private.and_then(|private| Pair::of(stored.algorithm, &private))
        } else {
            None
        };
        Some(Self { stored, public, pair })
    }

    /// Signs something.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let signed = match &self.pair {
            Some(Pair::Ec(pair)) => {
                pair.sign(&SystemRandom::new(), message).map(|signature| signature.as_ref().to_vec())
            }
            Some(Pair::Rsa(pair)) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).map(|()| signature)
            }
            None => Err(ring::error::Unspecified),
        };
        signed.map_err(|_| Error::internal())
    }

    /// Whether this key has signed something, by its own algorithm and no other.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.public {
            Public::Ec(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            Public::Rsa { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
        }
    }
}

impl Pair {
    fn of(algorithm: SigningAlgorithm, private: &[u8]) -> Option<Self> {
        let random = SystemRandom::new();
        match algorithm {
            SigningAlgorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private, &random).ok().map(Self::Ec)
            }
            SigningAlgorithm::Rs256 => RsaKeyPair::from_pkcs8(private).ok().map(Self::Rsa),
        }
    }

    /// The public half, as members of a JWK.
    fn jwk(&self) -> Map<String, Value> {
        let members = match self {
            Self::Ec(pair) => {
                // An uncompressed point: 4, and two numbers of 32 bytes.
                let (x, y) = pair.public_key().as_ref().split_at(33);
                let x = x.get(1..).unwrap_or_default();
                json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)})
            }
            Self::Rsa(pair) => {
                let parts = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({"kty": "RSA", "n": encode(&parts.n), "e": encode(&parts.e)})
            }
        };
        members.as_object().cloned().unwrap_or_default()
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A private key that is new, as PKCS#8. That of RSA takes some tenths of a second.
async fn make(algorithm: SigningAlgorithm) -> Result<Vec<u8>> {
    let made = tokio::task::spawn_blocking(move || match algorithm {
        SigningAlgorithm::Es256 => {
            let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
            made.map(|document| document.as_ref().to_vec()).map_err(|_| Error::internal())
        }
        SigningAlgorithm::Rs256 => make_rsa(),
    });
    made.await.map_err(|_| Error::internal())?
}

fn make_rsa() -> Result<Vec<u8>> {
    use rsa::Generate;
    use rsa::pkcs8::EncodePrivateKey;
    let failed = || {
        tracing::error!("an RSA key could not be made");
        Error::internal()
    };
    let key = rsa::PrivateKey::try_generate().map_err(|_| failed())?;
    key.to_pkcs8_der().map(|document| document.as_bytes().to_vec()).map_err(|_| failed())
}

/// The keys that there are.
#[derive(Debug, Default)]
pub(super) struct KeySet {
    keys: Vec<Arc<Key>>,
    at: Timestamp,
}

impl KeySet {
    /// The key of that name, if what it has signed is good.
    pub(super) fn find(&self, id: Uuid, now: Timestamp) -> Option<&Arc<Key>> {
        self.keys.iter().find(|key| key.stored.id == id && key.stored.verifies(now))
    }

    /// The key that signs by an algorithm.
    fn current(&self, algorithm: SigningAlgorithm) -> Option<&Arc<Key>> {
        self.keys.iter().rev().find(|key| key.stored.algorithm == algorithm && key.stored.is_current())
    }

    /// The public keys, as a JWK set (RFC 7517 section 5).
    fn public(&self, now: Timestamp) -> Value {
        let keys = self.keys.iter().filter(|key| key.stored.verifies(now)).map(|key| {
            let mut members = key.stored.public.clone();
            members.insert("kid".to_owned(), key_id(key.stored.id).into());
            members.insert("use".to_owned(), "sig".into());
            members.insert("alg".to_owned(), key.stored.algorithm.name().into());
            Value::Object(members)
        });
        json!({ "keys": keys.collect::<Vec<_>>() })
    }
}

impl App {
    /// The keys that there are, as they are known.
    pub(super) async fn keys(&self, settings: &Settings, now: Timestamp) -> Result<Arc<KeySet>> {
        let known = self.oauth.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        let is_fresh =
            |known: &Trusted<KeySet>| now - known.found.at < FRESH && known.is_unchanged(self.store().freshness());
        match known {
            Some(known) if is_fresh(&known) => Ok(known.found),
            known => self.read_keys(settings, known.map(|known| known.found), now).await,
        }
    }

    /// The keys, read again because one of them is not known that should be.
    pub(super) async fn keys_with(&self, settings: &Settings, id: Uuid, now: Timestamp) -> Result<Arc<KeySet>> {
        let known = self.keys(settings, now).await?;
        if known.find(id, now).is_some() || now - known.at < PATIENCE {
            return Ok(known);
        }
        self.read_keys(settings, Some(known), now).await
    }

    async fn read_keys(&self, settings: &Settings, before: Option<Arc<KeySet>>, now: Timestamp) -> Result<Arc<KeySet>> {
        let scope = Scope::organization(OrganizationId::INSTANCE);
        let stamp = self.store().freshness().of(scope, Realm::Accounts);
        let stored = self.store().signing_keys(now).await?;
        let same = |stored: &SigningKey| before.as_ref()?.keys.iter().find(|key| key.stored == *stored).cloned();
        let ready = |stored: SigningKey| same(&stored).or_else(|| Key::of(stored, settings).map(Arc::new));
        let found = Arc::new(KeySet { keys: stored.into_iter().filter_map(ready).collect(), at: now });
        let trusted = Trusted::new(Arc::clone(&found), (scope, stamp), now).in_realm(Realm::Accounts);
        *self.oauth.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(trusted);
        Ok(found)
    }

    /// The key that signs tokens now, which is made if there is none.
    pub(super) async fn signing_key(&self, settings: &Settings, viewer: &Viewer) -> Result<Arc<Key>> {
        self.signing_key_of(settings, settings.algorithm, viewer).await
    }

    /// The key that signs by an algorithm now, which is made if there is none.
    pub(super) async fn signing_key_of(
        &self,
        settings: &Settings,
        algorithm: SigningAlgorithm,
        viewer: &Viewer,
    ) -> Result<Arc<Key>> {
        let now = self.clock().now();
        let known = self.keys(settings, now).await?.current(algorithm).cloned();
        let key = match known {
            Some(key) => key,
            None => {
                self.add_key(settings, algorithm, (viewer, None)).await?;
                let keys = self.read_keys(settings, None, now).await?;
                keys.current(algorithm).cloned().ok_or_else(Error::unavailable)?
            }
        };
        if key.pair.is_none() {
            tracing::error!(
                oauth.key = key_id(key.stored.id),
                "the signing key was sealed under another oauth.key_secret; set that, or run: idgraph key rotate"
            );
            let message = "Tokens cannot be signed just now; tell the operator of the server the request id.";
            return Err(Error { code: ErrorCode::Unavailable, message: message.into(), ..Error::unavailable() });
        }
        Ok(key)
    }

    async fn add_key(
        &self,
        settings: &Settings,
        algorithm: SigningAlgorithm,
        (viewer, retire_for): (&Viewer, Option<i64>),
    ) -> Result<Uuid> {
        let private = make(algorithm).await?;
        let pair = Pair::of(algorithm, &private).ok_or_else(Error::internal)?;
        let id = self.clock().new_id();
        let sealed = settings.sealer.seal(id, &private)?;
        let command = AddSigningKey { id, algorithm, public: pair.jwk(), sealed, retire_for };
        self.run(viewer, command, RunOptions::default()).await
    }

    /// The public keys, as a JWK set: the one that signs, which is made if there is none, and those that still verify.
    pub async fn public_keys(&self, viewer: &Viewer) -> Result<Value> {
        let Some(settings) = self.issuance() else { return Ok(json!({"keys": []})) };
        self.signing_key(settings, viewer).await.map(drop).or_else(|error| match error.code {
            // Those that verify are to be had all the same.
            ErrorCode::Unavailable => Ok(()),
            _ => Err(error),
        })?;
        let now = self.clock().now();
        Ok(self.keys(settings, now).await?.public(now))
    }

    /// Makes a new key that signs from now on. What the one before has signed stays good until it expires.
    pub async fn rotate_key(&self, viewer: &Viewer, algorithm: SigningAlgorithm) -> Result<Uuid> {
        let settings = self.issuance().ok_or_else(|| {
            Error::invalid("oauth.key_secret", "There is no secret to seal keys with; set oauth.key_secret.")
        })?;
        let retire_for = (settings.lifetime + SKEW).num_seconds();
        self.add_key(settings, algorithm, (viewer, Some(retire_for))).await
    }

    /// Withdraws a key: what it has signed is worthless.
    pub async fn withdraw_key(&self, viewer: &Viewer, id: Uuid, reason: Option<String>) -> Result<String> {
        self.run(viewer, WithdrawSigningKey { id, reason }, RunOptions::default()).await
    }
}
