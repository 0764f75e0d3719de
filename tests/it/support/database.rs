//! A database that lives as long as a story.

use idgraph::domain::OrganizationId;
use sea_orm::{
    ConnectionTrait, Database as Connector, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// A file in a temporary directory.
    Sqlite,
    /// A database of its own on the server that `IDGRAPH_TEST_POSTGRES_URL` names.
    Postgres,
}

pub enum TestDatabase {
    Sqlite(TempDir),
    Postgres(String),
}

static COUNTER: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    pub async fn create(kind: Database) -> Self {
        match kind {
            Database::Sqlite => Self::Sqlite(tempfile::tempdir().expect("a directory")),
            Database::Postgres => {
                let number = COUNTER.fetch_add(1, Ordering::SeqCst);
                let name = format!("idgraph_test_{}_{number}", std::process::id());
                administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
                administer(&format!("CREATE DATABASE {name}")).await;
                Self::Postgres(name)
            }
        }
    }

    pub fn kind(&self) -> Database {
        match self {
            Self::Sqlite(_) => Database::Sqlite,
            Self::Postgres(_) => Database::Postgres,
        }
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(directory) => format!("sqlite://{}", directory.path().join("test.db").display()),
            Self::Postgres(name) => format!("{}/{name}", server()),
        }
    }

    /// Reads the sequence behind the application's back.
    pub async fn last_sequence(&self, tenant: OrganizationId) -> i64 {
        self.number("SELECT last_seq FROM sequences WHERE org_id = $1", vec![tenant.0.into()]).await
    }

    /// Reads one number behind the application's back.
    pub async fn number(&self, sql: &str, values: Vec<sea_orm::Value>) -> i64 {
        let connection = Connector::connect(self.url()).await.expect("a connection");
        let backend = connection.get_database_backend();
        let row = connection.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await.expect("a row");
        let number = row.map_or(0, |row| row.try_get_by_index(0).expect("a number"));
        connection.close().await.expect("closed");
        number
    }
}

impl TestDatabase {
    /// Reads one text behind the application's back; empty if there is none.
    async fn text(&self, sql: &str) -> String {
        let connection = Connector::connect(self.url()).await.expect("a connection");
        let backend = connection.get_database_backend();
        let row = connection.query_one_raw(Statement::from_string(backend, sql)).await.expect("a row");
        let text: Option<String> = row.and_then(|row| row.try_get_by_index(0).expect("a text"));
        connection.close().await.expect("closed");
        text.unwrap_or_default()
    }
}

impl super::World {
    /// Where the world's database is.
    pub fn database_url(&self) -> String {
        self.database.url()
    }

    /// Does something to the world's database that the server would never do.
    pub async fn tamper(&self, sql: &str) {
        let connection = Connector::connect(self.database.url()).await.expect("a connection");
        connection.execute_unprepared(sql).await.expect("the statement");
        connection.close().await.expect("closed");
        self.forget_answers();
    }

    /// Keeps those who would write from doing so, until it is let go of.
    pub async fn hold_writers(&self) -> HeldWriters {
        let connection = Connector::connect(self.database.url()).await.expect("a connection");
        let mode = (self.database() == Database::Sqlite).then_some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() };
        let transaction = connection.begin_with_options(options).await.expect("a transaction");
        if self.database() == Database::Postgres {
            transaction.execute_unprepared("LOCK TABLE sequences IN EXCLUSIVE MODE").await.expect("the lock");
        }
        HeldWriters { connection, transaction }
    }

    /// Reads one text behind the application's back, with the statement for the world's database.
    pub async fn text_behind(&self, sqlite: &str, postgres: &str) -> String {
        let sql = match self.database() {
            Database::Sqlite => sqlite,
            Database::Postgres => postgres,
        };
        self.database.text(sql).await
    }

    /// Reads one number behind the application's back, with a statement that both databases understand.
    pub async fn number_behind(&self, sql: &str) -> i64 {
        self.database.number(sql, Vec::new()).await
    }
}

/// Keeps those who would write from doing so.
pub struct HeldWriters {
    connection: DatabaseConnection,
    transaction: DatabaseTransaction,
}

impl HeldWriters {
    /// Lets them write.
    pub async fn let_go(self) {
        self.transaction.rollback().await.expect("rolled back");
        self.connection.close().await.expect("closed");
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Self::Postgres(name) = self else { return };
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        // Dropping is no place to wait in a runtime, so it happens in another.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(administer(&sql));
        });
        drop(dropped.join());
    }
}

#[expect(clippy::disallowed_methods, reason = "the suite is told where PostgreSQL is by its environment")]
fn server() -> String {
    std::env::var("IDGRAPH_TEST_POSTGRES_URL").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432".to_owned())
}

async fn administer(sql: &str) {
    let connection: DatabaseConnection =
        Connector::connect(format!("{}/postgres", server())).await.expect("PostgreSQL");
    connection.execute_raw(Statement::from_string(DbBackend::Postgres, sql)).await.expect("the statement");
    connection.close().await.expect("closed");
}
