//! Webhooks, as those manage them who own an organization.

use super::super::command::{
    CreateWebhook, DeleteWebhook, ReplayWebhook, Replayed, RotateWebhookSecret, UpdateWebhook,
};
use super::super::policy::{self, Action, Resource};
use super::super::{App, RunOptions, Viewer};
use super::secrets::{new_webhook_secret, shown_webhook_secret};
use crate::domain::outlet::{check_target, parse_webhook_id};
use crate::domain::{Cursor, CursorKey, Delivery, Error, OrganizationId, Outlet, Page, Patch, Result, Slice};
use crate::store::{DeliveryFilter, OutletOwner, Scope};
use uuid::Uuid;

/// A webhook to make.
#[derive(Debug, Clone)]
pub struct NewWebhook {
    /// Where its receiver is.
    pub url: String,
    /// The actions that it wants to hear of; empty for all of them.
    pub events: Vec<String>,
    /// What it is for.
    pub description: Option<String>,
}

/// What changes about a webhook.
#[derive(Debug, Clone, Default)]
pub struct WebhookChange {
    /// Where its receiver is.
    pub url: Option<String>,
    /// The actions that it wants to hear of; empty for all of them.
    pub events: Option<Vec<String>>,
    /// What it is for.
    pub description: Patch<String>,
    /// Whether it is in use.
    pub enabled: Option<bool>,
    /// The version that the client has seen: when it was changed last, in microseconds.
    pub expected_version: Option<i64>,
}

/// A webhook, and its key as it is shown once.
#[derive(Debug, Clone)]
pub struct WithSecret {
    /// The webhook.
    pub webhook: Outlet,
    /// The key: `whsec_…`.
    pub secret: String,
}

impl App {
    /// The webhooks of an organization, the oldest first, page by page.
    pub async fn webhooks(&self, viewer: &Viewer, organization: OrganizationId, page: &Page) -> Result<Slice<Outlet>> {
        allow(viewer, organization)?;
        let after = page.after.as_ref().map(|cursor| cursor.id);
        let window = (after, u64::from(page.limit) + 1);
        let found = self.store().outlets(Scope::organization(organization), OutletOwner::Organization, window).await?;
        Ok(Slice::of(found, page))
    }

    /// One of them, by its public id.
    pub async fn webhook(&self, viewer: &Viewer, id: &str) -> Result<Outlet> {
        let access = viewer.access.as_ref().ok_or_else(Error::unauthenticated)?;
        let missing = || Error::not_found("id", "webhook");
        let uuid = parse_webhook_id(id).ok_or_else(missing)?;
        let scope = access.organization.map_or(Scope::EVERYTHING, Scope::organization);
        let found = self.store().outlet(scope, OutletOwner::Organization, uuid).await?.ok_or_else(missing)?;
        allow(viewer, found.organization)?;
        Ok(found)
    }

    /// What was sent by a webhook, and is to be: the newest first, page by page.
    pub async fn webhook_deliveries(
        &self,
        viewer: &Viewer,
        webhook: &Outlet,
        (filter, page): (DeliveryFilter, &Page),
    ) -> Result<Slice<Delivery>> {
        allow(viewer, webhook.organization)?;
        self.store().delivery_page((webhook.organization, webhook.id), filter, page).await
    }

    /// How many of them there are.
    pub async fn webhook_delivery_count(
        &self,
        viewer: &Viewer,
        webhook: &Outlet,
        filter: DeliveryFilter,
    ) -> Result<i64> {
        allow(viewer, webhook.organization)?;
        self.store().delivery_count((webhook.organization, webhook.id), filter).await
    }

