//! What is known of an address: looked up when something is reported of it, and kept with what was reported.

use super::feed::FeedSignal;
use super::risk::Location;
use super::time::Timestamp;
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
    /// The threat-intelligence feeds that named it, the surest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub listings: Vec<Listing>,
}

/// That a threat-intelligence feed named an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The public id of the feed.
    pub feed: String,
    /// What the feed was called.
    pub name: String,
    /// What it means to be named.
    pub signal: FeedSignal,
    /// The network that it named, in the notation of CIDR.
    pub network: String,
    /// What the feed calls that: the id of the indicator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// How sure it was, from 0 to 100.
    pub confidence: u8,
    /// Until when it was to hold, as far as that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

impl Network {
    /// How many of the feeds that name an address are kept.
    pub const MAX_LISTINGS: usize = 8;

    /// Whether a feed names it for that.
    #[must_use]
    pub fn is_listed(&self, signal: FeedSignal) -> bool {
        self.listings.iter().any(|listing| listing.signal == signal)
    }

    /// How sure the surest feed is that names it as one that attacks.
    #[must_use]
    pub fn threat_confidence(&self) -> Option<u8> {
        let threats = self.listings.iter().filter(|listing| listing.signal == FeedSignal::Threat);
        threats.map(|listing| listing.confidence).max()
    }
}
