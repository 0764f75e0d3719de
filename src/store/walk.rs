//! Edges of any kind around many nodes, for walks over the graph.

use super::edges;
use super::error::translate;
use super::lookup::push_any;
use super::per_parent::push_parents;
use super::row::RowReader;
use super::sql::Sql;
use super::tables::Table;
use super::{Scope, Store};
use crate::domain::{
    ApiToken, Collective, Edge, EdgeKind, LinkedIdentity, NodeId, NodeKind, Organization, Profile, Result, Role,
};
use sea_orm::{ConnectionTrait, QueryResult};
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

impl Store {
    /// The edges of these kinds that begin or end at any of the nodes, the oldest first, at most `limit`.
    pub async fn edges_around(
        &self,
        scope: Scope,
        nodes: &[Uuid],
        kinds: &[EdgeKind],
        limit: u64,
    ) -> Result<Vec<Edge>> {
        if nodes.is_empty() || kinds.is_empty() {
            return Ok(Vec::new());
        }
        let columns = edges::columns("e");
        let mut sql = scope.sql("SELECT * FROM (");
        for (index, near) in ["from_id", "to_id"].into_iter().enumerate() {
            // UNION and not UNION ALL: an edge between two of the nodes is found from both.
            sql.push(if index == 0 { "" } else { " UNION " });
            sql.push(&format!("SELECT {columns} FROM {} WHERE e.{near}", scope.edges("e")));
            push_any(&mut sql, self.dialect, nodes);
            sql.push(" AND e.kind IN (")
                .bind_list(kinds.iter().map(|kind| kind.name()))
                .push(")")
                .push(&scope.open("e"));
        }
        sql.push(") AS e ORDER BY e.id LIMIT ").bind(limit);
        self.edges(sql).await
    }

    /// The edges of these kinds between any two of the nodes, the oldest first, at most `limit`.
    pub async fn edges_between(
        &self,
        scope: Scope,
        nodes: &[Uuid],
        kinds: &[EdgeKind],
        limit: u64,
    ) -> Result<Vec<Edge>> {
        if nodes.is_empty() || kinds.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = scope.sql(format!("SELECT {} FROM {} WHERE e.from_id", edges::columns("e"), scope.edges("e")));
        push_any(&mut sql, self.dialect, nodes);
        sql.push(" AND e.to_id");
        push_any(&mut sql, self.dialect, nodes);
        sql.push(" AND e.kind IN (").bind_list(kinds.iter().map(|kind| kind.name())).push(")").push(&scope.open("e"));
        sql.push(" ORDER BY e.id LIMIT ").bind(limit);
        self.edges(sql).await
    }

    /// The edges that lead up from many profiles, teams and groups: over memberships and parents through what is alive, and
    /// to the roles granted on the way. At most `limit` of all.
    pub async fn edges_above(&self, scope: Scope, roots: &[Uuid], limit: u64) -> Result<HashMap<Uuid, Vec<Edge>>> {
        let mut sql = scope.sql("WITH RECURSIVE ");
        push_parents(&mut sql, self.dialect, roots);
        let (edge, open) = (scope.edges("e"), scope.open("e"));
        sql.push(&format!(
            ", w(root, id) AS (SELECT p.id, p.id FROM p UNION
                SELECT w.root, e.to_id FROM w JOIN {edge} ON e.from_id = w.id AND e.kind IN ('member', 'parent'){open}
                JOIN {} ON t.id = e.to_id AND t.deleted_at IS NULL)
            SELECT w.root, {} FROM w JOIN {edge} ON e.from_id = w.id AND e.kind IN ('member', 'parent', 'grant'){open} WHERE TRUE",
            scope.table::<Collective>("t"),
            edges::columns("e"),
        ));
        scope.and(&mut sql, "e.org_id");
        sql.push(" ORDER BY e.id LIMIT ").bind(limit);
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let mut found: HashMap<Uuid, Vec<Edge>> = HashMap::new();
        for row in &rows {
            let mut row = RowReader::new(row);
            let root = row.get().map_err(translate)?;
            found.entry(root).or_default().push(edges::read(&mut row).map_err(translate)?);
        }
        Ok(found)
    }

    async fn edges(&self, sql: Sql) -> Result<Vec<Edge>> {
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| edges::read(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    /// Those of the nodes that are there, each of the kind that its id says, in one statement.
    pub async fn alive(&self, scope: Scope, nodes: &[NodeId]) -> Result<HashSet<NodeId>> {
        let mut sql = scope.sql("");
        for (index, kind) in nodes.iter().map(|node| node.kind).collect::<BTreeSet<_>>().into_iter().enumerate() {
            sql.push(if index == 0 { "" } else { " UNION ALL " });
            let ids: Vec<Uuid> = nodes.iter().filter(|node| node.kind == kind).map(|node| node.uuid).collect();
            match kind {
                NodeKind::Organization => self.push_alive::<Organization>(&mut sql, scope, kind, &ids),
                NodeKind::User | NodeKind::ServiceAccount | NodeKind::Bot => {
                    self.push_alive::<Profile>(&mut sql, scope, kind, &ids);
                }
                NodeKind::Team | NodeKind::Group => self.push_alive::<Collective>(&mut sql, scope, kind, &ids),
                NodeKind::Role => self.push_alive::<Role>(&mut sql, scope, kind, &ids),
                NodeKind::LinkedIdentity => self.push_alive::<LinkedIdentity>(&mut sql, scope, kind, &ids),
                NodeKind::Token => self.push_alive::<ApiToken>(&mut sql, scope, kind, &ids),
            }
        }
        if nodes.is_empty() {
            return Ok(HashSet::new());
        }
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let read = |row: &QueryResult| {
            let mut row = RowReader::new(row);
            let uuid = row.get()?;
            Ok(NodeId::new(row.kind()?, uuid))
        };
        rows.iter().map(|row| read(row).map_err(translate)).collect()
    }

    fn push_alive<T: Table>(&self, sql: &mut Sql, scope: Scope, kind: NodeKind, ids: &[Uuid]) {
        let (name, table) = (kind.name(), scope.table::<T>("n"));
        sql.push(&format!("SELECT n.id, '{name}' FROM {table} WHERE n.deleted_at IS NULL AND n.id"));
        push_any(sql, self.dialect, ids);
        if T::COLUMNS.contains(&"kind") {
            sql.push(&format!(" AND n.kind = '{name}'"));
        }
        scope.and(sql, &format!("n.{}", T::TENANT));
    }
}
