//! Edges: every relation between two nodes, with the time it held. Closed, never deleted.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE edges (
        id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        kind {KEY} NOT NULL,
        from_id {ID} NOT NULL,
        from_kind TEXT NOT NULL,
        to_id {ID} NOT NULL,
        to_kind TEXT NOT NULL,
        role TEXT,
        functions {JSON} NOT NULL,
        valid_from BIGINT NOT NULL,
        valid_to BIGINT,
        opened_seq BIGINT NOT NULL,
        closed_seq BIGINT,
        source TEXT NOT NULL
    )",
    "CREATE UNIQUE INDEX edges_open ON edges (from_id, kind, to_id) WHERE valid_to IS NULL",
    "CREATE UNIQUE INDEX edges_single ON edges (from_id, kind) WHERE valid_to IS NULL AND kind IN ('parent', 'manager', 'owner', 'link')",
    "CREATE INDEX edges_out ON edges (from_id, kind, id) WHERE valid_to IS NULL",
    "CREATE INDEX edges_in ON edges (to_id, kind, id) WHERE valid_to IS NULL",
]);

const DOWN: Ddl = Ddl(&["DROP TABLE edges"]);

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
