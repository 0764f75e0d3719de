//! Fetching signals from those who do not push them (RFC 8936), by one server at a time.
//!
//! What was taken is acknowledged in the next request, and what was refused is refused in it. A server that dies before is sent the
//! same again: what was taken already is acknowledged then. So nothing is acknowledged that is not committed, and nothing is lost.

use super::super::App;
use crate::domain::outlet::check_target;
use crate::domain::transmitter::{PollState, Polling, SignalFault, SignalRefusal, Transmitter, transmitter_id};
use crate::domain::{Error, Result, Timestamp};
use chrono::TimeDelta;
use std::collections::HashSet;
use std::fmt::Debug;
use uuid::Uuid;

/// For how long a server has a transmitter for itself: longer than it goes on asking it.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// How long a transmitter is asked again and again that has more.
const LONGEST: TimeDelta = TimeDelta::minutes(2);
/// How often it is, at most.
const ROUNDS: usize = 20;
/// How many signals are wanted at once.
const AT_ONCE: u32 = 50;
/// After how long a transmitter is asked again.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// How much longer it takes each time it has failed, at most.
const MAX_DOUBLINGS: u32 = 7;
/// How much of a reason is kept, in characters.
const MAX_REASON: usize = 500;
/// How long a token may be, in bytes.
const MAX_TOKEN: usize = 8_192;

/// What a transmitter is asked.
pub struct Poll {
    /// Where.
    pub url: String,
    /// The token that is shown there.
    pub token: String,
    /// Whether that may be on this machine or in a private network, and be spoken to without TLS.
    pub allow_private_networks: bool,
    /// How many signals are wanted.
    pub max_events: u32,
    /// What is told of those that were fetched before.
    pub unsaid: Unsaid,
}

impl Debug for Poll {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Poll").field("url", &self.url).field("unsaid", &self.unsaid).finish_non_exhaustive()
    }
}

/// What a transmitter does not know yet about what was fetched from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unsaid {
    /// What was taken, by what the transmitter calls it.
    pub taken: Vec<String>,
    /// What was refused, and why.
    pub refused: Vec<(String, SignalRefusal)>,
}

impl Unsaid {
    const fn is_empty(&self) -> bool {
        self.taken.is_empty() && self.refused.is_empty()
    }
}

/// What was fetched.
#[derive(Clone, Default)]
pub struct PolledSignals {
    /// The signals, by what the transmitter calls them.
    pub signals: Vec<(String, String)>,
}

impl Debug for PolledSignals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PolledSignals({})", self.signals.len())
    }
}

/// How far fetching has come.
enum Progress {
    /// Everything was fetched.
    Done,
    /// There may be more.
    More,
}

