//! This server as an issuer of tokens: short-lived JWTs (RFC 9068) that stand for an API token, or for somebody who has
//! signed in with a password.
//!
//! The clients of OAuth are the [API tokens](crate::domain::token): one kind of credential, not two. A JWT names the API
//! token that it was issued to, and is worth what that is worth now, within its scopes; one of somebody who has signed in
//! names the session too. So whatever ends the one or the other ends the JWT.
//!
//! * [`seal`] keeps the private parts of keys from whoever reads the database.
//! * [`keys`] makes keys, signs and verifies; all servers on one database have the same.
//! * [`jwt`] is the form of the tokens, and what they say.
//! * [`bearer`] is how one is taken as a credential.
//! * [`sets`] signs what is told to others about the security of accounts.
//! * [`grants`] issues them, [`introspection`] says what they are good for, [`revocation`] takes them back.

mod bearer;
mod grants;
mod introspection;
mod jwt;
mod keys;
mod revocation;
mod seal;
mod sets;

pub use grants::{Issued, PasswordSignIn, Refused, attempt_key};
pub use introspection::Introspection;
pub use jwt::jwt_id;
pub use seal::Sealer;

use self::bearer::Bearer;
use self::keys::KeySet;
use super::App;
use super::authenticate::Trusted;
use crate::domain::SigningAlgorithm;
use chrono::TimeDelta;
use quick_cache::sync::Cache;
use std::sync::{Arc, RwLock};
use tokio::sync::Semaphore;

/// How many passwords are looked at side by side: each takes 19 MiB and a core for some ten milliseconds.
const PASSWORDS_AT_ONCE: usize = 4;

/// How tokens are issued.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What `iss` says: the URL of this server.
    pub issuer: String,
    /// What `aud` says.
    pub audience: String,
    /// By which algorithm tokens are signed.
    pub algorithm: SigningAlgorithm,
    /// For how long they are good.
    pub lifetime: TimeDelta,
    /// Whether somebody may sign in with a password.
    pub password_grant: bool,
    /// What the private parts of keys are sealed with.
    pub sealer: Sealer,
    /// What the secrets of outlets are sealed with.
    pub outlet_sealer: Sealer,
    /// How changes are sent to others.
    pub outlets: super::outlets::Rules,
}

/// What it takes to issue tokens, if this server does, and those that were shown lately.
#[derive(Debug)]
pub(super) struct Authority {
    settings: Option<Settings>,
    keys: RwLock<Option<Trusted<KeySet>>>,
    known: Cache<[u8; 32], Trusted<Bearer>>,
    passwords: Semaphore,
}

impl Authority {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            settings: None,
            keys: RwLock::default(),
            known: Cache::new(capacity),
            passwords: Semaphore::new(PASSWORDS_AT_ONCE),
        }
    }
}

impl App {
    /// The same application, which issues tokens.
    #[must_use]
    pub fn issuing(mut self, settings: Settings) -> Self {
        self.oauth.settings = Some(settings);
        self
    }

    /// How tokens are issued; none if they are not.
    #[must_use]
    pub const fn issuance(&self) -> Option<&Settings> {
        self.oauth.settings.as_ref()
    }

    /// The API token that a client says to be, if the secret is that of this one.
    pub async fn client(&self, id: &str, secret: &str) -> crate::domain::Result<Arc<crate::domain::ApiToken>> {
        let token = self.token_of(secret).await?;
        if token.id.to_string() == id { Ok(token) } else { Err(crate::domain::Error::bad_credential()) }
    }

    /// Forgets the revocations of tokens that have expired since, and says how many.
    pub async fn forget_revocations(&self) -> crate::domain::Result<u64> {
        // The clocks of servers may differ.
        self.store().forget_revocations(self.clock().now() - TimeDelta::hours(1)).await
    }
}
