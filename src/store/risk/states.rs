//! The state of accounts, and what it was made of.

use crate::domain::risk::{Arrival, Finding, Level, OwnLevel, Risk, Schedule, ScorePoint, State};
use crate::domain::{NodeId, NodeKind, OrganizationId, Result, Timestamp};
use crate::store::error::translate;
use crate::store::lookup::push_any;
use crate::store::row::{RowReader, json, micros, micros_or_null};
use crate::store::sql::Sql;
use crate::store::{Scope, Store, Unit};
use sea_orm::{ConnectionTrait, DbErr, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use uuid::Uuid;

const COLUMNS: &[&str] = &[
    "identity_id",
    "org_id",
    "model",
    "arrivals",
    "score",
    "level",
    "medium_until",
    "high_until",
    "critical_until",
    "due_at",
    "updated_at",
    "state",
    "heard",
    "own_level",
    "own_until",
];

/// Which accounts are wanted, by how risky they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RiskFilter {
    /// One of these levels. None given: no account.
    pub levels: Vec<Level>,
    /// At this time.
    pub at: Timestamp,
}

impl RiskFilter {
    /// Appends the condition that the account with that id is at one of the levels.
    pub(in crate::store) fn push(&self, sql: &mut Sql, id: &str, scope: Scope) {
        sql.push(" AND (FALSE");
        for level in &self.levels {
            self.push_level(sql, *level, (id, scope));
        }
        sql.push(")");
    }

    fn push_level(&self, sql: &mut Sql, level: Level, (id, scope): (&str, Scope)) {
        const UNTIL: [&str; 3] = ["r.medium_until", "r.high_until", "r.critical_until"];
        let place = Schedule::LEVELS.iter().position(|known| *known == level);
        // Who is at no level above low is at that, also if nothing is known.
        sql.push(&format!(
            " OR {id} {}IN (SELECT r.identity_id FROM risk_states r WHERE ",
            if place.is_some() { "" } else { "NOT " }
        ));
        sql.push(UNTIL[place.unwrap_or_default()]).push(" > ").bind(micros(self.at));
        if let Some(above) = place.and_then(|place| UNTIL.get(place + 1)) {
            sql.push(" AND ").push(above).push(" <= ").bind(micros(self.at));
        }
        scope.and(sql, "r.org_id");
        sql.push(")");
    }
}

/// What is stored as bytes.
pub(super) fn bytes<T: Serialize>(value: &T) -> Value {
    // Made of numbers, texts, lists and maps with text keys.
    Value::from(serde_json::to_vec(value).unwrap_or_default())
}

/// The next cell, as what was stored as bytes.
pub(in crate::store) fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DbErr> {
    serde_json::from_slice(bytes).map_err(|error| DbErr::Type(format!("unknown form of stored bytes: {error}")))
}

/// The columns by which a state is read.
pub(super) const STATE_COLUMNS: &str =
    "n.identity_id, n.arrivals, n.score, n.level, n.medium_until, n.high_until, n.critical_until, n.state,
    n.heard, n.own_level, n.own_until";

pub(super) fn read(row: &mut RowReader<'_>) -> Result<Risk, DbErr> {
    let identity = NodeId::new(NodeKind::LinkedIdentity, row.get()?);
    let (arrivals, score) = (row.get()?, row.get::<i32>()?);
    let level = row.named(Level::from_name)?;
    let schedule = Schedule { until: [row.get()?, row.get()?, row.get()?] };
    let state = from_bytes::<State>(&row.get::<Vec<u8>>()?)?;
    let heard = row.get::<Option<Vec<u8>>>()?.map(|bytes| from_bytes(&bytes)).transpose()?.unwrap_or_default();
    // What was written before others were heard is what is known here.
    let own_level = row.get::<Option<String>>()?.and_then(|name| Level::from_name(&name));
    let own_until = row.get::<Option<i64>>()?;
    let own =
        OwnLevel { level: own_level.unwrap_or(level), until: own_until.unwrap_or_else(|| schedule.end_of(level)) };
    let score = u8::try_from(score).unwrap_or(u8::MAX);
    Ok(Risk { identity, arrivals, score, level, schedule, state, heard, own })
}

impl Unit {
    /// What is kept of accounts of the tenant. Those of which nothing is known are left out.
    pub async fn risks(&self, identities: &[Uuid]) -> Result<HashMap<Uuid, Risk>> {
        if identities.is_empty() {
            return Ok(HashMap::new());
        }
        let mut sql = Sql::new(format!("SELECT {STATE_COLUMNS} FROM risk_states n WHERE n.org_id = "));
        sql.bind(self.tenant.0).push(" AND n.identity_id");
        push_any(&mut sql, self.dialect, identities);
        let found = self.read(sql, read).await?;
        Ok(found.into_iter().map(|risk| (risk.identity.uuid, risk)).collect())
    }

