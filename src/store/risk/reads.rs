//! How risky accounts are, as it is read.

use super::from_bytes;
use crate::domain::risk::{
    EventId, Evidence, Finding, Level, Overview, Riser, ScorePoint, Signal, State, Strength, millis,
};
use crate::domain::{CursorKey, NodeId, NodeKind, Page, Result, Slice, Timestamp};
use crate::store::error::translate;
use crate::store::lookup::push_any;
use crate::store::per_parent::{PerParent, push_parents};
use crate::store::row::{RowReader, micros};
use crate::store::sql::Sql;
use crate::store::{Scope, Store};
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::HashMap;
use uuid::Uuid;

/// The columns of evidence.
pub(super) const FINDING: &str = "n.identity_id, n.event_id, n.signal, n.source, n.happened_at, n.strength, n.model, n.reason, n.arrival, n.cancelled_at";

pub(super) fn read_finding(row: &mut RowReader<'_>) -> Result<Finding, DbErr> {
    let identity = row.get()?;
    let event = EventId(row.get::<Uuid>()?.as_u128());
    let signal = row.named(Signal::from_name)?;
    let source = row.get()?;
    let at = millis(row.time()?);
    let (strength, model): (i64, i64) = (row.get()?, row.get()?);
    let evidence = Evidence {
        event,
        signal,
        at,
        strength: Strength::from(u32::try_from(strength).unwrap_or(u32::MAX)),
        model: u32::try_from(model).unwrap_or_default(),
        reason: row.json()?,
    };
    Ok(Finding { identity, evidence, source, arrival: row.get()?, counts: row.time_or_none()?.is_none() })
}

fn score(row: &mut RowReader<'_>) -> Result<u8, DbErr> {
    row.get::<i32>().map(|score| u8::try_from(score).unwrap_or(u8::MAX))
}

fn read_point(row: &mut RowReader<'_>) -> Result<ScorePoint, DbErr> {
    Ok(ScorePoint { at: row.time()?, score: score(row)?, level: row.named(Level::from_name)? })
}

