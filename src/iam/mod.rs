//! An external IAM: somebody else who makes tokens (JWTs) that are accepted here.
//!
//! A token goes through these hands, and what one of them refuses the next one never sees:
//!
//! 1. [`token`]: its size, its header, and by which algorithm it claims to be signed.
//! 2. [`keys`]: the key of the issuer that it names, [fetched](fetch) if need be, and tied to [its algorithms](jwks).
//! 3. [`signature`]: whether the issuer has signed it.
//! 4. [`token`] again: issuer, audience, and time.
//! 5. [`claims`]: what it means here, by the configuration.
//!
//! What comes out is an [`Assertion`]. Whom it names, and whether they may enter, is settled by the [resolvers], which
//! have the directory. What was verified once is kept until the token expires or the keys change, so that a token that is
//! shown with each request is verified once.
//!
//! [resolvers]: crate::resolvers::external

mod claims;
mod fetch;
mod jwks;
mod keys;
mod poll;
mod refusal;
mod sets;
mod signature;
mod token;

pub use self::sets::Transmitters;

use self::fetch::Source;
use self::keys::{Found, Keys};
use self::refusal::Refusal;
use self::token::Period;
use crate::config::{IamConfig, JwtAlgorithm};
use crate::domain::{Result, Timestamp};
use crate::resolvers::external::{Assertion, Issuer};
use futures::FutureExt;
use futures::future::BoxFuture;
use jsonwebtoken::Algorithm;
use quick_cache::sync::Cache;
use std::sync::Arc;

/// How many tokens that were verified are kept in mind.
const VERIFIED: usize = 10_000;

/// A token that was verified.
#[derive(Debug)]
struct Verified {
    assertion: Arc<Assertion>,
    period: Period,
    /// The keys that were trusted then.
    generation: [u8; 32],
}

/// The IAM whose tokens are accepted.
#[derive(Debug)]
pub struct Iam {
    config: IamConfig,
    algorithms: Vec<Algorithm>,
    keys: Arc<Keys>,
    verified: Cache<[u8; 32], Arc<Verified>>,
}

impl Iam {
    /// The IAM of the configuration, if there is one.
    ///
    /// # Errors
    ///
    /// When the system's certificates, by which the IAM would be known, cannot be loaded.
    pub fn of(config: &IamConfig) -> Result<Option<Arc<Self>>, String> {
        let Some(issuer) = &config.issuer else { return Ok(None) };
        signature::install();
        let source = Source::new(issuer, config.jwks_url.as_ref())?;
        let algorithms = algorithms(config);
        Ok(Some(Arc::new(Self {
            keys: Keys::new(source, algorithms.clone(), config),
            algorithms,
            config: config.clone(),
            verified: Cache::new(VERIFIED),
        })))
    }

    async fn verify(&self, token: &str, now: Timestamp) -> Result<Verified, Refusal> {
        let header = token::header(token, &self.algorithms)?;
        // Both of one set: a key that is withdrawn meanwhile must not pass for one of the keys that came after it.
        let Found { key, generation } = self.keys.find(&header, now).await?;
        let claims = token::claims(token, header.alg, &key)?;
        let period = token::period(&self.config, &claims, now)?;
        let assertion = Arc::new(claims::assertion(&self.config, &claims)?);
        Ok(Verified { assertion, period, generation })
    }

    async fn assertion(&self, token: &str, hash: &[u8; 32], now: Timestamp) -> Result<Arc<Assertion>, Refusal> {
        self.keys.freshen(now).await;
        if let Some(verified) = self.verified.get(hash) {
            verified.period.check(now)?;
            if self.keys.generation(now) == Some(verified.generation) {
                return Ok(Arc::clone(&verified.assertion));
            }
        }
        let verified = Arc::new(self.verify(token, now).await?);
        self.verified.insert(*hash, Arc::clone(&verified));
        Ok(Arc::clone(&verified.assertion))
    }
}

impl Issuer for Iam {
    fn recognise<'a>(
        &'a self,
        token: &'a str,
        hash: &'a [u8; 32],
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Arc<Assertion>>> {
        async move { self.assertion(token, hash, now).await.map_err(Refusal::error) }.boxed()
    }

    fn prepare(&self, now: Timestamp) {
        self.keys.fetch_soon(now);
    }
}

/// Fetches the keys of the IAM, and says how many of them are of use; none if there is no IAM.
///
/// # Errors
///
/// When there are no keys to be had, with the reason, for the operator.
pub async fn examine(config: &IamConfig) -> Result<Option<usize>, String> {
    let Some(issuer) = &config.issuer else { return Ok(None) };
    let document = Source::new(issuer, config.jwks_url.as_ref())?.fetch().await?;
    Ok(Some(jwks::read(&document, &algorithms(config))?.len()))
}

/// The algorithms of the configuration, as the library calls them. It has no name for one that is not there.
fn algorithms(config: &IamConfig) -> Vec<Algorithm> {
    config.algorithms.iter().copied().map(JwtAlgorithm::name).filter_map(|name| name.parse().ok()).collect()
}
