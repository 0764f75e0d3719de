//! What directories say beyond the essentials: details of profiles, external ids of teams and groups, the values of
//! attributes that an organization has declared, and how a client of SCIM wants to be understood.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "ALTER TABLE profiles ADD COLUMN details {JSON} NOT NULL DEFAULT '{}'",
    "ALTER TABLE profiles ADD COLUMN extensions {JSON} NOT NULL DEFAULT '{}'",
    "ALTER TABLE profiles_past ADD COLUMN details {JSON} NOT NULL DEFAULT '{}'",
    "ALTER TABLE profiles_past ADD COLUMN extensions {JSON} NOT NULL DEFAULT '{}'",
    "ALTER TABLE collectives ADD COLUMN external_ids {JSON} NOT NULL DEFAULT '[]'",
    "ALTER TABLE collectives ADD COLUMN extensions {JSON} NOT NULL DEFAULT '{}'",
    "ALTER TABLE collectives_past ADD COLUMN external_ids {JSON} NOT NULL DEFAULT '[]'",
    "ALTER TABLE collectives_past ADD COLUMN extensions {JSON} NOT NULL DEFAULT '{}'",
    "ALTER TABLE tokens ADD COLUMN scim {JSON} NOT NULL DEFAULT '{}'",
]);

const DOWN: Ddl = Ddl(&[
    "ALTER TABLE tokens DROP COLUMN scim",
    "ALTER TABLE collectives_past DROP COLUMN extensions",
    "ALTER TABLE collectives_past DROP COLUMN external_ids",
    "ALTER TABLE collectives DROP COLUMN extensions",
    "ALTER TABLE collectives DROP COLUMN external_ids",
    "ALTER TABLE profiles_past DROP COLUMN extensions",
    "ALTER TABLE profiles_past DROP COLUMN details",
    "ALTER TABLE profiles DROP COLUMN extensions",
    "ALTER TABLE profiles DROP COLUMN details",
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
