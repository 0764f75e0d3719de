//! What a command can do inside a transaction: read the present state, and write states, edges and history.
//!
//! A [`Unit`] belongs to one tenant, whose row in `sequences` it has locked, so that the writers of one tenant follow one
//! another: what a unit has read stays true until it commits, and the numbers it gives to events have no gaps. Rows are
//! written in bulk, one statement for each table.

mod bulk;
mod credentials;
mod earlier;
mod finds;
mod hierarchy;
mod sequence;
mod waiting;

pub(super) use waiting::Waiting;

use super::Dialect;
use super::edges;
use super::error::translate;
use super::history;
use super::lookup::push_any;
use super::row::{RowReader, micros};
use super::sql::Sql;
use super::tables::Table;
use crate::domain::node::NodeKey;
use crate::domain::{Clock, Edge, Event, Node, NodeId, NodeKind, OrganizationId, Result, Timestamp};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, QueryResult, Value};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// The most parameters of one statement. Both databases take eight times as many.
const MAX_PARAMETERS: usize = 4_000;

/// The name of a table, its columns, and rows of it.
type TableRows = (&'static str, &'static [&'static str], Vec<Vec<Value>>);

/// A node as a command leaves it.
#[derive(Debug, Clone)]
pub struct NodeWrite {
    /// The stored state; none for a node that is new.
    pub before: Option<Node>,
    /// The new state.
    pub after: Node,
}

/// A transaction of one tenant.
pub struct Unit {
    pub(super) transaction: DatabaseTransaction,
    pub(super) dialect: Dialect,
    pub(super) tenant: OrganizationId,
    pub(super) last_seq: i64,
    /// Whether something about the tenant's accounts was written that no event tells.
    pub(super) has_activity: bool,
    pub(super) tenant_is_live: bool,
    /// Whether nodes were added, and nothing else: nothing that was known before rests on them.
    pub(super) only_adds: bool,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) now: Timestamp,
    pub(super) waiting: Waiting,
}

impl std::fmt::Debug for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unit").field("tenant", &self.tenant).field("last_seq", &self.last_seq).finish_non_exhaustive()
    }
}

impl Unit {
    /// The tenant whose transaction this is.
    #[must_use]
    pub const fn tenant(&self) -> OrganizationId {
        self.tenant
    }

    /// Whether the tenant is an organization that is not deleted, or none yet.
    #[must_use]
    pub const fn tenant_is_live(&self) -> bool {
        self.tenant_is_live
    }

