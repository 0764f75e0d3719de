//! The ledger: evidence as whole numbers, so that no order of arrival and no restart changes a score.
//!
//! A sum of decaying floats depends on the order in which it was made. So nothing here is ever decayed in place.
//!
//! - The newest [`LISTED`] pieces of evidence are kept as they are: event, signal, time, strength. By them duplicates are
//!   seen, evidence is cancelled, and the score is explained.
//! - What is older is *folded*: evidence of x nats at t, of a signal with half-life h, becomes the whole number
//!   `round(10⁹·x·2^frac(t/h))` and is added to the bucket `floor(t/h)`. Adding whole numbers is commutative, and taking
//!   away undoes it exactly.
//! - A score turns what is listed into the same whole numbers, adds everything by bucket, weighs the buckets by powers of
//!   two (exact in 128 bits), and only then multiplies once by `2^−frac(now/h)`.
//!
//! So A(t) is a function of the *set* of evidence. Which evidence is listed is one, too: the newest by (time, event,
//! signal). Buckets older than [`WINDOW`] half-lives count nothing, which is less than a billionth of what they were.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evidence::{EventId, Evidence};
use crate::model::Model;
use crate::number::{Millis, Strength};
use crate::signal::Signal;

/// So many pieces of evidence are kept by themselves.
pub const LISTED: usize = 128;
/// After so many half-lives, evidence counts nothing.
pub const WINDOW: i64 = 32;

/// Evidence as the ledger keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    #[serde(rename = "t")]
    pub(crate) at: Millis,
    #[serde(rename = "e")]
    pub(crate) event: EventId,
    #[serde(rename = "s")]
    pub(crate) signal: Signal,
    #[serde(rename = "x")]
    pub(crate) strength: Strength,
    #[serde(rename = "c", default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) cancelled: bool,
}

impl Entry {
    pub(crate) fn of(evidence: &Evidence, cancelled: bool) -> Self {
        Self { at: evidence.at, event: evidence.event, signal: evidence.signal, strength: evidence.strength, cancelled }
    }

    fn order(&self, other: &Self) -> Ordering {
        (self.at, self.event, self.signal).cmp(&(other.at, other.event, other.signal))
    }
}

/// Evidence that is no longer listed, by buckets. It keeps the half-life by which it was folded: after a change of the
/// model it fades as before, until all is replayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Folded {
    #[serde(rename = "h")]
    half_life: Millis,
    #[serde(rename = "b")]
    buckets: BTreeMap<i64, u64>,
    #[serde(rename = "n")]
    count: u32,
}

/// That the caller has to build the ledger anew from the evidence that it stores: a remediation came so late that
/// evidence of before and after it is folded together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Cleared {
    /// All evidence up to the time is gone.
    Done,
    /// Call [`crate::State::rebuild`] with all evidence that is not cancelled.
    Rebuild,
}

/// All evidence of one identity, but for what stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ledger {
    #[serde(rename = "l")]
    entries: Vec<Entry>,
    #[serde(rename = "f")]
    folded: BTreeMap<Signal, Folded>,
    #[serde(rename = "o")]
    folded_until: Option<Millis>,
    #[serde(rename = "r")]
    cleared_until: Option<Millis>,
}

impl Ledger {
    /// Adds evidence. Whether anything changed: the same event and signal again does nothing.
    pub(crate) fn add(&mut self, model: &Model, entry: Entry) -> bool {
        let listed = self.entries.iter().any(|known| known.event == entry.event && known.signal == entry.signal);
        if listed || self.is_cleared(entry.at) {
            return false;
        }
        let place = self.entries.partition_point(|known| known.order(&entry) == Ordering::Less);
        self.entries.insert(place, entry);
        if self.entries.len() > LISTED {
            let oldest = self.entries.remove(0);
            self.fold(model, oldest);
        }
        true
    }

    /// Whether evidence of a time was cleared by a remediation, so that it never counts.
    pub(crate) fn is_cleared(&self, at: Millis) -> bool {
        self.cleared_until.is_some_and(|until| at <= until)
    }

    fn fold(&mut self, model: &Model, entry: Entry) {
        let Some(half_life) = model.half_life(entry.signal) else { return };
        self.folded_until = self.folded_until.max(Some(entry.at));
        if entry.cancelled {
            return;
        }
        let folded =
            self.folded.entry(entry.signal).or_insert_with(|| Folded { half_life, buckets: BTreeMap::new(), count: 0 });
        let (bucket, weight) = weigh(entry, folded.half_life);
        let sum = folded.buckets.entry(bucket).or_default();
        *sum = sum.saturating_add(weight);
        folded.count = folded.count.saturating_add(1);
        // A bucket that is so old that it counts nothing at the time of the newest.
        if let Some((newest, _)) = folded.buckets.last_key_value() {
            let oldest = newest.saturating_sub(WINDOW - 1);
            folded.buckets = folded.buckets.split_off(&oldest);
        }
    }

    /// Cancels evidence, or lets it count again. The caller does each once: what is folded is not told apart.
    pub(crate) fn set_cancelled(&mut self, model: &Model, evidence: &Evidence, cancelled: bool) {
        let known = |entry: &&mut Entry| entry.event == evidence.event && entry.signal == evidence.signal;
        if let Some(entry) = self.entries.iter_mut().find(known) {
            entry.cancelled = cancelled;
        } else if !self.is_cleared(evidence.at) && self.folded_until.is_some_and(|until| evidence.at <= until) {
            if cancelled {
                self.unfold(Entry::of(evidence, false));
            } else {
                self.fold(model, Entry::of(evidence, false));
            }
        } else {
            self.add(model, Entry::of(evidence, cancelled));
        }
    }

