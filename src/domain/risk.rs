//! How risky accounts are. The rules are those of [`risk_model`]; here is what of it lies beside an account.
//!
//! Every event about an account is assessed in the transaction that records it. What is kept of the account is its
//! [`State`], from which the score at any time follows, and a [`Schedule`], from which the level at any time can be told without
//! it. What an event said is [`Evidence`], which is written down with the event. All that came in, in the order in which it
//! arrived and with what was looked up then, is the log of [`Entry`]: whoever assesses it again gets the same state, to the bit.

use super::error::{Error, Result};
use super::id::{NodeId, parse_typeid, typeid};
use super::time::{Timestamp, from_micros};
pub use risk_model::{
    AddressActivity, AlertStatus, Assessment, Baseline, Change, Context, Count, EventId, Evidence, Factor, Feature,
    Item, Key, Kind, Level, Location, Observation, Origin, Reason, Severity, SignIn, Signal, State, Strength,
};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use uuid::Uuid;

/// Until when an account is at least at a level: the times from which on it is below medium, high and critical, unless
/// something happens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Schedule {
    /// In microseconds: 0 if it is below already.
    pub until: [i64; 3],
}

impl Schedule {
    /// The time of what never happens by itself.
    pub const NEVER: i64 = i64::MAX;
    /// The levels that it has times of.
    pub const LEVELS: [Level; 3] = [Level::Medium, Level::High, Level::Critical];

    /// That of an account which is at a level, and whose level then drops so.
    #[must_use]
    pub fn of(level: Level, drops: &[Change]) -> Self {
        let until = |at_least: Level| {
            if level < at_least {
                return 0;
            }
            // The model counts milliseconds.
            let drop = drops.iter().find(|drop| drop.level < at_least);
            drop.map_or(Self::NEVER, |drop| drop.at.saturating_mul(1_000))
        };
        Self { until: Self::LEVELS.map(until) }
    }

    /// The level at a time.
    #[must_use]
    pub fn level_at(&self, at: Timestamp) -> Level {
        let lasting = Self::LEVELS.into_iter().zip(self.until).rev();
        let mut lasting = lasting.filter(|(_, until)| *until > at.timestamp_micros());
        lasting.next().map_or(Level::Low, |(level, _)| level)
    }

    /// When a level ends, in microseconds.
    #[must_use]
    pub fn end_of(&self, level: Level) -> i64 {
        let place = Self::LEVELS.into_iter().position(|known| known == level);
        place.map_or(Self::NEVER, |place| self.until[place])
    }
}

/// What is kept of how risky an account is.
#[derive(Debug, Clone, PartialEq)]
pub struct Risk {
    /// The account.
    pub identity: NodeId,
    /// How many entries its log has.
    pub arrivals: i64,
    /// The score when it was last written down; it has not risen since.
    pub score: u8,
    /// The level when it was last written down.
    pub level: Level,
    /// How the level drops.
    pub schedule: Schedule,
    /// What the score follows from.
    pub state: State,
    /// What of that others have signalled, as far as it counts.
    pub heard: Vec<Evidence>,
    /// What is left without that.
    pub own: OwnLevel,
}

/// The level of an account by what is known here, without what others have signalled. It is what others are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnLevel {
    /// The level when it was last written down; it has not risen since.
    pub level: Level,
    /// When it drops, in microseconds.
    pub until: i64,
}

/// The levels of an account at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Levels {
    /// By all that is known.
    pub whole: Level,
    /// Without what others have signalled.
    pub own: Level,
}

impl Risk {
    /// How much of what others have signalled is told apart for an account. What is older has faded.
    const HEARD: usize = 128;

    /// That of an account of which nothing is known.
    #[must_use]
    pub fn unknown(identity: NodeId) -> Self {
        let (schedule, state) = (Schedule::default(), State::new());
        let own = OwnLevel { level: Level::Low, until: Schedule::NEVER };
        Self { identity, arrivals: 0, score: 0, level: Level::Low, schedule, state, heard: Vec::new(), own }
    }

    /// The levels when they were last written down.
    #[must_use]
    pub const fn levels(&self) -> Levels {
        Levels { whole: self.level, own: self.own.level }
    }

    /// When one of the levels drops next, in microseconds.
    #[must_use]
    pub fn due(&self) -> i64 {
        self.schedule.end_of(self.level).min(self.own.until)
    }

    /// Takes note that others have signalled that, in the place of what they have signalled of the same before.
    pub fn hear(&mut self, evidence: &Evidence) {
        self.unhear(evidence);
        let place = self.heard.partition_point(|known| (known.at, known.event) < (evidence.at, evidence.event));
        self.heard.insert(place, evidence.clone());
        if self.heard.len() > Self::HEARD {
            self.heard.remove(0);
        }
    }

    /// Takes note that something counts no more, whoever has signalled it.
    pub fn unhear(&mut self, evidence: &Evidence) {
        self.heard.retain(|known| (known.event, known.signal) != (evidence.event, evidence.signal));
    }
}

