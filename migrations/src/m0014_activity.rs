//! What accounts do: sessions, access records, where an account stands after them, and the actions taken on it. And what
//! its provider says of an account: the methods of its second factor, and how risky it is.
//!
//! Access records are found by account and time, and told apart by what their reporter calls them.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE sessions (
        id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        identity_id {ID} NOT NULL,
        external_id {KEY},
        whereabouts {JSON} NOT NULL,
        started_at BIGINT NOT NULL,
        last_seen_at BIGINT NOT NULL,
        expires_at BIGINT,
        ended_at BIGINT,
        end_reason TEXT,
        actor {JSON} NOT NULL,
        source TEXT NOT NULL
    )",
    "CREATE UNIQUE INDEX sessions_external ON sessions (org_id, external_id)",
    "CREATE INDEX sessions_identity ON sessions (identity_id, id)",
    "CREATE INDEX sessions_live ON sessions (identity_id) WHERE ended_at IS NULL",
    "CREATE TABLE access_records (
        id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        event_id {KEY} NOT NULL,
        identity_id {ID} NOT NULL,
        session_id {ID},
        kind TEXT NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT,
        method TEXT,
        resource TEXT,
        whereabouts {JSON} NOT NULL,
        details {JSON} NOT NULL,
        occurred_at BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL,
        actor {JSON} NOT NULL,
        source TEXT NOT NULL,
        request_id TEXT NOT NULL
    )",
    "CREATE UNIQUE INDEX access_records_event ON access_records (org_id, event_id)",
    "CREATE INDEX access_records_identity ON access_records (identity_id, occurred_at, id)",
    "CREATE TABLE identity_standings (
        identity_id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        session_epoch BIGINT NOT NULL DEFAULT 0,
        not_before BIGINT,
        password_reset_since BIGINT,
        last_login_at BIGINT,
        last_login_address TEXT,
        last_login_country TEXT
    )",
    "CREATE TABLE identity_actions (
        id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        identity_id {ID} NOT NULL,
        kind TEXT NOT NULL,
        reason TEXT,
        receipts {JSON} NOT NULL,
        taken_at BIGINT NOT NULL,
        actor {JSON} NOT NULL,
        source TEXT NOT NULL,
        request_id TEXT NOT NULL
    )",
    "CREATE INDEX identity_actions_identity ON identity_actions (identity_id, id)",
    "CREATE INDEX tokens_profile ON tokens (profile_id)",
    "ALTER TABLE linked_identities ADD COLUMN mfa_methods {JSON} NOT NULL DEFAULT '[]'",
    "ALTER TABLE linked_identities_past ADD COLUMN mfa_methods {JSON} NOT NULL DEFAULT '[]'",
    "ALTER TABLE linked_identities ADD COLUMN provider_risk INTEGER",
    "ALTER TABLE linked_identities_past ADD COLUMN provider_risk INTEGER",
    "CREATE INDEX linked_identities_risk ON linked_identities (org_id, provider_risk, id) WHERE provider_risk IS NOT NULL",
]);

const DOWN: Ddl = Ddl(&[
    "DROP INDEX linked_identities_risk",
    "ALTER TABLE linked_identities_past DROP COLUMN provider_risk",
    "ALTER TABLE linked_identities DROP COLUMN provider_risk",
    "ALTER TABLE linked_identities_past DROP COLUMN mfa_methods",
    "ALTER TABLE linked_identities DROP COLUMN mfa_methods",
    "DROP INDEX tokens_profile",
    "DROP TABLE identity_actions",
    "DROP TABLE identity_standings",
    "DROP TABLE access_records",
    "DROP TABLE sessions",
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
