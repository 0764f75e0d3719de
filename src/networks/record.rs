//! What a record of a database says.
//!
//! Publishers agree on the format of the file, not on the names in it. Understood are those of MaxMind (GeoLite2 and GeoIP2
//! Country, City, ASN, Anonymous IP, Enterprise), which others share, and those of ip-location-db, DB-IP and IPinfo where they
//! differ. What has another type than expected is passed over.

use super::countries::location;
use crate::domain::risk::Location;
use maxminddb::{LookupResult, PathElement};
use serde::Deserialize;

/// How many kilometres a city reaches, if the database does not say how sure it is.
const CITY_RADIUS: u16 = 100;

/// Where the code of the country stands: of where the address is used, else of where it is registered.
const COUNTRIES: [&[&str]; 4] =
    [&["country", "iso_code"], &["country_code"], &["country"], &["registered_country", "iso_code"]];
const NUMBERS: [&[&str]; 2] = [&["autonomous_system_number"], &["traits", "autonomous_system_number"]];
const OPERATORS: [&[&str]; 3] =
    [&["autonomous_system_organization"], &["traits", "autonomous_system_organization"], &["as_name"]];
/// What says that an address hides who is behind it. `is_anonymous` says so of data centres, too, and is not asked.
const ANONYMISERS: [&str; 6] =
    ["is_anonymous_vpn", "is_public_proxy", "is_residential_proxy", "is_tor_exit_node", "is_anonymous_proxy", "is_vpn"];
const HOSTING: [&str; 2] = ["is_hosting_provider", "is_hosting"];

/// What one database says of an address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) country: Option<String>,
    pub(super) number: Option<u32>,
    pub(super) operator: Option<String>,
    pub(super) place: Option<Location>,
    pub(super) hosting: bool,
    pub(super) anonymiser: bool,
}

impl Record {
    pub(super) fn of(found: &LookupResult<'_, Vec<u8>>) -> Self {
        let text = |path: &&[&str]| at::<String>(found, path);
        let is_so = |name: &&str| at(found, &[name]).or_else(|| at(found, &["traits", name])).unwrap_or(false);
        let is_code = |code: &String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        Self {
            country: COUNTRIES.iter().filter_map(text).find(is_code),
            number: NUMBERS
                .iter()
                .find_map(|path| whole(found, path))
                .or_else(|| number(&at::<String>(found, &["asn"])?)),
            operator: OPERATORS.iter().find_map(text).filter(|name| !name.is_empty()),
            place: place(found),
            hosting: HOSTING.iter().any(is_so),
            anonymiser: ANONYMISERS.iter().any(is_so),
        }
    }
}

/// `AS64500`.
fn number(text: &str) -> Option<u32> {
    text.strip_prefix("AS").unwrap_or(text).parse().ok()
}

fn place(found: &LookupResult<'_, Vec<u8>>) -> Option<Location> {
    let degrees = |name: &str| decimal(found, &["location", name]).or_else(|| decimal(found, &[name]));
    let radius = whole(found, &["location", "accuracy_radius"]);
    let radius = radius.map_or(CITY_RADIUS, |radius| u16::try_from(radius).unwrap_or(u16::MAX));
    location(degrees("latitude")?, degrees("longitude")?, radius)
}

/// A number of any size: what is small takes less room in some databases.
fn whole(found: &LookupResult<'_, Vec<u8>>, path: &[&str]) -> Option<u32> {
    at::<u32>(found, path)
        .or_else(|| at::<u16>(found, path).map(u32::from))
        .or_else(|| at::<u64>(found, path).and_then(|number| u32::try_from(number).ok()))
}

fn decimal(found: &LookupResult<'_, Vec<u8>>, path: &[&str]) -> Option<f64> {
    at::<f64>(found, path).or_else(|| at::<f32>(found, path).map(f64::from))
}

/// What stands at that place, if it is what is expected there.
fn at<'a, T: Deserialize<'a>>(found: &LookupResult<'a, Vec<u8>>, path: &[&str]) -> Option<T> {
    let steps: Vec<PathElement<'_>> = path.iter().map(|step| PathElement::Key(step)).collect();
    found.decode_path(&steps).ok().flatten()
}