/// Something by which an account was assessed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// An event, with what was looked up about it.
    Event {
        /// The event.
        observation: Observation,
        /// What was looked up.
        context: Box<Context>,
    },
    /// Somebody confirmed that it is compromised.
    Compromised {
        /// When.
        at: i64,
    },
    /// Somebody confirmed that it is safe.
    Safe {
        /// When.
        at: i64,
        /// From where and with what it had come, and when: that is usual from then on.
        learned: Vec<(Origin, i64)>,
    },
    /// Somebody dismissed evidence.
    Dismissed {
        /// The evidence.
        evidence: Vec<Evidence>,
    },
}

/// An entry of the log of an account.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// The account.
    pub identity: Uuid,
    /// Its place in the log, from 1.
    pub place: i64,
    /// What arrived.
    pub entry: Entry,
}

/// Evidence about an account, as it is written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The account.
    pub identity: Uuid,
    /// What was found.
    pub evidence: Evidence,
    /// The public id of what it was found in: an access record, a session or an alert.
    pub source: String,
    /// The place of the event in the account's log.
    pub arrival: i64,
    /// Whether it counts: nobody has dismissed it, and it is not of a time that is over.
    pub counts: bool,
}

/// A score at the time from which on it was so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScorePoint {
    /// When.
    pub at: Timestamp,
    /// The score.
    pub score: u8,
    /// The same in a word.
    pub level: Level,
}

/// How risky the accounts of an organization are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    /// How many accounts are at each level.
    pub levels: Vec<(Level, i64)>,
    /// The accounts whose scores have risen most.
    pub risers: Vec<Riser>,
    /// What was found: the signal, about how many accounts, and how often; the most frequent first.
    pub signals: Vec<(Signal, i64, i64)>,
}

/// An account whose score has risen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Riser {
    /// The account.
    pub identity: NodeId,
    /// The score before.
    pub before: u8,
    /// What its score follows from.
    pub state: State,
}

/// Where a score is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// It is higher than it was.
    Rising,
    /// It is what it was.
    Steady,
    /// It is lower than it was.
    Falling,
}

/// Where a score is going, compared with an earlier one; there was none if nothing was known.
#[must_use]
pub fn trend(score: u8, earlier: Option<u8>) -> Trend {
    match score.cmp(&earlier.unwrap_or_default()) {
        Ordering::Greater => Trend::Rising,
        Ordering::Equal => Trend::Steady,
        Ordering::Less => Trend::Falling,
    }
}

/// What the public id of evidence begins with.
const EVIDENCE: &str = "evd";

/// The public id of evidence: the event, and what it says.
#[must_use]
pub fn evidence_id(event: EventId, signal: Signal) -> String {
    format!("{}:{}", typeid(EVIDENCE, Uuid::from_u128(event.0)), signal.name())
}

/// Reads the public id of evidence that a client sent in `field`.
pub fn parse_evidence_id(text: &str, field: &str) -> Result<(EventId, Signal)> {
    let named = text.split_once(':').and_then(|(event, signal)| {
        let event = parse_typeid(event, EVIDENCE)?;
        Some((EventId(event.as_u128()), Signal::from_name(signal)?))
    });
    named.ok_or_else(|| Error::invalid(field, "This is not the id of evidence; such an id begins with evd_."))
}

/// The time, as the model counts.
#[must_use]
pub fn millis(at: Timestamp) -> i64 {
    at.timestamp_micros().div_euclid(1_000)
}

/// The moment of a time of the model.
#[must_use]
pub fn moment(millis: i64) -> Timestamp {
    from_micros(millis.saturating_mul(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_named_by_its_event_and_what_it_says() {
        let id = evidence_id(EventId(1), Signal::Mfa);
        assert_eq!(parse_evidence_id(&id, "id").ok(), Some((EventId(1), Signal::Mfa)));
        for wrong in [
            "",
            "evd_",
            "evd_00000000000000000000000001",
            "evd_00000000000000000000000001:x",
            "acc_00000000000000000000000001:mfa",
        ] {
            assert!(parse_evidence_id(wrong, "id").is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_level_follows_from_the_schedule() {
        let drops = [Change { at: 10, level: Level::Medium }, Change { at: 20, level: Level::Low }];
        let schedule = Schedule::of(Level::Critical, &drops);
        assert_eq!(schedule.until, [20_000, 10_000, 10_000]);
        let levels = [9_999, 10_000, 19_999, 20_000].map(|micros| schedule.level_at(from_micros(micros)));
        assert_eq!(levels, [Level::Critical, Level::Medium, Level::Medium, Level::Low]);
        assert_eq!((schedule.end_of(Level::Critical), schedule.end_of(Level::Low)), (10_000, Schedule::NEVER));
    }

    #[test]
    fn what_does_not_drop_lasts() {
        let schedule = Schedule::of(Level::High, &[]);
        assert_eq!(schedule.until, [Schedule::NEVER, Schedule::NEVER, 0]);
        assert_eq!(schedule.level_at(from_micros(i64::from(u32::MAX))), Level::High);
        assert_eq!(Schedule::of(Level::Low, &[]), Schedule::default());
    }
}
