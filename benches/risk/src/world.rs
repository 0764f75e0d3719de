//! The world of the generator: cities, networks, clients. It knows nothing of the model that is measured.

use crate::chance::Chance;

/// A minute, in milliseconds.
pub const MINUTE: i64 = 60_000;
/// An hour.
pub const HOUR: i64 = 60 * MINUTE;
/// A day.
pub const DAY: i64 = 24 * HOUR;
/// Monday, the first day.
pub const START: i64 = 1_767_571_200_000;

/// Name, country, degrees north and east. The first of a country is where its networks are located when nothing better
/// is known.
pub const CITIES: [(&str, &str, f64, f64); 26] = [
    ("Berlin", "DE", 52.52, 13.40),
    ("Munich", "DE", 48.14, 11.58),
    ("Hamburg", "DE", 53.55, 9.99),
    ("Cologne", "DE", 50.94, 6.96),
    ("Paris", "FR", 48.86, 2.35),
    ("Lyon", "FR", 45.76, 4.84),
    ("London", "GB", 51.51, -0.13),
    ("Manchester", "GB", 53.48, -2.24),
    ("Madrid", "ES", 40.42, -3.70),
    ("Warsaw", "PL", 52.23, 21.01),
    ("Zurich", "CH", 47.37, 8.54),
    ("Washington", "US", 38.91, -77.04),
    ("New York", "US", 40.71, -74.01),
    ("San Francisco", "US", 37.77, -122.42),
    ("Chicago", "US", 41.88, -87.63),
    ("Austin", "US", 30.27, -97.74),
    ("Toronto", "CA", 43.65, -79.38),
    ("Delhi", "IN", 28.61, 77.21),
    ("Bangalore", "IN", 12.97, 77.59),
    ("Singapore", "SG", 1.35, 103.82),
    ("Tokyo", "JP", 35.68, 139.69),
    ("Sydney", "AU", -33.87, 151.21),
    ("Sao Paulo", "BR", -23.55, -46.63),
    ("Moscow", "RU", 55.76, 37.62),
    ("Lagos", "NG", 6.52, 3.38),
    ("Hanoi", "VN", 21.03, 105.85),
];

/// Where organizations are.
pub const HOMES: [&str; 6] = ["DE", "US", "GB", "FR", "IN", "US"];

/// What a network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Homes.
    Home,
    /// Phones: many share an address.
    Mobile,
    /// Offices, hotels, cafés.
    Business,
    /// A data centre.
    Hosting,
    /// A VPN that anyone can buy.
    Vpn,
    /// Tor.
    Tor,
}

/// An address, as others see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Address {
    /// Its number.
    pub number: u64,
    /// The network.
    pub network: u32,
    /// What the network is.
    pub kind: Kind,
    /// The country in which it is located.
    pub country: &'static str,
    /// Where it is located, and within how many kilometres.
    pub place: (f64, f64, u16),
    /// Whether it is known to hide people.
    pub anonymiser: bool,
    /// How sure a list is that it is bad.
    pub listed: Option<u8>,
}

/// A kind of client and how many have it.
pub const CLIENTS: [(&str, &str, f64); 10] = [
    ("Windows", "Chrome", 0.30),
    ("Windows", "Edge", 0.17),
    ("Mac", "Chrome", 0.11),
    ("Mac", "Safari", 0.07),
    ("Windows", "Firefox", 0.03),
    ("Linux", "Chrome", 0.02),
    ("Linux", "Firefox", 0.015),
    ("iPhone", "Safari", 0.14),
    ("Android", "Chrome", 0.13),
    ("iPad", "Safari", 0.015),
];

/// A client, as others see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its place in [`CLIENTS`].
    pub kind: usize,
    /// The model of a phone; 0 for others.
    pub model: u32,
    /// Weeks by which its updates are late.
    pub late: i64,
}