impl App {
    /// Seals the token with which the signals of a transmitter are fetched. A place that may not be asked is refused.
    pub(super) fn seal_poll_token(&self, id: Uuid, url: &str, token: &str) -> Result<Vec<u8>> {
        let settings = self.issuance().ok_or_else(|| {
            Error::invalid("poll_token", "This server has nothing to encrypt tokens with; have oauth.key_secret set.")
        })?;
        check_target("poll_url", url, settings.outlets.allow_private_networks).map_err(|_| {
            let message = "Signals are fetched by https, from addresses that are public; \
                deliveries.allow_private_networks allows others.";
            Error::invalid("poll_url", message)
        })?;
        if token.is_empty() || token.len() > MAX_TOKEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::invalid("poll_token", "This is no bearer token; give visible ASCII characters."));
        }
        settings.outlet_sealer.seal(id, token.as_bytes())
    }

    /// Fetches the signals of the transmitter that has waited longest for it. Says whether there was one.
    pub async fn poll_due_transmitter(&self) -> Result<bool> {
        if self.signals.is_none() {
            return Ok(false);
        }
        let (claim, now) = (self.clock().new_id(), self.clock().now());
        let Some(transmitter) = self.store().claim_polling(claim, (now, now + LEASE)).await? else { return Ok(false) };
        let Some(polling) = &transmitter.polling else { return Ok(false) };
        let outcome = self.poll(&transmitter, polling).await;
        let state = state_after(&transmitter, &polling.state, outcome, self.clock().now());
        if !self.store().finish_polling(transmitter.id, claim, &state).await? {
            tracing::warn!(
                transmitter.id = transmitter_id(transmitter.id),
                "signals took so long that another server fetches them, or nobody does any more"
            );
        }
        Ok(true)
    }

    /// Fetches what a transmitter has, and takes it. The error says why not, for the operator.
    async fn poll(&self, transmitter: &Transmitter, polling: &Polling) -> std::result::Result<Progress, String> {
        let source = self.signals.as_ref().ok_or("this server takes no signals")?;
        let settings = self.issuance().ok_or("oauth.key_secret is not set, under which the token is kept")?;
        let token = settings.outlet_sealer.open(transmitter.id, &polling.sealed);
        let token = token.and_then(|token| String::from_utf8(token).ok());
        let token = token.ok_or("the token was sealed under another oauth.key_secret; trust the transmitter anew")?;
        let mut poll = Poll {
            url: polling.url.clone(),
            token,
            allow_private_networks: settings.outlets.allow_private_networks,
            max_events: AT_ONCE,
            unsaid: Unsaid::default(),
        };
        let until = self.clock().now() + LONGEST;
        let (mut outcome, mut seen) = (Ok(Progress::More), HashSet::new());
        for _ in 0..ROUNDS {
            let fetched = source.fetch(&poll).await?;
            poll.unsaid = Unsaid::default();
            if fetched.signals.is_empty() {
                return Ok(Progress::Done);
            }
            // Whoever does not listen would be asked forever.
            let names = fetched.signals.iter().map(|(name, _)| name.clone());
            if names.filter(|name| seen.insert(name.clone())).count() == 0 {
                return Err("it sends again what it was just told to be done with".to_owned());
            }
            outcome = self.take_polled(transmitter, fetched, &mut poll.unsaid).await.map(|()| Progress::More);
            if outcome.is_err() || self.clock().now() >= until {
                break;
            }
        }
        if !poll.unsaid.is_empty() {
            poll.max_events = 0;
            source.fetch(&poll).await?;
        }
        outcome
    }

    /// Takes signals that were fetched, and notes what there is to be said of them.
    async fn take_polled(
        &self,
        transmitter: &Transmitter,
        fetched: PolledSignals,
        unsaid: &mut Unsaid,
    ) -> std::result::Result<(), String> {
        let mut failure = None;
        for (name, signal) in fetched.signals {
            match self.receive(transmitter, &signal).await {
                Ok(Ok(())) => unsaid.taken.push(name),
                // Nothing is wrong about it: that it was taken was not heard.
                Ok(Err(refusal)) if refusal.fault == SignalFault::Replayed => unsaid.taken.push(name),
                // Nor can anything be said about it yet.
                Ok(Err(refusal)) if refusal.fault == SignalFault::NoKeys => failure = Some(refusal.description),
                Ok(Err(refusal)) => match self.note_refusal(transmitter, &signal, &refusal).await {
                    Ok(()) => unsaid.refused.push((name, refusal)),
                    Err(error) => failure = Some(error.message.into_owned()),
                },
                Err(error) => failure = Some(format!("a signal could not be taken: {}", error.message)),
            }
        }
        failure.map_or(Ok(()), Err)
    }
}

fn state_after(
    transmitter: &Transmitter,
    before: &PollState,
    outcome: std::result::Result<Progress, String>,
    now: Timestamp,
) -> PollState {
    let attempted_at = Some(now);
    match outcome {
        Ok(progress) => {
            let next_at = if matches!(progress, Progress::More) { now } else { now + PAUSE };
            PollState { next_at, attempted_at, succeeded_at: Some(now), failures: 0, failure: None }
        }
        Err(reason) => {
            let failures = before.failures.saturating_add(1);
            tracing::warn!(
                transmitter.id = transmitter_id(transmitter.id),
                transmitter.failures = failures,
                reason,
                "the signals of a transmitter cannot be fetched; it is tried again"
            );
            let next_at = now + PAUSE * 2_i32.pow((failures - 1).min(MAX_DOUBLINGS));
            let failure = Some(reason.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect());
            PollState { next_at, attempted_at, succeeded_at: before.succeeded_at, failures, failure }
        }
    }
}
