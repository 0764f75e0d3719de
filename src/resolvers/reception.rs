//! Signals of others: verified by their keys, taken once, or refused, counted and remembered. They are pushed, or [fetched](polling).

mod polling;
mod rejected;

pub use polling::{Poll, PolledSignals, Unsaid};

use super::command::{DistrustTransmitter, ReceiveSignal, TrustTransmitter, is_replay};
use super::{App, RunOptions, Viewer};
use crate::domain::transmitter::{ReceivedSignal, SignalFault, SignalRefusal, Transmitter};
use crate::domain::{Error, OrganizationId, Result, Timestamp};
use chrono::TimeDelta;
use futures::future::BoxFuture;
use std::fmt::Debug;
use uuid::Uuid;

/// How old a signal may be. What was taken is kept for longer, so that none is taken twice.
const OLDEST: TimeDelta = TimeDelta::days(30);
/// For how long what was taken is kept.
const RETENTION: TimeDelta = TimeDelta::days(31);

/// Those who transmit: the keys by which they sign, and what they keep until it is fetched.
pub trait SignalSource: Debug + Send + Sync {
    /// What a signal says, if that transmitter has made it, for us, and no longer ago than may be: now, and how old it may be.
    fn verify<'a>(
        &'a self,
        signal: &'a str,
        transmitter: &'a Transmitter,
        when: (Timestamp, TimeDelta),
    ) -> BoxFuture<'a, std::result::Result<ReceivedSignal, SignalRefusal>>;

    /// Fetches signals (RFC 8936), or says why they are not to be had, for the operator.
    fn fetch<'a>(&'a self, poll: &'a Poll) -> BoxFuture<'a, std::result::Result<PolledSignals, String>>;
}

/// What a transmitter is to be.
#[derive(Debug, Clone)]
pub struct NewTransmitter {
    /// What its signals say that they are from.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_url: String,
    /// For whom its signals have to be meant.
    pub audience: String,
    /// The provider of the accounts that it knows by their ids.
    pub provider: String,
    /// The environment of those.
    pub environment: String,
    /// Where its signals are fetched, and the token that is shown there; none if it pushes them.
    pub polling: Option<(String, String)>,
}

impl App {
    /// The same application, which takes the signals of others.
    #[must_use]
    pub fn taking_signals_of(mut self, source: std::sync::Arc<dyn SignalSource>) -> Self {
        self.signals = Some(source);
        self
    }

    /// Trusts somebody: its signals are taken from now on.
    pub async fn trust_transmitter(
        &self,
        viewer: &Viewer,
        organization: OrganizationId,
        new: NewTransmitter,
    ) -> Result<Uuid> {
        let NewTransmitter { issuer, jwks_url, audience, provider, environment, polling } = new;
        let id = self.clock().new_id();
        let (poll_url, sealed) = match polling {
            Some((url, token)) => (Some(url.clone()), Some(self.seal_poll_token(id, &url, &token)?)),
            None => (None, None),
        };
        let command =
            TrustTransmitter { organization, id, issuer, jwks_url, audience, provider, environment, poll_url, sealed };
        self.run(viewer, command, RunOptions::default()).await
    }

    /// Trusts somebody no more.
    pub async fn distrust_transmitter(&self, viewer: &Viewer, id: Uuid) -> Result<()> {
        let found = self.store().transmitter(id).await?;
        let organization = found.ok_or_else(|| Error::not_found("id", "transmitter"))?.organization;
        self.run(viewer, DistrustTransmitter { organization, id }, RunOptions::default()).await.map(drop)
    }

    /// Takes a signal that somebody says to have from that transmitter. The outer error is no matter of the signal.
    pub async fn receive_signal(
        &self,
        transmitter: Uuid,
        signal: &str,
    ) -> Result<std::result::Result<(), SignalRefusal>> {
        let found = self.store().transmitter(transmitter).await?;
        let transmitter = found.ok_or_else(|| Error::not_found("id", "transmitter"))?;
        let outcome = self.receive(&transmitter, signal).await?;
        if let Err(refusal) = &outcome {
            self.note_refusal(&transmitter, signal, refusal).await?;
        }
        Ok(outcome)
    }

    /// Takes a signal, if it is one that can be taken. It is committed when this returns.
    async fn receive(&self, transmitter: &Transmitter, signal: &str) -> Result<std::result::Result<(), SignalRefusal>> {
        let source = self.signals.as_ref().ok_or_else(Error::unavailable)?;
        match source.verify(signal, transmitter, (self.clock().now(), OLDEST)).await {
            Ok(signal) => self.take_signal(transmitter, signal).await,
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Counts and remembers that a signal was refused.
    async fn note_refusal(&self, transmitter: &Transmitter, signal: &str, refusal: &SignalRefusal) -> Result<()> {
        tracing::warn!(
            signal.issuer = transmitter.issuer,
            signal.fault = refusal.fault.name(),
            error = refusal.description,
            "refused a signal"
        );
        let now = self.clock().now();
        self.store().count_refusal(transmitter.id, refusal, now).await?;
        self.store().remember_rejected(transmitter.id, &rejected::remembered(signal, refusal, now)).await
    }

    async fn take_signal(
        &self,
        transmitter: &Transmitter,
        signal: ReceivedSignal,
    ) -> Result<std::result::Result<(), SignalRefusal>> {
        let (jti, event_type) = (signal.jti.clone(), signal.event_type.clone());
        let issuer = self.issuance().map(|settings| settings.issuer.clone());
        let command =
            ReceiveSignal { organization: transmitter.organization, transmitter: transmitter.id, signal, issuer };
        match self.run(&self.server(), command, RunOptions::default()).await {
            Ok(is_meant) => {
                tracing::info!(
                    signal.issuer = transmitter.issuer,
                    signal.jti = jti,
                    signal.event_type = event_type,
                    signal.is_meant = is_meant,
                    "took a signal"
                );
                Ok(Ok(()))
            }
            Err(error) if is_replay(&error) => {
                Ok(Err(SignalRefusal { fault: SignalFault::Replayed, description: error.message.into_owned() }))
            }
            Err(error) => Err(error),
        }
    }

    /// Forgets what was taken so long ago that nobody could send it again.
    pub async fn forget_received(&self) -> Result<u64> {
        self.store().forget_received(self.clock().now() - RETENTION).await
    }
}
