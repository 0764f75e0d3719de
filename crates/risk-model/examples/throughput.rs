//! How many events a second one core assesses and scores: `cargo run --release -p risk-model --example throughput`.

use std::time::Instant;

use risk_model::{
    Baseline, Context, EventId, Key, Kind, MINUTE, Model, Observation, Origin, SignIn, State, assess, score_at,
};

const PEOPLE: u64 = 1_000;
const EVENTS: u64 = 400_000;

fn main() {
    let model = Model::current();
    let mut states = vec![State::new(); usize::try_from(PEOPLE).unwrap_or_default()];
    let mut everyone = Baseline::of_population();
    let (mut sum, mut slowest) = (0_u64, Vec::new());
    let start = Instant::now();
    for number in 0..EVENTS {
        // A multiplicative sequence, so that people and places mix.
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        let person = mixed % PEOPLE;
        let place = if mixed % 50 == 0 { mixed % 977 } else { person };
        let key = |kind: u64| Some(Key(place * 8 + kind));
        let origin = Origin {
            address: key(0),
            network: key(1),
            country: Some(Key(place % 40)),
            device: Some(Key(place % 7)),
            user_agent: key(2),
            user_agent_family: Some(Key(place % 9)),
            location: None,
        };
        let at = 1_780_000_000_000 + i64::try_from(number).unwrap_or_default() * MINUTE / 10;
        let session = Some(Key(person));
        let kind = match mixed % 4 {
            0 => Kind::SignIn(SignIn { success: mixed % 16 != 0, second_factor: false, origin, session }),
            1 => Kind::SessionUse { session: Key(person), origin },
            _ => Kind::Access { resource: Key(mixed % 300) },
        };
        let began = Instant::now();
        let context = Context { global: everyone.familiarity(&origin, at), ..Context::default() };
        let Some(state) = states.get_mut(usize::try_from(person).unwrap_or_default()) else { continue };
        let _ = assess(&model, state, &Observation { id: EventId(u128::from(number)), at, kind }, &context);
        sum += u64::from(score_at(&model, state, at).score);
        slowest.push(began.elapsed());
        everyone.learn(&origin, at);
    }
    let seconds = start.elapsed().as_secs_f64();
    slowest.sort_unstable();
    let p99 = slowest.get(slowest.len() * 99 / 100).copied().unwrap_or_default();
    println!("{:.0} events/s, p99 {p99:?}, mean score {}", EVENTS as f64 / seconds, sum / EVENTS);
}
