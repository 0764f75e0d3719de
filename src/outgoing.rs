//! Talking to strangers over HTTP: whoever may name one must not get to see what is inside the network of the server.
//!
//! Names are resolved here, and addresses that are not [public](crate::domain::public_address) are left out before anybody
//! connects, so that a name cannot lead elsewhere the second time.

use crate::domain::public_address::is_public;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, ClientBuilder, Error, Response, redirect};
use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;

/// Finds public addresses only.
#[derive(Debug, Clone, Copy)]
pub struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("the name has no address that is public".into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

/// What a client begins with: how long a connection, and a request, may take. Redirects are not followed, for whoever can redirect
/// could name another place.
pub fn client(connecting: Duration, whole: Duration) -> ClientBuilder {
    // Others may have done so, with the same one.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder()
        .connect_timeout(connecting)
        .timeout(whole)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("idgraph/", env!("CARGO_PKG_VERSION")))
}

/// The client that was begun, or why there is none, for the operator.
pub fn built(builder: ClientBuilder) -> Result<Client, String> {
    builder.build().map_err(|error| format!("the certificates of this system cannot be loaded ({})", causes(error)))
}

/// That somebody does not answer, and why, without the URL that was asked.
pub fn silence(who: &str, error: Error) -> String {
    format!("{who} does not answer: {}", causes(error.without_url()))
}

/// The body of an answer of somebody, if it has at most so many bytes.
pub async fn read(mut response: Response, limit: usize, who: &str) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| silence(who, error))? {
        if body.len() + chunk.len() > limit {
            return Err(format!("{who} answers with more than {limit} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// An error with everything that led to it.
pub fn causes(error: impl std::error::Error) -> String {
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
    use crate::outgoing::{PublicOnly, causes, client};
    use std::time::Duration;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn a_name_that_leads_inside_leads_nowhere() {
        let client = client(SECOND, SECOND).dns_resolver(PublicOnly).no_proxy().build().expect("a client");
        let refused = client.get("http://localhost:1/").send().await.expect_err("an address of this machine");
        let causes = causes(refused);
        assert!(causes.contains("the name has no address that is public"), "{causes}");
    }
}