    /// Writes what is kept of accounts, by the model of that version.
    pub async fn write_risks(&mut self, risks: &[&Risk], model: u32) -> Result<()> {
        self.note_activity();
        let row = |risk: &&Risk| -> Vec<Value> {
            vec![
                risk.identity.uuid.into(),
                self.tenant.0.into(),
                i64::from(model).into(),
                risk.arrivals.into(),
                i32::from(risk.score).into(),
                risk.level.name().into(),
                risk.schedule.until[0].into(),
                risk.schedule.until[1].into(),
                risk.schedule.until[2].into(),
                risk.due().into(),
                micros(self.now),
                bytes(&risk.state),
                if risk.heard.is_empty() { Value::Bytes(None) } else { bytes(&risk.heard) },
                risk.own.level.name().into(),
                risk.own.until.into(),
            ]
        };
        let suffix = " ON CONFLICT (identity_id) DO UPDATE SET model = excluded.model, arrivals = excluded.arrivals,
            score = excluded.score, level = excluded.level, medium_until = excluded.medium_until,
            high_until = excluded.high_until, critical_until = excluded.critical_until, due_at = excluded.due_at,
            updated_at = excluded.updated_at, state = excluded.state, heard = excluded.heard,
            own_level = excluded.own_level, own_until = excluded.own_until";
        self.insert("risk_states", COLUMNS, risks.iter().map(row).collect(), suffix).await
    }

    /// Writes what has arrived.
    pub async fn write_arrivals(&self, arrivals: &[Arrival]) -> Result<()> {
        const COLUMNS: &[&str] = &["identity_id", "arrival", "org_id", "recorded_at", "entry"];
        let row = |arrival: &Arrival| -> Vec<Value> {
            let (tenant, entry) = (self.tenant.0.into(), bytes(&arrival.entry));
            vec![arrival.identity.into(), arrival.place.into(), tenant, micros(self.now), entry]
        };
        self.insert("risk_log", COLUMNS, arrivals.iter().map(row).collect(), "").await
    }

    /// Writes what was found.
    pub async fn write_findings(&self, findings: &[Finding]) -> Result<()> {
        const COLUMNS: &[&str] = &[
            "identity_id",
            "event_id",
            "signal",
            "org_id",
            "source",
            "happened_at",
            "strength",
            "model",
            "reason",
            "arrival",
            "recorded_at",
            "cancelled_at",
        ];
        let row = |finding: &Finding| -> Vec<Value> {
            let evidence = &finding.evidence;
            vec![
                finding.identity.into(),
                Uuid::from_u128(evidence.event.0).into(),
                evidence.signal.name().into(),
                self.tenant.0.into(),
                finding.source.clone().into(),
                evidence.at.saturating_mul(1_000).into(),
                i64::from(evidence.strength.millionths()).into(),
                i64::from(evidence.model).into(),
                json(&evidence.reason),
                finding.arrival.into(),
                micros(self.now),
                micros_or_null((!finding.counts).then_some(self.now)),
            ]
        };
        let suffix = " ON CONFLICT (identity_id, event_id, signal) DO UPDATE SET strength = excluded.strength,
            model = excluded.model, reason = excluded.reason, cancelled_at = excluded.cancelled_at";
        self.insert("risk_evidence", COLUMNS, findings.iter().map(row).collect(), suffix).await
    }

    /// Writes scores that are new, one for each account.
    pub async fn write_scores(&self, scores: &[(Uuid, ScorePoint)]) -> Result<()> {
        const COLUMNS: &[&str] = &["identity_id", "at", "org_id", "score", "level"];
        let row = |(identity, point): &(Uuid, ScorePoint)| -> Vec<Value> {
            let (score, level) = (i32::from(point.score).into(), point.level.name().into());
            vec![(*identity).into(), micros(point.at), self.tenant.0.into(), score, level]
        };
        let suffix = " ON CONFLICT (identity_id, at) DO UPDATE SET score = excluded.score, level = excluded.level";
        self.insert("risk_scores", COLUMNS, scores.iter().map(row).collect(), suffix).await
    }

    /// Forgets the scores of the tenant that are older.
    pub async fn forget_scores(&mut self, before: Timestamp) -> Result<()> {
        let mut sql = Sql::new("DELETE FROM risk_scores WHERE org_id = ");
        sql.bind(self.tenant.0).push(" AND at < ").bind(micros(before));
        self.execute(sql).await
    }
}

impl Store {
    /// The accounts whose level has dropped by now, those that have waited longest first.
    pub async fn fallen_risks(&self, now: Timestamp, limit: u64) -> Result<Vec<(OrganizationId, Uuid)>> {
        let mut sql = Sql::new("SELECT r.org_id, r.identity_id FROM risk_states r WHERE r.due_at <= ");
        sql.bind(micros(now)).push(" AND r.due_at < ").push(&Schedule::NEVER.to_string());
        Scope::EVERYTHING.and(&mut sql, "r.org_id");
        sql.push(" ORDER BY r.due_at LIMIT ").bind(limit);
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let read = |row: &mut RowReader<'_>| Ok((OrganizationId(row.get()?), row.get()?));
        rows.iter().map(|row| read(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    /// The organizations of whose accounts something is kept.
    pub async fn organizations_with_risk(&self) -> Result<Vec<OrganizationId>> {
        let mut sql = Sql::new(
            "SELECT o.id FROM organizations o WHERE o.deleted_at IS NULL
            AND EXISTS (SELECT 1 FROM risk_states r WHERE r.org_id = o.id)",
        );
        Scope::EVERYTHING.and(&mut sql, "o.id");
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| RowReader::new(row).get().map(OrganizationId).map_err(translate)).collect()
    }
}
