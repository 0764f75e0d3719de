//! What is usual for an organization, row by row, and which addresses fail at its accounts.
//!
//! What a batch needs is read as a part of a baseline, and what it has learned is added to the rows. Rows of the tenant of nil
//! say what is usual for everyone: they are made anew now and then from what is usual for organizations, and hold only values that
//! several of them know, so that none is told what is so of one other.

use crate::domain::risk::{AddressActivity, Baseline, Count, Feature, Key};
use crate::domain::{OrganizationId, Result, Timestamp};
use crate::store::row::{RowReader, json, micros};
use crate::store::sql::Sql;
use crate::store::{Dialect, Unit};
use sea_orm::{DbErr, Value};
use std::collections::{BTreeSet, HashMap};

/// In how many organizations a value has to be known to be known of everyone, unless there is one organization only.
const SEVERAL: i64 = 3;

/// A key as both databases store it.
#[expect(clippy::cast_possible_wrap, reason = "the bits are what matters")]
pub(in crate::store) const fn stored(key: Key) -> i64 {
    key.0 as i64
}

#[expect(clippy::cast_sign_loss, reason = "the bits are what matters")]
pub(in crate::store) const fn key_of(stored: i64) -> Key {
    Key(stored as u64)
}

/// Stands for all values together.
fn all_values() -> i64 {
    stored(Key::of(""))
}

fn number_of(feature: Feature) -> i64 {
    i64::try_from(feature.index()).unwrap_or_default()
}

fn read(row: &mut RowReader<'_>) -> Result<(OrganizationId, Count), DbErr> {
    let organization = OrganizationId(row.get()?);
    let number: i64 = row.get()?;
    let feature = Feature::ALL.into_iter().find(|feature| number_of(*feature) == number);
    let feature = feature.ok_or_else(|| DbErr::Type(format!("unknown feature in a stored row: {number}")))?;
    let value: i64 = row.get()?;
    let value = (value != all_values()).then_some(key_of(value));
    let (epoch, count) = (row.get()?, row.get::<i64>()?);
    Ok((organization, Count { feature, value, epoch, count: u32::try_from(count).unwrap_or(u32::MAX) }))
}

impl Unit {
    /// What is usual for the tenant, and for everyone, as far as these values go.
    pub async fn usual(
        &self,
        values: &BTreeSet<(Feature, Key)>,
        (first, last): (i64, i64),
    ) -> Result<(Baseline, Baseline)> {
        let (mut own, mut everyone) = (Baseline::part(), Baseline::part());
        if values.is_empty() {
            return Ok((own, everyone));
        }
        let totals: BTreeSet<i64> = values.iter().map(|(feature, _)| number_of(*feature)).collect();
        let totals = totals.into_iter().map(|feature| (feature, all_values()));
        let wanted = values.iter().map(|(feature, key)| (number_of(*feature), stored(*key))).chain(totals);
        let mut sql = Sql::new("SELECT n.org_id, n.feature, n.value, n.epoch, n.count FROM risk_usual n WHERE ");
        sql.push("n.org_id IN (").bind_list([self.tenant.0, OrganizationId::INSTANCE.0]);
        sql.push(") AND (n.feature, n.value) IN (");
        match self.dialect {
            Dialect::Postgres => {
                let (features, values): (Vec<i64>, Vec<i64>) = wanted.unzip();
                sql.push("SELECT * FROM unnest(").bind(features).push(", ").bind(values).push(")");
            }
            Dialect::Sqlite => {
                // One parameter, whatever the number of values.
                let pairs = serde_json::to_string(&wanted.collect::<Vec<_>>()).unwrap_or_default();
                sql.push("SELECT j.value ->> 0, j.value ->> 1 FROM json_each(").bind(pairs).push(") j");
            }
        }
        sql.push(") AND n.epoch BETWEEN ").bind(first).push(" AND ").bind(last).push(" ORDER BY n.epoch");
        for (organization, count) in self.read(sql, read).await? {
            if organization == self.tenant { own.add(count) } else { everyone.add(count) }
        }
        Ok((own, everyone))
    }

    /// Adds what was learned to what is usual for the tenant.
    pub async fn learn(&mut self, lessons: &Baseline) -> Result<()> {
        const COLUMNS: &[&str] = &["org_id", "feature", "value", "epoch", "count"];
        let row = |count: Count| -> Vec<Value> {
            let value = count.value.map_or_else(all_values, stored);
            vec![
                self.tenant.0.into(),
                number_of(count.feature).into(),
                value.into(),
                count.epoch.into(),
                i64::from(count.count).into(),
            ]
        };
        let rows = lessons.counts().map(row).collect();
        let suffix =
            " ON CONFLICT (org_id, feature, value, epoch) DO UPDATE SET count = risk_usual.count + excluded.count";
        self.insert("risk_usual", COLUMNS, rows, suffix).await
    }

