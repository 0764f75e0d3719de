//! Events, read for the nodes they are about, the newest first.

use super::error::translate;
use super::per_parent::{PerParent, push_parents};
use super::row::{RowReader, json, micros};
use super::sql::Sql;
use super::{Dialect, Scope, Store};
use crate::domain::{CursorKey, Event, NodeId, OrganizationId, Page, Result, Slice, Timestamp};
use sea_orm::{ConnectionTrait, DbErr, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// The columns of an event, in the order in which rows are read and written.
pub(super) const COLUMNS: &[&str] = &[
    "org_id",
    "seq",
    "id",
    "occurred_at",
    "action",
    "subject_id",
    "subject_kind",
    "subject_version",
    "actor",
    "face",
    "request_id",
    "reason",
    "source",
    "changes",
];

/// The nodes that events are about, as `w`, with the events, as `v`.
pub(super) const ABOUT_NODES: &str = "event_nodes w JOIN events v ON v.org_id = w.org_id AND v.seq = w.seq";

/// The columns of an event behind the name by which the query knows the table.
pub(super) fn columns(alias: &str) -> String {
    let columns: Vec<String> = COLUMNS.iter().map(|column| format!("{alias}.{column}")).collect();
    columns.join(", ")
}

impl Store {
    /// The events about many nodes: those that changed them, and those that changed an edge at whose other end they are.
    pub async fn history_pages(
        &self,
        scope: Scope,
        nodes: &[Uuid],
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<Event>>> {
        let conditions = |sql: &mut Sql, parent: &mut dyn FnMut(&mut Sql)| {
            sql.push("w.node_id = ");
            parent(sql);
            scope.and_ever(sql, "w.org_id", "v.occurred_at");
            for (cursor, operator) in [(&page.after, "<"), (&page.before, ">")] {
                if let Some(CursorKey::Number(seq)) = cursor.as_ref().map(|cursor| &cursor.key) {
                    sql.push(&format!(" AND w.seq {operator} ")).bind(*seq);
                }
            }
        };
        let query = PerParent {
            scope,
            columns: &columns("v"),
            from: ABOUT_NODES,
            key: "w.rowid",
            order: if page.from_end { "w.seq" } else { "w.seq DESC" },
            conditions: &conditions,
        };
        query.pages(self, nodes, page, read).await
    }

    /// The events about a node behind one time and up to another, the oldest first, at most `limit`.
    pub async fn events_between(
        &self,
        scope: Scope,
        node: Uuid,
        (after, until): (Timestamp, Timestamp),
        limit: u64,
    ) -> Result<Vec<Event>> {
        let mut sql = scope.sql(format!("SELECT {} FROM {ABOUT_NODES} WHERE w.node_id = ", columns("v")));
        sql.bind(node);
        scope.and_ever(&mut sql, "w.org_id", "v.occurred_at");
        sql.push(" AND v.occurred_at > ").bind(after.timestamp_micros());
        sql.push(" AND v.occurred_at <= ").bind(until.timestamp_micros());
        sql.push(" ORDER BY w.org_id, w.seq LIMIT ").bind(limit);
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    /// When the first organization of the scope was created, deleted ones included; none if there is none.
    pub async fn beginning(&self, scope: Scope) -> Result<Option<Timestamp>> {
        let mut sql = Sql::new("SELECT MIN(n.created_at) FROM organizations n WHERE TRUE");
        scope.and_ever(&mut sql, "n.id", "n.created_at");
        let row = self.read.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        row.map_or(Ok(None), |row| RowReader::new(&row).time_or_none()).map_err(translate)
    }

    /// How many events there are about many nodes.
    pub async fn history_counts(&self, scope: Scope, nodes: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        let mut sql = scope.sql("WITH ");
        push_parents(&mut sql, self.dialect, nodes);
        sql.push(" SELECT w.node_id, COUNT(*) FROM p, ");
        // Only of the past it matters when an event was.
        sql.push(if scope.is_present() { "event_nodes w" } else { ABOUT_NODES }).push(" WHERE w.node_id = p.id");
        scope.and_ever(&mut sql, "w.org_id", "v.occurred_at");
        sql.push(" GROUP BY w.node_id");
        self.counts(sql).await
    }

    /// Events by tenant and number.
    pub async fn events_by_seq(
        &self,
        scope: Scope,
        keys: &[(OrganizationId, i64)],
    ) -> Result<HashMap<(OrganizationId, i64), Event>> {
        let mut sql = scope.sql(format!("SELECT {} FROM events WHERE (org_id, seq)", COLUMNS.join(", ")));
        push_numbers(&mut sql, self.dialect, keys.iter().copied());
        scope.and_ever(&mut sql, "org_id", "occurred_at");
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter()
            .map(|row| read(&mut RowReader::new(row)).map(|event| ((event.organization, event.seq), event)))
            .collect::<Result<_, _>>()
            .map_err(translate)
    }
}

/// Appends `IN (…)` for places in sequences: arrays on PostgreSQL, whose planner takes its time for many rows in a text.
pub(super) fn push_numbers(
    sql: &mut Sql,
    dialect: Dialect,
    places: impl Iterator<Item = (OrganizationId, i64)> + Clone,
) {
    if dialect == Dialect::Postgres {
        let (tenants, numbers): (Vec<Uuid>, Vec<i64>) = places.map(|(tenant, number)| (tenant.0, number)).unzip();
        sql.push(" IN (SELECT * FROM unnest(").bind(tenants).push(", ").bind(numbers).push("))");
        return;
    }
    sql.push(" IN (VALUES ");
    for (index, (tenant, number)) in places.enumerate() {
        sql.push(if index == 0 { "(" } else { ", (" }).bind(tenant.0).push(", ").bind(number).push(")");
    }
    sql.push(")");
}

pub(super) fn read(row: &mut RowReader<'_>) -> Result<Event, DbErr> {
    let organization = OrganizationId(row.get()?);
    let (seq, id) = (row.get()?, row.get()?);
    let occurred_at = row.time()?;
    let action = row.get()?;
    let subject = row.get()?;
    let subject = NodeId::new(row.kind()?, subject);
    Ok(Event {
        id,
        organization,
        seq,
        occurred_at,
        action,
        subject,
        subject_version: row.get()?,
        actor: row.json()?,
        face: row.get()?,
        request_id: row.get()?,
        reason: row.get()?,
        source: row.get()?,
        changes: row.json()?,
    })
}

pub(super) fn values(event: &Event) -> Vec<Value> {
    vec![
        event.organization.0.into(),
        event.seq.into(),
        event.id.into(),
        micros(event.occurred_at),
        event.action.clone().into(),
        event.subject.uuid.into(),
        event.subject.kind.name().into(),
        event.subject_version.into(),
        json(&event.actor),
        event.face.clone().into(),
        event.request_id.clone().into(),
        event.reason.clone().into(),
        event.source.clone().into(),
        json(&event.changes),
    ]
}
