//! From evidence to a score.

use serde::{Deserialize, Serialize};

use crate::ledger::{Totals, WINDOW};
use crate::model::Model;
use crate::number::{BILLION, Millis};
use crate::signal::{Level, Signal};
use crate::state::State;

/// A score, with what it is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// At what time.
    pub at: Millis,
    /// By which model.
    pub model: u32,
    /// From 0 to 100.
    pub score: u8,
    /// The score in one word.
    pub level: Level,
    /// Whether a compromise is confirmed, which keeps the score up.
    pub compromised: bool,
    /// What each signal adds that adds anything, in the order of [`Signal::ALL`].
    pub effects: Vec<(Signal, u32)>,
}

/// How much each signal adds, in billionths: `min(cap, 1 − e^−A)`.
pub(crate) type Effects = [u64; Signal::COUNT];

/// A state, made ready to be asked for many times.
pub(crate) struct Ready<'a> {
    model: &'a Model,
    totals: Totals,
    standing: Effects,
    pub(crate) compromised: bool,
    newest: Millis,
}

impl<'a> Ready<'a> {
    pub(crate) fn new(model: &'a Model, state: &State) -> Self {
        let mut standing = [0; Signal::COUNT];
        for entry in state.standing() {
            let sum: &mut u64 = &mut standing[entry.signal.index()];
            *sum = sum.saturating_add(entry.strength.nano_nats());
        }
        let newest = state.ledger.entries().last().map_or(Millis::MIN, |entry| entry.at);
        Self { model, totals: state.ledger.totals(model), standing, compromised: state.is_compromised(), newest }
    }

    /// A(t) of a signal, in billionths of a nat.
    pub(crate) fn nano_nats(&self, signal: Signal, at: Millis) -> u64 {
        self.totals.nano_nats(signal, at).saturating_add(self.standing[signal.index()])
    }

    pub(crate) fn effects(&self, at: Millis) -> Effects {
        Signal::ALL.map(|signal| {
            let nats = self.nano_nats(signal, at) as f64 / BILLION as f64;
            let effect = libm::round(-libm::expm1(-nats) * BILLION as f64) as u64;
            effect.min(self.model.cap(signal))
        })
    }

    /// From then on nothing changes without events.
    fn horizon(&self, at: Millis) -> Millis {
        at.max(self.newest).saturating_add(self.totals.longest().saturating_mul(WINDOW + 1))
    }
}

/// `round(100·(1 − Π(1 − E)))`, and not below the lowest score of a confirmed compromise.
pub(crate) fn score_of(model: &Model, effects: impl IntoIterator<Item = u64>, compromised: bool) -> u8 {
    let left =
        effects.into_iter().fold(1.0, |left, effect| left * (BILLION.saturating_sub(effect) as f64 / BILLION as f64));
    let score = libm::round(100.0 * (1.0 - left)) as u8;
    if compromised { score.max(model.numbers().compromised_score) } else { score }
}

fn assessment(model: &Model, effects: &Effects, compromised: bool, at: Millis) -> Assessment {
    let score = score_of(model, *effects, compromised);
    let effects = Signal::ALL.into_iter().zip(effects).filter(|(_, effect)| **effect > 0);
    Assessment {
        at,
        model: model.version(),
        score,
        level: Level::of(score),
        compromised,
        effects: effects.map(|(signal, effect)| (signal, u32::try_from(*effect).unwrap_or(u32::MAX))).collect(),
    }
}

/// The score of an identity at a time, which is not before its newest evidence.
#[must_use]
pub fn score_at(model: &Model, state: &State, at: Millis) -> Assessment {
    let ready = Ready::new(model, state);
    assessment(model, &ready.effects(at), ready.compromised, at)
}

/// The score of a profile: its identities combined.
///
/// Each signal adds what it adds to the identity to which it adds most. Identities of one person are hit by the same attack,
/// so the same signal of two of them is no independent evidence; different signals are. The score is at least that of
/// every identity, and is the same for every order of them.
#[must_use]
pub fn profile_score_at<'a>(model: &Model, states: impl IntoIterator<Item = &'a State>, at: Millis) -> Assessment {
    let ready: Vec<_> = states.into_iter().map(|state| Ready::new(model, state)).collect();
    let (effects, compromised) = combined(&ready, at);
    assessment(model, &effects, compromised, at)
}

fn combined(ready: &[Ready<'_>], at: Millis) -> (Effects, bool) {
    let mut most = [0; Signal::COUNT];
    for identity in ready {
        for (most, effect) in most.iter_mut().zip(identity.effects(at)) {
            *most = effect.max(*most);
        }
    }
    (most, ready.iter().any(|identity| identity.compromised))
}

/// When a level drops, if nothing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The first millisecond of the new level.
    pub at: Millis,
    /// The new level.
    pub level: Level,
}

/// When the level of an identity drops next, if nothing happens; `None` if it never does.
#[must_use]
pub fn next_change(model: &Model, state: &State, after: Millis) -> Option<Change> {
    profile_next_change(model, [state], after)
}

/// When the level of an identity drops, time after time until it drops no more, if nothing happens.
#[must_use]
pub fn level_changes(model: &Model, state: &State, after: Millis) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    while let Some(change) = next_change(model, state, changes.last().map_or(after, |change| change.at)) {
        changes.push(change);
    }
    changes
}

/// When the level of a profile drops next, if nothing happens; `None` if it never does.
#[must_use]
pub fn profile_next_change<'a>(
    model: &Model,
    states: impl IntoIterator<Item = &'a State>,
    after: Millis,
) -> Option<Change> {
    let ready: Vec<_> = states.into_iter().map(|state| Ready::new(model, state)).collect();
    let level = |at: Millis| {
        let (effects, compromised) = combined(&ready, at);
        Level::of(score_of(model, effects, compromised))
    };
    let now = level(after);
    let horizon = ready.iter().map(|ready| ready.horizon(after)).max()?;
    if now == Level::Low || level(horizon) == now {
        return None;
    }
    // The score never rises without events, so one half always holds the change.
    let (mut still, mut changed) = (after, horizon);
    while changed.saturating_sub(still) > 1 {
        let middle = still + (changed - still) / 2;
        if level(middle) == now { still = middle } else { changed = middle }
    }
    Some(Change { at: changed, level: level(changed) })
}
