//! What accounts were assessed by, as it is read again.

use super::from_bytes;
use super::states::{STATE_COLUMNS, read};
use crate::domain::risk::{Entry, Risk};
use crate::domain::{Result, Timestamp};
use crate::store::Store;
use crate::store::error::translate;
use crate::store::row::{RowReader, micros};
use crate::store::sql::Sql;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

impl Store {
    /// What is kept of accounts behind that one, in the order of their ids; only of those of which something was written since a
    /// time, if one is given.
    pub async fn risks_behind(&self, last: Uuid, since: Option<Timestamp>, limit: u64) -> Result<Vec<Risk>> {
        let mut sql = Sql::new(format!("SELECT {STATE_COLUMNS} FROM risk_states n WHERE n.identity_id > "));
        sql.bind(last);
        if let Some(since) = since {
            sql.push(" AND n.updated_at >= ").bind(micros(since));
        }
        sql.push(" ORDER BY n.identity_id LIMIT ").bind(limit);
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    /// What has arrived at an account, in that order: so many entries behind a place.
    pub async fn risk_log(&self, identity: Uuid, behind: i64, limit: u64) -> Result<Vec<Entry>> {
        let mut sql = Sql::new("SELECT n.entry FROM risk_log n WHERE n.identity_id = ");
        sql.bind(identity).push(" AND n.arrival > ").bind(behind);
        sql.push(" ORDER BY n.arrival LIMIT ").bind(limit);
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let entry = |row| from_bytes(&RowReader::new(row).get::<Vec<u8>>()?);
        rows.iter().map(|row| entry(row).map_err(translate)).collect()
    }
}
