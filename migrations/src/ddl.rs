//! One text of SQL for two databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// A list of SQL statements in which upper-case words in braces stand for what the two databases spell differently:
///
/// | word | PostgreSQL | SQLite | holds |
/// |---|---|---|---|
/// | `{ID}` | `uuid` | `BLOB` | a UUIDv7, the part of a public id behind its prefix |
/// | `{KEY}` | `text COLLATE "C"` | `TEXT` | a normalised text that is compared, sorted and range-scanned by bytes |
/// | `{JSON}` | `jsonb` | `TEXT` | a JSON value |
/// | `{BYTES}` | `bytea` | `BLOB` | raw bytes |
/// | `{POSITION}` | `bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY` | `INTEGER PRIMARY KEY AUTOINCREMENT` | the order of insertion |
/// | `{NIL}` | `'0000…'::uuid` | `x'0000…'` | not a type: the UUID of zeros |
///
/// Times are `BIGINT`: microseconds since 1970-01-01 UTC, so that both databases compare and store them alike.
#[derive(Debug)]
pub struct Ddl(pub &'static [&'static str]);

impl Ddl {
    /// Runs the statements in order, inside the transaction of the migration where the database has such a thing.
    pub async fn run(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DatabaseBackend::Postgres;
        let words = if postgres {
            [
                ("{ID}", "uuid"),
                ("{KEY}", "text COLLATE \"C\""),
                ("{JSON}", "jsonb"),
                ("{BYTES}", "bytea"),
                ("{POSITION}", "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
                ("{NIL}", "'00000000-0000-0000-0000-000000000000'::uuid"),
            ]
        } else {
            [
                ("{ID}", "BLOB"),
                ("{KEY}", "TEXT"),
                ("{JSON}", "TEXT"),
                ("{BYTES}", "BLOB"),
                ("{POSITION}", "INTEGER PRIMARY KEY AUTOINCREMENT"),
                ("{NIL}", "x'00000000000000000000000000000000'"),
            ]
        };
        for statement in self.0 {
            let sql = words.iter().fold((*statement).to_owned(), |sql, (word, ty)| sql.replace(word, ty));
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
