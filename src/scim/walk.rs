//! Walks by cursors (RFC 9865): a cursor is good for the list that it was given out for, and for no other.

use super::registry::Kind;
use crate::domain::Cursor;
use crate::store::Order;
use scim_protocol::query::Query;
use scim_protocol::{ScimError, ScimType};
use sha2::{Digest, Sha256};

/// A walk through a list.
pub(super) struct Walk<'a> {
    /// What tells the list from others: type, filter and order.
    list: String,
    /// Where it has come to; none at the beginning.
    cursor: Option<&'a str>,
}

impl<'a> Walk<'a> {
    /// A walk through what a query asks for, which has come to the cursor.
    pub(super) fn new(kind: Kind, query: &Query, cursor: Option<&'a str>) -> Self {
        let filter = query.filter.as_ref().map(ToString::to_string);
        let what = format!("{} {filter:?} {:?} {}", kind.name(), query.sort_by, query.descending);
        let list = Sha256::digest(what).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self { list, cursor }
    }

    /// Where the walk goes on, and how many results there are, if that is known from the beginning.
    pub(super) fn place(&self, order: Order) -> Result<(Option<Cursor>, Option<u64>), ScimError> {
        let Some(cursor) = self.cursor else { return Ok((None, None)) };
        let foreign = || {
            let detail = "This cursor is none of this list; begin again, with cursor= and nothing behind it.";
            ScimError::new(ScimType::InvalidCursor, detail)
        };
        let [list, total, place] =
            <[&str; 3]>::try_from(cursor.splitn(3, '.').collect::<Vec<_>>()).map_err(|_| foreign())?;
        if list != self.list {
            return Err(foreign());
        }
        let place = Cursor::decode(place, order.tag(), "cursor").map_err(|_| foreign())?;
        Ok((Some(place), total.parse().ok()))
    }

    /// The cursor behind an entry, which keeps how many results there are in mind if that is hard to find out.
    pub(super) fn cursor(&self, last: &Cursor, total: Option<u64>) -> String {
        format!("{}.{}.{}", self.list, total.map(|total| total.to_string()).unwrap_or_default(), last.encode())
    }
}
