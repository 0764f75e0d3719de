//! What has to hold for whatever happens, each tried with ten thousand cases.

use crate::support::{END, alert, evidence_set, observations, recorded, score, shuffled};
use proptest::prelude::*;
use risk_model::{
    Assessment, Cleared, DAY, Evidence, HOUR, Level, Model, Observation, Signal, State, assess, explain, next_change,
    profile_next_change, profile_score_at, score_at,
};

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn fed(model: &Model, events: &[(Observation, risk_model::Context)]) -> (State, Vec<Evidence>) {
    let mut state = State::new();
    let mut evidence = Vec::new();
    for (observation, context) in events {
        evidence.extend(assess(model, &mut state, observation, context).evidence);
    }
    (state, evidence)
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn more_evidence_never_lowers_the_score(set in evidence_set(1..200), later in 0..400 * DAY) {
        let model = Model::current();
        let (last, before) = set.split_last().unwrap();
        // A posture takes the place of the one before, and may be better.
        prop_assume!(last.signal != Signal::Posture);
        let mut state = recorded(&model, before);
        let lower = score(&model, &state, END + later);
        state.record(&model, last);
        prop_assert!(score(&model, &state, END + later) >= lower);
    }

    #[test]
    fn without_events_the_score_never_rises(set in evidence_set(1..200), mut times in prop::collection::vec(0..400 * DAY, 2..12)) {
        let model = Model::current();
        let state = recorded(&model, &set);
        times.sort_unstable();
        let scores: Vec<u8> = times.into_iter().map(|later| score(&model, &state, END + later)).collect();
        prop_assert!(scores.is_sorted_by(|before, after| before >= after), "{scores:?}");
    }

    #[test]
    fn shuffled_evidence_is_the_same_state(
        set in evidence_set(1..200),
        seed in any::<u64>(),
    ) {
        let model = Model::current();
        let (one, other) = (recorded(&model, &set), recorded(&model, &shuffled(&set, seed)));
        for later in [0, HOUR, DAY, 30 * DAY, 400 * DAY] {
            prop_assert_eq!(score_at(&model, &one, END + later), score_at(&model, &other, END + later));
        }
        prop_assert_eq!(one, other);
    }

    #[test]
    fn evidence_a_second_time_does_nothing(set in evidence_set(1..120), which in any::<prop::sample::Index>()) {
        let model = Model::current();
        let mut state = recorded(&model, &set);
        let before = state.clone();
        prop_assert!(!state.record(&model, which.get(&set)));
        prop_assert_eq!(state, before);
    }

    #[test]
    fn an_event_a_second_time_does_nothing(events in observations(1..40), which in any::<prop::sample::Index>()) {
        let model = Model::current();
        let (mut state, _) = fed(&model, &events);
        let before = state.clone();
        let (observation, context) = which.get(&events);
        let again = assess(&model, &mut state, observation, context);
        prop_assert!(again.duplicate && again.evidence.is_empty());
        prop_assert_eq!(state, before);
    }

    #[test]
    fn a_replay_is_as_it_was_live(events in observations(1..40), restart in any::<prop::sample::Index>()) {
        let model = Model::current();
        // Live: scores are asked in between, and the state is stored and read again.
        let mut live = State::new();
        for (number, (observation, context)) in events.iter().enumerate() {
            let _ = assess(&model, &mut live, observation, context);
            score(&model, &live, observation.at);
            if number == restart.index(events.len()) {
                live = serde_json::from_str(&serde_json::to_string(&live).unwrap()).unwrap();
            }
        }
        let (replayed, evidence) = fed(&model, &events);
        prop_assert_eq!(&live, &replayed);
        prop_assert_eq!(score_at(&model, &live, END), score_at(&model, &replayed, END));
        // And what a score needs of the stored evidence is read as it was written.
        let stored: Vec<Evidence> = serde_json::from_str(&serde_json::to_string(&evidence).unwrap()).unwrap();
        let needed = |set: &[Evidence]| -> Vec<_> {
            set.iter().map(|evidence| (evidence.event, evidence.signal, evidence.at, evidence.strength)).collect()
        };
        prop_assert_eq!(needed(&stored), needed(&evidence));
    }

    #[test]
    fn the_explanation_reproduces_the_score(events in observations(1..40), later in 0..60 * DAY) {
        let model = Model::current();
        let (state, evidence) = fed(&model, &events);
        let explanation = explain(&model, &state, END + later, &evidence);
        let read: risk_model::Explanation =
            serde_json::from_str(&serde_json::to_string(&explanation).unwrap()).unwrap();
        prop_assert_eq!(read.score(&model), score(&model, &state, END + later));
        for factor in &explanation.factors {
            // From the events themselves, within what is rounded away.
            let nats: u64 = factor.evidence.iter().map(|item| item.nano_nats).sum();
            prop_assert!(nats.abs_diff(factor.nano_nats) <= 256, "{factor:?}");
            let effect = factor.cap.min(1.0 - (-(factor.nano_nats as f64) * 1e-9).exp());
            prop_assert!((effect - f64::from(factor.effect) * 1e-9).abs() < 2e-9, "{factor:?}");
            prop_assert!(factor.score_without <= explanation.assessment.score);
            prop_assert!(factor.first_seen <= factor.last_seen);
            prop_assert!(factor.evidence.iter().all(|item| item.reason.is_some()), "{factor:?}");
        }
    }

    #[test]
    fn remediation_clears(set in evidence_set(1..200), late in evidence_set(0..20)) {
        let model = Model::current();
        let mut state = recorded(&model, &set);
        state.confirm_compromised(END - DAY);
        prop_assert!(score(&model, &state, END) >= 95);
        prop_assert_eq!(state.remediate(END), Cleared::Done);
        for evidence in late.iter().chain(&set) {
            state.record(&model, evidence);
        }
        let left = score_at(&model, &state, END);
        prop_assert!(!left.compromised);
        prop_assert!(left.effects.iter().all(|(signal, _)| signal.stands()), "{left:?}");
    }

    #[test]
    fn a_late_remediation_is_as_one_in_time(set in evidence_set(1..200), ago in 0..60 * DAY) {
        let model = Model::current();
        let mut late = recorded(&model, &set);
        if late.remediate(END - ago) == Cleared::Rebuild {
            late.rebuild(&model, &set);
        }
        let mut in_time = State::new();
        prop_assert_eq!(in_time.remediate(END - ago), Cleared::Done);
        for evidence in &set {
            in_time.record(&model, evidence);
        }
        for later in [0, DAY, 30 * DAY] {
            prop_assert_eq!(score_at(&model, &late, END + later), score_at(&model, &in_time, END + later));
        }
    }

    #[test]
    fn what_is_cancelled_never_was_and_may_be_restored(set in evidence_set(2..200), which in any::<prop::sample::Index>()) {
        let model = Model::current();
        let cancelled = which.get(&set).clone();
        let rest: Vec<_> = set.iter().filter(|evidence| evidence.event != cancelled.event).cloned().collect();
        let whole = recorded(&model, &set);
        let mut state = whole.clone();
        state.cancel(&model, &cancelled);
        if cancelled.signal != Signal::Posture && cancelled.signal != Signal::LeakedCredential {
            let without = recorded(&model, &rest);
            for later in [0, DAY, 30 * DAY] {
                prop_assert_eq!(score_at(&model, &state, END + later), score_at(&model, &without, END + later));
            }
        }
        state.restore(&model, &cancelled);
        prop_assert_eq!(score_at(&model, &state, END), score_at(&model, &whole, END));
    }

    #[test]
    fn a_confirmed_compromise_keeps_the_score_up(set in evidence_set(0..50), later in 0..400 * DAY) {
        let model = Model::current();
        let mut state = recorded(&model, &set);
        let before = score(&model, &state, END + later);
        state.confirm_compromised(END);
        let assessment = score_at(&model, &state, END + later);
        prop_assert_eq!(assessment.score, before.max(95));
        prop_assert_eq!(assessment.level, Level::Critical);
        prop_assert_eq!(next_change(&model, &state, END + later), None);
    }

    #[test]
    fn the_next_change_is_the_first_millisecond_of_the_lower_level(set in evidence_set(1..60), later in 0..30 * DAY) {
        let model = Model::current();
        let state = recorded(&model, &set);
        let level = |at| score_at(&model, &state, at).level;
        match next_change(&model, &state, END + later) {
            Some(change) => {
                prop_assert_eq!(level(change.at - 1), level(END + later));
                prop_assert_eq!(level(change.at), change.level);
                prop_assert!(change.level < level(END + later));
            }
            None => prop_assert_eq!(level(END + later + 20_000 * DAY), level(END + later)),
        }
    }

    #[test]
    fn a_profile_is_at_least_as_risky_as_each_identity(sets in prop::collection::vec(evidence_set(0..30), 1..5)) {
        let model = Model::current();
        let mut states: Vec<State> = sets.iter().map(|set| recorded(&model, set)).collect();
        let profile = profile_score_at(&model, &states, END);
        prop_assert!(states.iter().all(|state| score(&model, state, END) <= profile.score));
        if let Some(change) = profile_next_change(&model, &states, END) {
            prop_assert_eq!(profile_score_at(&model, &states, change.at - 1).level, profile.level);
            prop_assert_eq!(profile_score_at(&model, &states, change.at).level, change.level);
        }
        states.reverse();
        prop_assert_eq!(profile_score_at(&model, &states, END), profile);
    }

    #[test]
    fn late_evidence_counts_as_if_it_had_come_in_time(set in evidence_set(1..60), lag in 0..60 * DAY) {
        let model = Model::current();
        for evidence in set.iter().filter(|evidence| !evidence.signal.stands()) {
            let state = recorded(&model, &[Evidence { at: END - lag, ..evidence.clone() }]);
            let half_life = model.half_life(evidence.signal).unwrap();
            let nats = -(1.0 - evidence.strength.value()).ln() * (-(lag as f64) / half_life as f64).exp2();
            let explanation = explain(&model, &state, END, &[]);
            let told = explanation.factors.first().map_or(0, |factor| factor.nano_nats);
            prop_assert!((told as f64 - nats * 1e9).abs() < 3.0, "{told} {nats}");
        }
    }
}

#[test]
fn scores_at_the_boundaries_have_their_levels() {
    let model = Model::current();
    let scored = |millionths: u32| {
        let assessment: Assessment = score_at(&model, &recorded(&model, &[alert(millionths)]), END);
        (assessment.score, assessment.level)
    };
    assert_eq!(scored(0), (0, Level::Low));
    assert_eq!(scored(200_000), (20, Level::Low));
    assert_eq!(scored(204_999), (20, Level::Low));
    assert_eq!(scored(205_001), (21, Level::Medium));
    assert_eq!(scored(500_000), (50, Level::Medium));
    assert_eq!(scored(505_001), (51, Level::High));
    assert_eq!(scored(750_000), (75, Level::High));
    assert_eq!(scored(755_001), (76, Level::Critical));
    let all: Vec<_> = Signal::ALL.into_iter().map(|signal| Evidence { signal, ..alert(999_999) }).collect();
    let assessment = score_at(&model, &recorded(&model, &all), END);
    assert_eq!((assessment.score, assessment.level), (100, Level::Critical));
}
