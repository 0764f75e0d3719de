//! Webhooks: list, get, make, change, delete; their keys, what they have sent, and how it is sent again.

use super::WEBHOOKS;
use crate::domain::id::parse_typeid;
use crate::domain::{Error, Outlet};
use crate::resolvers::RunOptions;
use crate::resolvers::command::Replayed;
use crate::resolvers::outlets::{NewWebhook as Wanted, WebhookChange as Changes, WithSecret, delivery_cursor};
use crate::rest::Call;
use crate::rest::cursors::{BY_CREATION, BY_POSITION, id_cursor};
use crate::rest::input::{IdempotencyKey, IfMatch, Json, MergePatch, Paging, Query};
use crate::rest::model::webhook::{
    Delivery, DeliveryState, NewWebhook, Replay, Webhook, WebhookChange, WebhookWithSecret,
};
use crate::rest::operation::{Method, Operation};
use crate::rest::outcome::{Changed, Created, Done, Entity, Found, Gone, Listed};
use crate::rest::refusal::Result;
use crate::store::DeliveryFilter;
use schemars::JsonSchema;
use serde::Deserialize;

const OWNER: &str = "Needs the role owner and the scope `history:read`.";

/// Of which organization.
#[derive(Debug, Deserialize, JsonSchema)]
struct Of {
    /// The slug or public id of the organization; that of the credential unless given.
    organization: Option<String>,
}

/// Which deliveries are wanted.
#[derive(Debug, Deserialize, JsonSchema)]
struct DeliverySearch {
    /// Only those that have come so far.
    #[serde(rename = "filter[state]")]
    state: Option<DeliveryState>,
}

/// What there is to do with webhooks.
pub(super) fn operations() -> Vec<Operation> {
    const ONE: &str = "/v1/webhooks/{id}";
    vec![
        Operation::new(Method::Get, "/v1/webhooks", list)
            .named(WEBHOOKS, "listWebhooks", "List the webhooks of an organization")
            .described(OWNER),
        Operation::new(Method::Post, "/v1/webhooks", create)
            .named(WEBHOOKS, "createWebhook", "Make a webhook")
            .described(
                "It sends what happens from now on. The key is shown this once. Needs the role owner and the scopes \
                 `directory:write` and `history:read`.",
            ),
        Operation::new(Method::Get, ONE, get).named(WEBHOOKS, "getWebhook", "Get a webhook").described(OWNER),
        Operation::new(Method::Patch, ONE, update)
            .named(WEBHOOKS, "updateWebhook", "Change a webhook, or switch it on or off")
            .described(OWNER),
        Operation::new(Method::Delete, ONE, delete)
            .named(WEBHOOKS, "deleteWebhook", "Delete a webhook, with what it was still to send")
            .described(OWNER),
        Operation::new(Method::Post, "/v1/webhooks/{id}/rotate-secret", rotate)
            .named(WEBHOOKS, "rotateWebhookSecret", "Give a webhook a new key")
            .described("It is shown this once. For a day, what is sent is signed by the one before too."),
        Operation::new(Method::Get, "/v1/webhooks/{id}/deliveries", deliveries)
            .named(WEBHOOKS, "listDeliveriesOfWebhook", "List what a webhook has sent and is to send, the newest first")
            .described(OWNER),
        Operation::new(Method::Post, "/v1/webhooks/{id}/deliveries/{delivery_id}/replay", replay_one)
            .named(WEBHOOKS, "replayDelivery", "Send something again, under the same id")
            .described(OWNER),
        Operation::new(Method::Post, "/v1/webhooks/{id}/replay", replay)
            .named(WEBHOOKS, "replayWebhook", "Send again whatever has happened since a time, under the same ids")
            .described(OWNER),
    ]
}

fn id(call: &Call) -> &str {
    call.parameters.get("id").map_or("", String::as_str)
}

/// The same request twice is done once, if the client has given it a key.
const fn once(key: Option<String>) -> RunOptions {
    RunOptions { client_mutation_id: key }
}

fn entity(webhook: &Outlet) -> Entity<Webhook> {
    Entity { body: webhook.into(), version: webhook.updated_at.timestamp_micros() }
}

