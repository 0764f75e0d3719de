//! Alerts of other systems, about which accounts they are, and from which addresses accounts come.
//!
//! `alert_accounts` has the accounts that an alert counts against: the one that it names, or those that came from the address
//! that it is about. So `risk_address_uses` keeps from which address an account came on which day (UTC, in days since 1970).
//! Addresses are kept there as the model keeps them: as numbers made of their texts.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE alerts (
        id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        source {KEY} NOT NULL,
        external_id {KEY} NOT NULL,
        kind {KEY} NOT NULL,
        severity TEXT NOT NULL,
        state TEXT NOT NULL,
        title TEXT,
        details {JSON} NOT NULL,
        identity_id {ID},
        address TEXT,
        address_key BIGINT,
        observed_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        revision BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL,
        changed_at BIGINT NOT NULL,
        actor {JSON} NOT NULL,
        face TEXT NOT NULL,
        request_id TEXT NOT NULL
    )",
    "CREATE UNIQUE INDEX alerts_external ON alerts (org_id, source, external_id)",
    "CREATE INDEX alerts_time ON alerts (org_id, observed_at, id)",
    "CREATE INDEX alerts_state ON alerts (org_id, state, observed_at, id)",
    "CREATE INDEX alerts_severity ON alerts (org_id, severity, observed_at, id)",
    "CREATE INDEX alerts_source ON alerts (org_id, source, observed_at, id)",
    "CREATE INDEX alerts_address ON alerts (org_id, address_key, observed_at) WHERE address_key IS NOT NULL",
    "CREATE TABLE alert_accounts (
        alert_id {ID} NOT NULL,
        identity_id {ID} NOT NULL,
        org_id {ID} NOT NULL,
        observed_at BIGINT NOT NULL,
        PRIMARY KEY (alert_id, identity_id)
    )",
    "CREATE INDEX alert_accounts_identity ON alert_accounts (identity_id, observed_at, alert_id)",
    "CREATE TABLE risk_address_uses (
        org_id {ID} NOT NULL,
        address BIGINT NOT NULL,
        day BIGINT NOT NULL,
        identity_id {ID} NOT NULL,
        PRIMARY KEY (org_id, address, day, identity_id)
    )",
    "CREATE INDEX risk_address_uses_age ON risk_address_uses (org_id, day)",
]);

const DOWN: Ddl = Ddl(&["DROP TABLE risk_address_uses", "DROP TABLE alert_accounts", "DROP TABLE alerts"]);

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
