//! API tokens. Only a hash of the secret is stored.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE tokens (
        id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        hash {BYTES} NOT NULL,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        scopes {JSON} NOT NULL,
        profile_id {ID},
        profile_kind TEXT,
        expires_at BIGINT,
        last_used_at BIGINT,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        deleted_at BIGINT,
        provenance {JSON} NOT NULL
    )",
    "CREATE UNIQUE INDEX tokens_hash ON tokens (hash)",
]);

const DOWN: Ddl = Ddl(&["DROP TABLE tokens"]);

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
