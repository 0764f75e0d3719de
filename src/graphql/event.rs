//! Events, actors and provenance.

use super::connection::{Count, connection, count_by};
use super::failure::{Nullable, Result, nullable};
use super::moment::Moment;
use super::node::Node;
use super::request::{PageArgs, ask, of};
use super::scalars;
use crate::domain;
use crate::domain::id::event_id;
use crate::domain::{Cursor, CursorKey, Meta, NodeId, OrganizationId};
use crate::resolvers::query::questions::{Events, History, HistoryCount};
use async_graphql::{ComplexObject, Context, ID, Json, Object, SimpleObject};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// The order tag of lists of events, which are sorted by number, the newest first.
const BY_SEQ: char = 's';

/// What a command did to one node or to its edges: who, when, from where, why, and every value before and after.
pub struct Event(pub Arc<domain::Event>);

/// Who did something. The name is the one it had at that time.
#[derive(SimpleObject)]
pub struct Actor {
    /// Public id of the API token or profile that acted; null for the operator at the server's command line.
    id: Option<ID>,
    /// Public id of the profile on whose behalf it acted, if any.
    profile_id: Option<ID>,
    /// Its name.
    name: String,
}

/// One field, or one edge, that an event changed.
#[derive(SimpleObject)]
pub struct FieldChange {
    /// The path of the field (`title`, `name.given`, `metadata.cost_centre`) or of the edge (`members.usr_…`,
    /// `roles.rol_…`, `manager`, `owner`, `parent`, `profile`).
    path: String,
    /// The value before; null when there was none.
    before: Option<Json<Value>>,
    /// The value after; null when there is none.
    after: Option<Json<Value>>,
    /// Where the new value comes from, such as `graphql` or `import:people.ndjson`.
    source: String,
}

/// What a command did to one node or to its edges: who, when, from where, why, and every value before and after.
#[Object]
impl Event {
    /// Public id: `evt_…`.
    async fn id(&self) -> ID {
        ID(event_id(self.0.id))
    }

    /// The place in the organization's sequence of events, which begins at 1 and has no gaps.
    async fn sequence(&self) -> i64 {
        self.0.seq
    }

    /// When it happened.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.0.occurred_at
    }

    /// What was done, such as `profile.disable` or `members.add`.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// Public id of the node that changed.
    async fn subject_id(&self) -> ID {
        scalars::id(self.0.subject)
    }

    /// The node that changed; null if it is deleted by now.
    async fn subject(&self, context: &Context<'_>) -> Nullable<Node> {
        nullable(async { Node::load(context, self.0.subject).await }.await)
    }

    /// The version of the node after the change.
    async fn subject_version(&self) -> i64 {
        self.0.subject_version
    }

    /// Who did it.
    async fn actor(&self) -> Actor {
        let actor = &self.0.actor;
        Actor { id: actor.id.map(scalars::id), profile_id: actor.profile.map(scalars::id), name: actor.name.clone() }
    }

    /// Through which face of the server: `graphql`, `cli`, and so on.
    async fn face(&self) -> &str {
        &self.0.face
    }

    /// The id of the request, which its answer carried as `x-request-id`, and the logs know.
    async fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// Why, if somebody said so.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Where the values come from.
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// What changed, ordered by path.
    async fn changes(&self) -> Vec<FieldChange> {
        let value = |value: &Value| (!value.is_null()).then(|| Json(value.clone()));
        let change = |change: &domain::FieldChange| FieldChange {
            path: change.path.clone(),
            before: value(&change.before),
            after: value(&change.after),
            source: change.source.clone(),
        };
        self.0.changes.iter().map(change).collect()
    }
}

connection!(EventConnection, EventEdge, Event, "A page of events, the newest first.", "An event in a page.");

/// Where the current value of a field comes from.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Provenance {
    /// The path of the field.
    field: String,
    /// Where the value comes from, such as `graphql` or `import:people.ndjson`.
    source: String,
    /// Since when the field has the value.
    since: DateTime<Utc>,
    #[graphql(skip)]
    set_by: (OrganizationId, i64),
}

#[ComplexObject]
impl Provenance {
    /// The event that set the value.
    async fn event(&self, context: &Context<'_>) -> Nullable<Event> {
        nullable(async { Ok(ask(context, Events, (self.set_by, None)).await?.map(Event)) }.await)
    }
}

/// What differs between a node at one time and at another.
#[derive(SimpleObject)]
pub struct Difference {
    /// Public id of the node whose field or edge it is: the node itself, or one at the other end of an edge.
    subject_id: ID,
    /// The path of the field (`title`, `name.given`) or of the edge (`members.usr_…`, `manager`, `parent`).
    path: String,
    /// The value at the first time; null when there was none.
    before: Option<Json<Value>>,
    /// The value at the second time; null when there was none.
    after: Option<Json<Value>>,
    /// Where the second value comes from.
    source: String,
}

/// What differs between a node at one time and at another, if the viewer may read its history.
pub async fn changes(
    context: &Context<'_>,
    (organization, node, moment): (OrganizationId, NodeId, Moment),
    (after, until): (DateTime<Utc>, Option<DateTime<Utc>>),
) -> Result<Vec<Difference>> {
    let reader = of(context).read_at(moment);
    reader.allow_history(organization, node)?;
    let until = until.or(moment).unwrap_or_else(|| of(context).app.clock().now());
    let value = |value: Value| (!value.is_null()).then_some(Json(value));
    let difference = |(subject, change): (NodeId, domain::FieldChange)| Difference {
        subject_id: scalars::id(subject),
        path: change.path,
        before: value(change.before),
        after: value(change.after),
        source: change.source,
    };
    Ok(reader.net_changes(node, (after, until)).await?.into_iter().map(difference).collect())
}

/// The history of a node, if the viewer may read it.
pub async fn history(
    context: &Context<'_>,
    (organization, node, moment): (OrganizationId, NodeId, Moment),
    args: PageArgs,
) -> Result<EventConnection> {
    of(context).read().allow_history(organization, node)?;
    let page = args.page(context, BY_SEQ)?;
    let slice = ask(context, History { page }, (node.uuid, moment)).await?;
    let count: Count = count_by(HistoryCount, (node.uuid, moment));
    Ok(EventConnection::of(slice, count, |event| {
        let cursor = Cursor { order: BY_SEQ, key: CursorKey::Number(event.seq), id: Uuid::nil() };
        EventEdge { cursor: cursor.encode(), node: Event(event), says: () }
    }))
}

/// The provenance of every field of a node that has a value, if the viewer may read it.
pub fn provenance(
    context: &Context<'_>,
    (organization, node): (OrganizationId, NodeId),
    meta: &Meta,
) -> Result<Vec<Provenance>> {
    of(context).read().allow_history(organization, node)?;
    let entry = |(field, entry): (&String, &domain::Provenance)| Provenance {
        field: field.clone(),
        source: entry.source.clone(),
        since: entry.since,
        set_by: (organization, entry.seq),
    };
    Ok(meta.provenance.iter().map(entry).collect())
}
