//! History: events, versions, the outbox, and the answers remembered for idempotent retries.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE events (
        org_id {ID} NOT NULL,
        seq BIGINT NOT NULL,
        id {ID} NOT NULL,
        occurred_at BIGINT NOT NULL,
        action TEXT NOT NULL,
        subject_id {ID} NOT NULL,
        subject_kind TEXT NOT NULL,
        subject_version BIGINT NOT NULL,
        actor {JSON} NOT NULL,
        face TEXT NOT NULL,
        request_id TEXT NOT NULL,
        reason TEXT,
        source TEXT NOT NULL,
        changes {JSON} NOT NULL,
        PRIMARY KEY (org_id, seq)
    )",
    "CREATE UNIQUE INDEX events_id ON events (id)",
    "CREATE TABLE event_nodes (
        node_id {ID} NOT NULL,
        seq BIGINT NOT NULL,
        org_id {ID} NOT NULL,
        PRIMARY KEY (node_id, seq, org_id)
    )",
    "CREATE TABLE versions (
        node_id {ID} NOT NULL,
        version BIGINT NOT NULL,
        org_id {ID} NOT NULL,
        seq BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL,
        body {JSON} NOT NULL,
        PRIMARY KEY (node_id, version)
    )",
    "CREATE TABLE outbox (
        position {POSITION},
        org_id {ID} NOT NULL,
        seq BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL
    )",
    "CREATE UNIQUE INDEX outbox_event ON outbox (org_id, seq)",
    "CREATE TABLE idempotency_keys (
        actor {KEY} NOT NULL,
        mutation_id {KEY} NOT NULL,
        fingerprint {KEY} NOT NULL,
        response {JSON} NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (actor, mutation_id)
    )",
    "CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at)",
]);

const DOWN: Ddl = Ddl(&[
    "DROP TABLE idempotency_keys",
    "DROP TABLE outbox",
    "DROP TABLE versions",
    "DROP TABLE event_nodes",
    "DROP TABLE events",
]);

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
