//! Profiles (users, service accounts, bots), and the keys by which any node is looked up and searched.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE profiles (
        id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        kind TEXT NOT NULL,
        username TEXT NOT NULL,
        username_key {KEY} NOT NULL,
        name {JSON} NOT NULL,
        display_key {KEY} NOT NULL,
        emails {JSON} NOT NULL,
        phones {JSON} NOT NULL,
        addresses {JSON} NOT NULL,
        avatar TEXT,
        locale TEXT,
        time_zone TEXT,
        title TEXT,
        department TEXT,
        employee_number TEXT,
        status TEXT NOT NULL,
        status_reason TEXT,
        tags {JSON} NOT NULL,
        metadata {JSON} NOT NULL,
        external_ids {JSON} NOT NULL,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        deleted_at BIGINT,
        provenance {JSON} NOT NULL
    )",
    "CREATE UNIQUE INDEX profiles_username ON profiles (org_id, username_key) WHERE deleted_at IS NULL",
    "CREATE INDEX profiles_display ON profiles (org_id, display_key, id) WHERE deleted_at IS NULL",
    "CREATE INDEX profiles_created ON profiles (org_id, id) WHERE deleted_at IS NULL",
    "CREATE INDEX profiles_updated ON profiles (org_id, updated_at, id) WHERE deleted_at IS NULL",
    "CREATE INDEX profiles_status ON profiles (org_id, status, id) WHERE deleted_at IS NULL",
    "CREATE INDEX profiles_kind ON profiles (org_id, kind, id) WHERE deleted_at IS NULL",
    "CREATE TABLE node_keys (
        org_id {ID} NOT NULL,
        namespace {KEY} NOT NULL,
        value {KEY} NOT NULL,
        node_id {ID} NOT NULL,
        node_kind TEXT NOT NULL,
        PRIMARY KEY (org_id, namespace, value, node_id)
    )",
    "CREATE INDEX node_keys_node ON node_keys (node_id)",
]);

const DOWN: Ddl = Ddl(&["DROP TABLE node_keys", "DROP TABLE profiles"]);

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
