//! Asking for a feed, over HTTP.
//!
//! An answer is no larger than a feed may be. Redirects are not followed: whoever can redirect could name another place. The
//! feeds of an organization come from public addresses, over HTTPS: its owners are not to look around in the network of the
//! server. Which address a name has is decided once, by the look-up that the connection uses.

use crate::domain::feed::Bookmarks;
use crate::domain::public_address::leads_outside;
use crate::outgoing::{self, PublicOnly};
use crate::resolvers::feeds::{Credentials, Order};
use reqwest::header::{ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::{Client, StatusCode, Url};
use std::time::Duration;

/// How many bytes an answer may have.
const MAX_BYTES: usize = 33_554_432;
/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Up to when a page of TAXII reaches (TAXII 2.1 section 1.6.7).
const ADDED_LAST: &str = "x-taxii-date-added-last";
/// How long what an answer says of itself may be.
const MAX_HEADER: usize = 1_024;

/// How a publisher is called in reasons.
const WHO: &str = "it";

/// The web, as it is for those who own the server, and as it is for others.
#[derive(Debug)]
pub(super) struct Web {
    anywhere: Client,
    outside: Client,
    private_networks: bool,
}

/// What was answered.
#[derive(Debug)]
pub(super) enum Answer {
    /// What was fetched last is what there is.
    Unchanged,
    /// What there is.
    Body { body: Vec<u8>, etag: Option<String>, last_modified: Option<String>, added_last: Option<String> },
}

impl Web {
    pub(super) fn new(private_networks: bool) -> Result<Self, String> {
        let client = || outgoing::client(CONNECT_TIMEOUT, TIMEOUT);
        Ok(Self {
            anywhere: outgoing::built(client())?,
            outside: outgoing::built(client().dns_resolver(PublicOnly))?,
            private_networks,
        })
    }

    /// Requires a URL that may be asked for, as far as it can be told from it.
    pub(super) fn check(&self, url: &str, is_confined: bool) -> Result<(), String> {
        let url = Url::parse(url).map_err(|error| format!("its URL is none: {error}"))?;
        if is_confined && !self.private_networks { check_place(&url) } else { Ok(()) }
    }

    /// Asks for something, unless it is what was fetched last.
    pub(super) async fn get(
        &self,
        order: &Order,
        (url, accept): (&str, &str),
        bookmarks: &Bookmarks,
    ) -> Result<Answer, String> {
        self.check(url, order.is_confined)?;
        let is_free = !order.is_confined || self.private_networks;
        let client = if is_free { &self.anywhere } else { &self.outside };
        let mut request = client.get(url).header("accept", accept);
        request = match &order.credentials {
            Some(Credentials { username: Some(name), secret }) => request.basic_auth(name, Some(secret)),
            Some(Credentials { username: None, secret }) => request.bearer_auth(secret),
            None => request,
        };
        for (name, value) in [(IF_NONE_MATCH, &bookmarks.etag), (IF_MODIFIED_SINCE, &bookmarks.last_modified)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let response = request.send().await.map_err(|error| outgoing::silence(WHO, error))?;
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED {
            return Ok(Answer::Unchanged);
        }
        if status.is_redirection() {
            return Err(format!("it answers {status}; redirects are not followed, so name where it leads"));
        }
        if !status.is_success() {
            return Err(format!("it answers {status}"));
        }
        let headers = response.headers().clone();
        let body = outgoing::read(response, MAX_BYTES, WHO).await?;
        let header = |name: &str| header(&headers, name);
        let (etag, last_modified) = (header(ETAG.as_str()), header(LAST_MODIFIED.as_str()));
        Ok(Answer::Body { body, etag, last_modified, added_last: header(ADDED_LAST) })
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (value.len() <= MAX_HEADER).then(|| value.to_owned())
}

/// Requires HTTPS, and a name or a public address.
fn check_place(url: &Url) -> Result<(), String> {
    if url.scheme() != "https" {
        return Err("its URL does not begin with https://".to_owned());
    }
    if url.host().is_some_and(|host| leads_outside(&host)) { Ok(()) } else { Err(INSIDE.to_owned()) }
}

const INSIDE: &str = "it leads to an address that is not public";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_is_told_from_what_is_outside() {
        for url in [
            "http://feeds.example/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://2130706433/",
        ] {
            assert!(check_place(&Url::parse(url).expect("a URL")).is_err(), "{url}");
        }
        assert!(check_place(&Url::parse("https://feeds.example/").expect("a URL")).is_ok());
    }
}
