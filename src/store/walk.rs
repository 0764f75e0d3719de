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
    Collective, Edge, EdgeKind, LinkedIdentity, NodeId, NodeKind, Organization, Profile, Result, Role,
};
use sea_orm::ConnectionTrait;
use std::collections::{HashMap, HashSet};
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
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| edges::read(&mut RowReader::new(row)).map_err(translate)).collect()
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
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| edges::read(&mut RowReader::new(row)).map_err(translate)).collect()
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

    /// Those of the nodes that are there, in one statement over all the tables they are in.
    pub async fn alive(&self, scope: Scope, nodes: &[NodeId]) -> Result<HashSet<NodeId>> {
        let mut sql = scope.sql("");
        let mut first = true;
        self.push_alive::<Organization>(&mut sql, &mut first, scope, nodes, |kind| kind == NodeKind::Organization);
        self.push_alive::<Profile>(&mut sql, &mut first, scope, nodes, NodeKind::is_profile);
        self.push_alive::<Collective>(&mut sql, &mut first, scope, nodes, NodeKind::is_collective);
        self.push_alive::<Role>(&mut sql, &mut first, scope, nodes, |kind| kind == NodeKind::Role);
        self.push_alive::<LinkedIdentity>(&mut sql, &mut first, scope, nodes, |kind| kind == NodeKind::LinkedIdentity);
        if first {
            return Ok(HashSet::new());
        }
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let ids = rows.iter().map(|row| RowReader::new(row).get()).collect::<Result<HashSet<Uuid>, _>>();
        let ids = ids.map_err(translate)?;
        Ok(nodes.iter().copied().filter(|node| ids.contains(&node.uuid)).collect())
    }

    fn push_alive<T: Table>(
        &self,
        sql: &mut Sql,
        first: &mut bool,
        scope: Scope,
        nodes: &[NodeId],
        wanted: impl Fn(NodeKind) -> bool,
    ) {
        let ids: Vec<Uuid> = nodes.iter().filter(|node| wanted(node.kind)).map(|node| node.uuid).collect();
        if ids.is_empty() {
            return;
        }
        sql.push(if *first { "" } else { " UNION ALL " });
        *first = false;
        sql.push(&format!("SELECT n.id FROM {} WHERE n.deleted_at IS NULL AND n.id", scope.table::<T>("n")));
        push_any(sql, self.dialect, &ids);
        scope.and(sql, &format!("n.{}", T::TENANT));
    }
}
