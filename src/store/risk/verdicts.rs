//! What somebody decides about evidence.

use super::from_bytes;
use super::reads::{FINDING, read_finding};
use crate::domain::risk::{Entry, EventId, Finding, Signal};
use crate::domain::{NodeId, Result, Timestamp};
use crate::store::row::micros;
use crate::store::sql::Sql;
use crate::store::{Dialect, Unit};
use uuid::Uuid;

impl Unit {
    /// Evidence about an account of the tenant that counts, the latest first, at most so much.
    pub async fn latest_findings(&self, identity: NodeId, limit: u32) -> Result<Vec<Finding>> {
        let mut sql = Sql::new(format!("SELECT {FINDING} FROM risk_evidence n WHERE n.cancelled_at IS NULL"));
        self.push_account(&mut sql, identity);
        sql.push(" ORDER BY n.happened_at DESC, n.event_id, n.signal LIMIT ").bind(u64::from(limit));
        self.read(sql, read_finding).await
    }

    /// Evidence about an account of the tenant, whether it counts or not.
    pub async fn findings(&self, identity: NodeId, named: &[(EventId, Signal)]) -> Result<Vec<Finding>> {
        let mut sql = Sql::new(format!("SELECT {FINDING} FROM risk_evidence n WHERE TRUE"));
        self.push_account(&mut sql, identity);
        push_named(&mut sql, self.dialect, named);
        self.read(sql, read_finding).await
    }

    /// Writes down that evidence does not count any more.
    pub async fn cancel_findings(&mut self, identity: NodeId, named: &[(EventId, Signal)]) -> Result<()> {
        let mut sql = self.cancel();
        self.push_account(&mut sql, identity);
        push_named(&mut sql, self.dialect, named);
        self.execute(sql).await
    }

    /// The same of all evidence that fades.
    pub async fn cancel_fading_findings(&mut self, identity: NodeId) -> Result<()> {
        let mut sql = self.cancel();
        self.push_account(&mut sql, identity);
        let standing = Signal::ALL.into_iter().filter(|signal| signal.stands()).map(Signal::name);
        sql.push(" AND n.signal NOT IN (").bind_list(standing).push(")");
        self.execute(sql).await
    }

    /// The same of leaks of credentials that have been changed since, each at a time.
    pub async fn cancel_leaks(&mut self, changed: &[(Uuid, Timestamp)]) -> Result<()> {
        if changed.is_empty() {
            return Ok(());
        }
        let mut sql = Sql::new("WITH c(identity_id, at) AS (VALUES ");
        for (index, (identity, at)) in changed.iter().enumerate() {
            sql.push(if index == 0 { "(" } else { ", (" }).bind(*identity).push(", ").bind(micros(*at)).push(")");
        }
        sql.push(") UPDATE risk_evidence AS n SET cancelled_at = ").bind(micros(self.now()));
        sql.push(" FROM c WHERE n.identity_id = c.identity_id AND n.happened_at <= c.at AND n.cancelled_at IS NULL");
        sql.push(" AND n.signal = ")
            .bind(Signal::LeakedCredential.name())
            .push(" AND n.org_id = ")
            .bind(self.tenant().0);
        self.execute(sql).await
    }

    /// What has arrived at these places of the log of an account.
    pub async fn arrived(&self, identity: NodeId, places: &[i64]) -> Result<Vec<Entry>> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("SELECT n.entry FROM risk_log n WHERE TRUE");
        self.push_account(&mut sql, identity);
        sql.push(" AND n.arrival IN (").bind_list(places.iter().copied()).push(") ORDER BY n.arrival");
        self.read(sql, |row| from_bytes(&row.get::<Vec<u8>>()?)).await
    }

    fn cancel(&self) -> Sql {
        let mut sql = Sql::new("UPDATE risk_evidence AS n SET cancelled_at = ");
        sql.bind(micros(self.now())).push(" WHERE n.cancelled_at IS NULL");
        sql
    }

    fn push_account(&self, sql: &mut Sql, identity: NodeId) {
        sql.push(" AND n.identity_id = ").bind(identity.uuid).push(" AND n.org_id = ").bind(self.tenant().0);
    }
}

fn push_named(sql: &mut Sql, dialect: Dialect, named: &[(EventId, Signal)]) {
    sql.push(" AND (n.event_id, n.signal) IN (").push(if dialect == Dialect::Sqlite { "VALUES " } else { "" });
    for (index, (event, signal)) in named.iter().enumerate() {
        sql.push(if index == 0 { "(" } else { ", (" }).bind(Uuid::from_u128(event.0)).push(", ");
        sql.bind(signal.name()).push(")");
    }
    sql.push(")");
}
