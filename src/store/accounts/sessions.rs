//! Sessions of accounts.

use super::{order_by_id, push_page_by_id, push_scope};
use crate::domain::session::SessionEnd;
use crate::domain::{NodeId, NodeKind, OrganizationId, Page, Result, Session, SessionRef, Slice, Timestamp};
use crate::store::lookup::push_any;
use crate::store::per_parent::{PerParent, push_parents};
use crate::store::row::{RowReader, json, micros, micros_or_null};
use crate::store::sql::Sql;
use crate::store::{Dialect, Scope, Store, Unit};
use sea_orm::{DbErr, Value};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

const COLUMNS: &[&str] = &[
    "id",
    "org_id",
    "identity_id",
    "external_id",
    "whereabouts",
    "started_at",
    "last_seen_at",
    "expires_at",
    "ended_at",
    "end_reason",
    "actor",
    "source",
];

fn columns() -> String {
    let columns: Vec<String> = COLUMNS.iter().map(|column| format!("n.{column}")).collect();
    columns.join(", ")
}

fn read(row: &mut RowReader<'_>) -> Result<Session, DbErr> {
    let id = row.get()?;
    let organization = OrganizationId(row.get()?);
    let identity = NodeId::new(NodeKind::LinkedIdentity, row.get()?);
    let (external_id, whereabouts) = (row.get()?, row.json()?);
    let (started_at, last_seen_at) = (row.time()?, row.time()?);
    let (expires_at, ended_at) = (row.time_or_none()?, row.time_or_none()?);
    let end = row.get::<Option<String>>()?;
    Ok(Session {
        id,
        organization,
        identity,
        external_id,
        whereabouts,
        started_at,
        last_seen_at,
        expires_at,
        ended_at,
        end: end.as_deref().and_then(SessionEnd::from_name),
        actor: row.json()?,
        source: row.get()?,
    })
}

fn values(session: &Session) -> Vec<Value> {
    vec![
        session.id.into(),
        session.organization.0.into(),
        session.identity.uuid.into(),
        session.external_id.clone().into(),
        json(&session.whereabouts),
        micros(session.started_at),
        micros(session.last_seen_at),
        micros_or_null(session.expires_at),
        micros_or_null(session.ended_at),
        session.end.map(SessionEnd::name).into(),
        json(&session.actor),
        session.source.clone().into(),
    ]
}

/// Appends that a session goes on at that time.
fn push_live(sql: &mut Sql, at: Timestamp) {
    sql.push(" AND (n.ended_at IS NULL OR n.ended_at > ").bind(micros(at));
    sql.push(") AND (n.expires_at IS NULL OR n.expires_at > ").bind(micros(at)).push(")");
}

/// That a profile `n` has an account with a session that goes on at that time. Those who are signed in are fewer than all.
pub(in super::super) fn push_signed_in(sql: &mut Sql, scope: Scope, at: Timestamp) {
    // Inside, `n` is the session.
    sql.push(
        "n.id IN (SELECT l.to_id FROM sessions n JOIN edges l ON l.from_id = n.identity_id AND l.kind = 'link'
        AND l.valid_to IS NULL WHERE TRUE",
    );
    scope.and(sql, "n.org_id");
    push_live(sql, at);
    sql.push(")");
}

impl Store {
    /// The sessions of many accounts, the newest first: all of them, or those that go on at a time.
    pub async fn session_pages(
        &self,
        scope: Scope,
        identities: &[Uuid],
        live_at: Option<Timestamp>,
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<Session>>> {
        let conditions = |sql: &mut Sql, parent: &mut dyn FnMut(&mut Sql)| {
            sql.push("n.identity_id = ");
            parent(sql);
            push_scope(sql, scope, "n.started_at");
            if let Some(at) = live_at {
                push_live(sql, at);
            }
            push_page_by_id(sql, page);
        };
        let query = PerParent {
            scope,
            columns: &columns(),
            from: "sessions n",
            key: "n.id",
            order: order_by_id(page),
            conditions: &conditions,
        };
        query.pages(self, identities, page, read).await
    }

    /// How many sessions many accounts have.
    pub async fn session_counts(
        &self,
        scope: Scope,
        identities: &[Uuid],
        live_at: Option<Timestamp>,
    ) -> Result<HashMap<Uuid, i64>> {
        let mut sql = scope.sql("WITH ");
        push_parents(&mut sql, self.dialect, identities);
        sql.push(" SELECT n.identity_id, COUNT(*) FROM p JOIN sessions n ON n.identity_id = p.id WHERE TRUE");
        push_scope(&mut sql, scope, "n.started_at");
        if let Some(at) = live_at {
            push_live(&mut sql, at);
        }
        sql.push(" GROUP BY n.identity_id");
        self.counts(sql).await
    }

    /// Sessions by id.
    pub async fn sessions_by_ids(&self, scope: Scope, ids: &[Uuid]) -> Result<HashMap<Uuid, Session>> {
        let found = self.told_by_ids(scope, ("sessions", &columns(), "n.started_at"), ids, read).await?;
        Ok(found.into_iter().map(|session| (session.id, session)).collect())
    }
}

impl Unit {
    /// Sessions of the tenant by how they are named. Those that are not there are left out.
    pub async fn sessions(&self, refs: &[SessionRef]) -> Result<Vec<Session>> {
        let ids: Vec<Uuid> =
            refs.iter().filter_map(|name| if let SessionRef::Id(id) = name { Some(*id) } else { None }).collect();
        let names: Vec<&str> = refs
            .iter()
            .filter_map(|name| if let SessionRef::External(name) = name { Some(name.as_str()) } else { None })
            .collect();
        let mut found = Vec::new();
        if !ids.is_empty() {
            let mut sql = self.sessions_where();
            sql.push(" AND n.id");
            push_any(&mut sql, self.dialect, &ids);
            found.extend(self.read(sql, read).await?);
        }
        if !names.is_empty() {
            let mut sql = self.sessions_where();
            sql.push(" AND n.external_id");
            self.push_any_text(&mut sql, &names);
            found.extend(self.read(sql, read).await?);
        }
        Ok(found)
    }

