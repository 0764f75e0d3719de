//! From a bearer token to a viewer. Tokens that this server has signed are read [elsewhere](super::oauth); those that are none of
//! ours are those of an [external IAM](super::external).
//!
//! The secret is 256 random bits, so one round of SHA-256 is as good as any slow hash: there is nothing to guess. Tokens
//! are found by their hash, which is compared once more in constant time. What was found is kept for two seconds, and only
//! until something in the organization of the token changes that it may rest on, so that a busy client does not cost a look-up for every
//! request, and a revocation works on the very next one: see [`Freshness`](crate::store::Freshness) for those of other
//! servers.
//!
//! That a token was used is noted in memory, and written down for many tokens at once, every now and then and in the end
//! ([`App::write_token_uses`]): who reads waits for no writer.

use super::{App, Viewer};
use crate::domain::{ApiToken, Error, OrganizationId, Origin, Result, Timestamp};
use crate::store::{Freshness, Realm, Scope, Stamp, Table};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// What every secret begins with.
pub const PREFIX: &str = "idg_";
/// How long a token that was found is taken for granted at most.
const TRUST: TimeDelta = TimeDelta::seconds(2);

/// What was found of a credential, and until when it is taken for granted.
#[derive(Debug)]
pub(super) struct Trusted<T> {
    pub(super) found: Arc<T>,
    scope: Scope,
    realm: Realm,
    stamp: Option<Stamp>,
    at: Timestamp,
}

impl<T> Clone for Trusted<T> {
    fn clone(&self) -> Self {
        Self { found: Arc::clone(&self.found), ..*self }
    }
}

impl<T> Trusted<T> {
    /// What was found by a look that followed the stamp, and follows from what is in the scope.
    pub(super) const fn new(found: Arc<T>, (scope, stamp): (Scope, Option<Stamp>), at: Timestamp) -> Self {
        Self { found, scope, realm: Realm::Directory, stamp, at }
    }

    /// The same, which follows from what is told in that realm.
    pub(super) fn in_realm(self, realm: Realm) -> Self {
        Self { realm, ..self }
    }

    /// Whether nothing was heard since that could have changed it.
    pub(super) fn is_unchanged(&self, freshness: &Freshness) -> bool {
        freshness.of(self.scope, self.realm) == self.stamp
    }

    /// Whether it may still be taken for granted.
    pub(super) fn is_good(&self, freshness: &Freshness, now: Timestamp) -> bool {
        now - self.at < TRUST && self.stamp.is_some() && freshness.of(self.scope, self.realm) == self.stamp
    }
}

/// Tokens that were looked up lately, by hash.
#[derive(Debug)]
pub struct TokenCache {
    tokens: Cache<[u8; 32], Trusted<ApiToken>>,
    /// The tokens that were used since their uses were last written down.
    used: Mutex<HashSet<Uuid>>,
}

impl TokenCache {
    pub(super) fn new(capacity: usize) -> Self {
        Self { tokens: Cache::new(capacity), used: Mutex::default() }
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
        if bearer.starts_with(PREFIX) {
            return Ok(Viewer::of_token(&*self.token_of(bearer).await?, origin));
        }
        match self.bearer(bearer).await? {
            Some(bearer) => Ok(bearer.viewer(origin)),
            None => self.authenticate_guest(bearer, origin).await,
        }
    }

    /// The API token with that secret, if it is live.
    pub(super) async fn token_of(&self, bearer: &str) -> Result<Arc<ApiToken>> {
        if !bearer.starts_with(PREFIX) || bearer.len() > 128 {
            return Err(Error::bad_credential());
        }
        let now = self.clock().now();
        let hash = hash_of(bearer);
        let token = match self.tokens.tokens.get(&hash) {
            Some(known) if known.is_good(self.store().freshness(), now) => known.found,
            _ => self.find_token(hash, now).await?,
        };
        if bool::from(token.hash.as_slice().ct_eq(&hash)) && token.is_live(now) {
            return Ok(token);
        }
        Err(Error::bad_credential())
    }

    async fn find_token(&self, hash: [u8; 32], now: Timestamp) -> Result<Arc<ApiToken>> {
        // Which scope it is in is not known yet; what has not changed anywhere has not changed there.
        let (everywhere, freshness) = (Scope::EVERYTHING, self.store().freshness());
        let before = freshness.of(everywhere, ApiToken::REALM);
        let token = Arc::new(self.store().token_by_hash(&hash).await?.ok_or_else(Error::bad_credential)?);
        // One that acts for a profile is of the organization of the profile.
        let scope = Scope::organization(token.organization.unwrap_or(OrganizationId::INSTANCE));
        let unchanged = freshness.of(everywhere, ApiToken::REALM) == before;
        let stamp = freshness.of(scope, ApiToken::REALM).filter(|_| unchanged);
        if token.is_live(now) {
            self.tokens.used.lock().unwrap_or_else(PoisonError::into_inner).insert(token.id.uuid);
        }
        self.tokens
            .tokens
            .insert(hash, Trusted::new(Arc::clone(&token), (scope, stamp), now).in_realm(ApiToken::REALM));
        Ok(token)
    }

    /// Writes down that tokens were used, as of now: what `idgraph token list` shows as the last use.
    pub async fn write_token_uses(&self) -> Result<()> {
        let used = std::mem::take(&mut *self.tokens.used.lock().unwrap_or_else(PoisonError::into_inner));
        self.store().touch_tokens(&used.into_iter().collect::<Vec<_>>(), self.clock().now()).await
    }
}
