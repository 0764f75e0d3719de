//! Which addresses attack many accounts.

use serde::{Deserialize, Serialize};

use crate::number::{HOUR, Key, Millis};

/// So many accounts are told apart; more are as bad.
const BOUND: usize = 64;

/// The accounts that one address tried, within an hour. The caller keeps one for each address that fails at accounts which
/// do not know it, and forgets it after an hour. It counts failures only: an office has many who sign in from one address.
///
/// Exact up to 64 accounts, where the signal has long saturated; at most 2.5 kB as JSON. The order of tries within an hour does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressActivity {
    victims: Vec<(Millis, Key)>,
}

impl AddressActivity {
    /// A failure at an account. Returns how many distinct accounts were tried in the hour up to then.
    pub fn failed(&mut self, account: Key, at: Millis) -> u32 {
        if let Some(place) = self.victims.iter().position(|(_, known)| *known == account) {
            let last = self.victims[place].0.max(at);
            self.victims[place].0 = last;
        } else {
            self.victims.push((at, account));
        }
        self.victims.sort_unstable();
        if self.victims.len() > BOUND {
            self.victims.remove(0);
        }
        self.victims(at)
    }

    /// How many distinct accounts were tried in the hour up to a time.
    #[must_use]
    pub fn victims(&self, at: Millis) -> u32 {
        let within = |(tried, _): &&(Millis, Key)| (0..HOUR).contains(&at.saturating_sub(*tried));
        u32::try_from(self.victims.iter().filter(within).count()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::MINUTE;

    #[test]
    fn distinct_accounts_of_the_last_hour_are_counted() {
        let mut activity = AddressActivity::default();
        assert_eq!(activity.failed(Key(1), 0), 1);
        assert_eq!(activity.failed(Key(1), MINUTE), 1);
        assert_eq!(activity.failed(Key(2), 30 * MINUTE), 2);
        assert_eq!(activity.failed(Key(3), 61 * MINUTE), 2);
        assert_eq!(activity.victims(3 * HOUR), 0);
    }

    #[test]
    fn it_stays_small() {
        let mut activity = AddressActivity::default();
        for account in 0..10_000 {
            activity.failed(Key(u64::MAX - account), 1_800_000_000_000);
        }
        assert_eq!(activity.victims(1_800_000_000_000), 64);
        assert!(serde_json::to_string(&activity).unwrap().len() < 2_560);
    }
}
