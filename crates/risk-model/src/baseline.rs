//! Baselines: what is usual, for a user, an organization, or everyone.
//!
//! Counts are kept by epochs of 30 days, four of them, and weigh half as much with each epoch that goes by. So they are
//! whole numbers: learning is commutative, and two baselines merge by adding. Each table has a bound; when it is full, the
//! quarter that weighs least is forgotten. The totals stay, so what was forgotten still makes the rest less probable.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evidence::Feature;
use crate::number::{DAY, HOUR, Key, Millis};
use crate::observation::Origin;

/// How long an epoch is.
const EPOCH: Millis = 30 * DAY;
/// How many epochs are kept.
const EPOCHS: usize = 4;
/// The newest count weighs this, so that halves of it stay whole.
const UNIT: u64 = 8;
const FEATURES: usize = 7;
/// How many values of each feature a user has.
const OF_USER: [usize; FEATURES] = [32, 16, 16, 16, 24, 24, 64];
/// How many values of each feature an organization has, or everyone.
const OF_POPULATION: [usize; FEATURES] = [4096, 1024, 256, 64, 1024, 24, 4096];

/// A count that fades.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counter {
    #[serde(rename = "e")]
    epoch: i64,
    #[serde(rename = "c")]
    counts: [u32; EPOCHS],
}

impl Counter {
    fn at(epoch: i64) -> Self {
        Self { epoch, counts: [0; EPOCHS] }
    }

    fn advance(&mut self, epoch: i64) {
        if epoch <= self.epoch {
            return;
        }
        let by = usize::try_from(epoch.abs_diff(self.epoch)).unwrap_or(EPOCHS).min(EPOCHS);
        self.counts.rotate_right(by);
        self.counts[..by].fill(0);
        self.epoch = epoch;
    }

    fn add(&mut self, epoch: i64, times: u32) {
        self.advance(epoch);
        let age = usize::try_from(self.epoch.abs_diff(epoch)).unwrap_or(EPOCHS);
        if let Some(count) = self.counts.get_mut(age) {
            *count = count.saturating_add(times);
        }
    }

    fn merge(&mut self, other: &Self) {
        for (age, count) in (0_i64..).zip(other.counts) {
            // Also of zero, so that the epoch advances.
            self.add(other.epoch.saturating_sub(age), count);
        }
    }

    fn weight(&self, epoch: i64) -> u64 {
        let since = usize::try_from(epoch.saturating_sub(self.epoch).max(0)).unwrap_or(EPOCHS).min(EPOCHS);
        self.counts.iter().enumerate().map(|(age, count)| (u64::from(*count) * UNIT) >> (age + since).min(63)).sum()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Table {
    #[serde(rename = "v", default, skip_serializing_if = "BTreeMap::is_empty")]
    values: BTreeMap<u64, Counter>,
    #[serde(rename = "n", default)]
    total: Counter,
}

impl Table {
    fn learn(&mut self, key: Key, epoch: i64, bound: usize) {
        self.values.entry(key.0).or_insert_with(|| Counter::at(epoch)).add(epoch, 1);
        self.total.add(epoch, 1);
        self.trim(bound);
    }

    fn trim(&mut self, bound: usize) {
        if self.values.len() <= bound {
            return;
        }
        let epoch = self.total.epoch;
        let mut order: Vec<_> =
            self.values.iter().map(|(key, count)| (count.weight(epoch), count.epoch, *key)).collect();
        order.sort_unstable();
        for (_, _, key) in order.iter().take(self.values.len() - (bound - bound / 4)) {
            self.values.remove(key);
        }
    }
}

/// How much of what a baseline has seen is one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct Share {
    weight: u64,
    total: u64,
}

impl Share {
    /// How often the value was seen; older ones count less.
    #[must_use]
    pub fn count(self) -> f64 {
        self.weight as f64 / UNIT as f64
    }

    /// How often any value was seen.
    #[must_use]
    pub fn total(self) -> f64 {
        self.total as f64 / UNIT as f64
    }

    /// Whether it was ever seen.
    #[must_use]
    pub fn known(self) -> bool {
        self.weight > 0
    }
}

impl From<(u64, u64)> for Share {
    fn from((weight, total): (u64, u64)) -> Self {
        Self { weight, total }
    }
}

impl From<Share> for (u64, u64) {
    fn from(share: Share) -> Self {
        (share.weight, share.total)
    }
}

/// What a baseline knows of one origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Familiarity {
    shares: [Share; 6],
}

