//! Alerts, the accounts that they count against, and from which addresses accounts come.

use super::error::translate;
use super::lookup::push_any;
use super::per_parent::{PerParent, push_parents};
use super::risk::{key_of, stored};
use super::row::{RowReader, json, micros};
use super::sql::Sql;
use super::{Dialect, Scope, Store, Unit};
use crate::domain::alert::{Alert, AlertSeverity, AlertState};
use crate::domain::risk::Key;
use crate::domain::{CursorKey, NodeId, NodeKind, OrganizationId, Page, Result, Slice};
use sea_orm::{ConnectionTrait, DbErr, Value};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

const COLUMNS: &[&str] = &[
    "id",
    "org_id",
    "source",
    "external_id",
    "kind",
    "severity",
    "state",
    "title",
    "details",
    "identity_id",
    "address",
    "observed_at",
    "updated_at",
    "revision",
    "recorded_at",
    "changed_at",
    "actor",
    "face",
    "request_id",
    "is_heard",
    "address_key",
];
/// How many uses of addresses are looked at for the alerts of one request.
const MAX_USES: u64 = 10_000;
/// How many alerts about the addresses of one request are looked at.
const MAX_SUSPICIONS: u64 = 1_000;

/// Which alerts are wanted. Everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AlertFilter {
    /// Only those that count against this account, or would if they were not dismissed.
    pub identity: Option<Uuid>,
    /// Only those in this state.
    pub state: Option<AlertState>,
    /// Only those that are so bad.
    pub severity: Option<AlertSeverity>,
    /// Only those of this source.
    pub source: Option<String>,
}

impl AlertFilter {
    fn push(&self, sql: &mut Sql) {
        if let Some(identity) = self.identity {
            sql.push(" AND a.id IN (SELECT c.alert_id FROM alert_accounts c WHERE c.identity_id = ").bind(identity);
            sql.push(")");
        }
        if let Some(state) = self.state {
            sql.push(" AND a.state = ").bind(state.name());
        }
        if let Some(severity) = self.severity {
            sql.push(" AND a.severity = ").bind(severity.name());
        }
        if let Some(source) = &self.source {
            sql.push(" AND a.source = ").bind(source.as_str());
        }
    }
}

fn columns() -> String {
    let columns: Vec<String> = COLUMNS.iter().map(|column| format!("a.{column}")).collect();
    columns.join(", ")
}

fn read(row: &mut RowReader<'_>) -> Result<Alert, DbErr> {
    let id = row.get()?;
    let organization = OrganizationId(row.get()?);
    let (source, external_id, kind) = (row.get()?, row.get()?, row.get()?);
    let severity = row.named(AlertSeverity::from_name)?;
    let state = row.named(AlertState::from_name)?;
    let (title, details) = (row.get()?, row.json()?);
    let identity = row.get::<Option<Uuid>>()?.map(|uuid| NodeId::new(NodeKind::LinkedIdentity, uuid));
    let address = row.get::<Option<String>>()?.and_then(|address| address.parse().ok());
    Ok(Alert {
        id,
        organization,
        source,
        external_id,
        kind,
        severity,
        state,
        title,
        details,
        identity,
        address,
        observed_at: row.time()?,
        updated_at: row.time()?,
        revision: row.get()?,
        recorded_at: row.time()?,
        changed_at: row.time()?,
        actor: row.json()?,
        face: row.get()?,
        request_id: row.get()?,
        is_heard: row.get()?,
    })
}

fn values(alert: &Alert) -> Vec<Value> {
    let address = alert.address.map(|address| address.to_string());
    vec![
        alert.id.into(),
        alert.organization.0.into(),
        alert.source.clone().into(),
        alert.external_id.clone().into(),
        alert.kind.clone().into(),
        alert.severity.name().into(),
        alert.state.name().into(),
        alert.title.clone().into(),
        json(&alert.details),
        alert.identity.map(|identity| identity.uuid).into(),
        address.into(),
        micros(alert.observed_at),
        micros(alert.updated_at),
        alert.revision.into(),
        micros(alert.recorded_at),
        micros(alert.changed_at),
        json(&alert.actor),
        alert.face.clone().into(),
        alert.request_id.clone().into(),
        alert.is_heard.into(),
        alert.suspect().map(|address| stored(Key::of(&address.to_string()))).into(),
    ]
}

