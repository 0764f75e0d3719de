//! Assess again what was assessed before: to see that it comes to the same, or what another model would have made of it.

use super::super::policy::{self, Action, Resource};
use super::super::{App, Viewer};
use super::MODEL;
use crate::domain::risk::{Entry, Level, Risk, State, millis};
use crate::domain::{NodeId, OrganizationId, Result, Timestamp};
use risk_model::{Model, assess, score_at};
use uuid::Uuid;

/// How many accounts, and how many entries of a log, are read at once.
const AT_ONCE: u64 = 500;
/// How many accounts are named.
const NAMED: usize = 20;

/// What a replay has found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replayed {
    /// How many accounts were replayed.
    pub accounts: u64,
    /// By how many entries of their logs.
    pub entries: u64,
    /// The accounts that came out otherwise than they are stored.
    pub different: Vec<NodeId>,
}

/// What another model makes of the past.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simulated {
    /// How many accounts were replayed.
    pub accounts: u64,
    /// How many accounts are at each level, by the model in use and by the other one.
    pub levels: [(u64, u64); 4],
    /// The accounts whose scores differ most: by the model in use, and by the other one.
    pub moved: Vec<(NodeId, u8, u8)>,
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
                let (state, entries) = self.replay(&MODEL, risk).await?;
                replayed.accounts += 1;
                replayed.entries += entries;
                if state != risk.state {
                    replayed.different.push(risk.identity);
                }
            }
        }
    }

    /// Compares what another model makes of the past of every account with what is so now. Changes nothing.
    pub async fn simulate_risk(&self, viewer: &Viewer, model: &Model) -> Result<Simulated> {
        policy::allow(viewer, Action::OwnServer, Resource::of(OrganizationId::INSTANCE))?;
        let now = millis(self.clock().now());
        let (mut simulated, mut last) = (Simulated::default(), Uuid::nil());
        loop {
            let risks = self.store().risks_behind(last, None, AT_ONCE).await?;
            let Some(behind) = risks.last() else { return Ok(simulated) };
            last = behind.identity.uuid;
            for risk in &risks {
                let (state, _) = self.replay(model, risk).await?;
                simulated.add(
                    risk.identity,
                    score_at(&MODEL, &risk.state, now).score,
                    score_at(model, &state, now).score,
                );
            }
        }
    }

    /// The state that the log of an account makes, and how many entries it has; as far as it was when the account was read.
    async fn replay(&self, model: &Model, risk: &Risk) -> Result<(State, u64)> {
        let (mut state, mut place) = (State::new(), 0);
        while place < risk.arrivals {
            let wanted = u64::try_from(risk.arrivals - place).unwrap_or_default().min(AT_ONCE);
            let entries = self.store().risk_log(risk.identity.uuid, place, wanted).await?;
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                arrive(model, &mut state, entry);
                place += 1;
            }
        }
        Ok((state, u64::try_from(place).unwrap_or_default()))
    }
}

impl Simulated {
    fn add(&mut self, identity: NodeId, now: u8, other: u8) {
        self.accounts += 1;
        for (place, level) in Level::ALL.into_iter().enumerate() {
            self.levels[place].0 += u64::from(Level::of(now) == level);
            self.levels[place].1 += u64::from(Level::of(other) == level);
        }
        if now != other {
            self.moved.push((identity, now, other));
            self.moved.sort_by_key(|(identity, now, other)| (std::cmp::Reverse(now.abs_diff(*other)), identity.uuid));
            self.moved.truncate(NAMED);
        }
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
