//! Threat-intelligence feeds, and what they name.
//!
//! A feed is removed, never deleted: the table is the history of those that count for every organization. `threat_entries`
//! has a row for each time in which a feed has named a network; 9223372036854775807 is a time that is not known to come.
//! A network is stored as the bits of its prefix (`4:…`, `6:…`), so that an address is within it if it begins so;
//! `threat_lengths` has the lengths that such prefixes have, so that few have to be looked for.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE threat_feeds (
        id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        name TEXT NOT NULL,
        name_key {KEY} NOT NULL,
        kind TEXT NOT NULL,
        signal TEXT NOT NULL,
        url TEXT NOT NULL,
        confidence INTEGER NOT NULL,
        refresh_minutes BIGINT NOT NULL,
        lifetime_hours BIGINT NOT NULL,
        username TEXT,
        sealed {BYTES},
        created_at BIGINT NOT NULL,
        created_by {JSON} NOT NULL,
        removed_at BIGINT,
        removed_by {JSON},
        next_at BIGINT NOT NULL,
        claim {ID},
        claimed_until BIGINT,
        attempted_at BIGINT,
        synced_at BIGINT,
        fresh_until BIGINT NOT NULL,
        failures BIGINT NOT NULL,
        failure TEXT,
        entries BIGINT NOT NULL,
        skipped BIGINT NOT NULL,
        bookmarks {JSON} NOT NULL
    )",
    "CREATE UNIQUE INDEX threat_feeds_name ON threat_feeds (org_id, name_key) WHERE removed_at IS NULL",
    "CREATE INDEX threat_feeds_due ON threat_feeds (next_at) WHERE removed_at IS NULL",
    "CREATE TABLE threat_entries (
        feed_id {ID} NOT NULL,
        prefix {KEY} NOT NULL,
        reference {KEY} NOT NULL,
        since BIGINT NOT NULL,
        org_id {ID} NOT NULL,
        confidence INTEGER NOT NULL,
        valid_until BIGINT NOT NULL,
        ended_at BIGINT NOT NULL,
        PRIMARY KEY (feed_id, prefix, reference, since)
    )",
    "CREATE INDEX threat_entries_prefix ON threat_entries (org_id, prefix)",
    "CREATE INDEX threat_entries_ended ON threat_entries (ended_at) WHERE ended_at < 9223372036854775807",
    "CREATE TABLE threat_lengths (
        org_id {ID} NOT NULL,
        length INTEGER NOT NULL,
        PRIMARY KEY (org_id, length)
    )",
]);

const DOWN: Ddl = Ddl(&["DROP TABLE threat_lengths", "DROP TABLE threat_entries", "DROP TABLE threat_feeds"]);

/// See the module.
#[derive(Debug, DeriveMigrationName)]
pub struct Migration;

#[sea_orm_migration::async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        UP.run(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        DOWN.run(manager).await
    }
}
