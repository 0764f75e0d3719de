//! Search across kinds.

use super::connection::{Count, connection};
use super::failure::Result;
use super::moment::Moment;
use super::node::Node;
use super::request::{PageArgs, of};
use super::scalars::SearchKind;
use crate::domain::{Cursor, CursorKey, NodeKind, OrganizationId, Page};
use async_graphql::Context;
use std::sync::Arc;

/// The order tag of search results, which are sorted by rank.
const BY_RANK: char = 'x';
/// So many results are counted at most; nobody reads on behind them.
const MAX_COUNTED: u32 = 10_000;

connection!(
    SearchConnection,
    SearchEdge,
    Node,
    "A page of what a search found, the best first.",
    "A node that was found.", { i64:
    /// How many words of the search stand in the node's texts whole, and not only as a beginning.
    pub async fn exact_words(&self) -> i64 {
        self.says
    }
});

/// Finds nodes by the words of their texts.
pub async fn search(
    context: &Context<'_>,
    (text, kinds, within, moment): (String, Option<Vec<SearchKind>>, Option<OrganizationId>, Moment),
    args: PageArgs,
) -> Result<SearchConnection> {
    let page = args.page(context, BY_RANK)?;
    let all = || NodeKind::ALL.into_iter().filter(|kind| *kind != NodeKind::Token).collect();
    let kinds: Vec<NodeKind> = kinds.map_or_else(all, |kinds| kinds.into_iter().map(Into::into).collect());
    let hits = of(context).read_at(moment).search(&text, &kinds, within, &page).await?;
    let nodes = futures::future::join_all(hits.items.iter().map(|hit| Node::load_at(context, hit.id, moment))).await;
    let mut nodes = nodes.into_iter().collect::<Result<Vec<_>>>()?.into_iter();
    let mut slice = hits.map(|hit| nodes.next().flatten().map(|node| (hit, node)));
    // What was deleted between the two statements is left out.
    slice.items.retain(Option::is_some);
    let count = count(text, kinds, within, moment);
    let found = crate::domain::Slice {
        items: slice.items.into_iter().flatten().collect(),
        has_previous: slice.has_previous,
        has_next: slice.has_next,
    };
    Ok(SearchConnection::of(Some(found), count, |(hit, node)| SearchEdge {
        cursor: Cursor { order: BY_RANK, key: CursorKey::Number(hit.exact), id: hit.id.uuid }.encode(),
        node,
        says: hit.exact,
    }))
}

fn count(text: String, kinds: Vec<NodeKind>, within: Option<OrganizationId>, moment: Moment) -> Count {
    Arc::new(move |context| {
        let (app, viewer) = (Arc::clone(&of(context).app), of(context).viewer.clone());
        let (text, kinds) = (text.clone(), kinds.clone());
        Box::pin(async move {
            let all = app.read(&viewer).as_of(moment).search(&text, &kinds, within, &Page::first(MAX_COUNTED)).await?;
            Ok(i64::try_from(all.items.len()).unwrap_or(i64::MAX))
        })
    })
}
