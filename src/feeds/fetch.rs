//! Asking for a feed, over HTTP.
//!
//! An answer is no larger than a feed may be. Redirects are not followed: whoever can redirect could name another place. The
//! feeds of an organization come from public addresses, over HTTPS: its owners are not to look around in the network of the
//! server. Which address a name has is decided once, by the look-up that the connection uses.

use crate::domain::feed::Bookmarks;
use crate::resolvers::feeds::{Credentials, Order};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use reqwest::{Client, StatusCode, Url, redirect};
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use url::Host;

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
        // Others may have done so, with the same one.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = || {
            Client::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(TIMEOUT)
                .redirect(redirect::Policy::none())
                .user_agent(concat!("idgraph/", env!("CARGO_PKG_VERSION")))
        };
        let failed = |error| format!("the certificates of this system cannot be loaded ({})", causes(error));
        Ok(Self {
            anywhere: client().build().map_err(failed)?,
            outside: client().dns_resolver(Outside).build().map_err(failed)?,
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
        let failed = |error: reqwest::Error| format!("it does not answer: {}", causes(error.without_url()));
        let mut response = request.send().await.map_err(failed)?;
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
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(format!("it answers with more than {MAX_BYTES} bytes"));
            }
            body.extend_from_slice(&chunk);
        }
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
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        _ => return Ok(()),
    };
    if is_public(address) { Ok(()) } else { Err(INSIDE.to_owned()) }
}

const INSIDE: &str = "it leads to an address that is not public";

/// Finds public addresses only.
#[derive(Debug)]
struct Outside;

impl Resolve for Outside {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(INSIDE.into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether an address is reached over the internet (the special-purpose registries of IANA, RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a, b & 0xc0) == (100, 64)
        || (a, b & 0xfe) == (198, 18)
        || (a, b, c) == (192, 0, 0))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // 2000::/3 is what is routed; within it, 6to4 and Teredo lead to IPv4, and documentation nowhere.
    let is_routed = segments[0] & 0xe000 == 0x2000;
    let is_tunnel = segments[0] == 0x2002 || (segments[0], segments[1]) == (0x2001, 0);
    is_routed && !is_tunnel && (segments[0], segments[1]) != (0x2001, 0x0db8)
}

/// An error with everything that led to it.
fn causes(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a String cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_is_told_from_what_is_outside() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:0:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().expect("an address")), "{address}");
        }
        for address in ["1.1.1.1", "100.128.0.1", "172.32.0.1", "2606:4700::1", "2001:4860::1"] {
            assert!(is_public(address.parse().expect("an address")), "{address}");
        }
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
