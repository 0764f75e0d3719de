//! Copies of a SQLite database: made while it is in use, examined, and put in the place of another.
//!
//! A copy is one file. A database in use is more: what was committed lately is in the write-ahead log beside it, which
//! SQLite applies to whatever file has the name. So the log of the old database has to be gone before a copy takes its
//! place.

use super::sql::Sql;
use super::{Dialect, Store};
use crate::domain::Error;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteLockingMode, SqlitePoolOptions};
use sea_orm::sqlx::{self, ConnectOptions, Connection};
use sea_orm::{ConnectionTrait, SqlxSqliteConnector};
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// What every SQLite database begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// How long to wait for somebody else to let go of the database.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why there is no copy, or why it is of no use. The sentences are for the operator, about *the file*.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Copies are made of SQLite files only.
    #[error("the database is no file")]
    NoFile,
    /// Somebody has the database open.
    #[error("the database is in use; stop the server first")]
    InUse,
    /// It is something else, or the database of another program.
    #[error("the file is no database of idgraph")]
    Foreign,
    /// There is a write-ahead log beside it, which holds a part of it.
    #[error("the file is a database in use, and not a copy of one: there is a write-ahead log beside it")]
    Incomplete,
    /// It does not hold together.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// It comes from a program that knows more than this one.
    #[error("the file was written by a newer idgraph, with changes of the schema that this one does not know: {0}")]
    Newer(String),
    /// The file cannot be read or written.
    #[error("{0}")]
    File(#[from] io::Error),
    /// The database refuses.
    #[error("SQLite: {0}")]
    Sqlite(#[from] sqlx::Error),
    /// The log says more.
    #[error("{0}")]
    Store(#[from] Error),
}

/// The file of the SQLite database at that URL; none if it is another database, or one in memory.
#[must_use]
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    if Dialect::of(url) != Dialect::Sqlite || url.contains(":memory:") || url.contains("mode=memory") {
        return None;
    }
    let options = SqliteConnectOptions::from_str(url).ok()?;
    Some(options.get_filename().to_owned())
}

impl Store {
    /// Writes a consistent copy of the database, whoever writes to it meanwhile. The file has to be empty, or not there.
    ///
    /// # Errors
    ///
    /// When the database is no SQLite database, or the file cannot be written.
    pub async fn copy_to(&self, file: &Path) -> Result<(), CopyError> {
        if self.dialect != Dialect::Sqlite {
            return Err(CopyError::NoFile);
        }
        let name = file.to_str().ok_or_else(|| io::Error::other("its name is no text"))?;
        let mut sql = Sql::new("VACUUM INTO ");
        sql.bind(name);
        self.read.execute_raw(sql.statement(self.backend())).await.map_err(super::error::translate)?;
        Ok(())
    }
}

/// Examines a copy: whether it holds together, and whether this program knows its schema. Answers the changes of the
/// schema that it lacks.
///
/// # Errors
///
/// When it is of no use, with the reason.
pub async fn examine_copy(file: &Path) -> Result<Vec<String>, CopyError> {
    let mut head = Vec::new();
    std::fs::File::open(file)?.take(MAGIC.len() as u64).read_to_end(&mut head)?;
    if head != MAGIC {
        return Err(CopyError::Foreign);
    }
    // Nobody else has the file, so it is read without locks, and nothing is put beside it.
    let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true).foreign_keys(false);
    let options = options.disable_statement_logging();
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    let verdict = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&pool).await;
    let verdict: String = verdict.unwrap_or_else(|error| error.to_string());
    let read = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool);
    let copy = Store::to_look(read, Dialect::Sqlite);
    let state = if verdict == "ok" { Some(copy.schema_state().await?) } else { None };
    copy.close().await?;
    let Some(state) = state else { return Err(CopyError::Damaged(verdict)) };
    if !state.unknown.is_empty() {
        return Err(CopyError::Newer(state.unknown.join(", ")));
    }
    // Whoever lacks the very first change has nothing of ours.
    if state.made == 0 {
        return Err(CopyError::Foreign);
    }
    Ok(state.pending)
}

/// Whether a part of the database in that file is still in the log beside it.
#[must_use]
pub fn has_log(file: &Path) -> bool {
    std::fs::metadata(beside(file, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// Makes way for a copy: brings all of the old database into its one file, and removes what is beside it. With `anyway`,
/// also if it is too damaged for that.
///
/// # Errors
///
/// When somebody has the old database open, or it is damaged.
pub async fn make_way(file: &Path, anyway: bool) -> Result<(), CopyError> {
    if file.exists() {
        match settle(file).await {
            Err(CopyError::Sqlite(error)) if anyway => {
                tracing::warn!(error = %error, "the old database is damaged, and gives way all the same");
            }
            settled => settled?,
        }
    }
    for suffix in ["-wal", "-shm", "-journal"] {
        match std::fs::remove_file(beside(file, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Opens the database alone, and closes it again: who is the last to close it brings the log into the file.
async fn settle(file: &Path) -> Result<(), CopyError> {
    // Whoever has a database in this journal mode open holds a shared lock on it, even if idle.
    let options = SqliteConnectOptions::new()
        .filename(file)
        .locking_mode(SqliteLockingMode::Exclusive)
        .busy_timeout(PATIENCE)
        .foreign_keys(false)
        .disable_statement_logging();
    let alone = async {
        let mut connection = SqliteConnection::connect_with(&options).await?;
        for statement in ["BEGIN EXCLUSIVE", "COMMIT"] {
            sqlx::query(statement).execute(&mut connection).await?;
        }
        connection.close().await
    };
    alone.await.map_err(|error| if is_busy(&error) { CopyError::InUse } else { error.into() })
}

fn is_busy(error: &sqlx::Error) -> bool {
    // Busy and locked, with whatever is in the upper bits of the extended code.
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xFF, 5 | 6))
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
