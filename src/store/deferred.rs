//! Requests that are done later: a queue for each credential.

use super::error::translate;
use super::row::{RowReader, json, micros};
use super::sql::Sql;
use super::{Scope, Store, Unit};
use crate::domain::deferred::DeferredRequest;
use crate::domain::{NodeId, NodeKind, OrganizationId, Result, Timestamp};
use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

const COLUMNS: &str = "id, org_id, token_id, base, request, accepted_at, outcome";

fn read(row: &mut RowReader<'_>) -> Result<DeferredRequest, DbErr> {
    Ok(DeferredRequest {
        id: row.get()?,
        organization: OrganizationId(row.get()?),
        token: NodeId::new(NodeKind::Token, row.get()?),
        base: row.get()?,
        request: row.json()?,
        accepted_at: row.time()?,
        outcome: row.json_or_none()?,
    })
}

impl Unit {
    /// How many requests of a credential are still to be done.
    pub async fn waiting_requests(&self, token: NodeId) -> Result<i64> {
        let mut sql = Sql::new("SELECT COUNT(*) FROM deferred_requests WHERE finished_at IS NULL AND token_id = ");
        sql.bind(token.uuid);
        let row = self.query_one(sql).await?;
        row.map_or(Ok(0), |row| RowReader::new(&row).get()).map_err(translate)
    }

    /// Writes down a request that is to be done.
    pub async fn defer(&self, request: &DeferredRequest) -> Result<()> {
        const COLUMNS: &[&str] = &["id", "org_id", "token_id", "base", "request", "accepted_at"];
        let row: Vec<Value> = vec![
            request.id.into(),
            request.organization.0.into(),
            request.token.uuid.into(),
            request.base.clone().into(),
            json(&request.request),
            micros(request.accepted_at),
        ];
        self.insert("deferred_requests", COLUMNS, vec![row], "").await
    }
}

impl Store {
    /// Takes up the oldest request that nobody has, until that time, unless an older one of the same credential is still to
    /// be done.
    pub async fn claim_request(
        &self,
        claim: Uuid,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<Option<DeferredRequest>> {
        let mut sql = Sql::new("UPDATE deferred_requests SET claim = ");
        sql.bind(claim).push(", claimed_until = ").bind(micros(until));
        sql.push(
            " WHERE id IN (SELECT r.id FROM deferred_requests r WHERE r.finished_at IS NULL
            AND (r.claimed_until IS NULL OR r.claimed_until < ",
        );
        sql.bind(micros(now));
        sql.push(
            ") AND NOT EXISTS (SELECT 1 FROM deferred_requests o
            WHERE o.token_id = r.token_id AND o.finished_at IS NULL AND o.id < r.id) ORDER BY r.id LIMIT 1",
        );
        // Whoever comes second must not wait for the first, and must not take what it has taken.
        sql.push(if self.dialect == super::Dialect::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" });
        sql.push(&format!(") RETURNING {COLUMNS}"));
        let row = self.write.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        row.map(|row| read(&mut RowReader::new(&row))).transpose().map_err(translate)
    }

    /// Keeps a request that was taken up until that time, and says whether it still is whose claim that is.
    pub async fn keep_request(&self, id: Uuid, claim: Uuid, until: Timestamp) -> Result<bool> {
        let mut sql = Sql::new("UPDATE deferred_requests SET claimed_until = ");
        sql.bind(micros(until));
        self.write_claimed(sql, id, claim).await
    }

    /// Gives back what was taken up under a claim and is not done.
    pub async fn give_back_requests(&self, claim: Uuid) -> Result<()> {
        let mut sql = Sql::new("UPDATE deferred_requests SET claim = NULL, claimed_until = NULL");
        sql.push(" WHERE finished_at IS NULL AND claim = ").bind(claim);
        self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(())
    }

    /// Writes down what has become of a request, and says whether it was still taken up by whoever says so.
    pub async fn finish_request(
        &self,
        id: Uuid,
        claim: Uuid,
        (outcome, at): (&serde_json::Value, Timestamp),
    ) -> Result<bool> {
        // What was asked for is of no use any more.
        let mut sql = Sql::new("UPDATE deferred_requests SET request = ");
        sql.bind(json(&serde_json::json!({}))).push(", outcome = ").bind(json(outcome));
        sql.push(", finished_at = ").bind(micros(at));
        self.write_claimed(sql, id, claim).await
    }

    async fn write_claimed(&self, mut sql: Sql, id: Uuid, claim: Uuid) -> Result<bool> {
        sql.push(" WHERE finished_at IS NULL AND id = ").bind(id).push(" AND claim = ").bind(claim);
        let done = self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(done.rows_affected() == 1)
    }

    /// A request that was accepted, done or not.
    pub async fn deferred_request(&self, scope: Scope, id: Uuid) -> Result<Option<DeferredRequest>> {
        let mut sql = scope.sql(format!("SELECT {COLUMNS} FROM deferred_requests WHERE id = "));
        sql.bind(id);
        scope.and(&mut sql, "org_id");
        let row = self.read.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        row.map(|row| read(&mut RowReader::new(&row))).transpose().map_err(translate)
    }

    /// Forgets the requests that were done before that time, and says how many.
    pub async fn forget_requests(&self, before: Timestamp) -> Result<u64> {
        let mut sql = Sql::new("DELETE FROM deferred_requests WHERE finished_at < ");
        sql.bind(micros(before));
        let done = self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(done.rows_affected())
    }
}
