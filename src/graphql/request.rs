//! What every resolver of a request finds in its context.

use super::failure::Result;
use super::loaders::Loaders;
use super::moment::Moment;
use crate::domain::{Cursor, Error, Page};
use crate::resolvers::query::questions::Ask;
use crate::resolvers::{App, Reader, Viewer};
use async_graphql::Context;
use std::sync::Arc;
use std::time::Duration;

/// How large pages are.
#[derive(Debug, Clone, Copy)]
pub struct PageSizes {
    /// When neither `first` nor `last` is given.
    pub default: u32,
    /// At most.
    pub max: u32,
}

/// A request: who asks, and whom resolvers ask.
pub struct Request {
    pub(super) app: Arc<App>,
    pub(super) viewer: Viewer,
    pub(super) loaders: Loaders,
    pub(super) page_sizes: PageSizes,
    /// How long whoever follows changes waits for news before there is a look all the same.
    pub(super) poll: Duration,
}

/// The request that a resolver is part of.
pub fn of<'a>(context: &Context<'a>) -> &'a Request {
    context.data_unchecked::<Request>()
}

impl Request {
    /// Reads as the viewer, at once: for roots, which have no siblings to wait for.
    pub fn read(&self) -> Reader<'_> {
        self.app.read(&self.viewer)
    }

    /// The same, as of a moment.
    pub fn read_at(&self, moment: Moment) -> Reader<'_> {
        self.read().as_of(moment)
    }
}

/// Asks with everybody who asks the same on this level.
pub async fn ask<A: Ask>(
    context: &Context<'_>,
    question: A,
    (id, moment): (A::Id, Moment),
) -> Result<Option<A::Answer>> {
    Ok(of(context).loaders.ask(question, (id, moment)).await?)
}

/// The arguments of a connection, as they came.
pub struct PageArgs {
    /// How many from the beginning.
    pub first: Option<i32>,
    /// Behind which place.
    pub after: Option<String>,
    /// How many from the end.
    pub last: Option<i32>,
    /// Before which place.
    pub before: Option<String>,
}

impl PageArgs {
    /// The page they mean, in a list of the order that cursors of this tag have.
    pub fn page(&self, context: &Context<'_>, order: char) -> Result<Page> {
        let PageSizes { default, max } = of(context).page_sizes;
        let size = |field: &str, size: i32| match u32::try_from(size) {
            Ok(size) if size <= max => Ok(size),
            _ => {
                Err(Error::invalid(field, format!("A page has 0 to {max} entries; ask for the next page with after.")))
            }
        };
        let (limit, from_end) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("first", "Give first or last, not both.").into());
            }
            (Some(first), None) => (size("first", first)?, false),
            (None, Some(last)) => (size("last", last)?, true),
            (None, None) => (default, false),
        };
        let place =
            |text: &Option<String>, field| text.as_deref().map(|text| Cursor::decode(text, order, field)).transpose();
        Ok(Page { limit, from_end, after: place(&self.after, "after")?, before: place(&self.before, "before")? })
    }
}
