//! Private keys, and secrets of others, under a secret: AES-256-GCM, with the id of what they belong to as what is authenticated
//! besides.
//!
//! The secret of the configuration is stretched to a key by HKDF (RFC 5869), so it may be any text that nobody guesses. Each
//! sealing has a random nonce, which stands before the ciphertext.

use crate::domain::{Error, Result};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use std::sync::Arc;
use uuid::Uuid;

/// What tells this use of the secret from any other.
const KEYS: &[u8] = b"idgraph signing keys, AES-256-GCM";
/// The same for the secrets of those who are told of changes.
const OUTLETS: &[u8] = b"idgraph secrets of outlets, AES-256-GCM";
/// The same for what feeds are asked with.
const FEEDS: &[u8] = b"idgraph feed credentials, AES-256-GCM";

/// Seals and opens secrets of one kind.
#[derive(Clone)]
pub struct Sealer(Arc<LessSafeKey>);

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    /// The sealer of private keys, by a secret.
    pub fn of(secret: &[u8]) -> Result<Self> {
        Self::for_purpose(secret, KEYS)
    }

    /// The sealer of what the receivers of changes must be shown or have to verify, by the same secret.
    pub fn of_outlets(secret: &[u8]) -> Result<Self> {
        Self::for_purpose(secret, OUTLETS)
    }

    /// The sealer of what threat-intelligence feeds are asked with, by the same secret.
    pub fn for_feeds(secret: &[u8]) -> Result<Self> {
        Self::for_purpose(secret, FEEDS)
    }

    fn for_purpose(secret: &[u8], purpose: &[u8]) -> Result<Self> {
        let stretched = Salt::new(HKDF_SHA256, b"idgraph").extract(secret);
        let purpose = [purpose];
        let key = stretched.expand(&purpose, &AES_256_GCM).map(UnboundKey::from);
        let key = key.map_err(|_| Error::internal())?;
        Ok(Self(Arc::new(LessSafeKey::new(key))))
    }

    /// Seals something that belongs to what has that id.
    pub(in super::super) fn seal(&self, id: Uuid, private: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| Error::internal())?;
        let mut sealed = private.to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_in_place_append_tag(unique, Aad::from(id.as_bytes()), &mut sealed)
            .map_err(|_| Error::internal())?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for that id; none if it was sealed under another secret, or tampered with.
    pub(in super::super) fn open(&self, id: Uuid, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, ciphertext) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut buffer = ciphertext.to_vec();
        let opened = self.0.open_in_place(nonce, Aad::from(id.as_bytes()), &mut buffer).ok()?;
        Some(opened.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_is_opened_by_the_same_secret_for_the_same_key_alone() {
        let (one, other) = (Sealer::of(b"one secret").expect("a key"), Sealer::of(b"another").expect("a key"));
        let id = Uuid::from_u128(1);
        let mut sealed = one.seal(id, b"private").expect("sealed");
        assert_eq!(one.open(id, &sealed).as_deref(), Some(b"private".as_slice()));
        assert_ne!(sealed, one.seal(id, b"private").expect("sealed"), "each time another nonce");
        assert_eq!(other.open(id, &sealed), None);
        assert_eq!(one.open(Uuid::from_u128(2), &sealed), None);
        assert_eq!(Sealer::of_outlets(b"one secret").expect("a key").open(id, &sealed), None, "for another purpose");
        assert_eq!(one.open(id, &sealed[..5]), None);
        let last = sealed.len() - 1;
        sealed[last] ^= 1;
        assert_eq!(one.open(id, &sealed), None);
    }
}
