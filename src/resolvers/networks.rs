//! What is known of addresses, from databases that somebody else makes.

use super::App;
use crate::domain::Network;
use std::fmt::Debug;
use std::net::IpAddr;
use std::sync::Arc;

/// Somebody who knows of addresses.
pub trait NetworkDatabase: Debug + Send + Sync {
    /// What is known of an address, from memory; none if nothing is. The country is the one that was reported, if one was:
    /// where the address is has to be in it.
    fn find(&self, address: IpAddr, country: Option<&str>) -> Option<Network>;

    /// Reads anew what has been replaced. It may take as long as reading files takes.
    fn refresh(&self);
}

impl App {
    /// The same application, which looks addresses up there.
    #[must_use]
    pub fn knowing_networks(mut self, networks: Arc<dyn NetworkDatabase>) -> Self {
        self.networks = Some(networks);
        self
    }

    /// Whether addresses are looked up anywhere.
    #[must_use]
    pub const fn knows_networks(&self) -> bool {
        self.networks.is_some()
    }

    /// Reads anew what has been replaced of what addresses are looked up in.
    pub async fn refresh_networks(&self) {
        let Some(networks) = self.networks.clone() else { return };
        if tokio::task::spawn_blocking(move || networks.refresh()).await.is_err() {
            tracing::error!("reading the databases of addresses anew has ended badly");
        }
    }
}
