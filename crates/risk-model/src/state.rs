//! What is stored of each identity.

use serde::{Deserialize, Serialize};

use crate::baseline::Baseline;
use crate::evidence::{EventId, Evidence};
use crate::ledger::{Cleared, Entry, LISTED, Ledger};
use crate::model::Model;
use crate::number::{Key, Millis, Strength};
use crate::observation::{Location, Origin};
use crate::recent::Recent;
use crate::signal::Signal;

/// As JSON, a state is never longer than this many bytes. One of a person who signs in daily is about 6 kB.
pub const MAX_STATE_BYTES: usize = 64 * 1024;

/// What is stored of each identity. Serialise it; what is in it is not for others.
///
/// Its size is bounded ([`MAX_STATE_BYTES`]), whatever comes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub(crate) ledger: Ledger,
    pub(crate) baseline: Baseline,
    /// Leaks of the credential, the newest.
    leaks: Vec<Entry>,
    credential_changed: Option<Millis>,
    /// The posture as it is: the latest holds.
    posture: Option<Entry>,
    compromised: Option<Millis>,
    remediated: Option<Millis>,
    /// Where the last sign-ins were.
    pub(crate) visits: Recent<Visit, 4>,
    pub(crate) sessions: Vec<Session>,
    /// Failures to sign in.
    pub(crate) failures: Recent<Moment, 32>,
    /// Prompts that were denied or not answered.
    pub(crate) prompts: Recent<Moment, 16>,
    pub(crate) days: Vec<Day>,
    pub(crate) last_active: Option<Millis>,
    /// Events that were assessed.
    pub(crate) seen: Recent<Moment, 128>,
    /// Facts that were counted lately.
    pub(crate) counted: Recent<Fact, 32>,
    /// The latest revision of alerts.
    pub(crate) alerts: Recent<Revision, 64>,
}

/// That something happened.
pub(crate) type Moment = (Millis, Key);

/// A sign-in at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Visit {
    pub(crate) at: Millis,
    pub(crate) event: EventId,
    pub(crate) location: (i32, i32, u16),
}

impl Visit {
    pub(crate) fn place(&self) -> Location {
        let (latitude, longitude, radius) = self.location;
        Location { latitude, longitude, radius }
    }
}

/// A fact that counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Fact {
    pub(crate) at: Millis,
    pub(crate) signal: Signal,
    pub(crate) key: Key,
}

/// A revision of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Revision {
    pub(crate) revised: Millis,
    pub(crate) by: EventId,
    pub(crate) alert: EventId,
    pub(crate) raised: Millis,
    pub(crate) strength: Strength,
    pub(crate) dismissed: bool,
}

/// What a session was seen with. The first of each is what it began with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) key: Key,
    pub(crate) last: Millis,
    /// Whether its sign-in taught the baseline, so that its use may.
    pub(crate) trusted: bool,
    pub(crate) networks: Vec<Key>,
    pub(crate) families: Vec<Key>,
    pub(crate) countries: Vec<Key>,
    /// What it taught today.
    pub(crate) taught: (i64, Vec<Key>),
}

/// A day of accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Day {
    pub(crate) day: i64,
    pub(crate) count: u32,
    pub(crate) rare: u32,
    /// What was said of it already, in millionths.
    pub(crate) said: u32,
}

impl State {
    const SESSIONS: usize = 16;
    const DAYS: usize = 29;
    const CONTEXTS: usize = 4;

    /// Of an identity of which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds evidence that was found before. [`crate::assess`] has done so already with what it returns.
    ///
    /// Whether it changed anything. The same evidence again does not, as long as it is among the newest 128; beyond
    /// these, that an event comes once is for the caller's index of event ids to see to.
    pub fn record(&mut self, model: &Model, evidence: &Evidence) -> bool {
        let entry = Entry::of(evidence, false);
        match evidence.signal {
            Signal::LeakedCredential => self.add_leak(entry),
            Signal::Posture => {
                let newer = self.posture.is_none_or(|known| (known.at, known.event) < (entry.at, entry.event));
                if newer {
                    self.posture = Some(entry);
                }
                newer
            }
            _ => self.ledger.add(model, entry),
        }
    }

    fn add_leak(&mut self, entry: Entry) -> bool {
        let over = self.credential_changed.is_some_and(|changed| entry.at <= changed);
        if over || self.leaks.iter().any(|known| known.event == entry.event) {
            return false;
        }
        let place = self.leaks.partition_point(|known| (known.at, known.event) < (entry.at, entry.event));
        if place == 0 && self.leaks.len() == LISTED {
            // It was forgotten, or would be at once.
            return false;
        }
        self.leaks.insert(place, entry);
        if self.leaks.len() > LISTED {
            self.leaks.remove(0);
        }
        true
    }

    pub(crate) fn change_credential(&mut self, at: Millis) {
        self.credential_changed = self.credential_changed.max(Some(at));
        self.leaks.retain(|leak| leak.at > at);
    }

    /// Cancels evidence that the caller has stored: it was confirmed to be safe, or was dismissed. Once for each.
    pub fn cancel(&mut self, model: &Model, evidence: &Evidence) {
        self.set_cancelled(model, evidence, true);
    }

    /// Lets cancelled evidence count again.
    pub fn restore(&mut self, model: &Model, evidence: &Evidence) {
        self.set_cancelled(model, evidence, false);
    }

