//! Teams and groups, and the transitive closure of which contains which.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE collectives (
        id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        kind TEXT NOT NULL,
        slug TEXT NOT NULL,
        slug_key {KEY} NOT NULL,
        name TEXT NOT NULL,
        name_key {KEY} NOT NULL,
        description TEXT,
        category TEXT,
        metadata {JSON} NOT NULL,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        deleted_at BIGINT,
        provenance {JSON} NOT NULL
    )",
    "CREATE UNIQUE INDEX collectives_slug ON collectives (org_id, kind, slug_key) WHERE deleted_at IS NULL",
    "CREATE INDEX collectives_name ON collectives (org_id, kind, name_key, id) WHERE deleted_at IS NULL",
    "CREATE INDEX collectives_created ON collectives (org_id, kind, id) WHERE deleted_at IS NULL",
    "CREATE INDEX collectives_updated ON collectives (org_id, kind, updated_at, id) WHERE deleted_at IS NULL",
    "CREATE TABLE containment (
        ancestor_id {ID} NOT NULL,
        descendant_id {ID} NOT NULL,
        paths BIGINT NOT NULL,
        PRIMARY KEY (ancestor_id, descendant_id)
    )",
    "CREATE INDEX containment_descendant ON containment (descendant_id, ancestor_id)",
]);

const DOWN: Ddl = Ddl(&["DROP TABLE containment", "DROP TABLE collectives"]);

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
