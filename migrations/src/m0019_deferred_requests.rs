//! Requests that are done later, and what has become of them.
//!
//! Whoever takes one up writes down for how long it is taken, so that nobody else does it meanwhile, and somebody else does
//! it if the server that had it is gone.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE deferred_requests (
        id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        token_id {ID} NOT NULL,
        base TEXT NOT NULL,
        request {JSON} NOT NULL,
        accepted_at BIGINT NOT NULL,
        claim {ID},
        claimed_until BIGINT,
        outcome {JSON},
        finished_at BIGINT
    )",
    "CREATE INDEX deferred_requests_waiting ON deferred_requests (token_id, id) WHERE finished_at IS NULL",
    "CREATE INDEX deferred_requests_finished ON deferred_requests (finished_at) WHERE finished_at IS NOT NULL",
]);

const DOWN: Ddl = Ddl(&["DROP TABLE deferred_requests"]);

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
