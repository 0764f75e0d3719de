//! Webhooks, and what they send.

use super::connection::{Count, connection};
use super::failure::{Nullable, Result, present};
use super::query::tenant;
use super::request::{PageArgs, of};
use super::scalars;
use crate::domain::id::event_id;
use crate::domain::outlet::{MAX_WEBHOOKS, OutletStatus};
use crate::domain::{self, ErrorCode, Outlet, Page};
use crate::resolvers::outlets::delivery_cursor;
use crate::store::DeliveryFilter;
use async_graphql::{Context, Enum, ID, Json, Object, SimpleObject};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::sync::Arc;

/// The order tag of lists of deliveries, which are sorted by place, the newest first.
const BY_POSITION: char = 'x';

/// Where every change of an organization is sent as a signed `CloudEvent`, or some of them.
#[derive(Debug, Clone, SimpleObject)]
pub struct Webhook {
    /// Public id: `whk_…`.
    id: ID,
    /// Public id of the organization.
    organization_id: ID,
    /// Where its receiver is.
    url: String,
    /// The actions that it sends, such as `profile.disable` or `profile.*`; empty for all of them.
    events: Vec<String>,
    /// What it is for.
    description: Option<String>,
    /// Whether it is in use. It is not any more when its receiver was away for too long.
    enabled: bool,
    /// Why it is not, if the server has decided so.
    disabled_reason: Option<String>,
    /// Since when its receiver has been away; null while it is not.
    failing_since: Option<DateTime<Utc>>,
    /// When it is tried again, while it is.
    retry_at: Option<DateTime<Utc>>,
    /// What went wrong last.
    last_failure: Option<String>,
    /// Until when what is sent is signed by the key before this one, too.
    former_secret_until: Option<DateTime<Utc>>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl From<Outlet> for Webhook {
    fn from(webhook: Outlet) -> Self {
        Self {
            id: ID(webhook.public_id()),
            organization_id: scalars::id(webhook.organization.node()),
            url: webhook.url.unwrap_or_default(),
            events: webhook.events,
            description: webhook.description,
            enabled: webhook.status == OutletStatus::Enabled,
            disabled_reason: webhook.status_reason,
            failing_since: webhook.failing_since,
            retry_at: webhook.retry_at,
            last_failure: webhook.last_failure,
            former_secret_until: webhook.former_until,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

/// What has become of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::outlet::DeliveryState")]
pub enum DeliveryState {
    /// It is still to arrive.
    Pending,
    /// It has arrived.
    Delivered,
    /// It is given up.
    Dead,
}

/// Something that a webhook sends.
pub struct WebhookDelivery(domain::Delivery);

/// Something that a webhook sends.
#[Object]
impl WebhookDelivery {
    /// Public id: that of the event, `evt_…`, which its receiver knows it by (`webhook-id`).
    async fn id(&self) -> ID {
        ID(event_id(self.0.id))
    }

    /// The action, such as `profile.disable`.
    async fn action(&self) -> &str {
        &self.0.event_type
    }

    /// What has become of it.
    async fn state(&self) -> DeliveryState {
        self.0.state.into()
    }

    /// How often it was sent.
    async fn attempts(&self) -> i64 {
        self.0.attempts
    }

    /// When it is sent, or sent again, while it is to arrive.
    async fn due_at(&self) -> DateTime<Utc> {
        self.0.due_at
    }

    /// Since when it is to be sent.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Since when it has arrived, or is given up.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }

    /// With which status of HTTP its receiver has last refused it.
    async fn answer_status(&self) -> Option<i64> {
        self.0.answer_status
    }

    /// What went wrong last.
    async fn failure(&self) -> Option<&str> {
        self.0.failure.as_deref()
    }

    /// What is sent: a `CloudEvent`.
    async fn event(&self) -> Json<Value> {
        Json(self.0.body.clone())
    }
}

connection!(
    WebhookDeliveryConnection,
    WebhookDeliveryEdge,
    WebhookDelivery,
    "A page of what a webhook has sent and is to send, the newest first.",
    "Something that a webhook sends, in a page."
);

/// What a webhook has sent and is to send, if the viewer may know.
pub async fn deliveries(
    context: &Context<'_>,
    (webhook, state): (&ID, Option<DeliveryState>),
    args: PageArgs,
) -> Result<WebhookDeliveryConnection> {
    let request = of(context);
    let filter = DeliveryFilter { state: state.map(Into::into) };
    let page = args.page(context, BY_POSITION)?;
    let webhook = request.app.webhook(&request.viewer, webhook).await?;
    let slice = request.app.webhook_deliveries(&request.viewer, &webhook, (filter, &page)).await?;
    let count: Count = Arc::new(move |context| {
        let request = of(context);
        let (app, viewer, webhook) = (Arc::clone(&request.app), request.viewer.clone(), webhook.clone());
        Box::pin(async move { app.webhook_delivery_count(&viewer, &webhook, filter).await })
    });
    Ok(WebhookDeliveryConnection::of(Some(slice), count, |delivery| WebhookDeliveryEdge {
        cursor: delivery_cursor(BY_POSITION, &delivery),
        node: WebhookDelivery(delivery),
        says: (),
    }))
}

/// The roots that read webhooks.
#[derive(Default)]
pub struct Webhooks;

/// The roots that read webhooks.
#[Object]
impl Webhooks {
    /// The webhooks of an organization, the oldest first; at most 50. Needs the role owner and the scope `history:read`.
    async fn webhooks(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The slug or public id of the organization; the viewer's own unless given.")]
        organization: Option<String>,
    ) -> Nullable<Vec<Webhook>> {
        present(
            async {
                let organization = tenant(context, organization, None).await?;
                let request = of(context);
                let page = Page::first(MAX_WEBHOOKS);
                let found = request.app.webhooks(&request.viewer, organization, &page).await?;
                Ok(found.items.into_iter().map(Webhook::from).collect())
            }
            .await,
        )
    }

    /// The webhook with this public id; null if there is none that the viewer may see. Needs the role owner and the scope `history:read`.
    async fn webhook(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Public id: `whk_…`.")] id: ID,
    ) -> Nullable<Webhook> {
        let request = of(context);
        match request.app.webhook(&request.viewer, &id).await {
            Ok(found) => present(Ok(found.into())),
            Err(error) if error.code == ErrorCode::NotFound => None,
            Err(error) => present(Err(error.into())),
        }
    }

    /// What a webhook has sent and is to send, the newest first. Needs the role owner and the scope `history:read`.
    async fn webhook_deliveries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Public id of the webhook.")] id: ID,
        #[graphql(desc = "Only those that have come so far.")] state: Option<DeliveryState>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
    ) -> Nullable<WebhookDeliveryConnection> {
        let args = PageArgs { first, after, last: None, before: None };
        present(deliveries(context, (&id, state), args).await)
    }
}