/// Appends what narrows a list, the latest first, to a page.
fn push_page(sql: &mut Sql, (time, id): (&str, &str), page: &Page) {
    for (cursor, operator) in [(&page.after, "<"), (&page.before, ">")] {
        let Some(cursor) = cursor else { continue };
        let CursorKey::Number(at) = cursor.key else { continue };
        sql.push(&format!(" AND ({time}, {id}) {operator} (")).bind(at).push(", ").bind(cursor.id).push(")");
    }
}

impl Store {
    /// The alerts of organizations, the latest first.
    pub async fn alert_pages(
        &self,
        scope: Scope,
        organizations: &[Uuid],
        filter: &AlertFilter,
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<Alert>>> {
        let conditions = |sql: &mut Sql, parent: &mut dyn FnMut(&mut Sql)| {
            sql.push("a.org_id = ");
            parent(sql);
            scope.and(sql, "a.org_id");
            filter.push(sql);
            push_page(sql, ("a.observed_at", "a.id"), page);
        };
        let query = PerParent {
            scope,
            columns: &columns(),
            from: "alerts a",
            key: "a.id",
            order: if page.from_end { "a.observed_at, a.id" } else { "a.observed_at DESC, a.id DESC" },
            conditions: &conditions,
        };
        query.pages(self, organizations, page, read).await
    }

    /// How many alerts organizations have.
    pub async fn alert_counts(
        &self,
        scope: Scope,
        organizations: &[Uuid],
        filter: &AlertFilter,
    ) -> Result<HashMap<Uuid, i64>> {
        let mut sql = Sql::new("WITH ");
        push_parents(&mut sql, self.dialect, organizations);
        sql.push(" SELECT a.org_id, COUNT(*) FROM p JOIN alerts a ON a.org_id = p.id WHERE TRUE");
        scope.and(&mut sql, "a.org_id");
        filter.push(&mut sql);
        sql.push(" GROUP BY a.org_id");
        self.counts(sql).await
    }

    /// The alerts that count against many accounts, or would if they were not dismissed; the latest first.
    pub async fn account_alert_pages(
        &self,
        scope: Scope,
        identities: &[Uuid],
        filter: &AlertFilter,
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<Alert>>> {
        let conditions = |sql: &mut Sql, parent: &mut dyn FnMut(&mut Sql)| {
            sql.push("n.identity_id = ");
            parent(sql);
            scope.and(sql, "n.org_id");
            filter.push(sql);
            push_page(sql, ("n.observed_at", "n.alert_id"), page);
        };
        let query = PerParent {
            scope,
            columns: &columns(),
            from: "alert_accounts n JOIN alerts a ON a.id = n.alert_id",
            key: "n.rowid",
            order: if page.from_end { "n.observed_at, n.alert_id" } else { "n.observed_at DESC, n.alert_id DESC" },
            conditions: &conditions,
        };
        query.pages(self, identities, page, read).await
    }

    /// How many alerts count against many accounts, or would if they were not dismissed.
    pub async fn account_alert_counts(
        &self,
        scope: Scope,
        identities: &[Uuid],
        filter: &AlertFilter,
    ) -> Result<HashMap<Uuid, i64>> {
        let mut sql = Sql::new("WITH ");
        push_parents(&mut sql, self.dialect, identities);
        sql.push(" SELECT n.identity_id, COUNT(*) FROM p JOIN alert_accounts n ON n.identity_id = p.id");
        sql.push(" JOIN alerts a ON a.id = n.alert_id WHERE TRUE");
        scope.and(&mut sql, "n.org_id");
        filter.push(&mut sql);
        sql.push(" GROUP BY n.identity_id");
        self.counts(sql).await
    }

    /// Alerts by id.
    pub async fn alerts_by_ids(&self, scope: Scope, ids: &[Uuid]) -> Result<HashMap<Uuid, Alert>> {
        let mut sql = Sql::new(format!("SELECT {} FROM alerts a WHERE a.id", columns()));
        push_any(&mut sql, self.dialect, ids);
        scope.and(&mut sql, "a.org_id");
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let read = |row| read(&mut RowReader::new(row)).map(|alert| (alert.id, alert));
        rows.iter().map(|row| read(row).map_err(translate)).collect()
    }
}

impl Unit {
    /// The alert of the tenant with that id.
    pub async fn alert(&self, id: Uuid) -> Result<Option<Alert>> {
        let mut sql = Sql::new(format!("SELECT {} FROM alerts a WHERE a.id = ", columns()));
        sql.bind(id).push(" AND a.org_id = ").bind(self.tenant().0);
        Ok(self.read(sql, read).await?.pop())
    }

    /// The latest alert of that source and kind about an account of the tenant.
    pub async fn latest_alert(&self, identity: NodeId, (source, kind): (&str, &str)) -> Result<Option<Alert>> {
        let mut sql = Sql::new(format!(
            "SELECT {} FROM alert_accounts n JOIN alerts a ON a.id = n.alert_id WHERE n.identity_id = ",
            columns()
        ));
        sql.bind(identity.uuid).push(" AND n.org_id = ").bind(self.tenant().0);
        sql.push(" AND a.identity_id = n.identity_id AND a.source = ").bind(source);
        sql.push(" AND a.kind = ").bind(kind).push(" ORDER BY n.observed_at DESC, n.alert_id DESC LIMIT 1");
        Ok(self.read(sql, read).await?.pop())
    }

    /// Alerts of the tenant, by source and what it calls them.
    pub async fn alerts_called(&self, names: &BTreeSet<(&str, &str)>) -> Result<Vec<Alert>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new(format!("SELECT {} FROM alerts a WHERE a.org_id = ", columns()));
        sql.bind(self.tenant().0).push(" AND (a.source, a.external_id) IN (");
        match self.dialect {
            Dialect::Postgres => {
                let (sources, ids): (Vec<String>, Vec<String>) =
                    names.iter().map(|(source, id)| ((*source).to_owned(), (*id).to_owned())).unzip();
                sql.push("SELECT * FROM unnest(").bind(sources).push(", ").bind(ids).push(")");
            }
            Dialect::Sqlite => {
                let pairs = serde_json::to_string(&names).unwrap_or_default();
                sql.push("SELECT j.value ->> 0, j.value ->> 1 FROM json_each(").bind(pairs).push(") j");
            }
        }
        sql.push(")");
        self.read(sql, read).await
    }

    /// Alerts of the tenant about these addresses, observed on these days, the first and the last included.
    pub async fn alerts_about(
        &self,
        addresses: &BTreeSet<Key>,
        (first, last): (i64, i64),
    ) -> Result<Vec<(Key, Alert)>> {
        if addresses.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new(format!("SELECT {} FROM alerts a WHERE a.org_id = ", columns()));
        sql.bind(self.tenant().0).push(" AND a.address_key");
        self.push_any_number(&mut sql, addresses.iter().map(|address| stored(*address)));
        sql.push(" AND a.observed_at >= ").bind(first.saturating_mul(DAY));
        sql.push(" AND a.observed_at < ").bind(last.saturating_add(1).saturating_mul(DAY));
        sql.push(" ORDER BY a.observed_at DESC, a.id DESC LIMIT ").bind(MAX_SUSPICIONS);
        let read = |row: &mut RowReader<'_>| {
            let alert = read(row)?;
            Ok((key_of(row.get()?), alert))
        };
        self.read(sql, read).await
    }

