//! Why a score is what it is, for the faces.

use super::MODEL;
use crate::domain::Timestamp;
use crate::domain::risk::{Assessment, Evidence, Factor, Finding, Item, Level, State, evidence_id, millis, moment};
use risk_model::{explain, profile_next_change, profile_score_at};
use std::collections::HashMap;
use std::sync::Arc;

/// Why a score is what it is.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The score, and what each signal adds.
    pub assessment: Assessment,
    /// What it is made of, what adds most first.
    pub factors: Vec<Explanation>,
    /// When the level drops next if nothing happens, and to which.
    pub next_change: Option<(Timestamp, Level)>,
}

/// What one signal adds, with its evidence.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// What it adds.
    pub factor: Factor,
    /// Its evidence, the latest first.
    pub evidence: Vec<Piece>,
}

/// A piece of evidence.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Its public id.
    pub id: String,
    /// What it says, and what it is worth now.
    pub item: Item,
    /// The public id of what it was found in; none of what is long ago.
    pub source: Option<String>,
}

/// Why the score of an account is what it is at a time.
#[must_use]
pub fn explained(state: Option<&State>, findings: &[Arc<Finding>], at: Timestamp) -> Explained {
    let unknown = State::new();
    let recorded: Vec<Evidence> = findings.iter().map(|finding| finding.evidence.clone()).collect();
    let sources: HashMap<_, _> =
        findings.iter().map(|finding| ((finding.evidence.event, finding.evidence.signal), &finding.source)).collect();
    let explanation = explain(&MODEL, state.unwrap_or(&unknown), millis(at), &recorded);
    let factors = explanation.factors.into_iter().map(|mut factor| {
        let signal = factor.signal;
        let piece = |item: Item| Piece {
            id: evidence_id(item.event, signal),
            source: sources.get(&(item.event, signal)).map(|source| (*source).clone()),
            item,
        };
        let evidence = std::mem::take(&mut factor.evidence).into_iter().map(piece).collect();
        Explanation { factor, evidence }
    });
    Explained {
        assessment: explanation.assessment,
        factors: factors.collect(),
        next_change: explanation.next_change.map(|change| (moment(change.at), change.level)),
    }
}

/// The score of a profile, from the states of its accounts, and when its level drops next if nothing happens.
#[must_use]
pub fn combined(states: &[Arc<State>], at: Timestamp) -> (Assessment, Option<(Timestamp, Level)>) {
    let states = || states.iter().map(|state| &**state);
    let assessment = profile_score_at(&MODEL, states(), millis(at));
    let next = profile_next_change(&MODEL, states(), millis(at));
    (assessment, next.map(|change| (moment(change.at), change.level)))
}
