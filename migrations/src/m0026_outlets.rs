//! Where changes of an organization are sent, and what is sent there.
//!
//! An outlet is a stream of shared signals or a webhook. `collected_seq` says up to which event its deliveries are written
//! down; what is written down is sent until it has arrived, or is given up. The secrets (a header of the receiver, the keys of a
//! webhook) are sealed under a secret that is not in the database. An outlet that is deleted is gone with its deliveries: its
//! history is in the events of the API token or organization that it belonged to.

use crate::Ddl;
use sea_orm_migration::prelude::*;

const UP: Ddl = Ddl(&[
    "CREATE TABLE outlets (
        id {ID} PRIMARY KEY,
        org_id {ID} NOT NULL,
        kind TEXT NOT NULL,
        token_id {ID},
        status TEXT NOT NULL,
        status_reason TEXT,
        description TEXT,
        url TEXT,
        events {JSON} NOT NULL,
        format TEXT,
        secret {BYTES},
        former_secret {BYTES},
        former_until BIGINT,
        collected_seq BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        verified_at BIGINT,
        failures BIGINT NOT NULL,
        failing_since BIGINT,
        retry_at BIGINT,
        last_failure TEXT,
        lease {ID},
        leased_until BIGINT
    )",
    "CREATE INDEX outlets_tenant ON outlets (org_id, id)",
    "CREATE INDEX outlets_token ON outlets (token_id, id) WHERE token_id IS NOT NULL",
    "CREATE TABLE deliveries (
        position {POSITION},
        id {ID} NOT NULL,
        outlet_id {ID} NOT NULL,
        org_id {ID} NOT NULL,
        subject_id {ID} NOT NULL,
        event_type TEXT NOT NULL,
        body {JSON} NOT NULL,
        seq BIGINT,
        state TEXT NOT NULL,
        attempts BIGINT NOT NULL,
        due_at BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        finished_at BIGINT,
        answer_status BIGINT,
        failure TEXT
    )",
    "CREATE UNIQUE INDEX deliveries_id ON deliveries (outlet_id, id)",
    "CREATE INDEX deliveries_pending ON deliveries (outlet_id, position) WHERE state = 'pending'",
    "CREATE INDEX deliveries_subject ON deliveries (outlet_id, subject_id, position) WHERE state = 'pending'",
    "CREATE INDEX deliveries_outlet ON deliveries (outlet_id, position)",
    "CREATE INDEX deliveries_age ON deliveries (created_at)",
    "CREATE TABLE outlet_exclusions (
        outlet_id {ID} NOT NULL,
        node_id {ID} NOT NULL,
        org_id {ID} NOT NULL,
        PRIMARY KEY (outlet_id, node_id)
    )",
    "CREATE INDEX outlet_exclusions_node ON outlet_exclusions (org_id, node_id)",
]);

const DOWN: Ddl = Ddl(&["DROP TABLE outlet_exclusions", "DROP TABLE deliveries", "DROP TABLE outlets"]);

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
