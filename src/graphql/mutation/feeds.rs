//! Add, remove and fetch threat-intelligence feeds.

use super::super::failure::{Nullable, Result, present};
use super::super::feed::{ThreatFeed, ThreatFeedKind, ThreatFeedSignal};
use super::super::node::Node;
use super::super::organization::Organization;
use super::super::request::of;
use super::{changed, payload, run};
use crate::domain::feed::{FeedKind, FeedSignal, parse_feed_id};
use crate::domain::{NodeId, NodeKind, OrganizationId};
use crate::resolvers::command::{AddFeed, HastenFeed, RemoveFeed};
use async_graphql::{Context, ID, InputObject, Object};
use uuid::Uuid;

/// A feed to add.
#[derive(Debug, Clone, InputObject)]
pub struct AddThreatFeedInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization; the viewer's own unless given. Those who span the server and give none add a feed that
    /// counts for every organization.
    organization_id: Option<ID>,
    /// What it is to be called, unique in the organization.
    name: String,
    /// In which form it is published; `LIST` unless given.
    kind: Option<ThreatFeedKind>,
    /// What it means to be named; `THREAT` unless given.
    signal: Option<ThreatFeedSignal>,
    /// Where it is, over HTTPS: the list, or the collection (`…/collections/ID/`).
    url: String,
    /// How sure it is, from 0 to 100.
    confidence: u8,
    /// After how many minutes it is fetched again, from 5 to 44640; 60 unless given.
    refresh_minutes: Option<u32>,
    /// For how many hours what it names holds after it was last heard of, from 1 to 87600; 168 for a list and 2160 for a
    /// collection unless given.
    lifetime_hours: Option<u32>,
    /// The user name with which it is asked.
    username: Option<String>,
    /// The password that goes with the user name, or, without one, a bearer token. It is kept encrypted, and shown to nobody.
    secret: Option<String>,
}

/// A feed to remove.
#[derive(Debug, Clone, InputObject)]
pub struct RemoveThreatFeedInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the feed: `fed_…`.
    feed_id: ID,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

/// A feed to fetch.
#[derive(Debug, Clone, InputObject)]
pub struct SyncThreatFeedInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the feed: `fed_…`.
    feed_id: ID,
}

payload!(AddThreatFeedPayload, "The feed that was added.", {
    /// The feed. It is fetched within seconds.
    feed: ThreatFeed,
    /// The organization that it is of; null if it counts for every organization.
    organization: Organization,
});
payload!(RemoveThreatFeedPayload, "The feed that was removed.", {
    /// Public id of the feed that was removed.
    removed_id: ID,
    /// The organization that it was of; null if it counted for every organization.
    organization: Organization,
});
payload!(SyncThreatFeedPayload, "The feed that is to be fetched.", {
    /// The feed, which is fetched within seconds.
    feed: ThreatFeed,
    /// The organization that it is of; null if it counts for every organization.
    organization: Organization,
});

/// Mutations of feeds.
#[derive(Default)]
pub struct FeedMutations;

/// Mutations of feeds.
#[Object]
impl FeedMutations {
    /// Adds a threat-intelligence feed, which counts for what is recorded from now on. Needs the role owner.
    async fn add_threat_feed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AddThreatFeedInput,
    ) -> Nullable<AddThreatFeedPayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = add_command(context, input);
                let organization = command.as_ref().ok().map(|command| command.organization);
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => AddThreatFeedPayload {
                        client_mutation_id,
                        feed: feed(context, id).await?,
                        organization: organization_of(context, organization).await?,
                        errors: Vec::new(),
                    },
                    Err(error) => {
                        AddThreatFeedPayload { client_mutation_id, errors: vec![error], ..Default::default() }
                    }
                })
            }
            .await,
        )
    }

    /// Removes a threat-intelligence feed: from now on it names nothing. What was assessed by it stays. Needs the role owner.
    async fn remove_threat_feed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RemoveThreatFeedInput,
    ) -> Nullable<RemoveThreatFeedPayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let named = named(context, &input.feed_id).await;
                let organization = named.as_ref().ok().map(|(organization, _)| *organization);
                let command = named.map(|(organization, id)| RemoveFeed {
                    organization,
                    id,
                    expected_version: None,
                    reason: input.reason,
                });
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(_) => RemoveThreatFeedPayload {
                        client_mutation_id,
                        removed_id: Some(input.feed_id),
                        organization: organization_of(context, organization).await?,
                        errors: Vec::new(),
                    },
                    Err(error) => {
                        RemoveThreatFeedPayload { client_mutation_id, errors: vec![error], ..Default::default() }
                    }
                })
            }
            .await,
        )
    }

    /// Has a threat-intelligence feed fetched within seconds, instead of when it is due. Needs the role owner.
    async fn sync_threat_feed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: SyncThreatFeedInput,
    ) -> Nullable<SyncThreatFeedPayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let named = named(context, &input.feed_id).await;
                let organization = named.as_ref().ok().map(|(organization, _)| *organization);
                let command = named.map(|(organization, id)| HastenFeed { organization, id });
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => SyncThreatFeedPayload {
                        client_mutation_id,
                        feed: feed(context, id).await?,
                        organization: organization_of(context, organization).await?,
                        errors: Vec::new(),
                    },
                    Err(error) => {
                        SyncThreatFeedPayload { client_mutation_id, errors: vec![error], ..Default::default() }
                    }
                })
            }
            .await,
        )
    }
}

fn add_command(context: &Context<'_>, input: AddThreatFeedInput) -> crate::domain::Result<AddFeed> {
    let request = of(context);
    let own = request.viewer.access.as_ref().and_then(|access| access.organization);
    let organization = match &input.organization_id {
        Some(id) => OrganizationId(NodeId::parse_as(id, &[NodeKind::Organization], "organizationId")?.uuid),
        None => own.unwrap_or(OrganizationId::INSTANCE),
    };
    let (id, sealed) = request.app.prepare_feed(organization, &input.url, input.secret.as_deref())?;
    let kind = input.kind.map_or(FeedKind::List, Into::into);
    Ok(AddFeed {
        organization,
        id,
        name: input.name,
        kind,
        signal: input.signal.map_or(FeedSignal::Threat, Into::into),
        url: input.url,
        confidence: input.confidence,
        refresh_minutes: input.refresh_minutes.unwrap_or(60),
        lifetime_hours: input.lifetime_hours.unwrap_or(kind.usual_lifetime()),
        username: input.username,
        sealed,
    })
}

/// The feed that an input names, removed or not, and its organization.
async fn named(context: &Context<'_>, id: &ID) -> crate::domain::Result<(OrganizationId, Uuid)> {
    let request = of(context);
    let uuid = parse_feed_id(id, "feedId")?;
    let organization = request.app.tenant_of_feed(&request.viewer, uuid, "feedId").await?;
    Ok((organization, uuid))
}

async fn feed(context: &Context<'_>, id: Uuid) -> Result<Option<ThreatFeed>> {
    let request = of(context);
    Ok(request.app.feed(&request.viewer, id, "feedId").await.ok().map(Into::into))
}

async fn organization_of(context: &Context<'_>, id: Option<OrganizationId>) -> Result<Option<Organization>> {
    let Some(id) = id.filter(|id| *id != OrganizationId::INSTANCE) else { return Ok(None) };
    Ok(match changed(context, id.node()).await? {
        Some(Node::Organization(organization)) => Some(organization),
        _ => None,
    })
}
