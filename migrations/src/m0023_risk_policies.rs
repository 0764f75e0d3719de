//! Risk policies: what is done by itself about accounts whose risk has risen.
//!
//! A policy is removed, never deleted, so that whoever repeats a request finds which organization it was of. What it is set off by is
//! a level or a signal; of a signal, how strong the evidence has to be at least, in percent.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE risk_policies (
        id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        name TEXT NOT NULL,
        name_key {KEY} NOT NULL,
        level TEXT,
        signal TEXT,
        minimum_strength INTEGER,
        actions {JSON} NOT NULL,
        mode TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        created_by {JSON} NOT NULL,
        updated_at BIGINT NOT NULL,
        removed_at BIGINT
    )",
    "CREATE UNIQUE INDEX risk_policies_name ON risk_policies (org_id, name_key) WHERE removed_at IS NULL",
    "CREATE INDEX risk_policies_active ON risk_policies (org_id) WHERE removed_at IS NULL AND mode <> 'off'",
]);

const DOWN: Ddl = Ddl(&["DROP TABLE risk_policies"]);

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
