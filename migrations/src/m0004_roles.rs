//! Roles, which are granted to profiles and to groups.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE roles (
        id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        slug TEXT NOT NULL,
        slug_key {KEY} NOT NULL,
        name TEXT NOT NULL,
        name_key {KEY} NOT NULL,
        description TEXT,
        privileged BOOLEAN NOT NULL,
        metadata {JSON} NOT NULL,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        deleted_at BIGINT,
        provenance {JSON} NOT NULL
    )",
    "CREATE UNIQUE INDEX roles_slug ON roles (org_id, slug_key) WHERE deleted_at IS NULL",
    "CREATE INDEX roles_name ON roles (org_id, name_key, id) WHERE deleted_at IS NULL",
    "CREATE INDEX roles_created ON roles (org_id, id) WHERE deleted_at IS NULL",
]);

const DOWN: Ddl = Ddl(&["DROP TABLE roles"]);

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