    fn set_cancelled(&mut self, model: &Model, evidence: &Evidence, cancelled: bool) {
        let entry = match evidence.signal {
            Signal::LeakedCredential => {
                self.add_leak(Entry::of(evidence, false));
                self.leaks.iter_mut().find(|leak| leak.event == evidence.event)
            }
            Signal::Posture => self.posture.as_mut().filter(|posture| posture.event == evidence.event),
            Signal::Alert => {
                let known = self.alerts.iter().find(|revision| revision.alert == evidence.event).copied();
                if let Some(revision) = known {
                    self.alerts.retain(|revision| revision.alert != evidence.event);
                    self.alerts.add(Revision { dismissed: cancelled, ..revision });
                }
                return self.ledger.set_cancelled(model, evidence, cancelled);
            }
            _ => return self.ledger.set_cancelled(model, evidence, cancelled),
        };
        if let Some(entry) = entry {
            entry.cancelled = cancelled;
        }
    }

    /// Someone confirmed that the identity is compromised. Its score is at least 95 until it is remediated.
    pub fn confirm_compromised(&mut self, at: Millis) {
        self.compromised = self.compromised.max(Some(at));
    }

    /// The identity was remediated: evidence up to then is gone, also if it arrives later. What stands (a leaked credential,
    /// its posture) stays until that itself changes.
    pub fn remediate(&mut self, at: Millis) -> Cleared {
        self.remediated = self.remediated.max(Some(at));
        self.ledger.clear(at)
    }

    /// Whether a compromise is confirmed and not remediated.
    #[must_use]
    pub fn is_compromised(&self) -> bool {
        self.compromised > self.remediated
    }

    /// When it was last confirmed that the identity is compromised.
    #[must_use]
    pub fn confirmed_at(&self) -> Option<Millis> {
        self.compromised
    }

    /// When it was last remediated.
    #[must_use]
    pub fn remediated_at(&self) -> Option<Millis> {
        self.remediated
    }

    /// Whether evidence is of a time that is over, so that it does not count: the identity was remediated since, or the
    /// credential was changed.
    #[must_use]
    pub fn is_over(&self, evidence: &Evidence) -> bool {
        match evidence.signal {
            Signal::LeakedCredential => self.credential_changed.is_some_and(|changed| evidence.at <= changed),
            Signal::Posture => false,
            _ => self.ledger.is_cleared(evidence.at),
        }
    }

    /// Builds the evidence anew from what the caller has stored and nobody cancelled. The order does not matter.
    pub fn rebuild<'a>(&mut self, model: &Model, evidence: impl IntoIterator<Item = &'a Evidence>) {
        self.ledger.empty();
        self.leaks.clear();
        self.posture = None;
        for evidence in evidence {
            self.record(model, evidence);
        }
    }

    /// Teaches the baseline a sign-in, such as one that was confirmed to be safe.
    pub fn learn(&mut self, origin: &Origin, at: Millis) {
        self.baseline.learn(origin, at);
    }

    /// What is usual for this identity.
    #[must_use]
    pub fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    /// Evidence that stands and was not cancelled.
    pub(crate) fn standing(&self) -> impl Iterator<Item = &Entry> {
        self.leaks.iter().chain(&self.posture).filter(|entry| !entry.cancelled)
    }

    /// The session, and whether it was known before.
    pub(crate) fn session(&mut self, key: Key, at: Millis) -> (&mut Session, bool) {
        let known = self.sessions.iter().position(|session| session.key == key);
        let place = known.unwrap_or_else(|| {
            if self.sessions.len() >= Self::SESSIONS {
                let oldest = self.sessions.iter().enumerate().min_by_key(|(_, session)| (session.last, session.key));
                let oldest = oldest.map_or(0, |(place, _)| place);
                self.sessions.remove(oldest);
            }
            let new = Session {
                key,
                last: at,
                trusted: false,
                networks: Vec::new(),
                families: Vec::new(),
                countries: Vec::new(),
                taught: (0, Vec::new()),
            };
            self.sessions.push(new);
            self.sessions.len() - 1
        });
        let session = &mut self.sessions[place];
        session.last = session.last.max(at);
        (session, known.is_some())
    }

    /// The day, with the days before it, unless it is too long ago.
    pub(crate) fn day(&mut self, day: i64) -> Option<(Vec<Day>, &mut Day)> {
        let place = match self.days.binary_search_by_key(&day, |known| known.day) {
            Ok(place) => place,
            Err(0) if self.days.len() >= Self::DAYS => return None,
            Err(place) => {
                self.days.insert(place, Day { day, count: 0, rare: 0, said: 0 });
                if self.days.len() > Self::DAYS {
                    self.days.remove(0);
                    place - 1
                } else {
                    place
                }
            }
        };
        let before = self.days[..place].to_vec();
        self.days.get_mut(place).map(|day| (before, day))
    }
}

impl Session {
    /// Whether it may teach the baseline this network: if it is trusted, and once a day.
    pub(crate) fn may_teach(&mut self, network: Option<Key>, day: i64) -> bool {
        let Some(network) = network.filter(|_| self.trusted) else { return false };
        if self.taught.0 != day {
            self.taught = (day, Vec::new());
        }
        let may = self.taught.1.len() < State::CONTEXTS && !self.taught.1.contains(&network);
        if may {
            self.taught.1.push(network);
        }
        may
    }

    /// Whether a value is new to the session, which had another one before. Then it is remembered.
    pub(crate) fn changes(values: &mut Vec<Key>, value: Option<Key>) -> bool {
        let Some(value) = value else { return false };
        if values.contains(&value) {
            return false;
        }
        let changed = !values.is_empty();
        if values.len() >= State::CONTEXTS {
            // Not the first: the session began with that.
            values.remove(1);
        }
        values.push(value);
        changed
    }
}
