//! Why a score is what it is, down to the events.

use serde::{Deserialize, Serialize};

use crate::evidence::{EventId, Evidence, Reason};
use crate::ledger::nano_nats_at;
use crate::model::Model;
use crate::number::{BILLION, Millis, Strength};
use crate::score::{Assessment, Change, Ready, next_change, score_at, score_of};
use crate::signal::Signal;
use crate::state::State;

/// Why a score is what it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The score.
    pub assessment: Assessment,
    /// What it is made of, what adds most first.
    pub factors: Vec<Factor>,
    /// When the level drops next, if nothing happens.
    pub next_change: Option<Change>,
}

/// What one signal adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// Which signal.
    pub signal: Signal,
    /// What its evidence is worth at the time, in billionths of a nat.
    pub nano_nats: u64,
    /// What it adds, in billionths: `min(cap, 1 − e^−nats)`.
    pub effect: u32,
    /// Whether its cap holds it down.
    pub capped: bool,
    /// The most that it may add, between 0 and 1.
    pub cap: f64,
    /// After how many milliseconds evidence is worth half; `None` if it stands until something changes.
    pub half_life: Option<Millis>,
    /// The score without this signal.
    pub score_without: u8,
    /// When it was first seen, of the evidence that is listed.
    pub first_seen: Option<Millis>,
    /// When it was last seen.
    pub last_seen: Option<Millis>,
    /// Its evidence, the newest first.
    pub evidence: Vec<Item>,
    /// How much older evidence there is that is not listed, but counts.
    pub older: u32,
}

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The event.
    pub event: EventId,
    /// When it happened.
    pub at: Millis,
    /// What it said then.
    pub strength: Strength,
    /// What it is worth now, in billionths of a nat.
    pub nano_nats: u64,
    /// The raw values and the baseline, if the caller gave the evidence.
    pub reason: Option<Reason>,
}

impl Explanation {
    /// The score, computed from the factors alone.
    #[must_use]
    pub fn score(&self, model: &Model) -> u8 {
        let mut factors: Vec<_> = self.factors.iter().collect();
        factors.sort_unstable_by_key(|factor| factor.signal);
        let effects = factors.iter().map(|factor| u64::from(factor.effect));
        score_of(model, effects, self.assessment.compromised)
    }
}

/// Explains a score. `recorded` is the evidence that the caller has stored; by it the raw values are told.
#[must_use]
pub fn explain(model: &Model, state: &State, at: Millis, recorded: &[Evidence]) -> Explanation {
    let ready = Ready::new(model, state);
    let effects = ready.effects(at);
    let mut factors: Vec<Factor> = Signal::ALL
        .into_iter()
        .filter(|signal| effects[signal.index()] > 0)
        .map(|signal| {
            let without = Signal::ALL.into_iter().filter(|other| *other != signal).map(|other| effects[other.index()]);
            let nano_nats = ready.nano_nats(signal, at);
            let effect = effects[signal.index()];
            let evidence = items(model, state, signal, at, recorded);
            Factor {
                signal,
                nano_nats,
                effect: u32::try_from(effect).unwrap_or(u32::MAX),
                capped: effect == model.cap(signal),
                cap: model.cap(signal) as f64 / BILLION as f64,
                half_life: model.half_life(signal),
                score_without: score_of(model, without, ready.compromised),
                first_seen: evidence.last().map(|item| item.at),
                last_seen: evidence.first().map(|item| item.at),
                evidence,
                older: state.ledger.folded(signal),
            }
        })
        .collect();
    factors.sort_by_key(|factor| (std::cmp::Reverse(factor.effect), factor.signal));
    Explanation { assessment: score_at(model, state, at), factors, next_change: next_change(model, state, at) }
}

fn items(model: &Model, state: &State, signal: Signal, at: Millis, recorded: &[Evidence]) -> Vec<Item> {
    let listed = state.ledger.entries().iter().filter(|entry| !entry.cancelled);
    let of_signal = listed.chain(state.standing()).filter(|entry| entry.signal == signal);
    let mut items: Vec<_> = of_signal
        .map(|entry| {
            let same = |evidence: &&Evidence| evidence.event == entry.event && evidence.signal == signal;
            Item {
                event: entry.event,
                at: entry.at,
                strength: entry.strength,
                nano_nats: nano_nats_at(*entry, model.half_life(signal), at),
                reason: recorded.iter().find(same).map(|evidence| evidence.reason.clone()),
            }
        })
        .collect();
    items.sort_by_key(|item| (std::cmp::Reverse(item.at), item.event));
    items
}
