//! Passwords: only a slow hash of one is kept (Argon2id, RFC 9106), and nobody is ever shown either.

use super::policy::{self, Action, Resource};
use super::{App, Viewer};
use crate::domain::{Error, OrganizationId, Result};
use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash as StoredHash, PasswordHasher, PasswordVerifier, SaltString};
use serde::{Serialize, Serializer};

/// The shortest password, in characters (NIST SP 800-63B §3.1.1.2 for a password beside another factor).
const MIN: usize = 8;
/// The longest password, in characters: whatever is longer costs time and is no safer.
const MAX: usize = 1_024;

/// The hash of no password, with the costs of every other: looking at it takes as long as looking at one.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Whether a password is the one of a stored hash. Where there is no hash, finding that out takes as long.
pub async fn is_right(password: String, stored: Option<String>) -> Result<bool> {
    let fits = password.chars().count() <= MAX;
    let verifying = tokio::task::spawn_blocking(move || {
        let hash = stored.as_deref().filter(|_| fits);
        let password = if fits { password.as_bytes() } else { b"too long" };
        let Ok(parsed) = StoredHash::new(hash.unwrap_or(NOBODYS)) else { return Err(Error::internal()) };
        let is_right = Argon2::default().verify_password(password, &parsed).is_ok();
        Ok(is_right && hash.is_some())
    });
    verifying.await.map_err(|_| Error::internal())?
}

impl App {
    /// The hash of a password that somebody sets, who may set passwords at all: whoever may not has nothing worked out.
    pub async fn hash_password(&self, viewer: &Viewer, password: String, field: &str) -> Result<PasswordHash> {
        let own = viewer.access.as_ref().and_then(|access| access.organization).unwrap_or(OrganizationId::INSTANCE);
        policy::allow(viewer, Action::Administer, Resource::of(own).seen())?;
        PasswordHash::of(password, field).await
    }
}

/// The hash of a password, as a PHC string: the algorithm, its costs, the salt, the hash.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Hashes a password with the costs that OWASP advises: 19 MiB, two passes. That takes some ten milliseconds, and so is
    /// done where it holds up nobody.
    async fn of(password: String, field: &str) -> Result<Self> {
        let length = password.chars().count();
        if !(MIN..=MAX).contains(&length) {
            return Err(Error::invalid(field.to_owned(), format!("A password has {MIN} to {MAX} characters.")));
        }
        let hashing = tokio::task::spawn_blocking(move || {
            let salt = SaltString::generate(&mut OsRng);
            Argon2::default().hash_password(password.as_bytes(), &salt).map(|hash| Self(hash.to_string()))
        });
        hashing.await.map_err(|_| Error::internal())?.map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            Error::internal()
        })
    }

    /// The PHC string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A command that is sent twice has another salt each time, so a hash says nothing about whether it is the same.
impl Serialize for PasswordHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}
