//! Fetching the keys of the issuer, over HTTPS, from where the configuration or the issuer says they are.
//!
//! An answer is no larger than a set of keys can be, and comes within seconds, or not at all. Redirects are not followed:
//! whoever can redirect could name keys.

use crate::config::IamUrl;
use crate::outgoing;
use reqwest::{Client, Url};
use serde::Deserialize;
use std::time::Duration;

/// How many bytes an answer may have.
const MAX_BYTES: usize = 524_288;
/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Where an issuer says where its keys are (OpenID Connect Discovery 1.0 section 4).
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// Where keys come from.
#[derive(Debug)]
pub(super) struct Source {
    client: Client,
    issuer: IamUrl,
    jwks_url: Option<IamUrl>,
}

/// What an issuer says of itself. It says much more.
#[derive(Deserialize)]
struct Discovered {
    issuer: String,
    jwks_uri: String,
}

impl Source {
    /// The keys of that issuer, at that place if one is given.
    pub(super) fn new(issuer: &IamUrl, jwks_url: Option<&IamUrl>) -> Result<Self, String> {
        let mut client = outgoing::client(CONNECT_TIMEOUT, TIMEOUT);
        if issuer.is_loopback() {
            // No proxy leads back to this machine.
            client = client.no_proxy();
        }
        let client = outgoing::built(client)?;
        Ok(Self { client, issuer: issuer.clone(), jwks_url: jwks_url.cloned() })
    }

    /// The document with the keys, or why it is not to be had, for the operator.
    pub(super) async fn fetch(&self) -> Result<Vec<u8>, String> {
        match &self.jwks_url {
            Some(url) => self.get(url.url().clone()).await,
            None => self.get(self.discover().await?).await,
        }
    }

    /// Where the issuer says that its keys are.
    async fn discover(&self) -> Result<Url, String> {
        let url = format!("{}{DISCOVERY}", self.issuer.as_str().trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|error| error.to_string())?;
        let document = self.get(url.clone()).await?;
        let discovered: Discovered = serde_json::from_slice(&document)
            .map_err(|_| format!("{url} is no document of OpenID Connect Discovery"))?;
        // Another issuer could vouch for itself in the name of this one (section 4.3).
        if discovered.issuer != self.issuer.as_str() {
            return Err(format!("{url} speaks of another issuer than iam.issuer, letter by letter"));
        }
        let keys = IamUrl::parse(&discovered.jwks_uri)
            .filter(|keys| self.issuer.is_loopback() || !keys.is_loopback())
            .ok_or_else(|| format!("{url} names a place for its keys that is not https"))?;
        Ok(keys.url().clone())
    }

    async fn get(&self, url: Url) -> Result<Vec<u8>, String> {
        let request = self.client.get(url.clone()).header("accept", "application/json");
        let response = request.send().await.map_err(|error| outgoing::silence(url.as_str(), error))?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("{url} answers {status}"));
        }
        outgoing::read(response, MAX_BYTES, url.as_str()).await
    }
}
