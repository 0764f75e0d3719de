//! What was before: earlier states of profiles, the events of a command, and the edges it touched. Undoing reads them.

use super::Unit;
use crate::domain::{Edge, Event, NodeId, Profile, Result};
use crate::store::lookup::push_any;
use crate::store::sql::Sql;
use crate::store::tables::{Table, columns};
use crate::store::{edges, history};
use uuid::Uuid;

impl Unit {
    /// A profile as a version of it was that has been replaced.
    pub async fn earlier_profile(&self, id: NodeId, version: i64) -> Result<Option<Profile>> {
        let mut sql = self.profiles_past(id);
        sql.push(" AND n.version = ").bind(version);
        Ok(self.read(sql, Profile::read).await?.pop())
    }

    /// A deleted profile as it was when it was alive for the last time.
    pub async fn profile_in_life(&self, id: NodeId) -> Result<Option<Profile>> {
        let mut sql = self.profiles_past(id);
        sql.push(" AND n.deleted_at IS NULL ORDER BY n.version DESC LIMIT 1");
        Ok(self.read(sql, Profile::read).await?.pop())
    }

    fn profiles_past(&self, id: NodeId) -> Sql {
        let mut sql = Sql::new(format!("SELECT {} FROM profiles_past n WHERE n.id = ", columns::<Profile>("n")));
        sql.bind(id.uuid).push(" AND n.org_id = ").bind(self.tenant.0);
        sql
    }

    /// The profiles that are merged into one.
    pub async fn merged_into(&self, survivor: NodeId) -> Result<Vec<Profile>> {
        let mut sql = Sql::new(format!("SELECT {} FROM profiles n WHERE n.merged_into = ", columns::<Profile>("n")));
        sql.bind(survivor.uuid).push(" AND n.org_id = ").bind(self.tenant.0);
        self.read(sql, Profile::read).await
    }

    /// The events of one action about a node, from a number of the sequence on.
    pub async fn events_about(&self, node: NodeId, action: &str, from: i64) -> Result<Vec<Event>> {
        let mut sql =
            Sql::new(format!("SELECT {} FROM {} WHERE w.node_id = ", history::columns("v"), history::ABOUT_NODES));
        sql.bind(node.uuid).push(" AND w.org_id = ").bind(self.tenant.0).push(" AND w.seq >= ").bind(from);
        sql.push(" AND v.action = ").bind(action).push(" ORDER BY w.seq");
        self.read(sql, history::read).await
    }

    /// The open edges at either end of which one of these nodes is, at most `limit`.
    pub async fn edges_touching(&self, nodes: &[Uuid], limit: u64) -> Result<Vec<Edge>> {
        let mut sql = Sql::new("");
        self.push_touching(&mut sql, nodes, |sql| {
            sql.push(" AND e.valid_to IS NULL");
        });
        sql.push(" LIMIT ").bind(limit);
        self.read(sql, edges::read).await
    }

    /// The open edges between one node and others, whichever way they point.
    pub async fn edges_between(&self, node: Uuid, others: &[Uuid]) -> Result<Vec<Edge>> {
        let mut sql = Sql::new("");
        for (index, (near, far)) in [("from_id", "to_id"), ("to_id", "from_id")].into_iter().enumerate() {
            sql.push(if index == 0 { "" } else { " UNION ALL " });
            sql.push(&format!("SELECT {} FROM edges e WHERE e.valid_to IS NULL AND e.{near} = ", edges::columns("e")));
            sql.bind(node).push(&format!(" AND e.{far}"));
            push_any(&mut sql, self.dialect, others);
        }
        self.read(sql, edges::read).await
    }

    /// The edges at either end of which one of these nodes is that were closed by events of these numbers.
    pub async fn edges_closed(&self, nodes: &[Uuid], (first, last): (i64, i64)) -> Result<Vec<Edge>> {
        let mut sql = Sql::new("");
        self.push_touching(&mut sql, nodes, |sql| {
            sql.push(" AND e.valid_to IS NOT NULL AND e.closed_seq BETWEEN ").bind(first).push(" AND ").bind(last);
        });
        self.read(sql, edges::read).await
    }

    /// Writes the query for edges at either end of which one of the nodes is, one row for each edge.
    fn push_touching(&self, sql: &mut Sql, nodes: &[Uuid], narrow: impl Fn(&mut Sql)) {
        sql.push(&format!("SELECT {} FROM edges e WHERE e.id IN (", edges::columns("e")));
        for (index, end) in ["from_id", "to_id"].into_iter().enumerate() {
            sql.push(if index == 0 { "" } else { " UNION " }).push(&format!("SELECT e.id FROM edges e WHERE e.{end}"));
            push_any(sql, self.dialect, nodes);
            narrow(sql);
        }
        sql.push(") ORDER BY e.id");
    }
}
