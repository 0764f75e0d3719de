//! What has become of each line so far, and which line said what first.

use crate::resolvers::command::Outcome;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

/// What has become of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is nothing in it, or it has not been read.
    Blank,
    /// It has been read.
    Read,
    /// It says what another line says.
    Repeated,
    /// It has been merged, as far as the import has come.
    Merged(Outcome),
    /// It has been rejected.
    Rejected,
}

/// What has become of all lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::cli) struct Summary {
    /// Lines about what did not exist.
    pub(in crate::cli) new: u64,
    /// Lines about what existed, and has changed.
    pub(in crate::cli) updated: u64,
    /// Lines that say what was so already.
    pub(in crate::cli) unchanged: u64,
    /// Lines that were rejected.
    pub(in crate::cli) rejected: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { new, updated, unchanged, rejected } = self;
        write!(f, "new {new}, updated {updated}, unchanged {unchanged}, rejected {rejected}")
    }
}

/// The state of each line, and what lines have been about: a few bytes for each.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// By number; numbers begin with 1.
    states: Vec<State>,
    subjects: HashMap<u64, (u32, u64)>,
    /// The keys of the hashes, so that nobody can write lines that collide on purpose.
    hashes: (RandomState, RandomState),
}

/// How a line relates to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Novelty {
    /// It is the first about its subject.
    First,
    /// This line says the same.
    Repeated,
    /// This line says something else about the same subject.
    Contradicted(u64),
}

impl Ledger {
    /// Takes note of a line, of what it is about, and of what it says.
    pub(super) fn enter(&mut self, line: u64, subject: &str, content: &[u8]) -> Novelty {
        let (subject, content) = (self.hashes.0.hash_one(subject), self.hashes.1.hash_one(content));
        let number = u32::try_from(line).unwrap_or(u32::MAX);
        let (first, said) = *self.subjects.entry(subject).or_insert((number, content));
        let first = u64::from(first);
        let (novelty, state) = match (first == line, said == content) {
            (true, _) => (Novelty::First, State::Read),
            (false, true) => (Novelty::Repeated, State::Repeated),
            (false, false) => (Novelty::Contradicted(first), State::Read),
        };
        self.set(line, state);
        novelty
    }

    /// Lets go of what lines have been about, when all have been entered.
    pub(super) fn close(&mut self) {
        self.subjects = HashMap::new();
    }

    /// Takes note that a line was rejected, and says whether that is news.
    pub(super) fn reject(&mut self, line: u64) -> bool {
        let news = self.get(line) != State::Rejected;
        self.set(line, State::Rejected);
        news
    }

    /// Takes note of what a part of a line did. New is a line with any part that is, and so on.
    pub(super) fn merge(&mut self, line: u64, outcome: Outcome) {
        let outcome = match self.get(line) {
            State::Merged(before) => before.max(outcome),
            State::Rejected => return,
            State::Blank | State::Read | State::Repeated => outcome,
        };
        self.set(line, State::Merged(outcome));
    }

    /// Whether there is more to be done for a line.
    pub(super) fn is_under_way(&self, line: u64) -> bool {
        matches!(self.get(line), State::Read | State::Merged(_))
    }

    /// How many lines have come to what.
    pub(super) fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for state in &self.states {
            match state {
                State::Blank => {}
                State::Merged(Outcome::New) => summary.new += 1,
                State::Merged(Outcome::Updated) => summary.updated += 1,
                State::Read | State::Repeated | State::Merged(Outcome::Unchanged) => summary.unchanged += 1,
                State::Rejected => summary.rejected += 1,
            }
        }
        summary
    }

    fn get(&self, line: u64) -> State {
        index(line).and_then(|index| self.states.get(index)).copied().unwrap_or(State::Blank)
    }

    fn set(&mut self, line: u64, state: State) {
        let Some(index) = index(line) else { return };
        if index >= self.states.len() {
            self.states.resize(index + 1, State::Blank);
        }
        self.states[index] = state;
    }
}

fn index(line: u64) -> Option<usize> {
    usize::try_from(line.checked_sub(1)?).ok()
}
