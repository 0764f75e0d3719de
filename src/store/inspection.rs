//! What an operator may want to know about a database, whatever state it is in. Nothing here changes anything.
//!
//! The checks read whole tables, but each with one statement: the databases compare sets, and only what is wrong comes
//! back. A set is compared with the rows of a table by `NOT EXISTS` behind `AND`, which PostgreSQL turns into a hash join
//! and SQLite into look-ups of a primary key.

use super::error::translate;
use super::row::RowReader;
use super::sql::Sql;
use super::tables::Table;
use super::{Dialect, LaneActivity, Store, StoreOptions, Topics, open};
use crate::domain::{
    ApiToken, Collective, LinkedIdentity, Organization, OrganizationId, Profile, Result, Role, Timestamp,
};
use idgraph_migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TryGetable};
use std::sync::Arc;

/// How the schema of a database and that of the program differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SchemaState {
    /// How many changes were made.
    pub made: usize,
    /// The changes that are still to be made.
    pub pending: Vec<String>,
    /// The changes that were made by a program that knows more than this one.
    pub unknown: Vec<String>,
}

/// A sequence whose events are not the numbers from 1 to its last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequenceGap {
    /// The tenant.
    pub organization: OrganizationId,
    /// The last number, as the sequence has it.
    pub last_seq: i64,
    /// How many events there are.
    pub events: i64,
}

/// How many rows speak of nodes that are not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Orphans {
    /// Ends of edges that do not exist.
    pub edge_ends: i64,
    /// Rows of `node_keys`.
    pub keys: i64,
    /// Rows of `event_nodes`.
    pub event_nodes: i64,
    /// Rows of the containment closure, whose teams and groups have to be live too.
    pub containment: i64,
}

/// The events that are still to be told to the outside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many there are.
    pub events: i64,
    /// When the oldest of them happened.
    pub oldest: Option<Timestamp>,
}

impl Store {
    /// Connects to look and touch nothing: a SQLite file that does not exist is not created, and no schema is.
    pub async fn connect_to_look(options: &StoreOptions) -> Result<Self> {
        let dialect = Dialect::of(&options.url);
        let read = open(options, dialect, 1, true).await?;
        Ok(Self::to_look(read, dialect))
    }

    /// Uses that connection for reading, and writes nothing.
    pub(super) fn to_look(read: DatabaseConnection, dialect: Dialect) -> Self {
        let (activity, topics) = (LaneActivity::new(), Arc::new(Topics::new(1)));
        Self { write: read.clone(), read, dialect, lanes: 0, activity, topics, freshness: Arc::default() }
    }

    /// The name and version of the database.
    pub async fn version(&self) -> Result<String> {
        let (name, sql) = match self.dialect {
            Dialect::Sqlite => ("SQLite", "SELECT sqlite_version()"),
            Dialect::Postgres => ("PostgreSQL", "SELECT current_setting('server_version')"),
        };
        let version: String = self.one(Sql::new(sql), cell).await?.unwrap_or_default();
        Ok(format!("{name} {version}"))
    }

    /// The first fault in the file of a SQLite database, if there is one. PostgreSQL looks after its files itself.
    pub async fn damage(&self) -> Result<Option<String>> {
        if self.dialect == Dialect::Postgres {
            return Ok(None);
        }
        let verdict: Option<String> = self.one(Sql::new("PRAGMA quick_check(1)"), cell).await?;
        Ok(verdict.filter(|verdict| verdict != "ok"))
    }

    /// How the schema of the database and that of the program differ.
    pub async fn schema_state(&self) -> Result<SchemaState> {
        let table = Migrator::migration_table_name().to_string();
        let made: Vec<String> = if self.has_table(&table).await? {
            let sql = format!("SELECT version FROM {table} ORDER BY version");
            self.many(Sql::new(sql), cell).await?
        } else {
            Vec::new()
        };
        let known: Vec<String> = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
        let without = |one: &[String], other: &[String]| -> Vec<String> {
            one.iter().filter(|name| !other.contains(name)).cloned().collect()
        };
        Ok(SchemaState { made: made.len(), pending: without(&known, &made), unknown: without(&made, &known) })
    }

    /// Whether a change was ever made here; a database without our tables holds nothing of ours.
    pub async fn holds_data(&self) -> Result<bool> {
        Ok(self.has_table("sequences").await? && !self.is_empty().await?)
    }

    async fn has_table(&self, name: &str) -> Result<bool> {
        let mut sql = Sql::new(match self.dialect {
            Dialect::Sqlite => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ",
            Dialect::Postgres => {
                "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = "
            }
        });
        sql.bind(name);
        let row = self.read.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(row.is_some())
    }

