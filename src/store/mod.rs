//! The database: the only place that speaks SQL, and the only one that names `sea_orm`.
//!
//! * [`Store`] holds the connections: many for reading, few for writing.
//! * [`tables`] says how each type of node lies in its table; [`sql`] and [`row`] are how statements are written and rows
//!   are read. Statements are plain SQL that both databases understand; the few places where they differ ask
//!   [`Dialect`] and stand in this module's files.
//! * [`lookup`], [`lists`], [`relations`], [`closure`], [`walk`], [`history`], [`search`], [`merges`] read: always many ids at once, always
//!   within a [`Scope`], so that no finder can forget the tenant.
//! * [`accounts`] keeps what accounts do: sessions, access records, and the actions taken on them.
//! * [`risk`] keeps how risky accounts are, and by what they were assessed.
//! * [`oauth`] keeps what it takes to issue tokens: keys, and what was revoked.
//! * [`outlets`] keeps where changes are sent, and what is still to be sent there.
//! * [`deferred`] keeps requests that are done later, and who has taken them up.
//! * [`feed`] hands out events in their order to those who follow a tenant, and wakes them when there are more.
//! * [`inspection`] looks a database over for its operator, whatever state it is in; [`backup`] copies one.
//! * [`writer`] is the one place that begins a transaction; [`unit`] is what a command can do inside one.

mod accounts;
mod activity;
mod alerts;
mod backup;
mod closure;
mod conditions;
mod deferred;
mod edges;
mod error;
mod feed;
mod footprint;
mod freshness;
mod history;
mod idempotency;
mod inspection;
mod lists;
mod lookup;
mod merges;
mod oauth;
mod outbox;
mod outlets;
mod per_parent;
mod principals;
mod providers;
mod relations;
mod risk;
mod row;
mod scope;
mod search;
mod sql;
mod tables;
mod threats;
mod tokens;
mod transmitters;
mod unit;
mod walk;
mod windows;
mod writer;

pub use accounts::AccessFilter;
pub use activity::{LaneActivity, Pool};
pub use alerts::AlertFilter;
pub use backup::{CopyError, examine_copy, has_log, make_way, sqlite_file};
pub use closure::{EffectiveRole, Reach};
pub use conditions::{CaseSense, Comparator, Condition, Place};
pub use edges::NewEdge;
pub use error::is_idempotency_race;
pub use feed::{Announcement, Feed, Topics};
pub use freshness::{Freshness, Realm, Stamp};
pub use idempotency::Remembered;
pub use inspection::{Backlog, Orphans, SchemaState, SequenceGap};
pub use lists::{CollectiveFilter, Comparison, IdentityFilter, Listing, Order, ProfileFilter, RoleFilter, SortField};
pub use lookup::ProfileKey;
pub use oauth::LocalAccount;
pub use outlets::{DeliveryFilter, OutletOwner};
pub use principals::{NamedProfile, OrganizationName, Principal, ProfileName};
pub use relations::{Related, RelationFilter, Side};
pub use risk::RiskFilter;
pub use scope::Scope;
pub use search::{Hit, Word};
pub use tables::Table;
pub use threats::StoredEntry;
pub use tokens::TokenFilter;
pub use unit::{NodeWrite, Unit};
pub use windows::{SortPlace, Sorting};
pub use writer::{Job, Rehearsal, Verdict, Writer};

use crate::domain::{Error, Result};
use idgraph_migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend};
use sql::Sql;
use std::sync::Arc;
use std::time::Duration;

/// Which SQL the database speaks where the two differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Embedded SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    /// What the database at that URL speaks.
    fn of(url: &str) -> Self {
        if url.starts_with("sqlite:") { Self::Sqlite } else { Self::Postgres }
    }

    /// Joins a table whose rows are found by the ids of those before it. SQLite knows nothing of how large organizations are, and
    /// would rather begin with everything that the tenant has; a `CROSS JOIN` is where it keeps to the order that is written.
    const fn then_join(self) -> &'static str {
        match self {
            Self::Sqlite => "CROSS JOIN",
            Self::Postgres => "JOIN",
        }
    }
}

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// `sqlite://path` or `postgres://…`.
    pub url: String,
    /// How many connections read at most.
    pub read_connections: u32,
    /// How many transactions write at once on PostgreSQL. SQLite has one writer.
    pub write_lanes: u32,
    /// How long to wait for a connection.
    pub acquire_timeout: Duration,
    /// Called with each statement that was run, if given: this is how tests count statements, and how they are traced.
    pub on_statement: Option<StatementHook>,
}

/// What is done with the text of a statement, and how long it took.
type OnStatement = dyn Fn(&str, Duration) + Send + Sync;

/// Told of every statement that was run, and how long it took.
#[derive(Clone)]
pub struct StatementHook(pub Arc<OnStatement>);

impl std::fmt::Debug for StatementHook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StatementHook")
    }
}

/// The connections to the database.
#[derive(Debug, Clone)]
pub struct Store {
    pub(in crate::store) read: DatabaseConnection,
    pub(in crate::store) write: DatabaseConnection,
    pub(in crate::store) dialect: Dialect,
    lanes: u32,
    activity: Arc<LaneActivity>,
    freshness: Arc<Freshness>,
    topics: Arc<Topics>,
}

