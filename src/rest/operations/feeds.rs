//! Threat-intelligence feeds: list, add, get, remove, have one fetched.

use super::FEEDS;
use crate::domain::feed::{Feed as Known, FeedKind, FeedSignal, feed_id, parse_feed_id};
use crate::domain::{Error, OrganizationId, Slice};
use crate::resolvers::command::{AddFeed, HastenFeed, RemoveFeed};
use crate::rest::Call;
use crate::rest::cursors::{BY_CREATION, id_cursor};
use crate::rest::input::{IdempotencyKey, IfMatch, Json, Paging, Query};
use crate::rest::model::feed::{Feed, NewFeed};
use crate::rest::operation::{Method, Operation};
use crate::rest::outcome::{Created, Done, Entity, Found, Gone, Listed};
use crate::rest::refusal::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// After how many minutes a feed is fetched again unless somebody says otherwise.
const REFRESH_MINUTES: u32 = 60;

/// Of which organization.
#[derive(Debug, Deserialize, JsonSchema)]
struct Of {
    /// The slug or public id of the organization; that of the credential unless given. A credential for every organization that names
    /// none is shown the feeds that count for all of them.
    organization: Option<String>,
}

/// What there is to do with feeds.
pub(super) fn operations() -> Vec<Operation> {
    const ONE: &str = "/v1/feeds/{id}";
    vec![
        Operation::new(Method::Get, "/v1/feeds", list)
            .named(
                FEEDS,
                "listFeeds",
                "List the threat-intelligence feeds of an organization, and how it goes with them",
            )
            .described("Needs the role admin."),
        Operation::new(Method::Post, "/v1/feeds", add)
            .named(FEEDS, "addFeed", "Add a feed, which counts for what is recorded from now on")
            .described("It is fetched within seconds. Needs the role owner."),
        Operation::new(Method::Get, ONE, get)
            .named(FEEDS, "getFeed", "Get a feed, and how it goes with it")
            .described("Needs the role admin."),
        Operation::new(Method::Delete, ONE, remove)
            .named(FEEDS, "removeFeed", "Remove a feed: from now on it names nothing")
            .described("What was assessed by it stays. Needs the role owner."),
        Operation::new(Method::Post, "/v1/feeds/{id}/sync", sync)
            .named(FEEDS, "syncFeed", "Have a feed fetched within seconds, instead of when it is due")
            .described("Needs the role owner."),
    ]
}

/// The organization that is named, else that of the credential, else none: that of the feeds that count for all.
async fn organization(call: &Call, name: Option<&str>) -> Result<OrganizationId> {
    match name {
        Some(name) => call.tenant(Some(name), "organization").await,
        None => Ok(call.reader().own_organization().unwrap_or(OrganizationId::INSTANCE)),
    }
}

fn id(call: &Call) -> Result<Uuid> {
    let id = call.parameters.get("id").map_or("", String::as_str);
    Ok(parse_feed_id(id, "id").map_err(|_| Error::not_found("id", "feed"))?)
}

fn entity(feed: &Known) -> Entity<Feed> {
    Entity { body: feed.into(), version: feed.created_at.timestamp_micros() }
}

async fn list(call: Call, (Query(of), paging): (Query<Of>, Paging)) -> Result<Listed<Feed>> {
    let organization = organization(&call, of.organization.as_deref()).await?;
    let page = paging.page(BY_CREATION)?;
    let after = page.after.as_ref().map(|cursor| cursor.id);
    // There are few.
    let mut feeds = call.app.feeds(&call.viewer, organization).await?;
    feeds.retain(|feed| after.is_none_or(|after| feed.id > after));
    let slice = Slice::of(feeds, &page);
    let next = slice.items.last().filter(|_| slice.has_next).map(|last| id_cursor(BY_CREATION, last.id));
    Ok(Listed::new(&call, slice.items.iter().map(Feed::from).collect(), next))
}

async fn add(call: Call, (IdempotencyKey(key), Json(new)): (IdempotencyKey, Json<NewFeed>)) -> Result<Created<Feed>> {
    let organization = organization(&call, new.organization.as_deref()).await?;
    let (id, sealed) = call.app.prepare_feed(organization, &new.url, new.secret.as_deref())?;
    let kind = new.kind.map_or(FeedKind::List, Into::into);
    let command = AddFeed {
        organization,
        id,
        name: new.name,
        kind,
        signal: new.signal.map_or(FeedSignal::Threat, Into::into),
        url: new.url,
        confidence: new.confidence,
        refresh_minutes: new.refresh_minutes.unwrap_or(REFRESH_MINUTES),
        lifetime_hours: new.lifetime_hours.unwrap_or(kind.usual_lifetime()),
        username: new.username,
        sealed,
    };
    let id = call.run(command, key).await?;
    let entity = call.app.feed_to_read(&call.viewer, id, "id").await.ok().map(|feed| entity(&feed));
    Ok(Created { location: format!("/v1/feeds/{}", feed_id(id)), entity })
}

async fn get(call: Call, (): ()) -> Result<Found<Feed>> {
    Ok(Found(entity(&call.app.feed_to_read(&call.viewer, id(&call)?, "id").await?)))
}

async fn remove(call: Call, IfMatch(expected_version): IfMatch) -> Result<Gone> {
    let feed = call.app.feed(&call.viewer, id(&call)?, "id").await?;
    call.run(RemoveFeed { organization: feed.organization, id: feed.id, expected_version, reason: None }, None).await?;
    Ok(Gone)
}

async fn sync(call: Call, IdempotencyKey(key): IdempotencyKey) -> Result<Done<Feed>> {
    let feed = call.app.feed(&call.viewer, id(&call)?, "id").await?;
    call.run(HastenFeed { organization: feed.organization, id: feed.id }, key).await?;
    Ok(Done((&call.app.feed(&call.viewer, feed.id, "id").await?).into()))
}
