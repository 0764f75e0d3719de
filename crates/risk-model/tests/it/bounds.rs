//! Whatever comes, a state stays small, and what it no longer lists still counts.

use crate::support::{END, recorded, score, shuffled};
use risk_model::{
    Context, DAY, EventId, Evidence, HOUR, Key, Kind, LISTED, Location, MAX_STATE_BYTES, MINUTE, Millis, Model,
    Observation, Origin, Reason, SignIn, Signal, State, Strength, assess, explain,
};

fn many(count: u32) -> Vec<Evidence> {
    let signals: Vec<_> = Signal::ALL.into_iter().filter(|signal| !signal.stands()).collect();
    (0..count)
        .map(|number| Evidence {
            event: EventId(u128::from(u64::MAX) + u128::from(number)),
            signal: signals[number as usize % signals.len()],
            at: END - Millis::from(number) * HOUR,
            strength: Strength::from(999_999 - number % 7),
            model: 1,
            reason: Reason::Anonymiser,
        })
        .collect()
}

#[test]
fn a_state_stays_within_its_bound() {
    let model = Model::current();
    let mut state = State::new();
    let long = |number: i64, kind: u64| Some(Key(u64::MAX - number.unsigned_abs() * 8 - kind));
    for number in 0..20_000_i64 {
        let at = END + number * 40 * MINUTE;
        let origin = Origin {
            address: long(number, 0),
            network: long(number, 1),
            country: long(number, 2),
            device: long(number, 3),
            user_agent: long(number, 4),
            user_agent_family: long(number, 5),
            location: Some(Location { latitude: -89_999_999, longitude: -179_999_999, radius: u16::MAX }),
        };
        let session = Key(u64::MAX - number.unsigned_abs() % 32);
        let kind = match number % 10 {
            0..=2 => Kind::SignIn(SignIn { success: true, second_factor: true, origin, session: Some(session) }),
            3 => Kind::SignIn(SignIn { success: false, second_factor: false, origin, session: None }),
            4 => Kind::MfaPromptDenied,
            5 => Kind::Alert {
                alert: EventId(u128::MAX - u128::from(number.unsigned_abs())),
                raised_at: at,
                severity: risk_model::Severity::Critical,
                status: risk_model::AlertStatus::Open,
                before: None,
            },
            6 => Kind::CredentialLeaked,
            7 => Kind::SessionUse { session, origin },
            _ => Kind::Access { resource: Key(u64::MAX - number.unsigned_abs()) },
        };
        let context = Context { anonymiser: true, hosting: true, victims: 64, ..Context::default() };
        let id = EventId(u128::MAX - u128::from(number.unsigned_abs()));
        let _ = assess(&model, &mut state, &Observation { id, at, kind }, &context);
    }
    for evidence in many(20_000) {
        let ahead = 20_000 * 40 * MINUTE;
        state.record(&model, &Evidence { at: evidence.at + ahead, ..evidence });
    }
    let json = serde_json::to_string(&state).unwrap();
    assert!(json.len() <= MAX_STATE_BYTES, "{} bytes", json.len());
    assert_eq!(serde_json::from_str::<State>(&json).unwrap(), state);
}

#[test]
fn what_is_folded_counts_as_before_in_every_order() {
    let model = Model::current();
    let set = many(2_000);
    let state = recorded(&model, &set);
    assert_eq!(recorded(&model, &shuffled(&set, 7)), state);
    let explanation = explain(&model, &state, END, &[]);
    let told: usize = explanation.factors.iter().map(|factor| factor.evidence.len()).sum();
    assert!(told <= LISTED);
    assert!(explanation.factors.iter().any(|factor| factor.older > 0));
    for factor in explanation.factors {
        let half_life = factor.half_life.unwrap() as f64;
        let exact: f64 = set
            .iter()
            .filter(|evidence| evidence.signal == factor.signal)
            .map(|evidence| {
                -(1.0 - evidence.strength.value()).ln() * (-((END - evidence.at) as f64) / half_life).exp2()
            })
            .sum();
        let found = factor.nano_nats as f64 / 1e9;
        assert!((found - exact).abs() < 1e-6 * exact, "{:?}: {found}, not {exact}", factor.signal);
    }
}

#[test]
fn what_is_folded_can_be_cancelled_and_restored() {
    let model = Model::current();
    let set: Vec<_> = many(400)
        .into_iter()
        .map(|evidence| Evidence { signal: Signal::Alert, strength: Strength::from(2_000), ..evidence })
        .collect();
    let whole = recorded(&model, &set);
    let (oldest, rest) = set.split_last().unwrap();
    let mut state = whole.clone();
    state.cancel(&model, oldest);
    let alerts = |state: &State, at| explain(&model, state, at, &[]).factors[0].nano_nats;
    assert!(alerts(&state, END) < alerts(&whole, END));
    assert_eq!(alerts(&state, END), alerts(&recorded(&model, rest), END));
    state.restore(&model, oldest);
    assert_eq!(state, whole);
}

#[test]
fn a_remediation_forgets_what_is_folded() {
    let model = Model::current();
    let mut state = recorded(&model, &many(2_000));
    assert_eq!(score(&model, &state, END), 100);
    assert_eq!(state.remediate(END), risk_model::Cleared::Done);
    assert_eq!(score(&model, &state, END + DAY), 0);
    // Not even if it is restored later.
    for evidence in many(2_000) {
        state.restore(&model, &evidence);
    }
    assert_eq!(score(&model, &state, END + DAY), 0);
}