    /// Which accounts of the tenant came from these addresses, on which of these days, the first and the last included.
    pub async fn address_uses(
        &self,
        addresses: &BTreeSet<Key>,
        (first, last): (i64, i64),
    ) -> Result<Vec<(Key, i64, Uuid)>> {
        if addresses.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("SELECT n.address, n.day, n.identity_id FROM risk_address_uses n WHERE n.org_id = ");
        sql.bind(self.tenant().0).push(" AND n.address");
        self.push_any_number(&mut sql, addresses.iter().map(|address| stored(*address)));
        sql.push(" AND n.day BETWEEN ").bind(first).push(" AND ").bind(last);
        sql.push(" ORDER BY n.day DESC, n.identity_id LIMIT ").bind(MAX_USES);
        self.read(sql, |row| Ok((key_of(row.get()?), row.get()?, row.get()?))).await
    }

    /// The accounts that alerts count against.
    pub async fn accounts_of_alerts(&self, alerts: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>> {
        if alerts.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("SELECT n.alert_id, n.identity_id FROM alert_accounts n WHERE n.org_id = ");
        sql.bind(self.tenant().0).push(" AND n.alert_id");
        push_any(&mut sql, self.dialect, alerts);
        sql.push(" ORDER BY n.alert_id, n.identity_id");
        self.read(sql, |row| Ok((row.get()?, row.get()?))).await
    }

    /// Writes alerts, as they are now.
    pub async fn write_alerts(&mut self, alerts: &[&Alert]) -> Result<()> {
        self.note_activity();
        let suffix = " ON CONFLICT (id) DO UPDATE SET severity = excluded.severity, state = excluded.state,
            title = excluded.title, details = excluded.details, updated_at = excluded.updated_at,
            revision = excluded.revision, changed_at = excluded.changed_at, actor = excluded.actor,
            face = excluded.face, request_id = excluded.request_id";
        self.insert("alerts", COLUMNS, alerts.iter().map(|alert| values(alert)).collect(), suffix).await
    }

    /// Writes against which accounts alerts count.
    pub async fn write_accounts_of_alerts(&self, links: &[(&Alert, Uuid)]) -> Result<()> {
        const COLUMNS: &[&str] = &["alert_id", "identity_id", "org_id", "observed_at"];
        let row = |(alert, identity): &(&Alert, Uuid)| -> Vec<Value> {
            vec![alert.id.into(), (*identity).into(), self.tenant().0.into(), micros(alert.observed_at)]
        };
        let suffix = " ON CONFLICT (alert_id, identity_id) DO NOTHING";
        self.insert("alert_accounts", COLUMNS, links.iter().map(row).collect(), suffix).await
    }

    /// Writes from which addresses accounts came on which days.
    pub async fn write_address_uses(&self, uses: &BTreeSet<(Key, i64, Uuid)>) -> Result<()> {
        const COLUMNS: &[&str] = &["org_id", "address", "day", "identity_id"];
        let row = |(address, day, identity): &(Key, i64, Uuid)| -> Vec<Value> {
            vec![self.tenant().0.into(), stored(*address).into(), (*day).into(), (*identity).into()]
        };
        let suffix = " ON CONFLICT (org_id, address, day, identity_id) DO NOTHING";
        self.insert("risk_address_uses", COLUMNS, uses.iter().map(row).collect(), suffix).await
    }

    /// Forgets from which addresses accounts came before that day.
    pub async fn forget_address_uses(&mut self, before: i64) -> Result<()> {
        let mut sql = Sql::new("DELETE FROM risk_address_uses WHERE org_id = ");
        sql.bind(self.tenant().0).push(" AND day < ").bind(before);
        self.execute(sql).await
    }

    /// Appends that something is one of these numbers: with one parameter, whatever their number.
    fn push_any_number(&self, sql: &mut Sql, numbers: impl Iterator<Item = i64>) {
        let numbers: Vec<i64> = numbers.collect();
        match self.dialect {
            Dialect::Postgres => sql.push(" = ANY(").bind(numbers).push(")"),
            Dialect::Sqlite => {
                let list = serde_json::to_string(&numbers).unwrap_or_default();
                sql.push(" IN (SELECT j.value FROM json_each(").bind(list).push(") j)")
            }
        };
    }
}

/// A day in microseconds.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;
