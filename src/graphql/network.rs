//! What was known of addresses.

use super::feed::ThreatListing;
use super::scalars::CountryCode;
use crate::domain;
use async_graphql::SimpleObject;

/// What was known of an address when something was reported of it. What comes to be known later does not change it.
#[derive(Debug, Clone, SimpleObject)]
pub struct Network {
    /// The country that the address was known to be in. One that was reported goes before it.
    country: Option<CountryCode>,
    /// The number of the autonomous system (AS) that announces the address.
    number: Option<u32>,
    /// Who operates that.
    operator: Option<String>,
    /// Where the address is, in degrees north; of a country, its centre.
    latitude: Option<f64>,
    /// The same in degrees east.
    longitude: Option<f64>,
    /// Within how many kilometres of there it is.
    radius_kilometres: Option<u16>,
    /// Whether it is the address of a data centre.
    hosting: bool,
    /// Whether it hides who is behind it: Tor, a VPN, a proxy.
    anonymiser: bool,
    /// The threat-intelligence feeds that named the address, the surest first; at most 8.
    listings: Vec<ThreatListing>,
}

impl From<&domain::Network> for Network {
    fn from(network: &domain::Network) -> Self {
        let degrees = |millionths: i32| f64::from(millionths) / 1e6;
        Self {
            country: network.country.clone().map(CountryCode),
            number: network.number,
            operator: network.operator.clone(),
            latitude: network.location.map(|location| degrees(location.latitude)),
            longitude: network.location.map(|location| degrees(location.longitude)),
            radius_kilometres: network.location.map(|location| location.radius),
            hosting: network.hosting,
            anonymiser: network.anonymiser,
            listings: network.listings.iter().map(Into::into).collect(),
        }
    }
}