impl Store {
    /// Connects. A SQLite file that does not exist is created.
    pub async fn connect(options: &StoreOptions) -> Result<Self> {
        let dialect = Dialect::of(&options.url);
        let lanes = if dialect == Dialect::Sqlite { 1 } else { options.write_lanes };
        // The writer goes first: on SQLite it creates the file that the readers then open read-only.
        let mut write = open(options, dialect, lanes, false).await?;
        let mut read = open(options, dialect, options.read_connections, true).await?;
        if let Some(StatementHook(hook)) = options.on_statement.clone() {
            let for_writes = Arc::clone(&hook);
            read.set_metric_callback(move |info| hook(&info.statement.sql, info.elapsed));
            write.set_metric_callback(move |info| for_writes(&info.statement.sql, info.elapsed));
        }
        let topics = Arc::new(Topics::new(options.read_connections));
        Ok(Self { read, write, dialect, lanes, activity: LaneActivity::new(), topics, freshness: Arc::default() })
    }

    /// Brings the schema to its newest state.
    pub async fn migrate_up(&self) -> Result<()> {
        Migrator::up(&self.write, None).await.map_err(error::translate)
    }

    /// Undoes the newest `steps` changes of the schema, or all of them.
    pub async fn migrate_down(&self, steps: Option<u32>) -> Result<()> {
        Migrator::down(&self.write, steps).await.map_err(error::translate)
    }

    /// Every change of the schema, and whether it has been made.
    pub async fn migration_status(&self) -> Result<Vec<(String, bool)>> {
        let all = Migrator::get_migration_with_status(&self.write).await.map_err(error::translate)?;
        let applied = |status| matches!(status, sea_orm_migration::MigrationStatus::Applied);
        Ok(all.iter().map(|migration| (migration.name().to_owned(), applied(migration.status()))).collect())
    }

    /// Answers when the database does.
    pub async fn ping(&self) -> Result<()> {
        self.read.query_one_raw(Sql::new("SELECT 1").statement(self.backend())).await.map_err(error::translate)?;
        Ok(())
    }

    /// Has PostgreSQL find out how large its tables are and what is in them, so that it plans well at once. It would by itself,
    /// but a minute or two later. SQLite plans without.
    pub async fn gather_statistics(&self) -> Result<()> {
        if self.dialect == Dialect::Postgres {
            const TABLES: &str =
                "profiles, collectives, roles, linked_identities, edges, containment, node_keys, events, event_nodes";
            self.write.execute_unprepared(&format!("ANALYZE {TABLES}")).await.map_err(error::translate)?;
        }
        Ok(())
    }

    /// How many commits of other processes the connection that writes has seen; none on PostgreSQL, which does not count.
    pub async fn commits_of_others(&self) -> Result<Option<i64>> {
        if self.dialect == Dialect::Postgres {
            return Ok(None);
        }
        let statement = Sql::new("PRAGMA data_version").statement(self.backend());
        let row = self.write.query_one_raw(statement).await.map_err(error::translate)?;
        row.map(|row| row.try_get_by_index(0)).transpose().map_err(error::translate)
    }

    /// How far the directory has come, as this process knows.
    #[must_use]
    pub fn freshness(&self) -> &Freshness {
        &self.freshness
    }

    /// The tenants that somebody follows, and how to wake those who do.
    #[must_use]
    pub fn topics(&self) -> &Topics {
        &self.topics
    }

    /// Closes every connection.
    pub async fn close(self) -> Result<()> {
        self.read.close().await.map_err(error::translate)?;
        self.write.close().await.map_err(error::translate)
    }

    pub(in crate::store) const fn backend(&self) -> DbBackend {
        match self.dialect {
            Dialect::Sqlite => DbBackend::Sqlite,
            Dialect::Postgres => DbBackend::Postgres,
        }
    }

    pub(in crate::store) const fn lanes(&self) -> u32 {
        self.lanes
    }
}

async fn open(
    options: &StoreOptions,
    dialect: Dialect,
    connections: u32,
    read_only: bool,
) -> Result<DatabaseConnection> {
    // In KiB. Keys for search lie all over their index: whoever writes many of them wants it at hand.
    let cache = if read_only { "-8000" } else { "-32000" };
    let mut connect = ConnectOptions::new(options.url.clone());
    connect
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .sqlx_logging(false);
    if dialect == Dialect::Sqlite {
        // Connections to a file do not age, and another one would count the commits of others from the beginning.
        connect.max_lifetime(None).idle_timeout(None);
        connect.map_sqlx_sqlite_opts(move |sqlite| {
            use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
            let sqlite = sqlite
                .create_if_missing(!read_only)
                .foreign_keys(false)
                .busy_timeout(Duration::from_secs(30))
                .synchronous(SqliteSynchronous::Full)
                .statement_cache_capacity(256)
                .pragma("cache_size", cache);
            // The journal mode is a property of the file, which a reader may not change.
            if read_only { sqlite.read_only(true) } else { sqlite.journal_mode(SqliteJournalMode::Wal) }
        });
    } else {
        connect.map_sqlx_postgres_opts(|postgres| {
            use sea_orm::sqlx::postgres::PgSslMode;
            // Encryption of what does not leave the machine protects nothing, and sqlx 0.9.0 leaves Nagle's algorithm on:
            // a statement that takes several TLS records waits 40 ms for the acknowledgement of the first.
            let local = matches!(postgres.get_host(), "localhost" | "127.0.0.1" | "::1" | "[::1]");
            let optional = matches!(postgres.get_ssl_mode(), PgSslMode::Prefer);
            let mode = if local && optional { PgSslMode::Disable } else { postgres.get_ssl_mode() };
            postgres.ssl_mode(mode).application_name("idgraph").statement_cache_capacity(512)
        });
    }
    Database::connect(connect).await.map_err(|error| {
        tracing::error!(error = %error, "cannot open the database");
        Error::unavailable()
    })
}
