//! Make, change and delete webhooks, give them new keys, and have them send something again.

use super::super::failure::{Nullable, Result, UserError, present, user_error};
use super::super::inputs::patch;
use super::super::node::Node;
use super::super::organization::Organization;
use super::super::request::of;
use super::super::webhook::Webhook;
use super::{changed, payload, tenant};
use crate::domain::id::parse_typeid;
use crate::domain::{Error, ErrorCode, OrganizationId, Outlet};
use crate::resolvers::RunOptions;
use crate::resolvers::command::Replayed;
use crate::resolvers::outlets::{NewWebhook, WebhookChange, WithSecret};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use chrono::{DateTime, Utc};

/// A new webhook.
#[derive(Debug, Clone, InputObject)]
pub struct CreateWebhookInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization; the viewer's own unless given.
    organization_id: Option<ID>,
    /// Where its receiver is: https, at an address that is public.
    url: String,
    /// The actions that it sends, such as `profile.disable` or `profile.*`; all of them unless given.
    events: Option<Vec<String>>,
    /// What it is for.
    description: Option<String>,
}

/// Changes to a webhook. What is left out stays as it is; null clears it.
#[derive(Debug, Clone, InputObject)]
pub struct UpdateWebhookInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the webhook.
    webhook_id: ID,
    /// Where its receiver is: https, at an address that is public.
    url: Option<String>,
    /// The actions that it sends; empty for all of them.
    events: Option<Vec<String>>,
    /// What it is for.
    description: MaybeUndefined<String>,
    /// Whether it is in use. What happens while it is not is not sent later, unless it is replayed.
    enabled: Option<bool>,
}

/// A webhook to delete.
#[derive(Debug, Clone, InputObject)]
pub struct DeleteWebhookInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization; the viewer's own unless given.
    organization_id: Option<ID>,
    /// Public id of the webhook.
    webhook_id: ID,
}

/// A webhook that is to get a new key.
#[derive(Debug, Clone, InputObject)]
pub struct RotateWebhookSecretInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the webhook.
    webhook_id: ID,
}

/// What a webhook is to send again. Give the delivery or the time, not both.
#[derive(Debug, Clone, InputObject)]
pub struct ReplayWebhookInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the webhook.
    webhook_id: ID,
    /// Public id of the one delivery.
    delivery_id: Option<ID>,
    /// The time from which on everything is sent again.
    since: Option<DateTime<Utc>>,
}

payload!(CreateWebhookPayload, "The new webhook, and its key.", {
    /// The webhook.
    webhook: Webhook,
    /// The key by which what is sent is signed (Standard Webhooks): `whsec_…`. It is shown this once.
    secret: String,
    /// The organization, as it is now.
    organization: Organization,
});
payload!(UpdateWebhookPayload, "The changed webhook.", {
    /// The webhook, as it is now.
    webhook: Webhook,
    /// The organization, as it is now.
    organization: Organization,
});
payload!(DeleteWebhookPayload, "The deleted webhook.", {
    /// Public id of the webhook.
    deleted_id: ID,
    /// The organization, as it is now.
    organization: Organization,
});
payload!(RotateWebhookSecretPayload, "The webhook, and its new key.", {
    /// The webhook, as it is now.
    webhook: Webhook,
    /// The key by which what is sent is signed: `whsec_…`. It is shown this once.
    secret: String,
    /// The organization, as it is now.
    organization: Organization,
});
payload!(ReplayWebhookPayload, "The webhook that sends something again.", {
    /// The webhook, as it is now.
    webhook: Webhook,
    /// The organization, as it is now.
    organization: Organization,
});

/// What has come of something: the outer error is for what the user cannot mend.
fn outcome<T>(context: &Context<'_>, result: crate::domain::Result<T>) -> Result<std::result::Result<T, UserError>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) if of(context).viewer.access.is_none() && error.code == ErrorCode::NotFound => {
            Err(Error::unauthenticated().into())
        }
        Err(mut error) => {
            let named = |field: String| match field.as_str() {
                "id" => "webhookId".to_owned(),
                "delivery_id" => "deliveryId".to_owned(),
                _ => field,
            };
            error.field = error.field.map(named);
            user_error(error).map(Err)
        }
    }
}

/// The organization of a webhook, as it is now.
async fn organization(context: &Context<'_>, id: OrganizationId) -> Result<Option<Organization>> {
    Ok(match changed(context, id.node()).await? {
        Some(Node::Organization(organization)) => Some(organization),
        _ => None,
    })
}

/// Answers with what has come of something, or with what is wrong about it.
macro_rules! told {
    ($context:ident, $client_mutation_id:ident, $result:expr, $payload:ident { $($field:ident: $value:expr),+ }, $of:expr) => {{
        Ok(match outcome($context, $result)? {
            Ok(done) => {
                let organization = organization($context, $of(&done)).await?;
                $payload {
                    client_mutation_id: $client_mutation_id,
                    $($field: Some($value(&done)),)+
                    organization,
                    errors: Vec::new(),
                }
            }
            Err(error) => {
                $payload { client_mutation_id: $client_mutation_id, errors: vec![error], ..$payload::default() }
            }
        })
    }};
}

/// Mutations of webhooks.
#[derive(Default)]
pub struct WebhookMutations;

