//! Others whose signals about the security of accounts are taken, what they have sent, and how often they were refused.
//!
//! What was taken is kept by its `jti`, so that it is taken once. What is refused is counted by why, not kept: anybody may
//! send anything.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE transmitters (
        id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        issuer TEXT NOT NULL,
        jwks_url TEXT NOT NULL,
        audience TEXT NOT NULL,
        provider TEXT NOT NULL,
        environment TEXT NOT NULL,
        created_at BIGINT NOT NULL
    )",
    "CREATE UNIQUE INDEX transmitters_issuer ON transmitters (org_id, issuer)",
    "CREATE TABLE received_signals (
        transmitter_id {ID} NOT NULL,
        jti TEXT NOT NULL,
        org_id {ID} NOT NULL,
        event_type TEXT NOT NULL,
        subject_id {ID},
        received_at BIGINT NOT NULL,
        PRIMARY KEY (transmitter_id, jti)
    )",
    "CREATE INDEX received_signals_age ON received_signals (received_at)",
    "CREATE TABLE refused_signals (
        transmitter_id {ID} NOT NULL,
        reason TEXT NOT NULL,
        count BIGINT NOT NULL,
        detail TEXT NOT NULL,
        last_at BIGINT NOT NULL,
        PRIMARY KEY (transmitter_id, reason)
    )",
]);

const DOWN: Ddl = Ddl(&["DROP TABLE refused_signals", "DROP TABLE received_signals", "DROP TABLE transmitters"]);

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