fn with_secret(made: &WithSecret) -> WebhookWithSecret {
    WebhookWithSecret { webhook: (&made.webhook).into(), secret: made.secret.clone() }
}

async fn list(call: Call, (Query(of), paging): (Query<Of>, Paging)) -> Result<Listed<Webhook>> {
    let organization = call.tenant(of.organization.as_deref(), "organization").await?;
    let slice = call.app.webhooks(&call.viewer, organization, &paging.page(BY_CREATION)?).await?;
    let next = slice.items.last().filter(|_| slice.has_next).map(|last| id_cursor(BY_CREATION, last.id));
    Ok(Listed::new(&call, slice.items.iter().map(Webhook::from).collect(), next))
}

async fn create(
    call: Call,
    (IdempotencyKey(key), Json(new)): (IdempotencyKey, Json<NewWebhook>),
) -> Result<Created<WebhookWithSecret>> {
    let organization = call.tenant(new.organization.as_deref(), "organization").await?;
    let wanted = Wanted { url: new.url, events: new.events, description: new.description };
    let made = call.app.create_webhook(&call.viewer, (organization, wanted), once(key)).await?;
    let location = format!("/v1/webhooks/{}", made.webhook.public_id());
    let version = made.webhook.updated_at.timestamp_micros();
    Ok(Created { location, entity: Some(Entity { body: with_secret(&made), version }) })
}

async fn get(call: Call, (): ()) -> Result<Found<Webhook>> {
    Ok(Found(entity(&call.app.webhook(&call.viewer, id(&call)).await?)))
}

async fn update(
    call: Call,
    (IfMatch(expected_version), MergePatch(change)): (IfMatch, MergePatch<WebhookChange>),
) -> Result<Changed<Webhook>> {
    let changes = Changes {
        url: change.url,
        events: change.events,
        description: change.description.0,
        enabled: change.enabled,
        expected_version,
    };
    let webhook = call.app.update_webhook(&call.viewer, (id(&call), changes), RunOptions::default()).await?;
    Ok(Changed(Some(entity(&webhook))))
}

async fn delete(call: Call, IfMatch(expected_version): IfMatch) -> Result<Gone> {
    call.app.delete_webhook(&call.viewer, (None, id(&call), expected_version), RunOptions::default()).await?;
    Ok(Gone)
}

async fn rotate(call: Call, IdempotencyKey(key): IdempotencyKey) -> Result<Done<WebhookWithSecret>> {
    Ok(Done(with_secret(&call.app.rotate_webhook_secret(&call.viewer, id(&call), once(key)).await?)))
}

async fn deliveries(call: Call, (Query(search), paging): (Query<DeliverySearch>, Paging)) -> Result<Listed<Delivery>> {
    let webhook = call.app.webhook(&call.viewer, id(&call)).await?;
    let filter = DeliveryFilter { state: search.state.map(Into::into) };
    let page = paging.page(BY_POSITION)?;
    let slice = call.app.webhook_deliveries(&call.viewer, &webhook, (filter, &page)).await?;
    let next = slice.items.last().filter(|_| slice.has_next).map(|last| delivery_cursor(BY_POSITION, last));
    Ok(Listed::new(&call, slice.items.iter().map(Delivery::from).collect(), next))
}

async fn again(call: &Call, what: Replayed) -> Result<Done<Webhook>> {
    let webhook = call.app.replay_webhook(&call.viewer, (id(call), what), RunOptions::default()).await?;
    Ok(Done((&webhook).into()))
}

async fn replay_one(call: Call, (): ()) -> Result<Done<Webhook>> {
    let text = call.parameters.get("delivery_id").map_or("", String::as_str);
    let delivery = parse_typeid(text, "evt").ok_or_else(|| Error::not_found("delivery_id", "delivery"))?;
    again(&call, Replayed::One(delivery)).await
}

async fn replay(call: Call, Json(Replay { since }): Json<Replay>) -> Result<Done<Webhook>> {
    again(&call, Replayed::Since(since.0)).await
}
