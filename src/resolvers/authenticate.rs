//! From a bearer token to a viewer.
//!
//! The secret is 256 random bits, so one round of SHA-256 is as good as any slow hash: there is nothing to guess. Tokens
//! are found by their hash, which is compared once more in constant time. What was found is kept for two seconds, so
//! that a busy client does not cost a look-up for every request; a revocation works everywhere within these seconds.

use super::{App, Viewer};
use crate::domain::{ApiToken, Error, Origin, Result, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// What every secret begins with.
pub const PREFIX: &str = "idg_";
/// How long a token that was found is taken for granted.
const TRUST: TimeDelta = TimeDelta::seconds(2);
/// How old the time of last use may grow before it is written again.
const TOUCH: TimeDelta = TimeDelta::seconds(60);

/// Tokens that were looked up lately, by hash.
#[derive(Debug)]
pub struct TokenCache {
    tokens: Cache<[u8; 32], (Arc<ApiToken>, Timestamp)>,
}

impl TokenCache {
    pub(super) fn new(capacity: usize) -> Self {
        Self { tokens: Cache::new(capacity) }
    }
}

/// The secret of a token, made of 256 random bits.
#[must_use]
pub fn secret_of(bits: [u8; 32]) -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bits))
}

/// What is stored of a secret.
#[must_use]
pub fn hash_of(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

impl App {
    /// The viewer that holds this token.
    pub async fn authenticate(&self, bearer: &str, origin: Origin) -> Result<Viewer> {
        if !bearer.starts_with(PREFIX) || bearer.len() > 128 {
            return Err(Error::bad_credential());
        }
        let now = self.clock().now();
        let hash = hash_of(bearer);
        let token = match self.tokens.tokens.get(&hash) {
            Some((token, found_at)) if now - found_at < TRUST => token,
            _ => self.find_token(hash, now).await?,
        };
        if bool::from(token.hash.as_slice().ct_eq(&hash)) && token.is_live(now) {
            return Ok(Viewer::of_token(&token, origin));
        }
        Err(Error::bad_credential())
    }

    async fn find_token(&self, hash: [u8; 32], now: Timestamp) -> Result<Arc<ApiToken>> {
        let mut token = self.store().token_by_hash(&hash).await?.ok_or_else(Error::bad_credential)?;
        if token.is_live(now) && token.last_used_at.is_none_or(|used| now - used >= TOUCH) {
            self.store().touch_token(token.id.uuid, now).await?;
            token.last_used_at = Some(now);
        }
        let token = Arc::new(token);
        self.tokens.tokens.insert(hash, (Arc::clone(&token), now));
        Ok(token)
    }
}