    /// The sessions of an account that go on.
    pub async fn live_sessions(&self, identity: NodeId) -> Result<Vec<Session>> {
        let mut sql = self.sessions_where();
        sql.push(" AND n.identity_id = ").bind(identity.uuid);
        push_live(&mut sql, self.now());
        sql.push(" ORDER BY n.id");
        self.read(sql, read).await
    }

    /// Which of these accounts somebody is signed in with.
    pub async fn signed_in(&self, identities: &[Uuid]) -> Result<HashSet<Uuid>> {
        let mut sql = Sql::new("SELECT DISTINCT n.identity_id FROM sessions n WHERE n.org_id = ");
        sql.bind(self.tenant.0).push(" AND n.identity_id");
        push_any(&mut sql, self.dialect, identities);
        push_live(&mut sql, self.now());
        Ok(self.found_ids(sql).await?.into_iter().collect())
    }

    fn sessions_where(&self) -> Sql {
        let mut sql = Sql::new(format!("SELECT {} FROM sessions n WHERE n.org_id = ", columns()));
        sql.bind(self.tenant.0);
        sql
    }

    /// Writes sessions that are new, and what has become of others.
    pub async fn write_sessions(&mut self, sessions: &[Session]) -> Result<()> {
        if sessions.is_empty() {
            return Ok(());
        }
        self.note_activity();
        let suffix = " ON CONFLICT (id) DO UPDATE SET whereabouts = excluded.whereabouts,
            last_seen_at = excluded.last_seen_at, expires_at = excluded.expires_at, ended_at = excluded.ended_at,
            end_reason = excluded.end_reason";
        self.insert("sessions", COLUMNS, sessions.iter().map(values).collect(), suffix).await
    }

    /// Ends every session of these accounts that goes on, and says how many that were.
    pub async fn end_sessions(&mut self, identities: &[Uuid], end: SessionEnd) -> Result<u64> {
        if identities.is_empty() {
            return Ok(0);
        }
        self.note_activity();
        let mut sql = Sql::new("UPDATE sessions SET ended_at = ");
        sql.bind(micros(self.now)).push(", end_reason = ").bind(end.name());
        sql.push(" WHERE ended_at IS NULL AND org_id = ").bind(self.tenant.0).push(" AND identity_id");
        push_any(&mut sql, self.dialect, identities);
        sql.push(" AND (expires_at IS NULL OR expires_at > ").bind(micros(self.now)).push(")");
        self.execute_counted(sql).await
    }

    /// Notes when sessions were used last. What was noted of a later time stays.
    pub async fn touch_sessions(&mut self, seen: &[(Uuid, Timestamp)]) -> Result<()> {
        if seen.is_empty() {
            return Ok(());
        }
        self.note_activity();
        let (ids, times): (Vec<Uuid>, Vec<i64>) = seen.iter().map(|(id, at)| (*id, at.timestamp_micros())).unzip();
        let mut sql = Sql::new("UPDATE sessions SET last_seen_at = v.seen_at FROM (");
        match self.dialect {
            Dialect::Postgres => {
                sql.push("SELECT * FROM unnest(").bind(ids).push(", ").bind(times).push(")) AS v(session_id, seen_at)");
            }
            Dialect::Sqlite => {
                sql.push("SELECT column1 AS session_id, column2 AS seen_at FROM (VALUES ");
                for (index, (id, at)) in ids.into_iter().zip(times).enumerate() {
                    sql.push(if index == 0 { "(" } else { ", (" }).bind(id).push(", ").bind(at).push(")");
                }
                sql.push(")) AS v");
            }
        }
        sql.push(" WHERE sessions.id = v.session_id AND sessions.last_seen_at < v.seen_at AND sessions.org_id = ");
        sql.bind(self.tenant.0);
        self.execute(sql).await
    }
}
