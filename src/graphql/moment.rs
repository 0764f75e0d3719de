//! Time travel: every node a client holds knows as of when it was read, and whatever is reached from it is read as of then.
//!
//! A root, or the field `asOf` of a node, sets the moment; nobody else has to think of it. [`At`] carries it from a node to
//! its neighbours, through the loaders, down to the scope of the statement.

use super::failure::Result;
use super::request::{ask, of};
use crate::domain::Timestamp;
use crate::resolvers::query::questions::Found;
use crate::store::Table;
use async_graphql::Context;
use chrono::{DateTime, Utc};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use uuid::Uuid;

/// As of when something is read; none for now.
pub type Moment = Option<Timestamp>;

/// The id of a node, and as of when it is asked about.
pub type Place = (Uuid, Moment);

/// A node as it was at a moment.
pub struct At<T> {
    node: Arc<T>,
    /// As of when.
    pub moment: Moment,
}

impl<T> At<T> {
    /// The node, read as of that moment.
    pub const fn new(node: Arc<T>, moment: Moment) -> Self {
        Self { node, moment }
    }
}

impl<T: Table> At<T> {
    /// Where its neighbours are asked for.
    pub fn place(&self) -> Place {
        (self.node.id().uuid, self.moment)
    }
}

impl<T> Clone for At<T> {
    fn clone(&self) -> Self {
        Self { node: Arc::clone(&self.node), moment: self.moment }
    }
}

impl<T> Deref for At<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.node
    }
}

/// The moment that a client has asked for.
pub async fn of_argument(context: &Context<'_>, as_of: Option<DateTime<Utc>>) -> Result<Moment> {
    match as_of {
        Some(at) => Ok(Some(of(context).read().moment(at).await?)),
        None => Ok(None),
    }
}

/// A node that the client holds, as it was at another time; none if it did not exist then.
pub async fn then<T: Table>(context: &Context<'_>, node: &At<T>, at: DateTime<Utc>) -> Result<Option<At<T>>> {
    let moment = of_argument(context, Some(at)).await?;
    let found = ask(context, Found::<T> { of: PhantomData }, (node.id().uuid, moment)).await?;
    Ok(found.map(|node| At::new(node, moment)))
}
