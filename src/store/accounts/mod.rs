//! What accounts do: sessions, access records, where an account stands after them, and the actions taken on it.
//!
//! These are no nodes. A unit writes them in the transaction of the command that was told of them, and they have no versions:
//! access records are their own history, and an action on an account leaves an event of the account as well. So a commit may
//! hold nothing else, and then it moves no sequence on; [`Unit::note_activity`] sees to it that what was kept about accounts is let go of.

mod actions;
mod records;
mod sessions;
mod standings;

pub use records::AccessFilter;
pub(super) use sessions::push_signed_in;

use super::error::translate;
use super::lookup::push_any;
use super::row::RowReader;
use super::sql::Sql;
use super::{Scope, Store, Unit};
use crate::domain::{Page, Result};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

impl Unit {
    /// Notes that something about the accounts of the tenant was written that no event tells.
    pub(in crate::store) const fn note_activity(&mut self) {
        self.has_activity = true;
    }
}

/// Appends what narrows a list by id, the newest first, to a page.
fn push_page_by_id(sql: &mut Sql, page: &Page) {
    for (cursor, operator) in [(&page.after, "<"), (&page.before, ">")] {
        if let Some(cursor) = cursor {
            sql.push(&format!(" AND n.id {operator} ")).bind(cursor.id);
        }
    }
}

/// The order of a list by id, the newest first, in the direction in which the page is read.
const fn order_by_id(page: &Page) -> &'static str {
    if page.from_end { "n.id" } else { "n.id DESC" }
}

impl Store {
    /// What is told of accounts, by id: from a table with these columns, of which one says when it was told.
    async fn told_by_ids<T>(
        &self,
        scope: Scope,
        (table, columns, time): (&str, &str, &str),
        ids: &[Uuid],
        read: fn(&mut RowReader<'_>) -> Result<T, DbErr>,
    ) -> Result<Vec<T>> {
        let mut sql = scope.sql(format!("SELECT {columns} FROM {table} n WHERE n.id"));
        push_any(&mut sql, self.dialect, ids);
        push_scope(&mut sql, scope, time);
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read(&mut RowReader::new(row)).map_err(translate)).collect()
    }
}

/// Appends the filter for what is told of accounts: it is of a tenant, and was there by then.
fn push_scope(sql: &mut Sql, scope: Scope, time: &str) {
    scope.and(sql, "n.org_id");
    scope.and_by_then(sql, time);
}
