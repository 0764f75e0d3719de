//! Webhooks: made, changed and removed by those who own an organization; what was sent is sent again.

use super::super::super::policy::{Action, Resource};
use super::super::super::write::{WriteContext, expect};
use super::super::{Command, Target};
use super::tell;
use crate::domain::diff::Difference;
use crate::domain::outlet::{DeliveryState, MAX_WEBHOOKS, OutletKind, OutletStatus};
use crate::domain::{Error, Organization, OrganizationId, Outlet, Patch, Result, Timestamp};
use crate::store::OutletOwner;
use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// How long the key before a new one is used too, in hours.
const FORMER_HOURS: i64 = 24;

macro_rules! webhook_target {
    () => {
        fn target(&self) -> Target {
            Target::Organization(self.organization, "organization")
        }
    };
}

/// Asks the policy: a webhook tells everything that is in the history.
fn authorize(context: &mut WriteContext<'_>) -> Result<()> {
    context.authorize_tenant(Action::Own)?;
    context.authorize(Action::ManageWebhooks, Resource::of(context.tenant()).seen())
}

async fn own_webhook(context: &mut WriteContext<'_>, id: Uuid) -> Result<Outlet> {
    authorize(context)?;
    let found = context.unit().outlet(id).await?.filter(|outlet| outlet.kind == OutletKind::Webhook);
    found.ok_or_else(|| Error::not_found("id", "webhook"))
}

/// Makes a webhook. It begins with what happens from now on.
#[derive(Debug, Clone, Serialize)]
pub struct CreateWebhook {
    /// The organization.
    pub organization: OrganizationId,
    /// The id of the webhook.
    #[serde(skip)]
    pub id: Uuid,
    /// Where its receiver is.
    pub url: String,
    /// The actions that it wants to hear of; empty for all of them.
    pub events: Vec<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Its key, sealed.
    #[serde(skip)]
    pub secret: Vec<u8>,
}

impl Command for CreateWebhook {
    type Output = Uuid;
    const ACTION: &'static str = "webhook.create";

    webhook_target!();

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        authorize(context)?;
        super::super::require_tenant(context).await?;
        if context.unit().outlet_count(OutletOwner::Organization).await? >= i64::from(MAX_WEBHOOKS) {
            let message = format!("This organization has {MAX_WEBHOOKS} webhooks; delete one first.");
            return Err(Error::conflict("organization", message));
        }
        let now = context.now();
        let webhook = Outlet {
            id: self.id,
            organization: self.organization,
            kind: OutletKind::Webhook,
            token: None,
            status: OutletStatus::Enabled,
            status_reason: None,
            description: self.description.clone(),
            url: Some(self.url.clone()),
            events: self.events.clone(),
            format: None,
            secret: Some(self.secret.clone()),
            former_secret: None,
            former_until: None,
            collected_seq: context.unit().last_event(),
            created_at: now,
            updated_at: now,
            verified_at: None,
            failures: 0,
            failing_since: None,
            retry_at: None,
            last_failure: None,
        };
        webhook.check()?;
        context.facts()?.write_outlet(&webhook).await?;
        tell(context, None, Some(&webhook)).await?;
        Ok(self.id)
    }
}

/// Changes a webhook. What is still to be sent is sent by what is said now.
#[derive(Debug, Clone, Serialize)]
pub struct UpdateWebhook {
    /// The organization.
    pub organization: OrganizationId,
    /// The webhook.
    pub id: Uuid,
    /// The version that the client has seen: when it was changed last, in microseconds.
    pub expected_version: Option<i64>,
    /// Where its receiver is.
    pub url: Option<String>,
    /// The actions that it wants to hear of; empty for all of them.
    pub events: Option<Vec<String>>,
    /// What it is for.
    pub description: Patch<String>,
    /// Whether it is in use.
    pub enabled: Option<bool>,
}

impl Command for UpdateWebhook {
    type Output = Uuid;
    const ACTION: &'static str = "webhook.update";

