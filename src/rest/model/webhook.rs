//! Webhooks, and what they send.

use super::change::Change;
use super::moment::Moment;
use crate::domain::id::event_id;
use crate::domain::outlet::{self, OutletStatus};
use crate::domain::{Delivery as Sent, Outlet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A webhook: where every change of an organization is sent, or some of them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Webhook {
    /// Public id: `whk_…`.
    pub id: String,
    /// Public id of the organization.
    pub organization_id: String,
    /// Where its receiver is.
    pub url: String,
    /// The actions that it sends, such as `profile.disable` or `profile.*`; empty for all of them.
    pub events: Vec<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is in use. It is not any more when its receiver was away for too long.
    pub enabled: bool,
    /// Why it is not, if the server has decided so.
    pub disabled_reason: Option<String>,
    /// Since when its receiver has been away; null while it is not.
    pub failing_since: Option<Moment>,
    /// When it is tried again, while it is.
    pub retry_at: Option<Moment>,
    /// What went wrong last.
    pub last_failure: Option<String>,
    /// Until when what is sent is signed by the key before this one, too.
    pub former_secret_until: Option<Moment>,
    /// When it was made.
    pub created_at: Moment,
    /// When it was last changed.
    pub updated_at: Moment,
}

impl From<&Outlet> for Webhook {
    fn from(webhook: &Outlet) -> Self {
        Self {
            id: webhook.public_id(),
            organization_id: webhook.organization.to_string(),
            url: webhook.url.clone().unwrap_or_default(),
            events: webhook.events.clone(),
            description: webhook.description.clone(),
            enabled: webhook.status == OutletStatus::Enabled,
            disabled_reason: webhook.status_reason.clone(),
            failing_since: webhook.failing_since.map(Into::into),
            retry_at: webhook.retry_at.map(Into::into),
            last_failure: webhook.last_failure.clone(),
            former_secret_until: webhook.former_until.map(Into::into),
            created_at: webhook.created_at.into(),
            updated_at: webhook.updated_at.into(),
        }
    }
}

/// A webhook with its key, which is shown this once.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WebhookWithSecret {
    /// The webhook.
    pub webhook: Webhook,
    /// The key by which what is sent is signed (Standard Webhooks): `whsec_…`.
    pub secret: String,
}

/// A webhook to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Of which organization: its slug or id; that of the credential unless given.
    pub organization: Option<String>,
    /// Where its receiver is: https, at an address that is public.
    #[schemars(length(min = 1, max = 2048))]
    pub url: String,
    /// The actions that it sends, such as `profile.disable` or `profile.*`; all of them unless given.
    #[serde(default)]
    pub events: Vec<String>,
    /// What it is for.
    pub description: Option<String>,
}

/// Changes to a webhook. What is left out stays, null clears.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookChange {
    /// Where its receiver is: https, at an address that is public.
    #[serde(default, deserialize_with = "super::change::value")]
    #[schemars(transform = super::change::not_null)]
    pub url: Option<String>,
    /// The actions that it sends; empty for all of them.
    #[serde(default, deserialize_with = "super::change::value")]
    #[schemars(transform = super::change::not_null)]
    pub events: Option<Vec<String>>,
    /// What it is for.
    #[serde(default)]
    pub description: Change<String>,
    /// Whether it is in use. What happens while it is not is not sent later, unless it is replayed.
    #[serde(default, deserialize_with = "super::change::value")]
    #[schemars(transform = super::change::not_null)]
    pub enabled: Option<bool>,
}

/// From when on everything is sent again.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// The time of the first event that is sent again.
    pub since: Moment,
}

choice! {
    /// What has become of a delivery.
    DeliveryState = outlet::DeliveryState {
        /// It is still to arrive.
        Pending,
        /// It has arrived.
        Delivered,
        /// It is given up.
        Dead,
    }
}

/// Something that a webhook sends.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Delivery {
    /// Public id: that of the event, `evt_…`, which its receiver knows it by (`webhook-id`).
    pub id: String,
    /// The action, such as `profile.disable`.
    pub action: String,
    /// What has become of it.
    pub state: DeliveryState,
    /// How often it was sent.
    pub attempts: i64,
    /// When it is sent, or sent again, while it is to arrive.
    pub due_at: Moment,
    /// Since when it is to be sent.
    pub created_at: Moment,
    /// Since when it has arrived, or is given up.
    pub finished_at: Option<Moment>,
    /// With which status of HTTP its receiver has last refused it.
    pub answer_status: Option<i64>,
    /// What went wrong last.
    pub failure: Option<String>,
    /// What is sent: a CloudEvent.
    pub event: Value,
}

impl From<&Sent> for Delivery {
    fn from(delivery: &Sent) -> Self {
        Self {
            id: event_id(delivery.id),
            action: delivery.event_type.clone(),
            state: delivery.state.into(),
            attempts: delivery.attempts,
            due_at: delivery.due_at.into(),
            created_at: delivery.created_at.into(),
            finished_at: delivery.finished_at.map(Into::into),
            answer_status: delivery.answer_status,
            failure: delivery.failure.clone(),
            event: delivery.body.clone(),
        }
    }
}
