//! A set of keys as an issuer publishes it (JWK set, RFC 7517 section 5).
//!
//! What is of no use is passed over (section 5 asks for that): other types, keys for encryption, shared secrets, keys that
//! are too short. A key is tied to the algorithms that it is for, so that no token can have it used for another one.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, Header};
use serde_json::Value;

/// How many keys are looked at.
const MAX_KEYS: usize = 200;
/// How short the modulus of an RSA key may be, in bytes (RFC 7518 section 3.3).
const MIN_MODULUS: usize = 256;

/// A key with which signatures are verified.
#[derive(Debug)]
pub(super) struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    pub(super) decoding: DecodingKey,
}

impl Key {
    /// Whether a header may mean this key.
    pub(super) fn fits(&self, header: &Header) -> bool {
        let is_named = header.kid.is_none() || header.kid == self.id;
        is_named && self.algorithms.contains(&header.alg)
    }

    /// The key, if it is of use for one of the allowed algorithms.
    fn of(jwk: &Jwk, allowed: &[Algorithm]) -> Option<Self> {
        let common = &jwk.common;
        let is_for_signatures = common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature)
            && common.key_operations.as_ref().is_none_or(|operations| operations.contains(&KeyOperations::Verify));
        if !is_for_signatures {
            return None;
        }
        let is_named = |algorithm: &Algorithm| {
            common.key_algorithm.is_none_or(|named| named.to_string() == format!("{algorithm:?}"))
        };
        let algorithms: Vec<Algorithm> = by_type(&jwk.algorithm)
            .iter()
            .copied()
            .filter(|algorithm| allowed.contains(algorithm) && is_named(algorithm))
            .collect();
        let decoding = DecodingKey::from_jwk(jwk).ok().filter(is_long_enough)?;
        (!algorithms.is_empty()).then(|| Self { id: common.key_id.clone(), algorithms, decoding })
    }
}

/// The algorithms that a type of key is for. There is none for shared secrets.
const fn by_type(key: &AlgorithmParameters) -> &'static [Algorithm] {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    match key {
        AlgorithmParameters::RSA(_) => &[RS256, RS384, RS512, PS256, PS384, PS512],
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => &[ES256],
            EllipticCurve::P384 => &[ES384],
            _ => &[],
        },
        AlgorithmParameters::OctetKeyPair(key) => match key.curve {
            EllipticCurve::Ed25519 => &[EdDSA],
            _ => &[],
        },
        _ => &[],
    }
}

fn is_long_enough(key: &DecodingKey) -> bool {
    match key.kind() {
        DecodingKeyKind::RsaModulusExponent { n, .. } => n.len() >= MIN_MODULUS,
        // Of the others, the curve says how long they are, and what is not is refused where it is used.
        DecodingKeyKind::SecretOrDer(_) => true,
    }
}

/// Reads a set of keys; what is wrong with it, for the operator, if none of them is of use.
pub(super) fn read(document: &[u8], allowed: &[Algorithm]) -> Result<Vec<Key>, String> {
    let document: Value = serde_json::from_slice(document).map_err(|_| "the set of keys is not JSON".to_owned())?;
    let keys = document.get("keys").and_then(Value::as_array).ok_or("the set of keys has no list of keys")?;
    let keys: Vec<Key> = keys
        .iter()
        .take(MAX_KEYS)
        .filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok())
        .filter_map(|key| Key::of(&key, allowed))
        .collect();
    if keys.is_empty() { Err("the set of keys has none for iam.algorithms".to_owned()) } else { Ok(keys) }
}
