//! Numbers that come out the same everywhere: strengths in millionths, nats in billionths, keys of 64 bits.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01 UTC.
pub type Millis = i64;

/// One second.
pub const SECOND: Millis = 1_000;
/// One minute.
pub const MINUTE: Millis = 60 * SECOND;
/// One hour.
pub const HOUR: Millis = 60 * MINUTE;
/// One day.
pub const DAY: Millis = 24 * HOUR;

/// One, in billionths.
pub(crate) const BILLION: u64 = 1_000_000_000;

/// How strongly one event speaks for a compromise, in millionths: from 0 to 999,999, so below 1.
///
/// It is rounded once, when evidence comes to be. All that follows begins with this integer, so what is stored and what
/// is in memory give the same score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "u32", into = "u32")]
pub struct Strength(u32);

impl Strength {
    /// The largest strength: there is no certainty.
    pub const MAX: Self = Self(999_999);

    /// The nearest strength. What is no number is 0.
    #[must_use]
    pub fn new(value: f64) -> Self {
        // A cast of a float saturates, and makes 0 of NaN.
        Self::from(libm::round(value * 1e6) as u32)
    }

    /// In millionths.
    #[must_use]
    pub fn millionths(self) -> u32 {
        self.0
    }

    /// Between 0 and 1.
    #[must_use]
    pub fn value(self) -> f64 {
        f64::from(self.0) / 1e6
    }

    /// −ln(1−s) in billionths of a nat: the form in which evidence adds up.
    #[must_use]
    pub fn nano_nats(self) -> u64 {
        libm::round(-libm::log1p(-self.value()) * 1e9) as u64
    }
}

impl From<u32> for Strength {
    fn from(millionths: u32) -> Self {
        Self(millionths.min(Self::MAX.0))
    }
}

impl From<Strength> for u32 {
    fn from(strength: Strength) -> Self {
        strength.0
    }
}

/// A word (an address, a user agent, the id of a session) as 64 bits. Baselines need to tell words apart and to store
/// many; they never show them.
///
/// FNV-1a with a last mixing. Nobody gains by a word with the key of another: whoever knows which word to hit may as
/// well send that word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key(pub u64);

impl Key {
    /// The key of a word.
    #[must_use]
    pub fn of(word: &str) -> Self {
        Self::of_bytes(word.as_bytes())
    }

    /// The key of bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let mut hash = bytes
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        Self(hash ^ (hash >> 33))
    }
}

/// The logistic function.
pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strength_stays_below_one() {
        assert_eq!(Strength::new(1.0), Strength::MAX);
        assert_eq!(Strength::new(f64::INFINITY), Strength::MAX);
        assert_eq!(Strength::new(f64::NAN).millionths(), 0);
        assert_eq!(Strength::new(-3.0).millionths(), 0);
        assert_eq!(Strength::from(2_000_000), Strength::MAX);
    }

    #[test]
    fn a_half_is_the_logarithm_of_two() {
        assert_eq!(Strength::new(0.5).nano_nats(), 693_147_181);
    }

    #[test]
    fn keys_differ() {
        assert_ne!(Key::of("198.51.100.1"), Key::of("198.51.100.2"));
        assert_eq!(Key::of("a"), Key::of_bytes(b"a"));
    }
}
