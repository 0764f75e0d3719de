//! Neighbours: the nodes at the other end of the open edges of many nodes, page by page, in the order in which the edges
//! were opened.

use super::error::translate;
use super::per_parent::{PerParent, push_parents};
use super::row::RowReader;
use super::sql::Sql;
use super::tables::{Table, columns};
use super::{Dialect, Scope, Store, edges};
use crate::domain::{Edge, EdgeKind, MemberRole, NodeKind, Page, Result, Slice};
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Which way an edge is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// From `from` to `to`.
    Out,
    /// From `to` to `from`.
    In,
}

impl Side {
    const fn near(self) -> &'static str {
        match self {
            Self::Out => "from_id",
            Self::In => "to_id",
        }
    }

    const fn far(self) -> &'static str {
        match self {
            Self::Out => "to_id",
            Self::In => "from_id",
        }
    }

    const fn far_kind(self) -> &'static str {
        match self {
            Self::Out => "to_kind",
            Self::In => "from_kind",
        }
    }
}

/// Which edges of a kind are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RelationFilter {
    /// Only memberships of that role.
    pub role: Option<MemberRole>,
    /// Only neighbours of these kinds; none given, all that lie in the table asked for.
    pub kinds: &'static [NodeKind],
}

impl RelationFilter {
    /// All of them.
    pub const ANY: Self = Self { role: None, kinds: &[] };
}

/// A neighbour, and the edge that leads to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Related<T> {
    /// The edge.
    pub edge: Arc<Edge>,
    /// The neighbour.
    pub node: T,
}

impl Store {
    /// The neighbours of many nodes. Nodes without neighbours are missing in the answer.
    pub async fn related_pages<T: Table>(
        &self,
        scope: Scope,
        (kind, side, filter): (EdgeKind, Side, RelationFilter),
        parents: &[Uuid],
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<Related<T>>>> {
        let conditions = |sql: &mut Sql, parent: &mut dyn FnMut(&mut Sql)| {
            sql.push("e.").push(side.near()).push(" = ");
            parent(sql);
            push_conditions::<T>(sql, scope, (kind, side, filter));
            if let Some(after) = &page.after {
                sql.push(" AND e.id > ").bind(after.id);
            }
            if let Some(before) = &page.before {
                sql.push(" AND e.id < ").bind(before.id);
            }
        };
        let query = PerParent {
            scope,
            columns: &format!("{}, {}", edges::columns("e"), columns::<T>("n")),
            from: &from::<T>(self.dialect, scope, side),
            key: "e.id",
            order: if page.from_end { "e.id DESC" } else { "e.id" },
            conditions: &conditions,
        };
        query
            .pages(self, parents, page, |row| Ok(Related { edge: Arc::new(edges::read(row)?), node: T::read(row)? }))
            .await
    }

    /// How many neighbours many nodes have. Nodes without neighbours are missing in the answer.
    pub async fn related_counts<T: Table>(
        &self,
        scope: Scope,
        (kind, side, filter): (EdgeKind, Side, RelationFilter),
        parents: &[Uuid],
    ) -> Result<HashMap<Uuid, i64>> {
        let (near, join) = (side.near(), self.dialect.then_join());
        let mut sql = scope.sql("WITH ");
        push_parents(&mut sql, self.dialect, parents);
        sql.push(&format!(
            " SELECT e.{near}, COUNT(*) FROM p {join} {} ON e.{near} = p.id {join} {} ON n.id = e.{} WHERE TRUE",
            scope.edges("e"),
            scope.table::<T>("n"),
            side.far()
        ));
        push_conditions::<T>(&mut sql, scope, (kind, side, filter));
        sql.push(&format!(" GROUP BY e.{near}"));
        self.counts(sql).await
    }

    /// Whether more than so many edges lead to a node, or from it, whatever became of who is at their other end. It costs no
    /// more than to find that many.
    pub async fn has_more_edges(
        &self,
        scope: Scope,
        (kind, side): (EdgeKind, Side),
        node: Uuid,
        than: u32,
    ) -> Result<bool> {
        let mut sql = scope.sql("SELECT COUNT(*) FROM (SELECT 1 AS found FROM ");
        sql.push(&format!("{} WHERE e.kind = '{}'{}", scope.edges("e"), kind.name(), scope.open("e")));
        sql.push(&format!(" AND e.{} = ", side.near())).bind(node);
        sql.push(&format!(" LIMIT {}) found", than.saturating_add(1)));
        let row = self.read.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let count: i64 = row.map_or(Ok(0), |row| RowReader::new(&row).get()).map_err(translate)?;
        Ok(count > i64::from(than))
    }

    /// Reads rows of an id and a number.
    pub(super) async fn counts(&self, sql: Sql) -> Result<HashMap<Uuid, i64>> {
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter()
            .map(|row| {
                let mut row = RowReader::new(row);
                Ok((row.get()?, row.get()?))
            })
            .collect::<Result<_, _>>()
            .map_err(translate)
    }
}

fn from<T: Table>(dialect: Dialect, scope: Scope, side: Side) -> String {
    let join = dialect.then_join();
    format!("{} {join} {} ON n.id = e.{}", scope.edges("e"), scope.table::<T>("n"), side.far())
}

fn push_conditions<T: Table>(sql: &mut Sql, scope: Scope, (kind, side, filter): (EdgeKind, Side, RelationFilter)) {
    sql.push(&format!(" AND e.kind = '{}'{} AND n.deleted_at IS NULL", kind.name(), scope.open("e")));
    scope.and(sql, &format!("n.{}", T::TENANT));
    if let Some(role) = filter.role {
        sql.push(&format!(" AND e.role = '{}'", role.name()));
    }
    if !filter.kinds.is_empty() {
        let names: Vec<String> = filter.kinds.iter().map(|kind| format!("'{}'", kind.name())).collect();
        sql.push(&format!(" AND e.{} IN ({})", side.far_kind(), names.join(", ")));
    }
}
