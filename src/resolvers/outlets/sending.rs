//! Sending what is due, to one outlet after the other. What goes over the network is the matter of the worker.

use super::super::command::{CollectDeliveries, SuspendOutlet};
use super::super::{App, RunOptions};
use super::webhooks;
use crate::domain::id::event_id;
use crate::domain::outlet::{DeliveryState, OutletKind};
use crate::domain::{Delivery, Error, ErrorCode, Outlet, Result, Timestamp};
use chrono::TimeDelta;
use rand::Rng;
use uuid::Uuid;

/// For how long an outlet is taken up, unless it is given back before.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// How many deliveries are read at a time.
const PAGE: u64 = 50;

/// A request to a receiver.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// Where it goes.
    pub url: String,
    /// Its headers, some of which nobody else may see.
    pub headers: Vec<(&'static str, Vec<u8>)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// What a receiver has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// That it has it.
    Arrived,
    /// That it cannot make use of this one.
    Refused {
        /// With that status.
        status: u16,
        /// For that reason.
        failure: String,
    },
    /// Nothing, or that it takes nothing just now.
    Away {
        /// With that status, if it is one.
        status: Option<u16>,
        /// For that reason.
        failure: String,
    },
}

impl App {
    /// Writes down what is to be sent of what has happened, in some organizations. Says whether there may be more.
    pub async fn collect_deliveries(&self) -> Result<bool> {
        let Some(settings) = self.issuance() else { return Ok(false) };
        let mut has_more = false;
        for organization in self.store().organizations_to_collect().await? {
            let command = CollectDeliveries { organization, issuer: settings.issuer.clone() };
            match self.run(&self.server(), command, RunOptions::default()).await {
                // It was deleted meanwhile.
                Err(error) if error.code == ErrorCode::NotFound => {}
                outcome => has_more |= outcome?,
            }
            self.announce_deliveries();
        }
        Ok(has_more)
    }

    /// Takes up an outlet to which something is to be sent now.
    pub async fn claim_outlet(&self, claim: Uuid) -> Result<Option<Outlet>> {
        if self.issuance().is_none() {
            return Ok(None);
        }
        let now = self.clock().now();
        self.store().claim_outlet(claim, (now, now + LEASE)).await
    }

    /// What is to be sent to it now, in its order; some of it, if it is much.
    pub async fn due_deliveries(&self, outlet: &Outlet) -> Result<Vec<Delivery>> {
        self.store().due_deliveries(outlet.id, self.clock().now(), PAGE).await
    }

    /// The request by which something is sent.
    pub async fn prepare_delivery(&self, outlet: &Outlet, delivery: &Delivery) -> Result<Prepared> {
        let settings = self.sending()?;
        let url = outlet.url.clone().ok_or_else(Error::internal)?;
        let secret = |sealed: &Option<Vec<u8>>| {
            sealed.as_deref().map(|sealed| Self::opened(settings, outlet, sealed)).transpose()
        };
        if outlet.kind == OutletKind::Push {
            let body = self.sign_set(settings, &delivery.body, &self.server()).await?.into_bytes();
            let mut headers =
                vec![("content-type", b"application/secevent+jwt".to_vec()), ("accept", b"application/json".to_vec())];
            headers.extend(secret(&outlet.secret)?.map(|header| ("authorization", header)));
            return Ok(Prepared { url, headers, body });
        }
        let now = self.clock().now();
        let mut keys: Vec<Vec<u8>> = secret(&outlet.secret)?.into_iter().collect();
        if outlet.former_until.is_some_and(|until| now < until) {
            keys.extend(secret(&outlet.former_secret)?);
        }
        let body = serde_json::to_vec(&delivery.body).map_err(|_| Error::internal())?;
        let (id, timestamp) = (event_id(delivery.id), now.timestamp());
        let signature = webhooks::signatures(&keys, (&id, timestamp), &body);
        let headers = vec![
            ("content-type", b"application/cloudevents+json; charset=utf-8".to_vec()),
            ("webhook-id", id.into_bytes()),
            ("webhook-timestamp", timestamp.to_string().into_bytes()),
            ("webhook-signature", signature.into_bytes()),
        ];
        Ok(Prepared { url, headers, body })
    }