    /// Makes a webhook.
    pub async fn create_webhook(
        &self,
        viewer: &Viewer,
        (organization, NewWebhook { url, events, description }): (OrganizationId, NewWebhook),
        options: RunOptions,
    ) -> Result<WithSecret> {
        allow(viewer, organization)?;
        let settings = self.sending()?;
        check_target("url", &url, settings.outlets.allow_private_networks)?;
        let id = self.clock().new_id();
        let secret = new_webhook_secret(settings, id)?;
        let command = CreateWebhook { organization, id, url, events, description, secret };
        let id = self.run(viewer, command, options).await?;
        self.with_secret((organization, id)).await
    }

    /// Whoever repeats what has made a key is shown that key, and not one that was made for nothing.
    async fn with_secret(&self, (organization, id): (OrganizationId, Uuid)) -> Result<WithSecret> {
        let found = self.store().outlet(Scope::organization(organization), OutletOwner::Organization, id).await?;
        let webhook = found.ok_or_else(|| Error::not_found("id", "webhook"))?;
        let secret = shown_webhook_secret(self.sending()?, &webhook)?;
        Ok(WithSecret { webhook, secret })
    }

    /// Changes a webhook.
    pub async fn update_webhook(
        &self,
        viewer: &Viewer,
        (id, change): (&str, WebhookChange),
        options: RunOptions,
    ) -> Result<Outlet> {
        let webhook = self.webhook(viewer, id).await?;
        let settings = self.sending()?;
        let WebhookChange { url, events, description, enabled, expected_version } = change;
        if let Some(url) = &url {
            check_target("url", url, settings.outlets.allow_private_networks)?;
        }
        let organization = webhook.organization;
        let command =
            UpdateWebhook { organization, id: webhook.id, expected_version, url, events, description, enabled };
        self.run(viewer, command, options).await?;
        self.announce_deliveries();
        self.webhook(viewer, id).await
    }

    /// Removes a webhook, of that organization if one is named.
    pub async fn delete_webhook(
        &self,
        viewer: &Viewer,
        (organization, id, expected_version): (Option<OrganizationId>, &str, Option<i64>),
        options: RunOptions,
    ) -> Result<OrganizationId> {
        let access = viewer.access.as_ref().ok_or_else(Error::unauthenticated)?;
        // It may be gone: whoever repeats this is answered alike.
        let organization = match organization.or(access.organization) {
            Some(organization) => organization,
            None => self.webhook(viewer, id).await?.organization,
        };
        let id = parse_webhook_id(id).ok_or_else(|| Error::not_found("id", "webhook"))?;
        self.run(viewer, DeleteWebhook { organization, id, expected_version }, options).await?;
        Ok(organization)
    }

    /// Gives a webhook a new key.
    pub async fn rotate_webhook_secret(&self, viewer: &Viewer, id: &str, options: RunOptions) -> Result<WithSecret> {
        let webhook = self.webhook(viewer, id).await?;
        let secret = new_webhook_secret(self.sending()?, webhook.id)?;
        let command = RotateWebhookSecret { organization: webhook.organization, id: webhook.id, secret };
        self.run(viewer, command, options).await?;
        self.with_secret((webhook.organization, webhook.id)).await
    }

    /// Sends something again.
    pub async fn replay_webhook(
        &self,
        viewer: &Viewer,
        (id, what): (&str, Replayed),
        options: RunOptions,
    ) -> Result<Outlet> {
        let webhook = self.webhook(viewer, id).await?;
        self.sending()?;
        let command = ReplayWebhook { organization: webhook.organization, id: webhook.id, what };
        self.run(viewer, command, options).await?;
        self.announce_deliveries();
        self.webhook(viewer, id).await
    }
}

fn allow(viewer: &Viewer, organization: OrganizationId) -> Result<()> {
    policy::allow(viewer, Action::ManageWebhooks, Resource::of(organization).seen())
}

/// The place of a delivery in the list of those of its outlet.
#[must_use]
pub fn delivery_cursor(order: char, delivery: &Delivery) -> String {
    Cursor { order, key: CursorKey::Number(delivery.position), id: delivery.id }.encode()
}