    /// Forgets what was usual before that epoch, and of each feature the values beyond its bound that were seen least.
    pub async fn forget_usual(&mut self, first: i64) -> Result<()> {
        let mut sql = Sql::new("DELETE FROM risk_usual WHERE org_id = ");
        sql.bind(self.tenant.0).push(" AND epoch < ").bind(first);
        self.execute(sql).await?;
        for feature in Feature::ALL {
            let bound = u64::try_from(Baseline::population_bound(feature)).unwrap_or(u64::MAX);
            let of_feature = |sql: &mut Sql| {
                sql.push(" WHERE org_id = ").bind(self.tenant.0).push(" AND feature = ").bind(number_of(feature));
                sql.push(" AND value <> ").bind(all_values());
            };
            let mut sql = Sql::new("DELETE FROM risk_usual");
            of_feature(&mut sql);
            sql.push(" AND value NOT IN (SELECT value FROM risk_usual");
            of_feature(&mut sql);
            sql.push(" GROUP BY value ORDER BY MAX(epoch) DESC, SUM(count) DESC, value LIMIT ").bind(bound).push(")");
            self.execute(sql).await?;
        }
        Ok(())
    }

    /// Makes what is usual for everyone anew.
    pub async fn gather_usual(&mut self) -> Result<()> {
        let mut sql = Sql::new("DELETE FROM risk_usual WHERE org_id = ");
        sql.bind(OrganizationId::INSTANCE.0);
        self.execute(sql).await?;
        let mut sql = Sql::new("INSERT INTO risk_usual (org_id, feature, value, epoch, count) SELECT CAST(");
        sql.bind(OrganizationId::INSTANCE.0).push(if self.dialect == Dialect::Postgres {
            " AS uuid"
        } else {
            " AS BLOB"
        });
        sql.push("), n.feature, n.value, n.epoch, CAST(SUM(n.count) AS BIGINT) FROM risk_usual n WHERE n.value = ");
        sql.bind(all_values()).push(" OR (n.feature, n.value) IN (SELECT k.feature, k.value FROM risk_usual k");
        sql.push(" GROUP BY k.feature, k.value HAVING COUNT(DISTINCT k.org_id) >=");
        sql.push(" (SELECT CASE WHEN COUNT(DISTINCT o.org_id) = 1 THEN 1 ELSE ").push(&SEVERAL.to_string());
        sql.push(" END FROM risk_usual o)) GROUP BY n.feature, n.value, n.epoch");
        self.execute(sql).await
    }

    /// What these addresses have failed at lately. Those that have not are left out.
    pub async fn address_activity(&self, addresses: &BTreeSet<Key>) -> Result<HashMap<Key, AddressActivity>> {
        if addresses.is_empty() {
            return Ok(HashMap::new());
        }
        let mut sql = Sql::new("SELECT n.address, n.activity FROM risk_addresses n WHERE n.org_id = ");
        sql.bind(self.tenant.0).push(" AND n.address");
        let addresses: Vec<i64> = addresses.iter().map(|key| stored(*key)).collect();
        match self.dialect {
            Dialect::Postgres => sql.push(" = ANY(").bind(addresses).push(")"),
            Dialect::Sqlite => sql.push(" IN (").bind_list(addresses).push(")"),
        };
        let read = |row: &mut RowReader<'_>| Ok((key_of(row.get()?), row.json()?));
        Ok(self.read(sql, read).await?.into_iter().collect())
    }

    /// Writes what addresses have failed at, each with the last time.
    pub async fn write_address_activity(&mut self, activity: &[(Key, Timestamp, &AddressActivity)]) -> Result<()> {
        const COLUMNS: &[&str] = &["org_id", "address", "failed_at", "activity"];
        let row = |(address, failed_at, activity): &(Key, Timestamp, &AddressActivity)| -> Vec<Value> {
            vec![self.tenant.0.into(), stored(*address).into(), micros(*failed_at), json(activity)]
        };
        let suffix = " ON CONFLICT (org_id, address) DO UPDATE SET activity = excluded.activity,
            failed_at = CASE WHEN excluded.failed_at > risk_addresses.failed_at THEN excluded.failed_at
            ELSE risk_addresses.failed_at END";
        self.insert("risk_addresses", COLUMNS, activity.iter().map(row).collect(), suffix).await
    }

    /// Forgets addresses that have not failed since.
    pub async fn forget_addresses(&mut self, before: Timestamp) -> Result<()> {
        let mut sql = Sql::new("DELETE FROM risk_addresses WHERE org_id = ");
        sql.bind(self.tenant.0).push(" AND failed_at < ").bind(micros(before));
        self.execute(sql).await
    }
}