    /// Notes that these have arrived.
    pub async fn note_arrived(&self, outlet: &Outlet, ids: &[Uuid]) -> Result<()> {
        self.store().have_arrived(outlet.id, ids, self.clock().now()).await
    }

    /// Notes that one has not, and when it is sent again, if at all. One that its receiver cannot make use of is given up in the
    /// end; one of a webhook also if the receiver is away. Signals are kept for a receiver that is away.
    pub async fn note_failed(&self, outlet: &Outlet, delivery: &Delivery, answer: &Answer) -> Result<()> {
        let rules = self.sending()?.outlets;
        let now = self.clock().now();
        let is_last = delivery.attempts + 1 >= rules.max_attempts;
        let (status, failure, is_refused) = match answer {
            Answer::Arrived => return Ok(()),
            Answer::Refused { status, failure } => (Some(i64::from(*status)), failure, true),
            Answer::Away { status, failure } => (status.map(i64::from), failure, false),
        };
        let (state, due_at) = match (is_last, is_refused) {
            (true, true) => (DeliveryState::Dead, now),
            (true, false) if !outlet.kind.is_stream() => (DeliveryState::Dead, now),
            (_, true) => (DeliveryState::Pending, now + pause(&rules, delivery.attempts)),
            // The outlet itself is tried again later.
            (_, false) => (DeliveryState::Pending, now),
        };
        self.store().has_failed((outlet.id, delivery.id), (state, due_at), (status, failure, now)).await
    }

    /// Gives an outlet back whose receiver has answered.
    pub async fn release_outlet(&self, outlet: &Outlet, claim: Uuid) -> Result<()> {
        self.store().release_outlet(outlet.id, claim, self.clock().now()).await
    }

    /// Gives an outlet back whose receiver is away. If it has been for too long, nothing is sent to it any more.
    pub async fn back_off_outlet(&self, outlet: &Outlet, claim: Uuid, failure: &str) -> Result<()> {
        let rules = self.sending()?.outlets;
        let now = self.clock().now();
        let retry_at = now + pause(&rules, outlet.failures);
        self.store().back_off_outlet((outlet.id, claim), (now, retry_at), failure).await?;
        if outlet.failing_since.is_some_and(|since| now - since >= rules.give_up_after) {
            let (organization, id) = (outlet.organization, outlet.id);
            let sending = self.sending()?.clone();
            self.run(&self.server(), SuspendOutlet { organization, id, sending }, RunOptions::default()).await?;
        }
        Ok(())
    }

    /// Forgets deliveries that are too old, arrived or not: how many had, and how many had not.
    pub async fn forget_deliveries(&self) -> Result<(u64, u64)> {
        let Some(settings) = self.issuance() else { return Ok((0, 0)) };
        let before: Timestamp = self.clock().now() - settings.outlets.retention;
        self.store().forget_deliveries(before).await
    }
}

/// How long to wait after so many failures before: twice as long after each, and somewhere in the upper half of that, so that those
/// who failed together do not come back together.
fn pause(rules: &super::Rules, failures: i64) -> TimeDelta {
    let factor = 2_i32.saturating_pow(u32::try_from(failures.clamp(0, 24)).unwrap_or_default());
    let longest = rules.longest_retry.num_milliseconds().max(rules.first_retry.num_milliseconds());
    let whole = rules.first_retry.num_milliseconds().saturating_mul(factor.into()).min(longest);
    TimeDelta::milliseconds(rand::rng().random_range(whole / 2..=whole))
}

#[cfg(test)]
mod tests {
    use super::super::Rules;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pauses_grow_and_stay_within_bounds(failures in 0_i64..1_000, first in 1_i64..10_000, longest in 1_i64..100_000) {
            let rules = Rules {
                allow_private_networks: false,
                first_retry: TimeDelta::milliseconds(first),
                longest_retry: TimeDelta::milliseconds(longest),
                max_attempts: 1,
                give_up_after: TimeDelta::hours(1),
                retention: TimeDelta::days(1),
            };
            let pause = pause(&rules, failures).num_milliseconds();
            prop_assert!(pause <= longest.max(first));
            prop_assert!(pause >= first.min(longest.max(first)) / 2);
        }
    }
}
