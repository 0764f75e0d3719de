//! The policies.

use crate::domain::risk::{Level, Signal};
use crate::domain::risk_policy::{PolicyMode, PolicyTrigger, RiskPolicy};
use crate::domain::{OrganizationId, Result, text};
use crate::store::error::translate;
use crate::store::row::{RowReader, json, micros};
use crate::store::sql::Sql;
use crate::store::{Scope, Store, Unit};
use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

const SELECT: &str =
    "SELECT p.id, p.org_id, p.name, p.level, p.signal, p.minimum_strength, p.actions, p.mode, p.created_at,
    p.created_by, p.updated_at FROM risk_policies p WHERE p.removed_at IS NULL";

fn read(row: &mut RowReader<'_>) -> Result<RiskPolicy, DbErr> {
    let (id, organization, name) = (row.get()?, OrganizationId(row.get()?), row.get()?);
    let (level, signal): (Option<String>, Option<String>) = (row.get()?, row.get()?);
    let minimum_strength: Option<i32> = row.get()?;
    let level = level.as_deref().and_then(Level::from_name).map(PolicyTrigger::Level);
    let signal = signal.as_deref().and_then(Signal::from_name).map(|signal| PolicyTrigger::Signal {
        signal,
        minimum_strength: minimum_strength.and_then(|least| u8::try_from(least).ok()),
    });
    let trigger = level.or(signal).ok_or_else(|| DbErr::Type("a policy without a trigger".to_owned()))?;
    Ok(RiskPolicy {
        id,
        organization,
        name,
        trigger,
        actions: row.json()?,
        mode: row.named(PolicyMode::from_name)?,
        created_at: row.time()?,
        created_by: row.json()?,
        updated_at: row.time()?,
    })
}

impl Unit {
    /// The policies of the tenant, the oldest first.
    pub async fn risk_policies(&self) -> Result<Vec<RiskPolicy>> {
        let mut sql = Sql::new(SELECT);
        sql.push(" AND p.org_id = ").bind(self.tenant.0).push(" ORDER BY p.id");
        self.read(sql, read).await
    }

    /// Those that are looked at when something happens to the risk of an account. They are never among the rows that wait.
    pub async fn risk_policies_in_force(&self) -> Result<Vec<RiskPolicy>> {
        let mut sql = Sql::new(SELECT);
        sql.push(" AND p.mode <> 'off' AND p.org_id = ").bind(self.tenant.0).push(" ORDER BY p.id");
        self.read_now(sql, read).await
    }

    /// Writes a policy that is new, or what has become of one.
    pub async fn write_risk_policy(&mut self, policy: &RiskPolicy) -> Result<()> {
        const COLUMNS: &[&str] = &[
            "id",
            "org_id",
            "name",
            "name_key",
            "level",
            "signal",
            "minimum_strength",
            "actions",
            "mode",
            "created_at",
            "created_by",
            "updated_at",
        ];
        let (level, signal, least) = match policy.trigger {
            PolicyTrigger::Level(level) => (Some(level.name()), None, None),
            PolicyTrigger::Signal { signal, minimum_strength } => (None, Some(signal.name()), minimum_strength),
        };
        let row: Vec<Value> = vec![
            policy.id.into(),
            self.tenant.0.into(),
            policy.name.clone().into(),
            text::key(&policy.name).into(),
            level.into(),
            signal.into(),
            least.map(i32::from).into(),
            json(&policy.actions),
            policy.mode.name().into(),
            micros(policy.created_at),
            json(&policy.created_by),
            micros(policy.updated_at),
        ];
        let suffix = " ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key,
            level = excluded.level, signal = excluded.signal, minimum_strength = excluded.minimum_strength,
            actions = excluded.actions, mode = excluded.mode, updated_at = excluded.updated_at";
        self.insert("risk_policies", COLUMNS, vec![row], suffix).await
    }

    /// Removes a policy.
    pub async fn remove_risk_policy(&mut self, id: Uuid) -> Result<()> {
        let mut sql = Sql::new("UPDATE risk_policies SET removed_at = ");
        sql.bind(micros(self.now())).push(" WHERE id = ").bind(id).push(" AND org_id = ").bind(self.tenant.0);
        self.execute(sql).await
    }
}

impl Store {
    /// The policies of an organization, the oldest first.
    pub async fn risk_policies(&self, scope: Scope) -> Result<Vec<RiskPolicy>> {
        let mut sql = Sql::new(SELECT);
        scope.and(&mut sql, "p.org_id");
        sql.push(" ORDER BY p.id");
        self.read_risk_policies(sql).await
    }

    /// A policy.
    pub async fn risk_policy(&self, scope: Scope, id: Uuid) -> Result<Option<RiskPolicy>> {
        let mut sql = Sql::new(SELECT);
        sql.push(" AND p.id = ").bind(id);
        scope.and(&mut sql, "p.org_id");
        Ok(self.read_risk_policies(sql).await?.pop())
    }

    /// Which organization a policy is of, even if it was removed.
    pub async fn tenant_of_risk_policy(&self, id: Uuid) -> Result<Option<OrganizationId>> {
        let mut sql = Sql::new("SELECT p.org_id FROM risk_policies p WHERE p.id = ");
        sql.bind(id);
        let row = self.read.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        row.map(|row| RowReader::new(&row).get().map(OrganizationId)).transpose().map_err(translate)
    }

    async fn read_risk_policies(&self, sql: Sql) -> Result<Vec<RiskPolicy>> {
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read(&mut RowReader::new(row)).map_err(translate)).collect()
    }
}
