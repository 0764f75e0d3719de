//! The baseline: the likelihood ratio of Freeman et al. (NDSS 2016), by features that have levels of back-off.
//!
//! For each feature, p(x) over everyone and p(x|u) of the user, both smoothed down the levels: address, network, country; and
//! user agent, browser and system, device. A sign-in scores Σ ln p(x)/p(x|u), plus what lists say of the address.

use std::collections::HashMap;

use crate::world::{Address, CLIENTS, Client};

/// Counts of values, by level.
#[derive(Clone, Debug, Default)]
struct Counts {
    total: f64,
    values: HashMap<(u8, u64), f64>,
}

impl Counts {
    fn of(&self, level: usize, value: u64) -> f64 {
        self.values.get(&(level as u8, value)).copied().unwrap_or(0.0)
    }

    fn learn(&mut self, levels: &[u64; 3]) {
        self.total += 1.0;
        for (level, value) in levels.iter().enumerate() {
            *self.values.entry((level as u8, *value)).or_default() += 1.0;
        }
    }
}

/// What was never seen is worth so many sign-ins.
const UNSEEN: f64 = 1.0;
/// How many values there may be within one of the level above.
const WITHIN: [[f64; 3]; 2] = [[10_000.0, 50.0, 200.0], [20.0, 10.0, 40.0]];

#[derive(Clone, Debug, Default)]
struct Knowledge {
    features: [Counts; 2],
}

/// The baseline.
#[derive(Default)]
pub struct Likelihood {
    everyone: Knowledge,
    users: HashMap<usize, Knowledge>,
}

fn word(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn features(address: &Address, client: &Client, day: i64) -> [[u64; 3]; 2] {
    [
        [address.number, u64::from(address.network), word(address.country)],
        [word(&client.user_agent(day)), word(&client.family()), word(CLIENTS[client.kind].0)],
    ]
}

impl Likelihood {
    /// How suspicious it is that a user comes so.
    pub fn score(&self, user: usize, address: &Address, client: &Client, day: i64) -> f64 {
        let nobody = Knowledge::default();
        let knows = self.users.get(&user).unwrap_or(&nobody);
        let mut score = address.listed.map_or(0.0, |sure| {
            let sure = 0.5 + f64::from(sure) / 200.0;
            (sure / (1.0 - sure).max(0.01)).ln()
        });
        for (feature, levels) in features(address, client, day).iter().enumerate() {
            let (everyone, user) = (&self.everyone.features[feature], &knows.features[feature]);
            let (mut of_everyone, mut of_user) = (1.0, 1.0);
            for level in (0..3).rev() {
                // Within the level above: what part of it everyone spends here.
                let (above, here) = if level == 2 {
                    (everyone.total, everyone.of(2, levels[2]))
                } else {
                    (everyone.of(level + 1, levels[level + 1]), everyone.of(level, levels[level]))
                };
                let part = (here + UNSEEN / WITHIN[feature][level]) / (above + UNSEEN);
                of_everyone *= part;
                of_user = (user.of(level, levels[level]) + UNSEEN * of_user * part) / (user.total + UNSEEN);
            }
            score += (of_everyone / of_user).ln();
        }
        score
    }

    /// Remembers how a user came.
    pub fn learn(&mut self, user: usize, address: &Address, client: &Client, day: i64) {
        let knows = self.users.entry(user).or_default();
        for (feature, levels) in features(address, client, day).iter().enumerate() {
            knows.features[feature].learn(levels);
            self.everyone.features[feature].learn(levels);
        }
    }
}
