//! How risky accounts are: where each stands, what it was assessed by, and what is usual for an organization.
//!
//! `risk_states` has for each level the time from which on the score is below it, unless something happens: 0 if it is already,
//! the largest number if it never will be. So the level at any time is a comparison. `risk_log` is what a replay follows: all
//! that an account was assessed by, in the order in which it arrived, with what was looked up at the time. Counts of
//! `risk_usual` add up by epoch; the value that the empty word has stands for all values together.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE risk_states (
        identity_id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        model BIGINT NOT NULL,
        arrivals BIGINT NOT NULL,
        score INTEGER NOT NULL,
        level TEXT NOT NULL,
        medium_until BIGINT NOT NULL,
        high_until BIGINT NOT NULL,
        critical_until BIGINT NOT NULL,
        due_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        state {BYTES} NOT NULL
    )",
    "CREATE INDEX risk_states_levels ON risk_states (org_id, medium_until)",
    "CREATE INDEX risk_states_due ON risk_states (due_at) WHERE due_at < 9223372036854775807",
    "CREATE TABLE risk_evidence (
        identity_id {ID} NOT NULL,
        event_id {ID} NOT NULL,
        signal TEXT NOT NULL,
        org_id {ID} NOT NULL,
        source TEXT NOT NULL,
        happened_at BIGINT NOT NULL,
        strength BIGINT NOT NULL,
        model BIGINT NOT NULL,
        reason {JSON} NOT NULL,
        arrival BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL,
        cancelled_at BIGINT,
        PRIMARY KEY (identity_id, event_id, signal)
    )",
    "CREATE INDEX risk_evidence_identity ON risk_evidence (identity_id, happened_at)",
    "CREATE INDEX risk_evidence_time ON risk_evidence (org_id, happened_at)",
    "CREATE TABLE risk_log (
        identity_id {ID} NOT NULL,
        arrival BIGINT NOT NULL,
        org_id {ID} NOT NULL,
        recorded_at BIGINT NOT NULL,
        entry {BYTES} NOT NULL,
        PRIMARY KEY (identity_id, arrival)
    )",
    "CREATE TABLE risk_scores (
        identity_id {ID} NOT NULL,
        at BIGINT NOT NULL,
        org_id {ID} NOT NULL,
        score INTEGER NOT NULL,
        level TEXT NOT NULL,
        PRIMARY KEY (identity_id, at)
    )",
    "CREATE INDEX risk_scores_age ON risk_scores (org_id, at)",
    "CREATE TABLE risk_usual (
        org_id {ID} NOT NULL,
        feature BIGINT NOT NULL,
        value BIGINT NOT NULL,
        epoch BIGINT NOT NULL,
        count BIGINT NOT NULL,
        PRIMARY KEY (org_id, feature, value, epoch)
    )",
    "CREATE TABLE risk_addresses (
        org_id {ID} NOT NULL,
        address BIGINT NOT NULL,
        failed_at BIGINT NOT NULL,
        activity {JSON} NOT NULL,
        PRIMARY KEY (org_id, address)
    )",
]);

const DOWN: Ddl = Ddl(&[
    "DROP TABLE risk_addresses",
    "DROP TABLE risk_usual",
    "DROP TABLE risk_scores",
    "DROP TABLE risk_log",
    "DROP TABLE risk_evidence",
    "DROP TABLE risk_states",
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
