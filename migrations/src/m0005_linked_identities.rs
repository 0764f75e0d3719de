//! Linked identities: the accounts that profiles own at other providers.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE linked_identities (
        id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        provider {KEY} NOT NULL,
        environment {KEY} NOT NULL,
        account_id {KEY} NOT NULL,
        username TEXT,
        email TEXT,
        email_key {KEY},
        verified BOOLEAN NOT NULL,
        status TEXT NOT NULL,
        mfa_state TEXT NOT NULL,
        metadata {JSON} NOT NULL,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        deleted_at BIGINT,
        provenance {JSON} NOT NULL
    )",
    "CREATE UNIQUE INDEX linked_identities_account ON linked_identities (org_id, provider, environment, account_id)",
    "CREATE INDEX linked_identities_created ON linked_identities (org_id, id)",
    "CREATE INDEX linked_identities_updated ON linked_identities (org_id, updated_at, id)",
    "CREATE INDEX linked_identities_email ON linked_identities (org_id, email_key)",
]);

const DOWN: Ddl = Ddl(&["DROP TABLE linked_identities"]);

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