    webhook_target!();

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        let before = own_webhook(context, self.id).await?;
        expect(before.updated_at.timestamp_micros(), self.expected_version)?;
        let mut webhook = before.clone();
        if let Some(url) = &self.url {
            webhook.url = Some(url.clone());
        }
        if let Some(events) = &self.events {
            webhook.events.clone_from(events);
        }
        self.description.clone().apply(&mut webhook.description);
        let status = self.enabled.map(|enabled| if enabled { OutletStatus::Enabled } else { OutletStatus::Disabled });
        if let Some(status) = status.filter(|status| *status != webhook.status) {
            (webhook.status, webhook.status_reason) = (status, None);
        }
        webhook.check()?;
        if webhook == before {
            return Ok(self.id);
        }
        webhook.updated_at = context.now();
        (webhook.failures, webhook.failing_since, webhook.retry_at) = (0, None, None);
        match (before.status, webhook.status) {
            // What has happened meanwhile is not told; whoever wants it has it replayed.
            (OutletStatus::Disabled, OutletStatus::Enabled) => webhook.collected_seq = context.unit().last_event(),
            (OutletStatus::Enabled, OutletStatus::Disabled) => context.facts()?.remove_pending(self.id).await?,
            _ => {}
        }
        context.facts()?.write_outlet(&webhook).await?;
        tell(context, Some(&before), Some(&webhook)).await?;
        Ok(self.id)
    }
}

/// Removes a webhook, with everything that was sent and was to be.
#[derive(Debug, Clone, Serialize)]
pub struct DeleteWebhook {
    /// The organization.
    pub organization: OrganizationId,
    /// The webhook.
    pub id: Uuid,
    /// The version that the client has seen: when it was changed last, in microseconds.
    pub expected_version: Option<i64>,
}

impl Command for DeleteWebhook {
    type Output = Uuid;
    const ACTION: &'static str = "webhook.delete";

    webhook_target!();

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        let webhook = own_webhook(context, self.id).await?;
        expect(webhook.updated_at.timestamp_micros(), self.expected_version)?;
        context.facts()?.remove_outlet(self.id).await?;
        tell(context, Some(&webhook), None).await?;
        Ok(self.id)
    }
}

/// Gives a webhook a new key. What is sent is signed by the one before too, for a day.
#[derive(Debug, Clone, Serialize)]
pub struct RotateWebhookSecret {
    /// The organization.
    pub organization: OrganizationId,
    /// The webhook.
    pub id: Uuid,
    /// The new key, sealed.
    #[serde(skip)]
    pub secret: Vec<u8>,
}

impl Command for RotateWebhookSecret {
    type Output = Uuid;
    const ACTION: &'static str = "webhook.rotate_secret";

    webhook_target!();

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        let before = own_webhook(context, self.id).await?;
        let mut webhook = before.clone();
        webhook.former_secret = webhook.secret.replace(self.secret.clone());
        webhook.former_until = Some(context.now() + chrono::TimeDelta::hours(FORMER_HOURS));
        webhook.updated_at = context.now();
        context.facts()?.write_outlet(&webhook).await?;
        tell(context, Some(&before), Some(&webhook)).await?;
        Ok(self.id)
    }
}

/// What is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Replayed {
    /// One delivery, by the id of the event.
    One(Uuid),
    /// Whatever has happened from that time on.
    Since(Timestamp),
}

/// Sends again what was sent by a webhook, or what was not. Its receiver knows it by the same ids.
#[derive(Debug, Clone, Serialize)]
pub struct ReplayWebhook {
    /// The organization.
    pub organization: OrganizationId,
    /// The webhook.
    pub id: Uuid,
    /// What is sent again.
    pub what: Replayed,
}

impl Command for ReplayWebhook {
    type Output = Uuid;
    const ACTION: &'static str = "webhook.replay";

    webhook_target!();

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        let mut webhook = own_webhook(context, self.id).await?;
        if webhook.status != OutletStatus::Enabled {
            return Err(Error::conflict("id", "This webhook is disabled; enable it first."));
        }
        let told: Value = match self.what {
            Replayed::One(id) => {
                let found = context.unit().delivery(self.id, id).await?;
                let mut delivery = found.ok_or_else(|| Error::not_found("delivery_id", "delivery"))?;
                (delivery.state, delivery.attempts, delivery.finished_at) = (DeliveryState::Pending, 0, None);
                (delivery.due_at, delivery.created_at) = (context.now(), context.now());
                context.facts()?.write_deliveries(&[delivery]).await?;
                json!(crate::domain::id::event_id(id))
            }
            Replayed::Since(at) => {
                // What comes behind that place is looked at anew, as if it had just happened.
                let seq = context.unit().last_event_before(at).await?;
                webhook.collected_seq = webhook.collected_seq.min(seq);
                webhook.updated_at = context.now();
                context.facts()?.write_outlet(&webhook).await?;
                json!({"since": at.to_rfc3339_opts(SecondsFormat::Micros, true)})
            }
        };
        let organization = context.tenant().node();
        let _: Organization = context.load(organization, "organization").await?;
        let path = format!("webhooks.{}.replayed", webhook.public_id());
        context.tell(organization, Difference { path, before: Value::Null, after: told })?;
        Ok(self.id)
    }
}
