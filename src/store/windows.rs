//! Windows of lists: so many nodes, from a position on, in any order that can be asked for.
//!
//! This is what protocols need that know positions but no cursors (RFC 7644 §3.4.2.4). A window far behind costs what lies
//! before it; whoever can uses [pages](Store::list_pages).

use super::conditions::{CaseSense, Place, Writer};
use super::lookup::read_all;
use super::sql::Sql;
use super::tables::columns;
use super::{Dialect, Listing, Scope, Store};
use crate::domain::Result;

/// By what a window is sorted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SortPlace {
    /// By a column as it is.
    Column(&'static str),
    /// By a text.
    Text(Place, CaseSense),
    /// By a number, or a truth value.
    Plain(Place),
    /// By a text in an element of a list: the primary one, else the first.
    First(Place, Vec<String>, CaseSense),
}

/// The order of a window. Nodes without a value come last when it ascends; the id breaks ties.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sorting {
    /// By what; by creation if by nothing.
    pub place: Option<SortPlace>,
    /// Whether the greatest come first.
    pub descending: bool,
}

impl Store {
    /// At most `limit` nodes of the scope, behind the first `offset`.
    pub async fn window<T: Listing>(
        &self,
        scope: Scope,
        filter: &T::Filter,
        sorting: &Sorting,
        (offset, limit): (u64, u64),
    ) -> Result<Vec<T>> {
        let mut sql = scope.sql(format!("SELECT {} FROM {}", columns::<T>("n"), scope.table::<T>("n")));
        sql.push(" WHERE n.deleted_at IS NULL");
        scope.and(&mut sql, &format!("n.{}", T::TENANT));
        T::push_filter(filter, scope, self.dialect, &mut sql);
        sql.push(" ORDER BY ");
        if let Some(place) = &sorting.place {
            self.push_sort_place(place, scope, &mut sql);
            // Both databases can be told where nulls go, and disagree if they are not.
            sql.push(if sorting.descending { " DESC NULLS FIRST, " } else { " ASC NULLS LAST, " });
        }
        sql.push(if sorting.descending { "n.id DESC" } else { "n.id" });
        sql.push(" LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
        read_all(&self.read, sql, self).await
    }

    fn push_sort_place(&self, place: &SortPlace, scope: Scope, sql: &mut Sql) {
        let dialect = self.dialect;
        let mut writer = Writer { sql, dialect, scope };
        match place {
            SortPlace::Column(column) => {
                writer.sql.push(&format!("n.{column}"));
            }
            SortPlace::Text(place, case) => writer.cased(place, *case),
            SortPlace::Plain(place) if dialect == Dialect::Postgres => writer.json(place),
            SortPlace::Plain(place) => writer.text(place),
            SortPlace::First(list, names, case) => {
                writer.sql.push("(SELECT ");
                writer.cased(&Place::Element(names.clone()), *case);
                writer.sql.push(" FROM ");
                writer.elements(list);
                writer.sql.push(" ORDER BY ");
                // A plain value is not said to be the primary one.
                if !names.is_empty() {
                    writer.sql.push("COALESCE(");
                    writer.text(&Place::Element(vec!["primary".to_owned()]));
                    writer.sql.push(if dialect == Dialect::Postgres { ", 'false') DESC, " } else { ", 0) DESC, " });
                }
                writer.sql.push(if dialect == Dialect::Postgres { "x.position" } else { "x.key" });
                writer.sql.push(" LIMIT 1)");
            }
        }
    }
}