    /// The time of everything that this unit writes.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// A new id.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.clock.new_id()
    }

    /// The next number of the tenant's sequence.
    pub const fn next_seq(&mut self) -> i64 {
        self.last_seq += 1;
        self.last_seq
    }

    /// Writes nodes and the keys by which they are found.
    pub async fn write_nodes(&mut self, writes: &[NodeWrite]) -> Result<()> {
        for write in writes {
            if let Node::Organization(tenant) = &write.after {
                self.tenant_is_live = tenant.meta.deleted_at.is_none();
            }
            self.only_adds &= write.before.is_none() && !matches!(write.after, Node::Organization(_) | Node::Token(_));
            self.note_node(&write.after);
        }
        let (new, changed): (Vec<&NodeWrite>, Vec<&NodeWrite>) =
            writes.iter().partition(|write| write.before.is_none());
        let mut tables: Vec<TableRows> = Vec::new();
        for write in new {
            let (name, columns, values) = row_of(&write.after);
            match tables.iter_mut().find(|(table, ..)| *table == name) {
                Some((.., rows)) => rows.push(values),
                None => tables.push((name, columns, vec![values])),
            }
        }
        for (name, columns, rows) in tables {
            self.insert(name, columns, rows, "").await?;
        }
        self.keep(&changed).await?;
        for write in changed {
            self.update(&write.after).await?;
        }
        self.write_keys(writes).await
    }

    /// Copies the rows that are about to change to the tables of the past.
    async fn keep(&self, changed: &[&NodeWrite]) -> Result<()> {
        let mut tables: Vec<(&str, &[&str], Vec<Uuid>)> = Vec::new();
        // A token is no part of the graph, and its row holds a hash that nobody needs twice; its events are its history.
        for write in changed.iter().filter(|write| write.after.id().kind != NodeKind::Token) {
            let (name, columns, _) = row_of(&write.after);
            let id = write.after.id().uuid;
            match tables.iter_mut().find(|(table, ..)| *table == name) {
                Some((.., ids)) => ids.push(id),
                None => tables.push((name, columns, vec![id])),
            }
        }
        for (name, columns, ids) in tables {
            let columns = columns.join(", ");
            for ids in ids.chunks(MAX_PARAMETERS) {
                let mut sql =
                    Sql::new(format!("INSERT INTO {name}_past ({columns}, replaced_at) SELECT {columns}, CAST("));
                sql.bind(micros(self.now)).push(&format!(" AS BIGINT) FROM {name} WHERE id"));
                push_any(&mut sql, self.dialect, ids);
                self.execute(sql).await?;
            }
        }
        Ok(())
    }

    async fn update(&self, node: &Node) -> Result<()> {
        let (name, columns, mut values) = row_of(node);
        let mut sql = Sql::new(format!("UPDATE {name} SET "));
        let id = values.remove(0);
        for (index, (column, value)) in columns.iter().skip(1).zip(values).enumerate() {
            sql.push(if index == 0 { "" } else { ", " }).push(column).push(" = ").bind(value);
        }
        sql.push(" WHERE id = ").bind(id);
        self.execute(sql).await
    }

    async fn write_keys(&self, writes: &[NodeWrite]) -> Result<()> {
        let (mut rows, mut keys) = (Vec::new(), Vec::new());
        for write in writes {
            let before = write.before.as_ref().map(Node::keys).unwrap_or_default();
            let after = write.after.keys();
            self.remove_keys(&write.after, before.difference(&after).collect()).await?;
            let (organization, id) = (write.after.organization(), write.after.id());
            keys.extend(after.difference(&before).cloned());
            rows.extend(after.difference(&before).map(|(namespace, value)| {
                vec![
                    organization.0.into(),
                    (*namespace).into(),
                    value.clone().into(),
                    id.uuid.into(),
                    id.kind.name().into(),
                    micros(self.now),
                ]
            }));
        }
        // Not before: to remove others writes what waits, and then nothing waits that was noted.
        self.note_keys(keys);
        self.insert("node_keys", &["org_id", "namespace", "value", "node_id", "node_kind", "since"], rows, "").await
    }

    /// Moves keys to those of the past.
    async fn remove_keys(&self, node: &Node, keys: BTreeSet<&NodeKey>) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let here = |sql: &mut Sql| {
            sql.push(" WHERE org_id = ").bind(node.organization().0).push(" AND node_id = ").bind(node.id().uuid);
            self.push_keys(sql, keys.iter().copied());
        };
        let mut sql = Sql::new(
            "INSERT INTO node_keys_past (org_id, namespace, value, node_id, node_kind, since, until)
            SELECT org_id, namespace, value, node_id, node_kind, since, CAST(",
        );
        sql.bind(micros(self.now)).push(" AS BIGINT) FROM node_keys");
        here(&mut sql);
        self.execute(sql).await?;
        let mut sql = Sql::new("DELETE FROM node_keys");
        here(&mut sql);
        self.execute(sql).await
    }

    /// Writes the condition that a row of the key index is of one of these keys.
    fn push_keys<'k>(&self, sql: &mut Sql, keys: impl Iterator<Item = &'k NodeKey>) {
        sql.push(" AND (namespace, value) IN (");
        sql.push(if self.dialect == Dialect::Sqlite { "VALUES " } else { "" });
        for (index, (namespace, value)) in keys.enumerate() {
            sql.push(if index == 0 { "(" } else { ", (" }).bind_list([*namespace, value.as_str()]).push(")");
        }
        sql.push(")");
    }

    /// Writes edges that are new.
    pub async fn write_edges(&self, edges: &[Edge]) -> Result<()> {
        self.insert("edges", edges::COLUMNS, edges.iter().map(edges::values).collect(), "").await
    }

    /// Closes edges.
    pub async fn close_edges(&self, ids: &[Uuid], seq: i64) -> Result<()> {
        for ids in ids.chunks(1_000) {
            let mut sql = Sql::new("UPDATE edges SET valid_to = ");
            sql.bind(micros(self.now)).push(", closed_seq = ").bind(seq).push(" WHERE id");
            push_any(&mut sql, self.dialect, ids);
            self.execute(sql).await?;
        }
        Ok(())
    }

    /// Writes events, each with its entry in the outbox and the nodes it is about.
    pub async fn write_history(&self, entries: &[(Event, BTreeSet<NodeId>)]) -> Result<()> {
        let events = entries.iter().map(|(event, _)| history::values(event)).collect();
        self.insert("events", history::COLUMNS, events, "").await?;
        let nodes = entries.iter().flat_map(|(event, nodes)| {
            nodes.iter().map(|node| vec![Value::from(node.uuid), event.seq.into(), event.organization.0.into()])
        });
        self.insert("event_nodes", &["node_id", "seq", "org_id"], nodes.collect(), "").await?;
        let outbox = entries
            .iter()
            .map(|(event, _)| vec![event.organization.0.into(), event.seq.into(), micros(event.occurred_at)]);
        self.insert("outbox", &["org_id", "seq", "recorded_at"], outbox.collect(), "").await
    }

    pub(super) async fn read<T>(
        &self,
        sql: Sql,
        read: impl Fn(&mut RowReader<'_>) -> Result<T, sea_orm::DbErr>,
    ) -> Result<Vec<T>> {
        self.settle().await?;
        self.read_now(sql, read).await
    }

    /// The same, for what is not among the rows that wait.
    pub(super) async fn read_now<T>(
        &self,
        sql: Sql,
        read: impl Fn(&mut RowReader<'_>) -> Result<T, sea_orm::DbErr>,
    ) -> Result<Vec<T>> {
        let rows = self.transaction.query_all_raw(sql.statement(self.backend())).await;
        let rows = rows.map_err(|error| self.spoilt(error))?;
        rows.iter().map(|row| read(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    /// Reads rows of an id, which the statement may have written.
    pub(super) async fn ids(&self, sql: Sql) -> Result<Vec<Uuid>> {
        self.note_writing();
        self.found_ids(sql).await
    }

    /// The ids that a statement finds.
    pub(super) async fn found_ids(&self, sql: Sql) -> Result<Vec<Uuid>> {
        let read = |row: &mut RowReader<'_>| {
            let id: Uuid = row.get()?;
            Ok(id)
        };
        self.read(sql, read).await
    }

    pub(super) async fn query_one(&self, sql: Sql) -> Result<Option<QueryResult>> {
        self.settle().await?;
        let row = self.transaction.query_one_raw(sql.statement(self.backend())).await;
        row.map_err(|error| self.spoilt(error))
    }

    pub(super) async fn execute(&self, sql: Sql) -> Result<()> {
        self.execute_counted(sql).await.map(|_| ())
    }

    /// Executes a statement, and says how many rows it has changed.
    pub(super) async fn execute_counted(&self, sql: Sql) -> Result<u64> {
        self.settle().await?;
        self.note_writing();
        self.execute_now(sql).await
    }

    async fn execute_now(&self, sql: Sql) -> Result<u64> {
        let done = self.transaction.execute_raw(sql.statement(self.backend())).await;
        done.map(|done| done.rows_affected()).map_err(|error| self.spoilt(error))
    }

    /// What a statement that fails means. On PostgreSQL it spoils the transaction for everybody who shares it.
    fn spoilt(&self, error: sea_orm::DbErr) -> crate::domain::Error {
        self.note_writing();
        translate(error)
    }

    /// Appends `= …` or the like for texts, as [`push_any`] does for ids.
    pub(super) fn push_any_text(&self, sql: &mut Sql, texts: &[&str]) {
        match self.dialect {
            Dialect::Postgres => {
                let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
                sql.push(" = ANY(").bind(texts).push(")");
            }
            Dialect::Sqlite => {
                sql.push(" IN (").bind_list(texts.iter().map(ToString::to_string)).push(")");
            }
        }
    }

    pub(super) async fn execute_plain(&self, sql: &str) -> Result<()> {
        self.transaction.execute_unprepared(sql).await.map_err(translate)?;
        Ok(())
    }

    fn backend(&self) -> DbBackend {
        self.transaction.get_database_backend()
    }
}

fn row_of(node: &Node) -> (&'static str, &'static [&'static str], Vec<Value>) {
    fn of<T: Table>(node: &T) -> (&'static str, &'static [&'static str], Vec<Value>) {
        (T::NAME, T::COLUMNS, node.values())
    }
    match node {
        Node::Organization(node) => of(node),
        Node::Profile(node) => of(&**node),
        Node::Collective(node) => of(node),
        Node::Role(node) => of(node),
        Node::Identity(node) => of(node),
        Node::Token(node) => of(node),
    }
}
