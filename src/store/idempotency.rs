//! Answers that are remembered, so that a request that is sent twice is done once.

use super::error::translate;
use super::row::{RowReader, json};
use super::sql::Sql;
use super::{Store, Unit};
use crate::domain::{Result, Timestamp};
use sea_orm::ConnectionTrait;

/// An answer that was given before.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// What identifies the request's content.
    pub fingerprint: String,
    /// The answer.
    pub response: serde_json::Value,
}

impl Unit {
    /// What was answered to that actor for that client mutation id.
    pub async fn recall(&self, actor: &str, mutation_id: &str) -> Result<Option<Remembered>> {
        let mut sql = Sql::new("SELECT fingerprint, response FROM idempotency_keys WHERE actor = ");
        sql.bind(actor).push(" AND mutation_id = ").bind(mutation_id);
        let row = self.query_one(sql).await?;
        row.map(|row| {
            let mut row = RowReader::new(&row);
            Ok(Remembered { fingerprint: row.get()?, response: row.json()? })
        })
        .transpose()
        .map_err(translate)
    }

    /// Remembers an answer, in the transaction of what it answers.
    pub async fn remember(&self, actor: &str, mutation_id: &str, remembered: &Remembered) -> Result<()> {
        let mut sql =
            Sql::new("INSERT INTO idempotency_keys (actor, mutation_id, fingerprint, response, created_at) VALUES (");
        sql.bind(actor).push(", ").bind(mutation_id).push(", ").bind(remembered.fingerprint.clone());
        sql.push(", ").bind(json(&remembered.response)).push(", ").bind(self.now().timestamp_micros()).push(")");
        self.execute(sql).await
    }
}

impl Store {
    /// Forgets the answers that were given before `before`, and says how many.
    pub async fn forget_answers(&self, before: Timestamp) -> Result<u64> {
        let mut sql = Sql::new("DELETE FROM idempotency_keys WHERE created_at < ");
        sql.bind(before.timestamp_micros());
        let result = self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(result.rows_affected())
    }
}
