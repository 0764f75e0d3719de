//! The keys by which this server signs tokens, and the tokens that were revoked before their time.
//!
//! The private part of a key is sealed under a secret that is not in the database. A key is never deleted: the table is the
//! history of the keys. A revoked token is forgotten when it would have expired.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE oauth_keys (
        id {ID} PRIMARY KEY,
        algorithm TEXT NOT NULL,
        public {JSON} NOT NULL,
        sealed {BYTES} NOT NULL,
        created_at BIGINT NOT NULL,
        created_by {JSON} NOT NULL,
        retired_at BIGINT,
        verifies_until BIGINT,
        withdrawn_at BIGINT,
        withdrawn_by {JSON},
        reason TEXT
    )",
    "CREATE UNIQUE INDEX oauth_keys_current ON oauth_keys (algorithm) WHERE retired_at IS NULL AND withdrawn_at IS NULL",
    "CREATE TABLE oauth_revocations (
        jti {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        token_id {ID} NOT NULL,
        revoked_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL
    )",
    "CREATE INDEX oauth_revocations_expiry ON oauth_revocations (expires_at)",
]);

const DOWN: Ddl = Ddl(&["DROP TABLE oauth_revocations", "DROP TABLE oauth_keys"]);

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
