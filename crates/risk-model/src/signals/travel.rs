//! Impossible travel.

use crate::evidence::Novelty;
use crate::model::TravelNumbers;
use crate::number::{HOUR, Millis};
use crate::observation::Location;

/// The mean radius of the Earth (IUGG).
const EARTH_KILOMETRES: f64 = 6_371.008_8;

/// Kilometres between two places along a great circle (the haversine formula), less what both are uncertain.
#[must_use]
pub fn kilometres(from: Location, to: Location) -> f64 {
    let radians = |millionths: i32| f64::from(millionths) * 1e-6 * (core::f64::consts::PI / 180.0);
    let (from_latitude, to_latitude) = (radians(from.latitude), radians(to.latitude));
    let half_sine = |angle: f64| {
        let sine = libm::sin(angle / 2.0);
        sine * sine
    };
    let longitude = radians(to.longitude) - radians(from.longitude);
    let chord = half_sine(to_latitude - from_latitude)
        + libm::cos(from_latitude) * libm::cos(to_latitude) * half_sine(longitude);
    let distance = 2.0 * EARTH_KILOMETRES * libm::asin(libm::sqrt(chord.clamp(0.0, 1.0)));
    (distance - f64::from(from.radius) - f64::from(to.radius)).max(0.0)
}

/// The speed that a journey needs. Times closer than a second are a second apart.
#[must_use]
pub fn speed(kilometres: f64, one: Millis, other: Millis) -> f64 {
    kilometres / (one.abs_diff(other).max(1_000) as f64 / HOUR as f64)
}

/// What a journey says.
#[must_use]
pub fn strength(numbers: &TravelNumbers, kilometres: f64, kilometres_per_hour: f64, place: Novelty) -> f64 {
    if kilometres <= numbers.least_kilometres || kilometres_per_hour <= numbers.free_speed {
        return 0.0;
    }
    let most = match place {
        Novelty::New => numbers.new_place,
        Novelty::Known => numbers.known_place,
    };
    let beyond = (kilometres_per_hour - numbers.free_speed) / numbers.speed_scale;
    most * (beyond + numbers.start).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    fn place(latitude: f64, longitude: f64, radius: u16) -> Location {
        Location { latitude: (latitude * 1e6) as i32, longitude: (longitude * 1e6) as i32, radius }
    }

    #[test]
    fn distances_are_those_of_the_globe() {
        let (london, new_york) = (place(51.5074, -0.1278, 0), place(40.7128, -74.0060, 0));
        let distance = kilometres(london, new_york);
        assert!((distance - 5_570.2).abs() < 5.0, "{distance}");
        assert!((kilometres(new_york, london) - distance).abs() < 1e-6);
        // Across the date line, and from pole to pole.
        assert!((kilometres(place(0.0, 179.5, 0), place(0.0, -179.5, 0)) - 111.2).abs() < 0.5);
        assert!((kilometres(place(90.0, 0.0, 0), place(-90.0, 0.0, 0)) - 20_015.1).abs() < 1.0);
        // Countries are uncertain.
        assert!(kilometres(place(51.5, 0.0, 400), place(48.9, 2.3, 500)).abs() < 1e-9);
    }

    #[test]
    fn only_far_and_fast_says_something() {
        let model = Model::current();
        let of = |distance, speed, place| strength(&model.numbers().travel, distance, speed, place);
        assert!(of(400.0, 10_000.0, Novelty::New).abs() < 1e-9);
        assert!(of(9_000.0, 800.0, Novelty::New).abs() < 1e-9);
        assert!((of(9_000.0, 920.0, Novelty::New) - 0.36).abs() < 1e-9);
        assert!((of(9_000.0, 5_000.0, Novelty::New) - 0.6).abs() < 1e-9);
        assert!((of(9_000.0, 5_000.0, Novelty::Known) - 0.15).abs() < 1e-9);
    }
}
