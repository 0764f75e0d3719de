//! What is known of an address: looked up when something is reported of it, and kept with what was reported.

use super::risk::Location;
use serde::{Deserialize, Serialize};

/// What was known of an address when something was reported of it. What comes to be known later does not change it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Network {
    /// The country that the address is in: two capital letters (ISO 3166-1). What was reported goes before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The number of the autonomous system that announces the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// Who operates that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// Where the address is: the place, or the centre of the country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Whether it is that of a data centre.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hosting: bool,
    /// Whether it hides who is behind it: Tor, a VPN, a proxy.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub anonymiser: bool,
}
