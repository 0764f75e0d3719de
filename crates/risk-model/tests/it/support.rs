//! Evidence and events to try properties with.

use std::ops::Range;

use proptest::prelude::*;
use risk_model::{
    AlertStatus, Context, DAY, EventId, Evidence, Key, Kind, Location, MINUTE, Millis, Model, Observation, Origin,
    Peers, Posture, Reason, Severity, SignIn, Signal, State, Strength, score_at,
};

/// All evidence and all events are before this.
pub const END: Millis = 1_800_000_000_000;

pub fn recorded(model: &Model, set: &[Evidence]) -> State {
    let mut state = State::new();
    for evidence in set {
        state.record(model, evidence);
    }
    state
}

pub fn score(model: &Model, state: &State, at: Millis) -> u8 {
    score_at(model, state, at).score
}

pub fn alert(millionths: u32) -> Evidence {
    Evidence {
        event: EventId(1),
        signal: Signal::Alert,
        at: END,
        strength: Strength::from(millionths),
        model: 1,
        reason: Reason::Anonymiser,
    }
}

/// Chance of a seed: ten thousand sets of two hundred would take minutes to draw one by one from the strategies of
/// `proptest`. It shrinks the seed and the number of items.
struct Chance(u64);

impl Chance {
    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn yes(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn number(&mut self, bound: u32) -> u32 {
        u32::try_from(self.below(u64::from(bound))).unwrap()
    }

    fn of<T: Copy>(&mut self, items: &[T]) -> T {
        items[usize::try_from(self.below(items.len() as u64)).unwrap()]
    }

    /// Some at the same time, most within weeks, some long ago.
    fn time(&mut self) -> Millis {
        let within = match self.below(13) {
            0 => 1,
            1..=2 => 5 * MINUTE,
            3..=10 => 40 * DAY,
            _ => 4_000 * DAY,
        };
        END - i64::try_from(self.below(within.unsigned_abs())).unwrap()
    }

    fn strength(&mut self) -> Strength {
        let bound = self.of(&[300_000, 300_000, 300_000, 300_000, 1_000_000, 30]);
        Strength::from(self.number(bound))
    }

    fn key(&mut self) -> Option<Key> {
        self.yes(90).then(|| Key(self.below(4)))
    }

    fn location(&mut self) -> Option<Location> {
        self.yes(50).then(|| Location {
            latitude: i32::try_from(self.below(180_000_001)).unwrap() - 90_000_000,
            longitude: i32::try_from(self.below(360_000_001)).unwrap() - 180_000_000,
            radius: u16::try_from(self.below(2_000)).unwrap(),
        })
    }

    fn origin(&mut self) -> Origin {
        Origin {
            address: self.key(),
            network: self.key(),
            country: self.key(),
            device: self.key(),
            user_agent: self.key(),
            user_agent_family: self.key(),
            location: self.location(),
        }
    }

    fn kind(&mut self) -> Kind {
        match self.below(22) {
            0..=5 => Kind::SignIn(SignIn {
                success: self.yes(50),
                second_factor: self.yes(50),
                origin: self.origin(),
                session: self.key(),
            }),
            6..=8 => Kind::SessionUse { session: Key(self.below(4)), origin: self.origin() },
            9..=11 => Kind::Access { resource: Key(self.below(200)) },
            12 => Kind::MfaPromptDenied,
            13 => Kind::ReportedByUser,
            14..=15 => Kind::Alert {
                alert: EventId(u128::from(self.below(3)) + (1 << 100)),
                raised_at: END - DAY,
                severity: self.of(&[Severity::Low, Severity::Medium, Severity::High, Severity::Critical]),
                status: self.of(&[AlertStatus::Open, AlertStatus::Confirmed, AlertStatus::Dismissed]),
                before: None,
            },
            16 => Kind::ThreatHit { confidence: self.of(&[0, 1, 50, 100, 255]) },
            17 => Kind::AddressAttacked { victims: self.number(100) },
            18 => Kind::CredentialLeaked,
            19 => Kind::CredentialChanged,
            20 => Kind::PrivilegeGranted { holders: self.number(20), population: self.number(200) },
            _ => Kind::Posture(Posture {
                administrator_without_mfa: self.yes(50),
                ownerless: self.yes(50),
                old_key: self.yes(50),
            }),
        }
    }

    fn context(&mut self) -> Context {
        let peers = Peers { mean: f64::from(self.number(500)) / 100.0, deviation: f64::from(self.number(200)) / 100.0 };
        Context {
            anonymiser: self.yes(20),
            hosting: self.yes(50),
            organization_uses: self.number(20),
            threat_confidence: self.yes(10).then(|| self.of(&[0, 10, 100, 255])),
            victims: self.number(20),
            peers: self.yes(50).then_some(peers),
            peers_using: self.yes(50).then(|| self.of(&[0, 5, 6, 100])),
            ..Context::default()
        }
    }
}

/// Evidence of distinct events.
pub fn evidence_set(size: Range<usize>) -> impl Strategy<Value = Vec<Evidence>> {
    (any::<u64>(), size).prop_map(|(seed, size)| {
        let mut chance = Chance(seed);
        let evidence = |number: usize| Evidence {
            // The order of ids is not that of times.
            event: EventId((u128::from(chance.next()) << 32) + number as u128),
            signal: chance.of(&Signal::ALL),
            at: chance.time(),
            strength: chance.strength(),
            model: 1,
            reason: Reason::Anonymiser,
        };
        (0..size).map(evidence).collect()
    })
}

/// The same in another order.
pub fn shuffled<T: Clone>(items: &[T], seed: u64) -> Vec<T> {
    let mut chance = Chance(seed);
    let mut order: Vec<_> = items.iter().map(|item| (chance.next(), item.clone())).collect();
    order.sort_by_key(|(place, _)| *place);
    order.into_iter().map(|(_, item)| item).collect()
}

/// Events with what was looked up, in any order of time.
pub fn observations(size: Range<usize>) -> impl Strategy<Value = Vec<(Observation, Context)>> {
    (any::<u64>(), size).prop_map(|(seed, size)| {
        let mut chance = Chance(seed);
        let event = |number: usize| {
            let observation = Observation { id: EventId(number as u128), at: chance.time(), kind: chance.kind() };
            (observation, chance.context())
        };
        (0..size).map(event).collect()
    })
}