impl Client {
    /// Any client: a desktop or a phone.
    pub fn any(chance: &mut Chance, phone: bool) -> Self {
        let weights: Vec<f64> = CLIENTS
            .iter()
            .enumerate()
            .map(|(kind, (_, _, weight))| if (kind >= 7) == phone { *weight } else { 0.0 })
            .collect();
        let kind = chance.weighted(&weights);
        let model = match CLIENTS[kind].0 {
            "iPhone" => chance.between(1, 6) as u32,
            "Android" => chance.between(1, 30) as u32,
            _ => 0,
        };
        Self { kind, model, late: chance.between(0, 4) }
    }

    /// The family of devices.
    pub fn device(&self) -> String {
        format!("{} {}", CLIENTS[self.kind].0, self.model)
    }

    /// The browser and the system.
    pub fn family(&self) -> String {
        format!("{} {}", CLIENTS[self.kind].1, CLIENTS[self.kind].0)
    }

    /// The user agent on a day: a new major version every four weeks.
    pub fn user_agent(&self, day: i64) -> String {
        format!("{} {}", self.family(), (day + 700 - self.late * 7) / 28)
    }
}

/// A new address in a network of this kind near a city. Networks of a country are many, and few have most customers.
pub fn address(chance: &mut Chance, kind: Kind, city: usize, network: u32) -> Address {
    let mut city = city;
    // Geolocation is wrong now and then.
    if chance.happens(0.002) {
        city = chance.index(CITIES.len());
    }
    let (_, country, north, east) = CITIES[city];
    let centre =
        CITIES.iter().find(|(_, of, _, _)| *of == country).map_or((north, east), |(_, _, north, east)| (*north, *east));
    let shared = matches!(kind, Kind::Mobile | Kind::Vpn | Kind::Tor);
    // Those who share an address come from few.
    let host = if shared { chance.between(0, 300) as u64 } else { chance.bits() >> 24 };
    let number = (u64::from(network) << 40) ^ host;
    let place = match kind {
        Kind::Home | Kind::Business => (north + chance.normal(0.0, 0.1), east + chance.normal(0.0, 0.1), 30),
        Kind::Mobile => (north, east, 200),
        Kind::Hosting | Kind::Vpn | Kind::Tor => (centre.0, centre.1, 200),
    };
    let mut of_address = Chance::new(number);
    let innocent = if shared { 0.003 } else { 0.0002 };
    let listed = match kind {
        Kind::Vpn if of_address.happens(0.05) => Some(of_address.between(10, 60) as u8),
        Kind::Tor => Some(of_address.between(30, 80) as u8),
        _ if of_address.happens(innocent) => Some(of_address.between(10, 40) as u8),
        _ => None,
    };
    // Half of the VPNs are known as such.
    let anonymiser = kind == Kind::Tor || (kind == Kind::Vpn && network.is_multiple_of(2));
    Address { number, network, kind, country, place, anonymiser, listed }
}

/// A network of a kind in the country of a city.
pub fn network(chance: &mut Chance, kind: Kind, city: usize) -> u32 {
    let country = CITIES[city].1.bytes().fold(0_u32, |sum, byte| sum * 31 + u32::from(byte));
    let (base, weights): (u32, &[f64]) = match kind {
        Kind::Home => (0, &[0.4, 0.25, 0.15, 0.1, 0.05, 0.03, 0.02]),
        Kind::Mobile => (10, &[0.4, 0.35, 0.25]),
        Kind::Business => (20, &[0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]),
        Kind::Hosting => (30, &[0.3, 0.2, 0.2, 0.1, 0.1, 0.1]),
        Kind::Vpn => (40, &[0.3, 0.2, 0.2, 0.2, 0.1]),
        Kind::Tor => (50, &[0.5, 0.5]),
    };
    country * 100 + base + chance.weighted(weights) as u32
}

/// A city of a country.
pub fn city_in(chance: &mut Chance, country: &str) -> usize {
    let cities: Vec<usize> = (0..CITIES.len()).filter(|city| CITIES[*city].1 == country).collect();
    *chance.of(&cities)
}
