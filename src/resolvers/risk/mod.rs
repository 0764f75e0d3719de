//! How risky accounts are: from what is recorded of them to a score, in the transaction that records it.
//!
//! A command that records something says what was [observed](of_record), and hands it to [`assess`], as many events at once as there
//! are. That reads what is kept of all these accounts, asks the [model](MODEL), and writes it back with the evidence, the log
//! and what was learned. Where a level has changed, [`NoteRiskLevels`](super::command::NoteRiskLevels) tells so in the history of
//! the account, so that everybody hears who follows changes.
//!
//! What has happened to the risk of accounts is noted meanwhile, and when all of it is written, in the same transaction, the policies
//! of the organization are [asked](enforce) whether something is to be done about it.
//!
//! Scores fade. The score of any time is computed when somebody asks; a level ends at a time that is known beforehand and
//! stored, and the worker [tells](super::App::settle_risk) when it has.

pub(super) mod alerts;
mod batch;
mod enforce;
mod explained;
mod observed;
mod policies;
mod replay;
mod surroundings;
mod upkeep;

pub use explained::{Explained, Explanation, Piece, combined, explained};
pub use replay::{Replayed, Simulated};

pub(super) use batch::{assess, changed, risen, tell};
pub(super) use enforce::enforce;
pub(super) use observed::{Incoming, of_changed_credential, of_moved_session, of_record};
pub(super) use surroundings::Surroundings;

use crate::domain::Timestamp;
use crate::domain::risk::{Level, OwnLevel, Risk, Schedule, State, millis};
use risk_model::{Model, level_changes, score_at};
use std::sync::LazyLock;

/// The model by which accounts are assessed.
pub static MODEL: LazyLock<Model> = LazyLock::new(Model::current);

/// The score and the level of an account at a time, from its state; of one without, nothing speaks against it.
#[must_use]
pub fn score(state: Option<&State>, at: Timestamp) -> (u8, Level) {
    let Some(state) = state else { return (0, Level::Low) };
    let assessment = score_at(&MODEL, state, millis(at));
    (assessment.score, assessment.level)
}

/// Brings score, level and schedule to that time.
pub(super) fn settle(risk: &mut Risk, at: Timestamp) {
    (risk.score, risk.level) = score(Some(&risk.state), at);
    risk.schedule = Schedule::of(risk.level, &level_changes(&MODEL, &risk.state, millis(at)));
    risk.own = own_level(risk, at);
}

/// The level without what others have signalled. Only this is told to others, so what they hear of an account never follows from
/// what they, or anybody who listens to them, have said of it: however many servers listen to one another, none hears itself.
fn own_level(risk: &Risk, at: Timestamp) -> OwnLevel {
    if risk.heard.is_empty() {
        return OwnLevel { level: risk.level, until: risk.schedule.end_of(risk.level) };
    }
    let mut state = risk.state.clone();
    for evidence in &risk.heard {
        state.cancel(&MODEL, evidence);
    }
    let (_, level) = score(Some(&state), at);
    let schedule = Schedule::of(level, &level_changes(&MODEL, &state, millis(at)));
    OwnLevel { level, until: schedule.end_of(level) }
}
