//! Organizations, the tenants, and the gap-free sequence of each.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE organizations (
        id {ID} PRIMARY KEY,
        slug TEXT NOT NULL,
        slug_key {KEY} NOT NULL,
        name TEXT NOT NULL,
        name_key {KEY} NOT NULL,
        description TEXT,
        metadata {JSON} NOT NULL,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        deleted_at BIGINT,
        provenance {JSON} NOT NULL
    )",
    "CREATE UNIQUE INDEX organizations_slug ON organizations (slug_key) WHERE deleted_at IS NULL",
    "CREATE INDEX organizations_deleted ON organizations (id) WHERE deleted_at IS NOT NULL",
    "CREATE INDEX organizations_name ON organizations (name_key, id)",
    "CREATE TABLE sequences (
        org_id {ID} PRIMARY KEY,
        last_seq BIGINT NOT NULL
    )",
    // The sequence of what belongs to no organization.
    "INSERT INTO sequences (org_id, last_seq) VALUES ({NIL}, 0)",
]);

const DOWN: Ddl = Ddl(&["DROP TABLE sequences", "DROP TABLE organizations"]);

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
