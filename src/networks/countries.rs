//! Where countries are, for addresses of which no more is known than the country.

use crate::domain::risk::Location;
use std::collections::HashMap;
use std::sync::LazyLock;

static CENTRES: LazyLock<HashMap<&'static str, Location>> = LazyLock::new(|| {
    let lines = include_str!("countries.txt").lines();
    lines.filter(|line| !line.starts_with('#')).filter_map(read).collect()
});

fn read(line: &'static str) -> Option<(&'static str, Location)> {
    let mut words = line.split(' ');
    let code = words.next()?;
    let (latitude, longitude) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some((code, location(latitude, longitude, words.next()?.parse().ok()?)?))
}

/// The centre of a country, and how far it is from there to its borders. Some small ones have none.
pub(super) fn centre_of(country: &str) -> Option<Location> {
    CENTRES.get(country).copied()
}

/// A place in degrees, and how many kilometres around it; none if there is no such place.
pub(super) fn location(latitude: f64, longitude: f64, radius: u16) -> Option<Location> {
    let is_on_earth = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
    #[expect(clippy::cast_possible_truncation, reason = "at most 180 millions")]
    let millionths = |degrees: f64| (degrees * 1e6).round() as i32;
    is_on_earth.then(|| Location { latitude: millionths(latitude), longitude: millionths(longitude), radius })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_country_with_a_place_on_earth() {
        let lines = include_str!("countries.txt").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!((CENTRES.len(), lines), (lines, 238));
        assert!(CENTRES.values().all(|centre| centre.radius > 0));
    }

    #[test]
    fn known_countries_are_where_they_are() {
        let austria = centre_of("AT").expect("Austria");
        assert!((austria.latitude - 47_600_000).abs() < 300_000 && (austria.longitude - 13_300_000).abs() < 300_000);
        assert_eq!(centre_of("XX"), None);
        assert_eq!(location(f64::NAN, 0.0, 1), None);
        assert_eq!(location(0.0, 181.0, 1), None);
    }
}