impl Familiarity {
    /// Of one feature of a sign-in. Nothing is known of a resource here.
    #[must_use]
    pub fn share(&self, feature: Feature) -> Share {
        self.shares.get(feature.index()).copied().unwrap_or_default()
    }
}

/// Whose baseline, and so how large.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Size {
    #[default]
    User,
    Population,
    /// The part of a population's that is being worked with: whoever stores the rest sees to its bounds.
    Part,
}

/// How often a value was seen in an epoch: a baseline of a population can be stored as rows of these, which add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count {
    /// Of which feature.
    pub feature: Feature,
    /// The value; none for all values together, also those that were forgotten.
    pub value: Option<Key>,
    /// In which epoch ([`Baseline::epochs`]).
    pub epoch: i64,
    /// How often.
    pub count: u32,
}

/// What is usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    size: Size,
    tables: [Table; FEATURES],
}

impl Baseline {
    /// An empty one of a user.
    #[must_use]
    pub fn of_user() -> Self {
        Self::default()
    }

    /// An empty one of an organization, or of everyone.
    #[must_use]
    pub fn of_population() -> Self {
        Self { size: Size::Population, ..Self::default() }
    }

    /// An empty part of the baseline of a population, to which what is stored is [added](Self::add).
    #[must_use]
    pub fn part() -> Self {
        Self { size: Size::Part, ..Self::default() }
    }

    fn bound(&self, feature: Feature) -> usize {
        match self.size {
            Size::User => OF_USER[feature.index()],
            Size::Population => OF_POPULATION[feature.index()],
            Size::Part => usize::MAX,
        }
    }

    /// How many values of a feature a population keeps.
    #[must_use]
    pub fn population_bound(feature: Feature) -> usize {
        OF_POPULATION[feature.index()]
    }

    /// The epochs that count at a time, from the first to the last.
    #[must_use]
    pub fn epochs(at: Millis) -> (i64, i64) {
        let last = at.div_euclid(EPOCH);
        (last.saturating_sub(EPOCHS as i64 - 1), last)
    }

    /// Adds what was counted elsewhere. Counts of one value are added from the oldest epoch to the newest.
    pub fn add(&mut self, count: Count) {
        let table = &mut self.tables[count.feature.index()];
        match count.value {
            Some(key) => {
                table.values.entry(key.0).or_insert_with(|| Counter::at(count.epoch)).add(count.epoch, count.count);
            }
            None => table.total.add(count.epoch, count.count),
        }
    }

    /// Everything it has counted.
    pub fn counts(&self) -> impl Iterator<Item = Count> {
        let of = |feature: Feature, value: Option<Key>, counter: &Counter| {
            let epochs = (0_i64..).map(|age| counter.epoch.saturating_sub(age));
            let counts = epochs.zip(counter.counts).filter(|(_, count)| *count > 0);
            counts.map(|(epoch, count)| Count { feature, value, epoch, count }).collect::<Vec<_>>()
        };
        Feature::ALL.into_iter().flat_map(move |feature| {
            let table = &self.tables[feature.index()];
            let values = table.values.iter().flat_map(|(key, counter)| of(feature, Some(Key(*key)), counter));
            values.chain(of(feature, None, &table.total)).collect::<Vec<_>>()
        })
    }

    /// Remembers a sign-in.
    pub fn learn(&mut self, origin: &Origin, at: Millis) {
        for feature in Feature::OF_SIGN_IN {
            if let Some(key) = value_of(origin, at, feature) {
                self.learn_value(feature, key, at);
            }
        }
    }

    /// Remembers only where someone was, not when and with what.
    pub fn learn_place(&mut self, origin: &Origin, at: Millis) {
        for feature in [Feature::Address, Feature::Network, Feature::Country] {
            if let Some(key) = value_of(origin, at, feature) {
                self.learn_value(feature, key, at);
            }
        }
    }

    /// Remembers one value.
    pub fn learn_value(&mut self, feature: Feature, key: Key, at: Millis) {
        let bound = self.bound(feature);
        self.tables[feature.index()].learn(key, at.div_euclid(EPOCH), bound);
    }

    /// Adds what another one has seen.
    pub fn merge(&mut self, other: &Self) {
        for feature in Feature::ALL {
            let bound = self.bound(feature);
            let table = &mut self.tables[feature.index()];
            let more = &other.tables[feature.index()];
            for (key, count) in &more.values {
                table.values.entry(*key).or_insert_with(|| Counter::at(count.epoch)).merge(count);
            }
            table.total.merge(&more.total);
            table.trim(bound);
        }
    }

