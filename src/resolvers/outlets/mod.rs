//! Telling others of changes: streams of signals about the security of accounts, and webhooks.
//!
//! Both are [outlets](crate::domain::outlet), and go the same way:
//!
//! 1. **Collecting.** The worker looks which organizations have events that their outlets have not come to, and runs
//!    [`CollectDeliveries`](super::command::CollectDeliveries): in one transaction, under the lock of the organization, the events
//!    become deliveries and the outlets move on. What an event says to the receiver of a stream is settled in [`signals`], and in which
//!    words in [`subjects`] and [`sets`]; what it says to a webhook in [`webhooks`].
//! 2. **Sending.** A worker takes up an outlet for a while, and sends what is due in its order ([`sending`]). Where the receiver of a
//!    stream fetches, it does so by [`polling`].
//!
//! A server that dies in between has sent something that it has not written down as sent; it is sent again, under the same id.

mod hooks;
mod polling;
mod secrets;
mod sending;
mod sets;
mod signals;
mod streams;
mod subjects;
mod webhooks;

pub use hooks::{NewWebhook, WebhookChange, WithSecret, delivery_cursor};
pub use polling::{Fetched, Polled};
pub use sending::{Answer, Prepared};
pub use sets::MIN_VERIFICATION_INTERVAL;
pub use streams::{StreamDelivery, StreamSettings};

pub(super) use sets::{signal_delivery, stream_updated, verification};
pub(super) use signals::{Signal, of_event};
pub(super) use subjects::{Facts, find_subject, initiating_entity, sub_id};
pub(super) use webhooks::cloud_event;

use super::policy::{self, Action, Resource};
use super::{App, Viewer};
use crate::domain::{Error, ErrorCode, NodeId, NodeKind, OrganizationId, Result};
use crate::resolvers::oauth::Settings;
use chrono::TimeDelta;

/// How changes are sent to others.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Whether receivers may be on this machine and in private networks, and be spoken to without TLS.
    pub allow_private_networks: bool,
    /// How long it takes at most until something is sent again after the first failure. It doubles with each.
    pub first_retry: TimeDelta,
    /// How long it takes at most after many.
    pub longest_retry: TimeDelta,
    /// How often something is sent before it is given up.
    pub max_attempts: i64,
    /// How long a receiver may be away before nothing is sent to it any more.
    pub give_up_after: TimeDelta,
    /// For how long deliveries are kept, arrived or not.
    pub retention: TimeDelta,
}

/// Who has signals sent to itself: an API token of one organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receiver {
    /// The organization whose signals it gets.
    pub organization: OrganizationId,
    /// The API token, which is also the audience of the signals.
    pub token: NodeId,
}

/// Which receiver a viewer is.
pub fn receiver(viewer: &Viewer) -> Result<Receiver> {
    let access = viewer.access.as_ref().ok_or_else(Error::unauthenticated)?;
    let token = viewer.actor.id.filter(|id| id.kind == NodeKind::Token);
    match (access.organization, token) {
        (Some(organization), Some(token)) => {
            policy::allow(viewer, Action::ReceiveSignals, Resource::of(organization).seen())?;
            Ok(Receiver { organization, token })
        }
        _ => Err(Error::forbidden(
            "Signals are sent to API tokens, or what was issued to them, that are confined to one organization.",
        )),
    }
}

impl App {
    /// What it takes to sign and to seal, without which nothing is sent.
    pub fn sending(&self) -> Result<&Settings> {
        self.issuance().ok_or_else(|| Error {
            code: ErrorCode::NotFound,
            field: None,
            keyword: None,
            message: "This server sends nothing: there is no oauth.key_secret, under which secrets are kept and keys that sign."
                .into(),
        })
    }

    /// Says that there is something to be sent.
    pub(super) fn announce_deliveries(&self) {
        self.deliveries.notify_waiters();
    }

    /// Waits until somebody says that there is something to be sent.
    pub async fn deliveries_announced(&self) {
        self.deliveries.notified().await;
    }
}
