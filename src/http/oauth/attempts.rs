//! How often somebody may try a password: from one address, and for one account, whether there is such an account or not.
//!
//! This limit holds whether there are [others](super::super::rate_limit) or not. With Redis, several servers share it.

use super::super::rate_limit::{Quota, Store, TooMuch};
use crate::config::Config;
use crate::resolvers::App;
use std::net::IpAddr;
use std::sync::Arc;

/// The two limits.
pub(in super::super) struct Attempts {
    by_address: Store,
    by_account: Store,
}

impl Attempts {
    /// The limits of a configuration.
    pub(in super::super) fn of(app: &Arc<App>, config: &Config) -> Self {
        let store = |per_minute, name| Store::of(app, config, (Quota::new(per_minute, per_minute), name));
        Self {
            by_address: store(config.oauth.attempts_per_address, "sign-in-address"),
            by_account: store(config.oauth.attempts_per_account, "sign-in-account"),
        }
    }

    /// Counts an attempt, before anything is looked at.
    pub(in super::super) async fn charge(&self, address: Option<IpAddr>, account: &str) -> Result<(), TooMuch> {
        self.by_address.charge_address(address).await?;
        self.by_account.charge_name(account).await
    }
}
