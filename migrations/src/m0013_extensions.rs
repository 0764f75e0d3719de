//! The attributes that organizations declare for their profiles, teams and groups.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "ALTER TABLE organizations ADD COLUMN extensions {JSON} NOT NULL DEFAULT '{}'",
    "ALTER TABLE organizations_past ADD COLUMN extensions {JSON} NOT NULL DEFAULT '{}'",
]);

const DOWN: Ddl =
    Ddl(&["ALTER TABLE organizations_past DROP COLUMN extensions", "ALTER TABLE organizations DROP COLUMN extensions"]);

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
