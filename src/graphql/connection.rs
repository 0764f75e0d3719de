//! Connections (Relay Cursor Connections): pages whose edges carry the edge's own facts.
//!
//! `totalCount` costs a statement of its own, so it is counted only when it is asked for: a connection carries how to
//! count, not a count.

use super::event::Event;
use super::failure::Result;
use super::moment::Moment;
use super::request::{ask, of};
use crate::domain::{Cursor, Edge};
use crate::resolvers::policy::{self, Action, Resource};
use crate::resolvers::query::questions::{Ask, Events};
use async_graphql::{Context, SimpleObject};
use futures::future::BoxFuture;
use std::sync::Arc;

/// How to count what a connection has.
pub type Count = Arc<dyn Fn(&Context<'_>) -> BoxFuture<'static, crate::domain::Result<i64>> + Send + Sync>;

/// Counts by a question about one id.
pub fn count_by<A: Ask<Answer = i64>>(question: A, (id, moment): (A::Id, Moment)) -> Count {
    Arc::new(move |context| {
        let loaders = of(context).loaders.clone();
        let question = question.clone();
        Box::pin(async move { Ok(loaders.ask(question, (id, moment)).await?.unwrap_or(0)) })
    })
}

/// Where a page lies in its list.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(shareable)]
pub struct PageInfo {
    /// Whether there is something behind this page.
    pub has_next_page: bool,
    /// Whether there is something before this page.
    pub has_previous_page: bool,
    /// The place of the first entry; null on an empty page.
    pub start_cursor: Option<String>,
    /// The place of the last entry; null on an empty page.
    pub end_cursor: Option<String>,
}

/// The event that opened an edge, for viewers who may read history.
pub async fn opening(context: &Context<'_>, edge: &Edge) -> Result<Option<Event>> {
    policy::allow(&of(context).viewer, Action::ReadHistory, Resource::of(edge.organization).seen())?;
    Ok(ask(context, Events, ((edge.organization, edge.opened_seq), None)).await?.map(Event))
}

/// The cursor of an entry in a list that is sorted by id alone.
pub fn id_cursor(order: char, id: uuid::Uuid) -> String {
    Cursor::id(order, id).encode()
}

/// The order tag of lists of edges, which are sorted by when the edge was opened.
pub const BY_EDGE: char = 'e';
/// The order tag of lists of what is reached over more than one edge.
pub const BY_NODE: char = 'r';

/// Declares a connection and its edge.
///
/// The edge says what the last argument says: nothing, a `relation` (since when, from where, by which event), a
/// `membership` (also role and functions), or, in braces, the type of what it carries and the fields made of that.
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ty, $what:literal, $entry:literal $(,)?) => {
        $crate::graphql::connection::connection! { $connection, $edge, $node, $what, $entry, { (): } }
    };
    ($connection:ident, $edge:ident, $node:ty, $what:literal, $entry:literal, relation $(,)?) => {
        $crate::graphql::connection::connection! { $connection, $edge, $node, $what, $entry, { std::sync::Arc<$crate::domain::Edge>:
            /// When the relation began.
            pub async fn since(&self) -> chrono::DateTime<chrono::Utc> {
                self.says.valid_from
            }

            /// Where the relation comes from, such as `graphql` or `import:people.ndjson`.
            pub async fn source(&self) -> &str {
                &self.says.source
            }

            /// The event that opened the relation. Needs the role admin and the scope `history:read`.
            pub async fn event(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> $crate::graphql::failure::Nullable<$crate::graphql::event::Event> {
                $crate::graphql::failure::nullable($crate::graphql::connection::opening(context, &self.says).await)
            }
        } }
    };
    ($connection:ident, $edge:ident, $node:ty, $what:literal, $entry:literal, membership $(,)?) => {
        $crate::graphql::connection::connection! { $connection, $edge, $node, $what, $entry, { std::sync::Arc<$crate::domain::Edge>:
            /// Lead or member.
            pub async fn role(&self) -> $crate::graphql::scalars::MemberRole {
                self.says.member.as_ref().map(|facts| facts.role).unwrap_or_default().into()
            }

            /// Named functions, such as `release-manager`.
            pub async fn functions(&self) -> Vec<&str> {
                let functions = self.says.member.iter().flat_map(|facts| &facts.functions);
                functions.map(String::as_str).collect()
            }

            /// When the membership began.
            pub async fn since(&self) -> chrono::DateTime<chrono::Utc> {
                self.says.valid_from
            }

            /// Where the membership comes from, such as `graphql` or `import:people.ndjson`.
            pub async fn source(&self) -> &str {
                &self.says.source
            }

            /// The event that opened the membership. Needs the role admin and the scope `history:read`.
            pub async fn event(
                &self,
                context: &async_graphql::Context<'_>,
            ) -> $crate::graphql::failure::Nullable<$crate::graphql::event::Event> {
                $crate::graphql::failure::nullable($crate::graphql::connection::opening(context, &self.says).await)
            }
        } }
    };
    ($connection:ident, $edge:ident, $node:ty, $what:literal, $entry:literal, { $says:ty: $($fields:tt)* } $(,)?) => {
        #[doc = $entry]
        pub struct $edge {
            /// The place of the entry in the list.
            pub cursor: String,
            /// The entry.
            pub node: $node,
            /// What the edge itself says.
            pub says: $says,
        }

        #[doc = $entry]
        #[async_graphql::Object]
        impl $edge {
            /// The place of the entry in the list: give it as `after` or `before`.
            pub async fn cursor(&self) -> &str {
                &self.cursor
            }

            /// The entry.
            pub async fn node(&self) -> &$node {
                &self.node
            }

            $($fields)*
        }

        #[doc = $what]
        pub struct $connection {
            edges: Vec<$edge>,
            has_previous: bool,
            has_next: bool,
            count: $crate::graphql::connection::Count,
        }

        impl $connection {
            /// Makes the connection of what was found, if anything was.
            pub fn of<T>(
                slice: Option<$crate::domain::Slice<T>>,
                count: $crate::graphql::connection::Count,
                edge: impl FnMut(T) -> $edge,
            ) -> Self {
                let slice = slice.unwrap_or(const { $crate::domain::Slice::empty() }).map(edge);
                Self { edges: slice.items, has_previous: slice.has_previous, has_next: slice.has_next, count }
            }
        }

        #[doc = $what]
        #[async_graphql::Object]
        impl $connection {
            /// The entries of the page, each with its place and the facts of the relation.
            pub async fn edges(&self) -> &[$edge] {
                &self.edges
            }

            /// The entries of the page, without their places.
            pub async fn nodes(&self) -> Vec<&$node> {
                self.edges.iter().map(|edge| &edge.node).collect()
            }

            /// Where the page lies in the list.
            pub async fn page_info(&self) -> $crate::graphql::connection::PageInfo {
                $crate::graphql::connection::PageInfo {
                    has_next_page: self.has_next,
                    has_previous_page: self.has_previous,
                    start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
                    end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
                }
            }

            /// How many entries the whole list has. Counted, by a statement of its own, only when it is asked for.
            pub async fn total_count(&self, context: &async_graphql::Context<'_>) -> $crate::graphql::failure::Result<i64> {
                Ok((self.count)(context).await?)
            }
        }
    };
}

pub(super) use connection;
