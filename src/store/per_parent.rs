//! A page for each of many parents, in one statement, at a cost that follows the pages and not what lies behind them.
//!
//! PostgreSQL gets a `LATERAL` join, whose inner query stops at its limit for each parent. SQLite has no such join; there
//! the same inner query is a correlated `IN`, which it also runs, limit and all, once for each parent. One parent needs
//! neither.

use super::error::translate;
use super::lookup::padded;
use super::row::RowReader;
use super::sql::Sql;
use super::{Dialect, Scope, Store};
use crate::domain::{Page, Result, Slice};
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::HashMap;
use uuid::Uuid;

/// Writes conditions; the second argument writes the parent.
pub(super) type Conditions<'a> = dyn Fn(&mut Sql, &mut dyn FnMut(&mut Sql)) + Sync + 'a;

/// A query that is run for each parent.
pub(super) struct PerParent<'a> {
    /// Whose nodes, and as of when.
    pub scope: Scope,
    /// What to select.
    pub columns: &'a str,
    /// From where: the first table holds `key`.
    pub from: &'a str,
    /// The unique column of the first table. Only SQLite is told.
    pub key: &'a str,
    /// The order, in the direction in which the list is read.
    pub order: &'a str,
    /// Writes the conditions. The second argument is the parent as SQL; how it is written is the caller's to decide.
    pub conditions: &'a Conditions<'a>,
}

impl PerParent<'_> {
    /// Runs the query and cuts the page of each parent. Parents without entries are missing in the answer.
    pub async fn pages<T>(
        &self,
        store: &Store,
        parents: &[Uuid],
        page: &Page,
        read: impl Fn(&mut RowReader<'_>) -> Result<T, DbErr>,
    ) -> Result<HashMap<Uuid, Slice<T>>> {
        if parents.is_empty() {
            return Ok(HashMap::new());
        }
        let sql = self.statement(store.dialect, parents, u64::from(page.limit) + 1);
        let rows = store.read.query_all_raw(sql.statement(store.backend())).await.map_err(translate)?;
        let mut found: HashMap<Uuid, Vec<T>> = HashMap::with_capacity(parents.len());
        for row in &rows {
            let mut row = RowReader::new(row);
            let parent = if let [only] = parents { *only } else { row.get().map_err(translate)? };
            found.entry(parent).or_default().push(read(&mut row).map_err(translate)?);
        }
        Ok(found.into_iter().map(|(parent, entries)| (parent, Slice::of(entries, page))).collect())
    }

    fn statement(&self, dialect: Dialect, parents: &[Uuid], limit: u64) -> Sql {
        let Self { scope, columns, from, key, order, .. } = self;
        let mut sql = scope.sql("");
        match (parents, dialect) {
            ([only], _) => {
                sql.push(&format!("SELECT {columns} FROM {from} WHERE "));
                (self.conditions)(&mut sql, &mut |sql| {
                    sql.bind(*only);
                });
                sql.push(&format!(" ORDER BY {order} LIMIT ")).bind(limit);
            }
            (_, Dialect::Postgres) => {
                sql.push("SELECT p.id, x.* FROM unnest(").bind(parents.to_vec());
                sql.push(&format!(") AS p(id) CROSS JOIN LATERAL (SELECT {columns} FROM {from} WHERE "));
                self.push_inner(&mut sql, limit);
                sql.push(") AS x");
            }
            (_, Dialect::Sqlite) => {
                sql.push("WITH p(id) AS (VALUES ");
                for (index, parent) in padded(parents).enumerate() {
                    sql.push(if index == 0 { "(" } else { ", (" }).bind(parent).push(")");
                }
                sql.push(&format!(
                    ") SELECT p.id, {columns} FROM p CROSS JOIN {from} WHERE {key} IN (SELECT {key} FROM {from} WHERE "
                ));
                self.push_inner(&mut sql, limit);
                sql.push(&format!(") ORDER BY {order}"));
            }
        }
        sql
    }

    fn push_inner(&self, sql: &mut Sql, limit: u64) {
        (self.conditions)(sql, &mut |sql| {
            sql.push("p.id");
        });
        sql.push(&format!(" ORDER BY {} LIMIT ", self.order)).bind(limit);
    }
}

/// Writes the parents as a common table expression `p(id)`, for queries that walk from all of them at once.
pub(super) fn push_parents(sql: &mut Sql, dialect: Dialect, parents: &[Uuid]) {
    match dialect {
        Dialect::Postgres => {
            sql.push("p(id) AS (SELECT unnest(").bind(parents.to_vec()).push("))");
        }
        Dialect::Sqlite => {
            sql.push("p(id) AS (VALUES ");
            for (index, parent) in padded(parents).enumerate() {
                sql.push(if index == 0 { "(" } else { ", (" }).bind(parent).push(")");
            }
            sql.push(")");
        }
    }
}
