//! Rows that wait to be written together with those of other jobs.
//!
//! Jobs that share a transaction mostly add things that have nothing to do with one another. So they are run *hopefully* at
//! first: rows that are new are not written, but wait, and are written in the end, those of all jobs for one table in one
//! statement. A job sees what waits as if it were written, because whatever is there to be read is written before it is
//! read. A job that fails takes back what it has left waiting.
//!
//! Hope has an end where a row cannot be written, as when a name is taken, or where a job fails some of whose rows were
//! written already: nobody knows then whose fault it is, or how to undo that alone. Everything is rolled back, and the jobs are
//! run again, each behind a savepoint, as the [writer](super::super::writer) does.

use super::{TableRows, Unit};
use crate::domain::node::NodeKey;
use crate::domain::{Node, NodeId, Result};
use crate::store::row::RowReader;
use crate::store::sql::Sql;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// How many rows wait at most.
const MAX_ROWS: usize = 4_000;

/// What waits, and what is known of the tenant.
#[derive(Default)]
pub(in crate::store) struct Waiting {
    is_hopeful: bool,
    /// On the heap, because units are moved about.
    state: Box<Mutex<State>>,
}

#[derive(Default)]
struct State {
    tables: Vec<TableRows>,
    count: usize,
    /// The nodes among them.
    nodes: HashSet<Uuid>,
    /// The keys among them, by namespace.
    keys: HashSet<(&'static str, String)>,
    /// How many rows of each table wait that other jobs have left.
    mark: Vec<usize>,
    /// Whether the job has written something that cannot be undone alone.
    has_written: bool,
    /// The organization, if it was read and is still so.
    tenant: Option<Node>,
    /// The keys of which it is known that no node has them.
    vacant: HashSet<NodeKey>,
}

impl Waiting {
    /// Of jobs that are run hopefully, or not.
    pub(in crate::store) fn new(is_hopeful: bool) -> Self {
        Self { is_hopeful, state: Box::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_rows_of_job(&self) -> bool {
        let before = |table: usize| self.mark.get(table).copied().unwrap_or_default();
        self.tables.iter().enumerate().any(|(table, (.., rows))| rows.len() > before(table))
    }
}

impl Unit {
    /// Whether the jobs are run hopefully: if something is in the way of a row, they are run again. So nobody has to look
    /// beforehand what that might be.
    #[must_use]
    pub const fn is_hopeful(&self) -> bool {
        self.waiting.is_hopeful
    }

    /// Notes that a job begins.
    pub(in crate::store) fn begin_job(&self) {
        let mut state = self.waiting.state();
        state.mark = state.tables.iter().map(|(.., rows)| rows.len()).collect();
        state.has_written = false;
    }

    /// Takes back what the job has left waiting; false, if it has written more than that.
    pub(in crate::store) fn take_back_job(&self) -> bool {
        let mut state = self.waiting.state();
        state.tenant = None;
        let mark = std::mem::take(&mut state.mark);
        for (table, (.., rows)) in state.tables.iter_mut().enumerate() {
            rows.truncate(mark.get(table).copied().unwrap_or_default());
        }
        state.count = state.tables.iter().map(|(.., rows)| rows.len()).sum();
        !state.has_written
    }

    /// Lets rows wait; hands them back, if there is nothing to wait for.
    pub(super) fn let_wait(&self, (name, columns, rows): TableRows) -> Option<TableRows> {
        if !self.is_hopeful() || rows.len() > MAX_ROWS {
            return Some((name, columns, rows));
        }
        let mut state = self.waiting.state();
        state.count += rows.len();
        match state.tables.iter_mut().find(|(table, ..)| *table == name) {
            Some((.., waiting)) => waiting.extend(rows),
            None => state.tables.push((name, columns, rows)),
        }
        None
    }

    /// Notes a node whose row may wait.
    pub(super) fn note_node(&self, node: &Node) {
        let mut state = self.waiting.state();
        if matches!(node, Node::Organization(_)) {
            state.tenant = None;
        }
        if self.is_hopeful() {
            state.nodes.insert(node.id().uuid);
        }
    }

    /// Notes keys whose rows are about to be written, or to wait.
    pub(super) fn note_keys(&self, keys: Vec<NodeKey>) {
        if self.is_hopeful() {
            let mut state = self.waiting.state();
            for key in keys {
                state.vacant.remove(&key);
                state.keys.insert(key);
            }
        }
    }

    /// Looks which of the keys that jobs are going to look for are there at all: with one statement for all of them, where
    /// each would need one to learn that there is nothing.
    pub(in crate::store) async fn foresee(&self, keys: HashSet<NodeKey>) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let mut sql = Sql::new("SELECT namespace, value FROM node_keys WHERE org_id = ");
        sql.bind(self.tenant.0);
        self.push_keys(&mut sql, keys.iter());
        let read = |row: &mut RowReader<'_>| {
            let key: (String, String) = (row.get()?, row.get()?);
            Ok(key)
        };
        let found: HashSet<(String, String)> = self.read(sql, read).await?.into_iter().collect();
        let vacant = keys
            .into_iter()
            .filter(|(namespace, value)| !found.iter().any(|(there, held)| there == namespace && held == value));
        self.waiting.state().vacant = vacant.collect();
        Ok(())
    }

    /// Whether it is known that no node has this key.
    pub(super) fn is_vacant(&self, namespace: &'static str, value: &str) -> bool {
        let state = self.waiting.state();
        // No key is made for the asking where nothing is known.
        !state.vacant.is_empty() && state.vacant.contains(&(namespace, value.to_owned()))
    }

    /// Whether rows of one of these nodes may wait.
    pub(super) fn has_waiting_node(&self, ids: &[NodeId]) -> bool {
        let state = self.waiting.state();
        ids.iter().any(|id| state.nodes.contains(&id.uuid))
    }

    /// Whether a row of this key may wait.
    pub(super) fn has_waiting_key(&self, namespace: &'static str, value: &str) -> bool {
        self.waiting.state().keys.contains(&(namespace, value.to_owned()))
    }

    /// Whether so many rows wait that they had better be written.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.state().count > MAX_ROWS
    }

    /// The organization, if it was read before and is still so.
    pub(super) fn known_tenant(&self) -> Option<Node> {
        self.waiting.state().tenant.clone()
    }

    /// Keeps the organization in mind.
    pub(super) fn know_tenant(&self, tenant: &Node) {
        self.waiting.state().tenant = Some(tenant.clone());
    }

    /// Notes that the job writes something at once.
    pub(super) fn note_writing(&self) {
        self.waiting.state().has_written = true;
    }

    /// Writes what waits.
    pub(in crate::store) async fn settle(&self) -> Result<()> {
        self.settle_and(None).await
    }

    /// Writes what waits, and runs a last statement.
    pub(super) async fn settle_and(&self, last: Option<Sql>) -> Result<()> {
        let tables = {
            let mut state = self.waiting.state();
            if state.count == 0 && last.is_none() {
                return Ok(());
            }
            state.has_written |= state.has_rows_of_job();
            state.mark.clear();
            state.count = 0;
            state.nodes.clear();
            state.keys.clear();
            std::mem::take(&mut state.tables)
        };
        self.insert_all_now(tables, last).await
    }
}