impl Store {
    /// The states of accounts. Those of which nothing is known are left out.
    pub async fn risk_states(&self, scope: Scope, identities: &[Uuid]) -> Result<HashMap<Uuid, State>> {
        let mut sql = Sql::new("SELECT n.identity_id, n.state FROM risk_states n WHERE n.identity_id");
        push_any(&mut sql, self.dialect, identities);
        scope.and(&mut sql, "n.org_id");
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let read = |row: &mut RowReader<'_>| Ok((row.get()?, from_bytes(&row.get::<Vec<u8>>()?)?));
        rows.iter().map(|row| read(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    /// The evidence about many accounts that counts or counted, the latest first: the first page.
    pub async fn findings(
        &self,
        scope: Scope,
        identities: &[Uuid],
        limit: u32,
    ) -> Result<HashMap<Uuid, Slice<Finding>>> {
        let conditions = |sql: &mut Sql, parent: &mut dyn FnMut(&mut Sql)| {
            sql.push("n.identity_id = ");
            parent(sql);
            sql.push(" AND n.cancelled_at IS NULL");
            scope.and(sql, "n.org_id");
        };
        let query = PerParent {
            scope,
            columns: FINDING,
            from: "risk_evidence n",
            key: "n.rowid",
            order: "n.happened_at DESC, n.event_id, n.signal",
            conditions: &conditions,
        };
        query.pages(self, identities, &Page::first(limit), read_finding).await
    }

    /// The scores of many accounts when they were written down, the latest first; only those up to a time, if one is given.
    pub async fn score_pages(
        &self,
        scope: Scope,
        identities: &[Uuid],
        until: Option<Timestamp>,
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<ScorePoint>>> {
        let conditions = |sql: &mut Sql, parent: &mut dyn FnMut(&mut Sql)| {
            sql.push("n.identity_id = ");
            parent(sql);
            scope.and(sql, "n.org_id");
            if let Some(until) = until {
                sql.push(" AND n.at <= ").bind(micros(until));
            }
            for (cursor, operator) in [(&page.after, "<"), (&page.before, ">")] {
                if let Some(CursorKey::Number(at)) = cursor.as_ref().map(|cursor| &cursor.key) {
                    sql.push(&format!(" AND n.at {operator} ")).bind(*at);
                }
            }
        };
        let query = PerParent {
            scope,
            columns: "n.at, n.score, n.level",
            from: "risk_scores n",
            key: "n.rowid",
            order: if page.from_end { "n.at" } else { "n.at DESC" },
            conditions: &conditions,
        };
        query.pages(self, identities, page, read_point).await
    }

    /// How many scores of many accounts were written down.
    pub async fn score_counts(&self, scope: Scope, identities: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        let mut sql = Sql::new("SELECT n.identity_id, COUNT(*) FROM risk_scores n WHERE n.identity_id");
        push_any(&mut sql, self.dialect, identities);
        scope.and(&mut sql, "n.org_id");
        sql.push(" GROUP BY n.identity_id");
        self.counts(sql).await
    }

    /// How risky the accounts of organizations are: how many are at which level, which have risen most since a time, and what
    /// was found since another.
    pub async fn risk_overviews(
        &self,
        scope: Scope,
        organizations: &[Uuid],
        (at, risen_since, found_since): (Timestamp, Timestamp, Timestamp),
    ) -> Result<HashMap<Uuid, Overview>> {
        let mut overviews = self.levels(scope, organizations, at).await?;
        for (organization, slice) in self.risers(scope, organizations, risen_since).await? {
            if let Some(overview) = overviews.get_mut(&organization) {
                overview.risers = slice.items;
            }
        }
        for (organization, signal, evidence, identities) in self.signals(scope, organizations, found_since).await? {
            if let Some(overview) = overviews.get_mut(&organization) {
                overview.signals.push((signal, identities, evidence));
            }
        }
        Ok(overviews)
    }

    async fn levels(&self, scope: Scope, organizations: &[Uuid], at: Timestamp) -> Result<HashMap<Uuid, Overview>> {
        let mut sql = Sql::new("WITH ");
        push_parents(&mut sql, self.dialect, organizations);
        sql.push(" SELECT p.id, COUNT(*)");
        for column in ["medium_until", "high_until", "critical_until"] {
            sql.push(&format!(", COUNT(CASE WHEN r.{column} > ")).bind(micros(at)).push(" THEN 1 END)");
        }
        sql.push(" FROM p JOIN linked_identities n ON n.org_id = p.id AND n.deleted_at IS NULL");
        sql.push(" LEFT JOIN risk_states r ON r.identity_id = n.id WHERE TRUE");
        scope.and(&mut sql, "n.org_id");
        sql.push(" GROUP BY p.id");
        let read = |row: &mut RowReader<'_>| {
            let organization: Uuid = row.get()?;
            let (all, medium, high, critical): (i64, i64, i64, i64) = (row.get()?, row.get()?, row.get()?, row.get()?);
            let counts = [all - medium, medium - high, high - critical, critical];
            let levels = Level::ALL.into_iter().zip(counts).collect();
            Ok((organization, Overview { levels, ..Overview::default() }))
        };
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    async fn risers(
        &self,
        scope: Scope,
        organizations: &[Uuid],
        since: Timestamp,
    ) -> Result<HashMap<Uuid, Slice<Riser>>> {
        /// More than are shown: what has faded since is left out.
        const MOST: u32 = 50;
        let since = since.timestamp_micros();
        let before = format!(
            "COALESCE((SELECT s.score FROM risk_scores s WHERE s.identity_id = n.identity_id AND s.at <= {since}
            ORDER BY s.at DESC LIMIT 1), 0)"
        );
        let conditions = |sql: &mut Sql, parent: &mut dyn FnMut(&mut Sql)| {
            sql.push("n.org_id = ");
            parent(sql);
            scope.and(sql, "n.org_id");
            sql.push(
                " AND n.identity_id IN (SELECT c.identity_id FROM risk_scores c WHERE c.org_id = n.org_id AND c.at > ",
            );
            sql.bind(since).push(&format!(") AND n.score > {before}"));
        };
        let query = PerParent {
            scope,
            columns: &format!("n.identity_id, {before}, n.state"),
            from: "risk_states n",
            key: "n.identity_id",
            order: &format!("n.score - {before} DESC, n.identity_id"),
            conditions: &conditions,
        };
        let read = |row: &mut RowReader<'_>| {
            let identity = NodeId::new(NodeKind::LinkedIdentity, row.get()?);
            let before = score(row)?;
            Ok(Riser { identity, before, state: from_bytes(&row.get::<Vec<u8>>()?)? })
        };
        query.pages(self, organizations, &Page::first(MOST), read).await
    }

    async fn signals(
        &self,
        scope: Scope,
        organizations: &[Uuid],
        since: Timestamp,
    ) -> Result<Vec<(Uuid, Signal, i64, i64)>> {
        let mut sql = Sql::new(
            "SELECT n.org_id, n.signal, COUNT(*), COUNT(DISTINCT n.identity_id) FROM risk_evidence n WHERE n.org_id",
        );
        push_any(&mut sql, self.dialect, organizations);
        scope.and(&mut sql, "n.org_id");
        sql.push(" AND n.happened_at >= ").bind(micros(since));
        sql.push(" AND n.strength > 0 AND n.cancelled_at IS NULL GROUP BY n.org_id, n.signal ORDER BY 4 DESC, 3 DESC, n.signal");
        let read = |row: &mut RowReader<'_>| {
            let organization = row.get()?;
            let signal = row.named(Signal::from_name)?;
            Ok((organization, signal, row.get()?, row.get()?))
        };
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read(&mut RowReader::new(row)).map_err(translate)).collect()
    }
}
