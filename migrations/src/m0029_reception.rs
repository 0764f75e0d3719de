//! What follows from the signals of others: alerts, and what of the risk of an account they are; how they are fetched; and which of
//! them were refused.
//!
//! `risk_states` tells apart what others have signalled: `heard` is their evidence, `own_level` the level without it, until
//! `own_until`. What was written before there was any of that is what is known here, so these may be null.
//!
//! A transmitter with a `poll_url` is asked for signals, by one server at a time. `rejected_signals` has the latest of those that
//! were refused; never the signals themselves, which may be anything.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "ALTER TABLE alerts ADD COLUMN is_heard BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE risk_states ADD COLUMN heard {BYTES}",
    "ALTER TABLE risk_states ADD COLUMN own_level TEXT",
    "ALTER TABLE risk_states ADD COLUMN own_until BIGINT",
    "ALTER TABLE transmitters ADD COLUMN poll_url TEXT",
    "ALTER TABLE transmitters ADD COLUMN poll_sealed {BYTES}",
    "ALTER TABLE transmitters ADD COLUMN poll_next_at BIGINT",
    "ALTER TABLE transmitters ADD COLUMN poll_attempted_at BIGINT",
    "ALTER TABLE transmitters ADD COLUMN poll_succeeded_at BIGINT",
    "ALTER TABLE transmitters ADD COLUMN poll_failures BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE transmitters ADD COLUMN poll_failure TEXT",
    "ALTER TABLE transmitters ADD COLUMN poll_claim {ID}",
    "ALTER TABLE transmitters ADD COLUMN poll_claimed_until BIGINT",
    "CREATE INDEX transmitters_due ON transmitters (poll_next_at) WHERE poll_next_at IS NOT NULL",
    "CREATE TABLE rejected_signals (
        position {POSITION},
        transmitter_id {ID} NOT NULL,
        rejected_at BIGINT NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        jti TEXT,
        issuer TEXT
    )",
    "CREATE INDEX rejected_signals_transmitter ON rejected_signals (transmitter_id, position)",
]);

const DOWN: Ddl = Ddl(&[
    "DROP TABLE rejected_signals",
    "DROP INDEX transmitters_due",
    "ALTER TABLE transmitters DROP COLUMN poll_claimed_until",
    "ALTER TABLE transmitters DROP COLUMN poll_claim",
    "ALTER TABLE transmitters DROP COLUMN poll_failure",
    "ALTER TABLE transmitters DROP COLUMN poll_failures",
    "ALTER TABLE transmitters DROP COLUMN poll_succeeded_at",
    "ALTER TABLE transmitters DROP COLUMN poll_attempted_at",
    "ALTER TABLE transmitters DROP COLUMN poll_next_at",
    "ALTER TABLE transmitters DROP COLUMN poll_sealed",
    "ALTER TABLE transmitters DROP COLUMN poll_url",
    "ALTER TABLE risk_states DROP COLUMN own_until",
    "ALTER TABLE risk_states DROP COLUMN own_level",
    "ALTER TABLE risk_states DROP COLUMN heard",
    "ALTER TABLE alerts DROP COLUMN is_heard",
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
