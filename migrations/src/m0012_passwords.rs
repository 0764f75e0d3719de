//! Passwords of profiles. Only a slow hash of one is stored.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&["CREATE TABLE passwords (
        profile_id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        hash TEXT NOT NULL,
        set_at BIGINT NOT NULL
    )"]);

const DOWN: Ddl = Ddl(&["DROP TABLE passwords"]);

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