    /// What it knows of one value.
    #[must_use]
    pub fn share(&self, feature: Feature, key: Key, at: Millis) -> Share {
        let epoch = at.div_euclid(EPOCH);
        let table = &self.tables[feature.index()];
        Share {
            weight: table.values.get(&key.0).map_or(0, |count| count.weight(epoch)),
            total: table.total.weight(epoch),
        }
    }

    /// What it knows of an origin.
    #[must_use]
    pub fn familiarity(&self, origin: &Origin, at: Millis) -> Familiarity {
        let mut familiarity = Familiarity::default();
        for feature in Feature::OF_SIGN_IN {
            if let Some(key) = value_of(origin, at, feature) {
                familiarity.shares[feature.index()] = self.share(feature, key, at);
            }
        }
        familiarity
    }

    /// How many sign-ins it has seen; older ones count less.
    #[must_use]
    pub fn sign_ins(&self, at: Millis) -> f64 {
        self.tables[Feature::Hour.index()].total.weight(at.div_euclid(EPOCH)) as f64 / UNIT as f64
    }
}

/// The value of a feature of an origin at a time, if it is known.
#[must_use]
pub fn value_of(origin: &Origin, at: Millis, feature: Feature) -> Option<Key> {
    match feature {
        Feature::Address => origin.address,
        Feature::Network => origin.network,
        Feature::Country => origin.country,
        Feature::Device => origin.device,
        Feature::UserAgent => origin.user_agent,
        Feature::Hour => Some(Key(at.rem_euclid(DAY).div_euclid(HOUR).unsigned_abs())),
        Feature::Resource => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_fade_and_are_forgotten() {
        let mut baseline = Baseline::of_user();
        baseline.learn_value(Feature::Country, Key(1), 0);
        let count = |days: i64| baseline.share(Feature::Country, Key(1), days * DAY).count();
        assert_eq!([count(0), count(29), count(30), count(90), count(120)], [1.0, 1.0, 0.5, 0.125, 0.0]);
    }

    #[test]
    fn a_full_table_forgets_what_weighs_least() {
        let mut baseline = Baseline::of_user();
        for _ in 0..3 {
            baseline.learn_value(Feature::Address, Key(7), 0);
        }
        for key in 100..1_000 {
            baseline.learn_value(Feature::Address, Key(key), DAY);
        }
        assert!(baseline.share(Feature::Address, Key(7), DAY).known());
        assert!(baseline.tables[0].values.len() <= OF_USER[0]);
        assert_eq!(baseline.share(Feature::Address, Key(7), DAY).total(), 903.0);
    }

    #[test]
    fn what_is_counted_can_be_stored_and_added_again() {
        let mut whole = Baseline::of_population();
        let (mut one, mut two) = (Baseline::part(), Baseline::part());
        for (day, key) in [(0, 1), (40, 2), (95, 1), (10, 3), (95, 1)] {
            whole.learn_value(Feature::Network, Key(key), day * DAY);
            if day == 95 { &mut two } else { &mut one }.learn_value(Feature::Network, Key(key), day * DAY);
        }
        let mut rows: Vec<Count> = one.counts().chain(two.counts()).collect();
        rows.sort_unstable_by_key(|row| (row.feature, row.value, row.epoch));
        let mut stored = Baseline::part();
        rows.into_iter().for_each(|row| stored.add(row));
        for key in 1..=3 {
            let share = whole.share(Feature::Network, Key(key), 100 * DAY);
            assert_eq!(stored.share(Feature::Network, Key(key), 100 * DAY), share);
        }
        assert_eq!(Baseline::epochs(95 * DAY), (0, 3));
    }

    #[test]
    fn merging_is_learning_both() {
        let (mut one, mut two, mut both) = (Baseline::of_user(), Baseline::of_user(), Baseline::of_user());
        for (day, key) in [(0, 1), (40, 2), (95, 1), (10, 3)] {
            if key == 1 { &mut one } else { &mut two }.learn_value(Feature::Network, Key(key), day * DAY);
            both.learn_value(Feature::Network, Key(key), day * DAY);
        }
        let mut other_way = two.clone();
        other_way.merge(&one);
        one.merge(&two);
        for key in 1..=3 {
            let share = both.share(Feature::Network, Key(key), 100 * DAY);
            assert_eq!(one.share(Feature::Network, Key(key), 100 * DAY), share);
            assert_eq!(other_way.share(Feature::Network, Key(key), 100 * DAY), share);
        }
    }
}