    /// The clock of the database; none for SQLite, which has that of the machine.
    pub async fn clock(&self) -> Result<Option<Timestamp>> {
        if self.dialect == Dialect::Sqlite {
            return Ok(None);
        }
        let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";
        Ok(self.one(Sql::new(sql), time).await?.flatten())
    }

    /// When the newest event happened.
    pub async fn newest_event(&self) -> Result<Option<Timestamp>> {
        let newest = self.one(Sql::new("SELECT MAX(occurred_at) FROM events"), time).await?;
        Ok(newest.flatten())
    }

    /// The tenants whose events are not the numbers from 1 to the last one of their sequence.
    pub async fn sequence_gaps(&self) -> Result<Vec<SequenceGap>> {
        // Numbers are unique within a tenant, so that three figures say whether all of them are there.
        let sql = "SELECT org_id, CAST(MAX(last_seq) AS BIGINT), CAST(SUM(events) AS BIGINT) FROM (
                SELECT org_id, last_seq, 0 AS events, CAST(NULL AS BIGINT) AS lowest, CAST(NULL AS BIGINT) AS highest
                FROM sequences
                UNION ALL SELECT org_id, 0, COUNT(*), MIN(seq), MAX(seq) FROM events GROUP BY org_id
            ) AS x GROUP BY org_id
            HAVING MAX(last_seq) <> SUM(events) OR MAX(last_seq) <> COALESCE(MAX(highest), 0)
                OR COALESCE(MIN(lowest), 1) <> 1
            ORDER BY org_id";
        let read = |row: &mut RowReader<'_>| {
            Ok(SequenceGap { organization: OrganizationId(row.get()?), last_seq: row.get()?, events: row.get()? })
        };
        self.many(Sql::new(sql), read).await
    }

    /// How many rows speak of nodes that are not there.
    pub async fn orphans(&self) -> Result<Orphans> {
        let count = |table: &str, column: &str| {
            format!("(SELECT COUNT(*) FROM {table} r WHERE {})", is_no_node(&format!("r.{column}")))
        };
        let is_live = |column: &str| {
            format!("EXISTS (SELECT 1 FROM collectives n WHERE n.id = r.{column} AND n.deleted_at IS NULL)")
        };
        let sql = format!(
            "SELECT {} + {}, {}, {}, (SELECT COUNT(*) FROM containment r WHERE NOT {}) +
                (SELECT COUNT(*) FROM containment r WHERE {} AND NOT {})",
            count("edges", "from_id"),
            count("edges", "to_id"),
            count("node_keys", "node_id"),
            count("event_nodes", "node_id"),
            is_live("ancestor_id"),
            is_live("ancestor_id"),
            is_live("descendant_id"),
        );
        let read = |row: &mut RowReader<'_>| {
            let (edge_ends, keys, event_nodes) = (row.get()?, row.get()?, row.get()?);
            Ok(Orphans { edge_ends, keys, event_nodes, containment: row.get()? })
        };
        Ok(self.one(Sql::new(sql), read).await?.unwrap_or_default())
    }

    /// The events that are still to be told to the outside.
    pub async fn backlog(&self) -> Result<Backlog> {
        let sql = "SELECT COUNT(*), MIN(recorded_at) FROM outbox";
        let read = |row: &mut RowReader<'_>| Ok(Backlog { events: row.get()?, oldest: row.time_or_none()? });
        Ok(self.one(Sql::new(sql), read).await?.unwrap_or_default())
    }

    async fn one<T>(&self, sql: Sql, read: impl Fn(&mut RowReader<'_>) -> Result<T, DbErr>) -> Result<Option<T>> {
        let row = self.read.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        row.map(|row| read(&mut RowReader::new(&row))).transpose().map_err(translate)
    }

    async fn many<T>(&self, sql: Sql, read: impl Fn(&mut RowReader<'_>) -> Result<T, DbErr>) -> Result<Vec<T>> {
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read(&mut RowReader::new(row))).collect::<Result<_, _>>().map_err(translate)
    }
}

/// A row of one cell.
fn cell<T: TryGetable>(row: &mut RowReader<'_>) -> Result<T, DbErr> {
    row.get()
}

/// A row of one time, which may be missing.
fn time(row: &mut RowReader<'_>) -> Result<Option<Timestamp>, DbErr> {
    row.time_or_none()
}

/// The condition that no table of nodes has the id.
fn is_no_node(id: &str) -> String {
    let tables =
        [Profile::NAME, LinkedIdentity::NAME, Collective::NAME, Role::NAME, Organization::NAME, ApiToken::NAME];
    let conditions = tables.map(|table| format!("NOT EXISTS (SELECT 1 FROM {table} n WHERE n.id = {id})"));
    conditions.join(" AND ")
}