    fn unfold(&mut self, entry: Entry) {
        let Some(folded) = self.folded.get_mut(&entry.signal) else { return };
        let (bucket, weight) = weigh(entry, folded.half_life);
        if let Some(sum) = folded.buckets.get_mut(&bucket) {
            *sum = sum.saturating_sub(weight);
            folded.count = folded.count.saturating_sub(1);
        }
    }

    /// States evidence anew, such as that of an alert whose severity changed. `before` is as it was, `now` as it is.
    pub(crate) fn restate(&mut self, model: &Model, before: Entry, now: Entry) {
        let same = |entry: &Entry| entry.event == now.event && entry.signal == now.signal;
        if let Some(place) = self.entries.iter().position(same) {
            self.entries[place] = Entry { at: self.entries[place].at, ..now };
        } else if !self.is_cleared(now.at) && self.folded_until.is_some_and(|until| now.at <= until) {
            if !before.cancelled {
                self.unfold(before);
            }
            self.fold(model, now);
        } else {
            self.add(model, now);
        }
    }

    /// Forgets all evidence up to a time, whenever it arrives.
    pub(crate) fn clear(&mut self, until: Millis) -> Cleared {
        self.cleared_until = self.cleared_until.max(Some(until));
        self.entries.retain(|entry| entry.at > until);
        match self.folded_until {
            Some(folded_until) if folded_until > until => Cleared::Rebuild,
            _ => {
                self.folded.clear();
                self.folded_until = None;
                Cleared::Done
            }
        }
    }

    /// Forgets everything but how far it was cleared.
    pub(crate) fn empty(&mut self) {
        *self = Self { cleared_until: self.cleared_until, ..Self::default() };
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How much evidence of a signal is folded.
    pub(crate) fn folded(&self, signal: Signal) -> u32 {
        self.folded.get(&signal).map_or(0, |folded| folded.count)
    }

    /// Everything by signal and bucket.
    pub(crate) fn totals(&self, model: &Model) -> Totals {
        let mut totals = Totals::default();
        for (signal, folded) in &self.folded {
            for (bucket, sum) in &folded.buckets {
                totals.add(*signal, folded.half_life, *bucket, *sum);
            }
        }
        for entry in self.entries.iter().filter(|entry| !entry.cancelled) {
            if let Some(half_life) = model.half_life(entry.signal) {
                let (bucket, weight) = weigh(*entry, half_life);
                totals.add(entry.signal, half_life, bucket, weight);
            }
        }
        totals
    }
}

/// The bucket of evidence, and what it is worth at the beginning of that bucket.
fn weigh(entry: Entry, half_life: Millis) -> (i64, u64) {
    let fraction = entry.at.rem_euclid(half_life) as f64 / half_life as f64;
    let weight = libm::round(entry.strength.nano_nats() as f64 * libm::exp2(fraction)) as u64;
    (entry.at.div_euclid(half_life), weight)
}

/// What one piece of evidence is worth at a time, in billionths of a nat.
pub(crate) fn nano_nats_at(entry: Entry, half_life: Option<Millis>, at: Millis) -> u64 {
    let Some(half_life) = half_life else { return entry.strength.nano_nats() };
    let mut total = Total { half_life, buckets: Vec::new() };
    let (bucket, weight) = weigh(entry, half_life);
    total.buckets.push((bucket, weight));
    total.at(at)
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Total {
    half_life: Millis,
    buckets: Vec<(i64, u64)>,
}

impl Total {
    /// Never rises with time, never falls with more in a bucket.
    fn at(&self, at: Millis) -> u64 {
        let now = at.div_euclid(self.half_life);
        let (mut past, mut future) = (0_u128, 0_u64);
        for (bucket, sum) in &self.buckets {
            let age = now.saturating_sub(*bucket);
            if age < 0 {
                future = future.saturating_add(*sum);
            } else if age < WINDOW {
                past += u128::from(*sum) << (WINDOW - age);
            }
        }
        let fraction = at.rem_euclid(self.half_life) as f64 / self.half_life as f64;
        let faded = past as f64 / (1_u64 << WINDOW) as f64 * libm::exp2(-fraction);
        (faded as u64).saturating_add(future)
    }
}

/// All evidence by signal and bucket, ready to be asked for many times.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    by_signal: [Vec<Total>; Signal::COUNT],
}

impl Totals {
    fn add(&mut self, signal: Signal, half_life: Millis, bucket: i64, sum: u64) {
        let totals = &mut self.by_signal[signal.index()];
        let place = totals.iter().position(|total| total.half_life == half_life).unwrap_or_else(|| {
            totals.push(Total { half_life, buckets: Vec::new() });
            totals.len() - 1
        });
        let buckets = &mut totals[place].buckets;
        match buckets.iter_mut().find(|(known, _)| *known == bucket) {
            Some((_, total)) => *total = total.saturating_add(sum),
            None => buckets.push((bucket, sum)),
        }
    }

    /// What a signal is worth at a time, in billionths of a nat.
    pub(crate) fn nano_nats(&self, signal: Signal, at: Millis) -> u64 {
        self.by_signal[signal.index()].iter().map(|total| total.at(at)).fold(0, u64::saturating_add)
    }

    /// The longest half-life in it.
    pub(crate) fn longest(&self) -> Millis {
        self.by_signal.iter().flatten().map(|total| total.half_life).max().unwrap_or(0)
    }
}