/// Mutations of webhooks.
#[Object]
impl WebhookMutations {
    /// Makes a webhook, which sends what happens from now on. Needs the role owner and the scope `history:read`.
    async fn create_webhook(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CreateWebhookInput,
    ) -> Nullable<CreateWebhookPayload> {
        present(create(context, input).await)
    }

    /// Changes a webhook, or switches it on or off. Needs the role owner and the scope `history:read`.
    async fn update_webhook(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateWebhookInput,
    ) -> Nullable<UpdateWebhookPayload> {
        present(update(context, input).await)
    }

    /// Deletes a webhook, with what it was still to send. Needs the role owner and the scope `history:read`.
    async fn delete_webhook(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteWebhookInput,
    ) -> Nullable<DeleteWebhookPayload> {
        present(delete(context, input).await)
    }

    /// Gives a webhook a new key. For a day, what is sent is signed by the one before too. Needs the role owner and the scope `history:read`.
    async fn rotate_webhook_secret(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RotateWebhookSecretInput,
    ) -> Nullable<RotateWebhookSecretPayload> {
        present(rotate(context, input).await)
    }

    /// Has a webhook send something again, under the same ids. Needs the role owner and the scope `history:read`.
    async fn replay_webhook(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ReplayWebhookInput,
    ) -> Nullable<ReplayWebhookPayload> {
        present(replay(context, input).await)
    }
}

fn once(client_mutation_id: Option<&String>) -> RunOptions {
    RunOptions { client_mutation_id: client_mutation_id.cloned() }
}

async fn create(context: &Context<'_>, input: CreateWebhookInput) -> Result<CreateWebhookPayload> {
    let (request, id) = (of(context), input.client_mutation_id);
    let new = NewWebhook { url: input.url, events: input.events.unwrap_or_default(), description: input.description };
    let result = match tenant(context, input.organization_id.as_ref()) {
        Ok(tenant) => request.app.create_webhook(&request.viewer, (tenant, new), once(id.as_ref())).await,
        Err(error) => Err(error),
    };
    told!(
        context,
        id,
        result,
        CreateWebhookPayload {
            webhook: |done: &WithSecret| done.webhook.clone().into(),
            secret: |done: &WithSecret| done.secret.clone()
        },
        |done: &WithSecret| done.webhook.organization
    )
}

async fn update(context: &Context<'_>, input: UpdateWebhookInput) -> Result<UpdateWebhookPayload> {
    let (request, id) = (of(context), input.client_mutation_id);
    let change = WebhookChange {
        url: input.url,
        events: input.events,
        description: patch(input.description),
        enabled: input.enabled,
        expected_version: None,
    };
    let result =
        request.app.update_webhook(&request.viewer, (input.webhook_id.as_str(), change), once(id.as_ref())).await;
    told!(
        context,
        id,
        result,
        UpdateWebhookPayload { webhook: |done: &Outlet| done.clone().into() },
        |done: &Outlet| done.organization
    )
}

async fn delete(context: &Context<'_>, input: DeleteWebhookInput) -> Result<DeleteWebhookPayload> {
    let (request, id) = (of(context), input.client_mutation_id);
    let result = match input.organization_id.as_ref().map(|id| tenant(context, Some(id))).transpose() {
        Ok(tenant) => {
            request
                .app
                .delete_webhook(&request.viewer, (tenant, input.webhook_id.as_str(), None), once(id.as_ref()))
                .await
        }
        Err(error) => Err(error),
    };
    told!(
        context,
        id,
        result,
        DeleteWebhookPayload { deleted_id: |_: &OrganizationId| input.webhook_id.clone() },
        |done: &OrganizationId| *done
    )
}

async fn rotate(context: &Context<'_>, input: RotateWebhookSecretInput) -> Result<RotateWebhookSecretPayload> {
    let (request, id) = (of(context), input.client_mutation_id);
    let result = request.app.rotate_webhook_secret(&request.viewer, &input.webhook_id, once(id.as_ref())).await;
    told!(
        context,
        id,
        result,
        RotateWebhookSecretPayload {
            webhook: |done: &WithSecret| done.webhook.clone().into(),
            secret: |done: &WithSecret| done.secret.clone()
        },
        |done: &WithSecret| done.webhook.organization
    )
}

async fn replay(context: &Context<'_>, input: ReplayWebhookInput) -> Result<ReplayWebhookPayload> {
    let (request, id) = (of(context), input.client_mutation_id);
    let what = match (&input.delivery_id, input.since) {
        (Some(delivery), None) => {
            parse_typeid(delivery, "evt").map(Replayed::One).ok_or_else(|| Error::not_found("deliveryId", "delivery"))
        }
        (None, Some(since)) => Ok(Replayed::Since(since)),
        _ => Err(Error::invalid("since", "Give the delivery or the time, and not both.")),
    };
    let result = match what {
        Ok(what) => {
            request.app.replay_webhook(&request.viewer, (input.webhook_id.as_str(), what), once(id.as_ref())).await
        }
        Err(error) if request.viewer.access.is_none() => {
            drop(error);
            Err(Error::unauthenticated())
        }
        Err(error) => Err(error),
    };
    told!(
        context,
        id,
        result,
        ReplayWebhookPayload { webhook: |done: &Outlet| done.clone().into() },
        |done: &Outlet| done.organization
    )
}
