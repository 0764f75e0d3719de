//! Assess again what was assessed before: to see that it comes to the same, or what another model would have made of it.

use super::super::policy::{self, Action, Resource};
use super::super::{App, Viewer};
use super::MODEL;
use crate::domain::risk::{Entry, Level, Risk, State};
use crate::domain::{NodeId, OrganizationId, Result, Timestamp};
use risk_model::{Model, assess, score_at};
use uuid::Uuid;

/// How many accounts, and how many entries of a log, are read at once.
const AT_ONCE: u64 = 500;
/// How many accounts are named that another model moves most.
const MOVED: usize = 20;
/// How many accounts are named that differ.
const DIFFERENT: usize = 1_000;

/// What a replay has found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replayed {
    /// How many accounts were replayed.
    pub accounts: u64,
    /// By how many entries of their logs.
    pub entries: u64,
    /// How many accounts came out otherwise than they are stored.
    pub different: u64,
    /// Those accounts; at most 1,000 of them.
    pub named: Vec<NodeId>,
}

/// What another model makes of the past: by the highest score that each account has had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simulated {
    /// How many accounts were replayed.
    pub accounts: u64,
    /// How many accounts were at each level at worst, by the model in use and by the other one.
    pub levels: [(u64, u64); 4],
    /// The accounts whose highest scores differ most: by the model in use, and by the other one. At most 20.
    pub moved: Vec<(NodeId, u8, u8)>,
}

/// An account on its way through its log, as a model sees it.
struct Course<'a> {
    model: &'a Model,
    state: State,
    /// The latest time that was seen.
    at: i64,
    highest: u8,
}

impl App {
    /// Replays the accounts of every organization; of which something was written since a time, if one is given. Changes nothing.
    pub async fn replay_risk(&self, viewer: &Viewer, since: Option<Timestamp>) -> Result<Replayed> {
        policy::allow(viewer, Action::OwnServer, Resource::of(OrganizationId::INSTANCE))?;
        let (mut replayed, mut last) = (Replayed::default(), Uuid::nil());
        loop {
            let risks = self.store().risks_behind(last, since, AT_ONCE).await?;
            let Some(behind) = risks.last() else { return Ok(replayed) };
            last = behind.identity.uuid;
            for risk in &risks {
                let mut state = State::new();
                replayed.accounts += 1;
                replayed.entries += self.follow(risk, |entry| arrive(&MODEL, &mut state, entry)).await?;
                if state != risk.state {
                    replayed.different += 1;
                    replayed.named.extend((replayed.named.len() < DIFFERENT).then_some(risk.identity));
                }
            }
        }
    }

    /// Compares what another model makes of the past of every account with what the model in use does. Changes nothing.
    pub async fn simulate_risk(&self, viewer: &Viewer, model: &Model) -> Result<Simulated> {
        policy::allow(viewer, Action::OwnServer, Resource::of(OrganizationId::INSTANCE))?;
        let (mut simulated, mut last) = (Simulated::default(), Uuid::nil());
        loop {
            let risks = self.store().risks_behind(last, None, AT_ONCE).await?;
            let Some(behind) = risks.last() else { return Ok(simulated) };
            last = behind.identity.uuid;
            for risk in &risks {
                let (mut used, mut other) = (Course::of(&MODEL), Course::of(model));
                let both = |entry: &Entry| {
                    used.follow(entry);
                    other.follow(entry);
                };
                self.follow(risk, both).await?;
                simulated.add(risk.identity, used.highest, other.highest);
            }
        }
    }

    /// Tells what an account was assessed by, in that order, as far as it was so when the account was read; and how much it was.
    async fn follow(&self, risk: &Risk, mut tell: impl FnMut(&Entry)) -> Result<u64> {
        let mut place = 0;
        while place < risk.arrivals {
            let wanted = u64::try_from(risk.arrivals - place).unwrap_or_default().min(AT_ONCE);
            let entries = self.store().risk_log(risk.identity.uuid, place, wanted).await?;
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                tell(entry);
                place += 1;
            }
        }
        Ok(u64::try_from(place).unwrap_or_default())
    }
}

impl<'a> Course<'a> {
    fn of(model: &'a Model) -> Self {
        Self { model, state: State::new(), at: i64::MIN, highest: 0 }
    }

    fn follow(&mut self, entry: &Entry) {
        arrive(self.model, &mut self.state, entry);
        // A score is that of a time from the newest evidence on.
        self.at = self.at.max(time_of(entry).unwrap_or(self.at));
        self.highest = self.highest.max(score_at(self.model, &self.state, self.at).score);
    }
}

impl Simulated {
    fn add(&mut self, identity: NodeId, used: u8, other: u8) {
        self.accounts += 1;
        for (place, level) in Level::ALL.into_iter().enumerate() {
            self.levels[place].0 += u64::from(Level::of(used) == level);
            self.levels[place].1 += u64::from(Level::of(other) == level);
        }
        if used != other {
            self.moved.push((identity, used, other));
            self.moved.sort_by_key(|(identity, used, other)| (std::cmp::Reverse(used.abs_diff(*other)), identity.uuid));
            self.moved.truncate(MOVED);
        }
    }
}

/// When an entry happened; that evidence was dismissed has no time that matters.
const fn time_of(entry: &Entry) -> Option<i64> {
    match entry {
        Entry::Event { observation, .. } => Some(observation.at),
        Entry::Compromised { at } | Entry::Safe { at, .. } => Some(*at),
        Entry::Dismissed { .. } => None,
    }
}

fn arrive(model: &Model, state: &mut State, entry: &Entry) {
    match entry {
        Entry::Event { observation, context } => {
            let _ = assess(model, state, observation, context);
        }
        Entry::Compromised { at } => state.confirm_compromised(*at),
        Entry::Safe { at, learned } => {
            for (origin, at) in learned {
                state.learn(origin, *at);
            }
            // Everything that arrived before is of before.
            let _ = state.remediate(*at);
        }
        Entry::Dismissed { evidence } => {
            for evidence in evidence {
                state.cancel(model, evidence);
            }
        }
    }
}
