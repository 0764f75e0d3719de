//! How risky an identity is, from 0 to 100, from what happens to it; and why. No I/O, no clock, no chance.
//!
//! | To | Use |
//! |---|---|
//! | take in an event | [`assess`]: an [`Observation`], the [`Context`] that the caller looked up, the [`State`] that it stores |
//! | know the score | [`score_at`], [`profile_score_at`] |
//! | know why | [`explain`] |
//! | know when the level drops | [`next_change`], [`level_changes`], [`profile_next_change`] |
//! | hear a verdict | [`State::confirm_compromised`], [`State::remediate`], [`State::cancel`], [`State::restore`] |
//! | keep what is usual for an organization, or everyone | [`Baseline`] |
//! | notice addresses that attack many | [`AddressActivity`] |
//! | compare another model | [`Model`], read from a file |
//!
//! # The model
//!
//! An event yields [`Evidence`]: a strength s in [0, 1) for a [`Signal`]. It counts x = −ln(1−s) nats, half as much after each
//! half-life h. With A(t) the sum of a signal, it adds E = min(cap, 1 − e^−A(t)), and the score is
//! round(100·(1 − Π(1 − E))). Evidence that arrives late counts as if it had come in time: x·2^(−lag/h).
//!
//! | signal | s | cap | h |
//! |---|---|---|---|
//! | unfamiliar sign-in | .46·warm·σ((LLR−2.2)/1.3) | .70 | 24 h |
//! | session context | network .25 (known: .05) + user agent .45 + country .25 (known: .10) | .92 | 72 h |
//! | impossible travel | .6 (known place: .15) · min(1, (v−800)/400 + .3), > 500 km | .75 | 48 h |
//! | attacking address | .85·(1−e^−(d−4)/6), d accounts in an hour | .88 | 7 d |
//! | failures, then success | .5·(1−e^−(f−4)/4), in 10 minutes | .60 | 24 h |
//! | anonymiser | .6 | .65 | 48 h |
//! | hosting network, new to the user | .30/(1+k/5), k uses by the organization | .35 | 24 h |
//! | threat intelligence | .85·confidence/100 | .85 | 7 d |
//! | leaked credential | .80 until it changes | .80 | – |
//! | second factor: fatigue / reported by the user | .55 / .80 | .85 | 72 h |
//! | alert: low / medium / high / critical | .08 / .25 / .55 / .80 unless dismissed | .90 | 14 d |
//! | access volume or rarity | .5·σ(z−4) | .50 | 72 h |
//! | rare privilege granted | .3 | .40 | 7 d |
//! | dormant for more than 90 days | .25 | .30 | 72 h |
//! | posture | static | .20 | – |
//!
//! Rules keep noise out of this; [`Numbers`] holds what they need:
//!
//! - Evidence weaker than `least_strength` is none.
//! - The same fact (the same list naming the same address, the same new place) counts once in `quiet_hours`.
//! - A network or country from which the user came `habit` times is a habit: to go there says nothing. One from which that
//!   many colleagues' sign-ins came counts as known, unless it is a data centre.
//! - Of those who habitually come through anonymisers, where they seem to be says nothing, while they do.
//! - A session that moves to a new network is assessed as what it is, a client that need not sign in: the network itself (anonymiser,
//!   data centre, list) is asked about then, and with a client that the user does not have it is an unfamiliar sign-in, too.
//! - A baseline learns from sign-ins with a second factor, or whose evidence is together weaker than `learn_below`; and once
//!   a day and network from the sessions that these began, as long as the client stays the same. An intruder's session teaches nothing.
//!
//! `benches/risk` measures what they are worth.
//!
//! # The same, whatever the order
//!
//! Strengths are whole millionths, nats whole billionths, and sums are made of whole numbers by half-life, so a score is a
//! function of the *set* of evidence (`src/ledger.rs` says how). Functions that are not exact come from `libm`, which is the
//! same code everywhere. So a replay gives the same score as it was live, bit for bit, on every machine.
//!
//! Which evidence an event yields does depend on what was known when it arrived: whether a device is new, for one. The
//! caller stores the order of arrival, and replays in it. Over time, and for any t from the newest evidence on:
//! more evidence never lowers a score, and without events it never rises.
//!
//! # Sources
//!
//! The ratio of sign-ins: Freeman et al., *Who Are You? A Statistical Approach to Measuring User Authenticity*, NDSS 2016.
//! Which features carry: Wiefling et al., *Pump Up Password Security!*, ACM TOPS 2022. Combining independent evidence
//! as 1 − Π(1 − E): the noisy-or of Pearl, *Probabilistic Reasoning in Intelligent Systems*, 1988.

mod address;
mod assess;
mod baseline;
mod current;
mod evidence;
mod explain;
mod ledger;
mod model;
mod number;
mod observation;
mod recent;
mod score;
mod signal;
pub mod signals;
mod state;

pub use address::AddressActivity;
pub use assess::{Assessed, assess};
pub use baseline::{Baseline, Count, Familiarity, Share, value_of};
pub use evidence::{EventId, Evidence, Feature, Novelty, Reason};
pub use explain::{Explanation, Factor, Item, explain};
pub use ledger::{Cleared, LISTED, WINDOW};
pub use model::{
    AccessNumbers, FeatureNumbers, MfaNumbers, Model, ModelError, Numbers, Rule, Rules, Saturating, SessionNumbers,
    SignInNumbers, Strengths, TravelNumbers,
};
pub use number::{DAY, HOUR, Key, MINUTE, Millis, SECOND, Strength};
pub use observation::{AlertStatus, Context, Kind, Location, Observation, Origin, Peers, Posture, Severity, SignIn};
pub use score::{Assessment, Change, level_changes, next_change, profile_next_change, profile_score_at, score_at};
pub use signal::{Level, Signal};
pub use state::{MAX_STATE_BYTES, State};
