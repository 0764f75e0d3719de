//! The past: what each change replaces moves to a table beside the one it was in, so that every node, edge and key can be
//! read as it was at any time.
//!
//! The `versions` that were kept as JSON go: each state is a row now, of the same columns as the present one. States that
//! were replaced before this migration are known by their events alone.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE organizations_past (
        id {ID} NOT NULL,
        slug TEXT NOT NULL,
        slug_key {KEY} NOT NULL,
        name TEXT NOT NULL,
        name_key {KEY} NOT NULL,
        description TEXT,
        metadata {JSON} NOT NULL,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        deleted_at BIGINT,
        provenance {JSON} NOT NULL,
        replaced_at BIGINT NOT NULL,
        PRIMARY KEY (id, version)
    )",
    "CREATE TABLE profiles_past (
        id {ID} NOT NULL,
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
        provenance {JSON} NOT NULL,
        replaced_at BIGINT NOT NULL,
        PRIMARY KEY (id, version)
    )",
    "CREATE INDEX profiles_past_tenant ON profiles_past (org_id, replaced_at)",
    "CREATE TABLE collectives_past (
        id {ID} NOT NULL,
        org_id {ID} NOT NULL,
        kind TEXT NOT NULL,
        slug TEXT NOT NULL,
        slug_key {KEY} NOT NULL,
        name TEXT NOT NULL,
        name_key {KEY} NOT NULL,
        description TEXT,
        category TEXT,
        metadata {JSON} NOT NULL,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        deleted_at BIGINT,
        provenance {JSON} NOT NULL,
        replaced_at BIGINT NOT NULL,
        PRIMARY KEY (id, version)
    )",
    "CREATE INDEX collectives_past_tenant ON collectives_past (org_id, replaced_at)",
    "CREATE TABLE roles_past (
        id {ID} NOT NULL,
        org_id {ID} NOT NULL,
        slug TEXT NOT NULL,
        slug_key {KEY} NOT NULL,
        name TEXT NOT NULL,
        name_key {KEY} NOT NULL,
        description TEXT,
        privileged BOOLEAN NOT NULL,
        metadata {JSON} NOT NULL,
        version BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        deleted_at BIGINT,
        provenance {JSON} NOT NULL,
        replaced_at BIGINT NOT NULL,
        PRIMARY KEY (id, version)
    )",
    "CREATE INDEX roles_past_tenant ON roles_past (org_id, replaced_at)",
    "CREATE TABLE linked_identities_past (
        id {ID} NOT NULL,
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
        provenance {JSON} NOT NULL,
        replaced_at BIGINT NOT NULL,
        PRIMARY KEY (id, version)
    )",
    "CREATE INDEX linked_identities_past_tenant ON linked_identities_past (org_id, replaced_at)",
    "CREATE INDEX edges_past_out ON edges (from_id, kind, valid_to) WHERE valid_to IS NOT NULL",
    "CREATE INDEX edges_past_in ON edges (to_id, kind, valid_to) WHERE valid_to IS NOT NULL",
    "ALTER TABLE node_keys ADD COLUMN since BIGINT NOT NULL DEFAULT 0",
    "CREATE TABLE node_keys_past (
        org_id {ID} NOT NULL,
        namespace {KEY} NOT NULL,
        value {KEY} NOT NULL,
        node_id {ID} NOT NULL,
        node_kind TEXT NOT NULL,
        since BIGINT NOT NULL,
        until BIGINT NOT NULL
    )",
    "CREATE INDEX node_keys_past_value ON node_keys_past (org_id, namespace, value)",
    "CREATE INDEX node_keys_past_node ON node_keys_past (node_id)",
    // The time of the last event: a clock that is set back must not bring events of a tenant out of order.
    "ALTER TABLE sequences ADD COLUMN last_at BIGINT NOT NULL DEFAULT 0",
    // A writer that has waited for the row is told its newest values, but those of no other row.
    "ALTER TABLE sequences ADD COLUMN is_live BOOLEAN NOT NULL DEFAULT TRUE",
    "UPDATE sequences SET is_live = FALSE WHERE org_id IN (SELECT id FROM organizations WHERE deleted_at IS NOT NULL)",
    "DROP TABLE versions",
]);

const DOWN: Ddl = Ddl(&[
    "CREATE TABLE versions (
        node_id {ID} NOT NULL,
        version BIGINT NOT NULL,
        org_id {ID} NOT NULL,
        seq BIGINT NOT NULL,
        recorded_at BIGINT NOT NULL,
        body {JSON} NOT NULL,
        PRIMARY KEY (node_id, version)
    )",
    "ALTER TABLE sequences DROP COLUMN is_live",
    "ALTER TABLE sequences DROP COLUMN last_at",
    "DROP TABLE node_keys_past",
    "ALTER TABLE node_keys DROP COLUMN since",
    "DROP INDEX edges_past_in",
    "DROP INDEX edges_past_out",
    "DROP TABLE linked_identities_past",
    "DROP TABLE roles_past",
    "DROP TABLE collectives_past",
    "DROP TABLE profiles_past",
    "DROP TABLE organizations_past",
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
