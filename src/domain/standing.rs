//! Where an account stands: what follows from what it does, and from what was done to it.
//!
//! It lies beside the account and not in it, because it moves on with every sign-in: an account that is used a hundred times
//! a day has not changed a hundred times.

use super::risk::State;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Where an account stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Counts how often its sessions were revoked. What was signed in before is of an earlier epoch, and over.
    pub session_epoch: i64,
    /// What was issued before then is of no use any more.
    pub not_before: Option<Timestamp>,
    /// Since when its password has to be changed; none if it need not be.
    pub password_reset_since: Option<Timestamp>,
    /// The last sign-in that went well.
    pub last_login: Option<LastLogin>,
    /// What its risk follows from; none if nothing speaks against it.
    #[serde(skip)]
    pub risk: Option<Box<State>>,
}

/// The last sign-in that went well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastLogin {
    /// When it was.
    pub at: Timestamp,
    /// From which address.
    pub address: Option<IpAddr>,
    /// From which country: two capital letters (ISO 3166-1).
    pub country: Option<String>,
}
