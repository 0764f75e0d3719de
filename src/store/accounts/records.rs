//! Access records.

use super::push_scope;
use crate::domain::access::{AccessKind, AccessOutcome, AccessRecord};
use crate::domain::{CursorKey, NodeId, NodeKind, OrganizationId, Page, Result, Slice, Timestamp};
use crate::store::per_parent::{PerParent, push_parents};
use crate::store::row::{RowReader, json, micros};
use crate::store::sql::Sql;
use crate::store::{Scope, Store, Unit};
use sea_orm::{DbErr, Value};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

const COLUMNS: &[&str] = &[
    "id",
    "org_id",
    "event_id",
    "identity_id",
    "session_id",
    "kind",
    "outcome",
    "reason",
    "method",
    "resource",
    "whereabouts",
    "details",
    "occurred_at",
    "recorded_at",
    "actor",
    "source",
    "request_id",
];

/// Which access records are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AccessFilter {
    /// Only those of this kind.
    pub kind: Option<AccessKind>,
    /// Only those that went so.
    pub outcome: Option<AccessOutcome>,
    /// Only those that happened at or after this time.
    pub since: Option<Timestamp>,
    /// Only those that happened before this time.
    pub until: Option<Timestamp>,
}

impl AccessFilter {
    fn push(&self, sql: &mut Sql) {
        if let Some(kind) = self.kind {
            sql.push(" AND n.kind = ").bind(kind.name());
        }
        if let Some(outcome) = self.outcome {
            sql.push(" AND n.outcome = ").bind(outcome.name());
        }
        for (bound, operator) in [(self.since, ">="), (self.until, "<")] {
            if let Some(bound) = bound {
                sql.push(&format!(" AND n.occurred_at {operator} ")).bind(micros(bound));
            }
        }
    }
}

fn columns() -> String {
    let columns: Vec<String> = COLUMNS.iter().map(|column| format!("n.{column}")).collect();
    columns.join(", ")
}

fn read(row: &mut RowReader<'_>) -> Result<AccessRecord, DbErr> {
    let id = row.get()?;
    let organization = OrganizationId(row.get()?);
    let event_id = row.get()?;
    let identity = NodeId::new(NodeKind::LinkedIdentity, row.get()?);
    Ok(AccessRecord {
        id,
        organization,
        event_id,
        identity,
        session: row.get()?,
        kind: row.named(AccessKind::from_name)?,
        outcome: row.named(AccessOutcome::from_name)?,
        reason: row.get()?,
        method: row.get()?,
        resource: row.get()?,
        whereabouts: row.json()?,
        details: row.json()?,
        occurred_at: row.time()?,
        recorded_at: row.time()?,
        actor: row.json()?,
        source: row.get()?,
        request_id: row.get()?,
    })
}

fn values(record: &AccessRecord) -> Vec<Value> {
    vec![
        record.id.into(),
        record.organization.0.into(),
        record.event_id.clone().into(),
        record.identity.uuid.into(),
        record.session.into(),
        record.kind.name().into(),
        record.outcome.name().into(),
        record.reason.clone().into(),
        record.method.clone().into(),
        record.resource.clone().into(),
        json(&record.whereabouts),
        json(&record.details),
        micros(record.occurred_at),
        micros(record.recorded_at),
        json(&record.actor),
        record.source.clone().into(),
        record.request_id.clone().into(),
    ]
}

impl Store {
    /// The access records of many accounts, the latest first.
    pub async fn access_record_pages(
        &self,
        scope: Scope,
        identities: &[Uuid],
        filter: &AccessFilter,
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<AccessRecord>>> {
        let conditions = |sql: &mut Sql, parent: &mut dyn FnMut(&mut Sql)| {
            sql.push("n.identity_id = ");
            parent(sql);
            push_scope(sql, scope, "n.recorded_at");
            filter.push(sql);
            for (cursor, operator) in [(&page.after, "<"), (&page.before, ">")] {
                let Some(cursor) = cursor else { continue };
                let CursorKey::Number(at) = cursor.key else { continue };
                sql.push(&format!(" AND (n.occurred_at, n.id) {operator} ("));
                sql.bind(at).push(", ").bind(cursor.id).push(")");
            }
        };
        let query = PerParent {
            scope,
            columns: &columns(),
            from: "access_records n",
            key: "n.id",
            order: if page.from_end { "n.occurred_at, n.id" } else { "n.occurred_at DESC, n.id DESC" },
            conditions: &conditions,
        };
        query.pages(self, identities, page, read).await
    }

    /// Access records by id.
    pub async fn access_records_by_ids(&self, scope: Scope, ids: &[Uuid]) -> Result<HashMap<Uuid, AccessRecord>> {
        let found = self.told_by_ids(scope, ("access_records", &columns(), "n.recorded_at"), ids, read).await?;
        Ok(found.into_iter().map(|record| (record.id, record)).collect())
    }

    /// How many access records many accounts have.
    pub async fn access_record_counts(
        &self,
        scope: Scope,
        identities: &[Uuid],
        filter: &AccessFilter,
    ) -> Result<HashMap<Uuid, i64>> {
        let mut sql = scope.sql("WITH ");
        push_parents(&mut sql, self.dialect, identities);
        sql.push(" SELECT n.identity_id, COUNT(*) FROM p JOIN access_records n ON n.identity_id = p.id WHERE TRUE");
        push_scope(&mut sql, scope, "n.recorded_at");
        filter.push(&mut sql);
        sql.push(" GROUP BY n.identity_id");
        self.counts(sql).await
    }
}

impl Unit {
    /// Those of these event ids that are recorded already, with the ids of their records.
    pub async fn recorded(&self, event_ids: &[&str]) -> Result<HashMap<String, Uuid>> {
        if event_ids.is_empty() {
            return Ok(HashMap::new());
        }
        let mut sql = Sql::new("SELECT n.event_id, n.id FROM access_records n WHERE n.org_id = ");
        sql.bind(self.tenant.0).push(" AND n.event_id");
        self.push_any_text(&mut sql, event_ids);
        Ok(self.read(sql, |row| Ok((row.get()?, row.get()?))).await?.into_iter().collect())
    }

    /// Those of these accounts that are there.
    pub async fn known_identities(&self, ids: &[Uuid]) -> Result<HashSet<Uuid>> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let mut sql = Sql::new("SELECT n.id FROM linked_identities n WHERE n.deleted_at IS NULL AND n.org_id = ");
        sql.bind(self.tenant.0).push(" AND n.id");
        crate::store::lookup::push_any(&mut sql, self.dialect, ids);
        Ok(self.ids(sql).await?.into_iter().collect())
    }

    /// Writes records that are new.
    pub async fn write_access_records(&mut self, records: &[AccessRecord]) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        self.note_activity();
        self.insert("access_records", COLUMNS, records.iter().map(values).collect(), "").await
    }
}
