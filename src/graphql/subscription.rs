//! The root of following: changes, as they happen.
//!
//! A subscription is a stream that is *pulled*: while nobody asks for the next answer, nothing is read. Each answer is
//! executed by itself, when it is asked for, so what is selected beside the event (its subject, say) is read in batches,
//! and as it is at that moment.
//!
//! A cursor names the organization and the number of an event. So it is good for that organization alone, and for ever:
//! whoever comes back with the cursor of the last change it has seen goes on with the one behind it.

use super::event::Event;
use super::failure::{Failure, Result, refusal};
use super::filter::ChangeFilter;
use super::query::tenant;
use super::request::{ask, of};
use crate::domain::{Cursor, CursorKey, Error, OrganizationId};
use crate::resolvers::query::questions::LastChange;
use crate::resolvers::query::{Changes, Start};
use async_graphql::parser::types::{OperationDefinition, Selection};
use async_graphql::{Context, ServerError, SimpleObject, Subscription as SubscriptionMacro};
use futures::stream::{self, BoxStream, Stream, StreamExt};
use std::sync::Arc;

/// The order tag of changes, which come by number, the oldest first.
const BY_CHANGE: char = 'f';
/// The cursor of the place before the first event of any organization.
const BEGINNING: &str = "beginning";

/// The root of following.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subscription;

/// A change of an organization, as it is followed.
#[derive(SimpleObject)]
pub struct ChangeEvent {
    /// The place behind which to go on: the argument `after` of a later subscription to the same organization.
    cursor: String,
    /// What was done.
    event: Event,
}

/// Following, over WebSocket: one field for each subscription.
#[SubscriptionMacro]
impl Subscription {
    /// Every change of an organization: each of its events once, in the order of `sequence`, as soon as it is committed.
    /// Nothing is lost by whoever comes back with the last `cursor` it has seen. Needs the role admin and the scope
    /// `history:read`; whoever has neither but acts for a profile follows the history of that profile.
    async fn changes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The slug or public id of the organization; the viewer's own unless given.")]
        organization: Option<String>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<ChangeFilter>,
        #[graphql(
            desc = "Only changes behind this place: the `cursor` of a change, the `changesCursor` of the organization, or `beginning` for all since the first. From now on unless given."
        )]
        after: Option<String>,
    ) -> Result<BoxStream<'static, Result<ChangeEvent>>> {
        let organization = tenant(context, organization, None).await?;
        let start = after.map_or(Ok(Start::Now), |after| start_of(&after, organization))?;
        let filter = filter.map(ChangeFilter::compile).transpose()?.unwrap_or_default();
        let request = of(context);
        let changes = request.read().follow(organization, filter, (start, request.poll)).await?;
        let loaders = request.loaders.clone();
        Ok(one_by_one(changes).inspect(move |_| loaders.renew()).boxed())
    }
}

/// The changes of each page, until there is a page that cannot be had.
fn one_by_one(changes: Changes) -> impl Stream<Item = Result<ChangeEvent>> + Send {
    let pages = stream::unfold(Some(changes), async |changes| {
        let mut changes = changes?;
        match changes.next().await {
            Ok(events) => Some((events.into_iter().map(|event| Ok(change(event))).collect(), Some(changes))),
            Err(error) => Some((vec![Err(Failure(error))], None)),
        }
    });
    pages.flat_map(stream::iter::<Vec<_>>)
}

fn change(event: Arc<crate::domain::Event>) -> ChangeEvent {
    ChangeEvent { cursor: cursor(event.organization, event.seq), event: Event(event) }
}

fn cursor(organization: OrganizationId, seq: i64) -> String {
    Cursor { order: BY_CHANGE, key: CursorKey::Number(seq), id: organization.0 }.encode()
}

/// The place that a client has named.
fn start_of(after: &str, organization: OrganizationId) -> Result<Start> {
    if after == BEGINNING {
        return Ok(Start::Behind(0));
    }
    match Cursor::decode(after, BY_CHANGE, "after")? {
        Cursor { key: CursorKey::Number(seq), id, .. } if id == organization.0 => Ok(Start::Behind(seq)),
        _ => {
            let message = "This cursor is one of another organization; take cursors from the changes of this one.";
            Err(Error::invalid("after", message).into())
        }
    }
}

/// The place that an organization has come to, for those who may follow it.
pub async fn cursor_of_now(context: &Context<'_>, organization: OrganizationId) -> Result<String> {
    of(context).read().allow_changes(organization)?;
    let last = ask(context, LastChange, (organization.0, None)).await?;
    Ok(cursor(organization, last.unwrap_or_default()))
}

/// What is wrong with a subscription that does not have exactly one root field (GraphQL §5.2.4.1), written where the
/// executor looks for it: not in a fragment. None if the document does not parse, which the executor will say.
pub(super) fn without_one_root(operation: &OperationDefinition) -> Option<ServerError> {
    let roots = &operation.selection_set.node.items;
    if let [root] = roots.as_slice()
        && matches!(root.node, Selection::Field(_))
    {
        return None;
    }
    let message = "A subscription has exactly one root field, which stands in the operation itself and in no fragment; \
                   subscribe once for each.";
    Some(refusal("GRAPHQL_VALIDATION_FAILED", message, Some(operation.selection_set.pos)))
}
