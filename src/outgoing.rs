//! Talking to strangers over HTTP: whoever may name one must not get to see what is inside the network of the server.
//!
//! Names are resolved here, and addresses that are not [public](crate::domain::public_address) are left out before anybody
//! connects, so that a name cannot lead elsewhere the second time.

use crate::domain::public_address::is_public;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt::Write;
use std::net::SocketAddr;

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
    use crate::outgoing::{PublicOnly, causes};

    #[tokio::test]
    async fn a_name_that_leads_inside_leads_nowhere() {
        let client = reqwest::Client::builder().dns_resolver(PublicOnly).no_proxy().build().expect("a client");
        let refused = client.get("http://localhost:1/").send().await.expect_err("an address of this machine");
        let causes = causes(refused);
        assert!(causes.contains("the name has no address that is public"), "{causes}");
    }
}
