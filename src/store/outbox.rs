//! Events that are still to be told to the outside.

use super::Store;
use super::error::translate;
use super::history::{self, push_numbers};
use super::row::RowReader;
use super::sql::Sql;
use crate::domain::{Event, Result};
use sea_orm::ConnectionTrait;

impl Store {
    /// The oldest events in the outbox.
    pub async fn undelivered(&self, limit: u64) -> Result<Vec<Event>> {
        let mut sql = Sql::new(format!(
            "SELECT {} FROM outbox o JOIN events v ON v.org_id = o.org_id AND v.seq = o.seq ORDER BY o.position LIMIT ",
            history::columns("v")
        ));
        sql.bind(limit);
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| history::read(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    /// Takes events out of the outbox.
    pub async fn delivered(&self, events: &[Event]) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        let mut sql = Sql::new("DELETE FROM outbox WHERE (org_id, seq)");
        push_numbers(&mut sql, self.dialect, events.iter().map(|event| (event.organization, event.seq)));
        self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(())
    }

    /// Empties the outbox of its oldest entries, which nobody is to be told of, and says how many these were.
    pub async fn pass_over(&self, limit: u64) -> Result<u64> {
        let mut sql =
            Sql::new("DELETE FROM outbox WHERE position IN (SELECT position FROM outbox ORDER BY position LIMIT ");
        sql.bind(limit).push(")");
        let done = self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(done.rows_affected())
    }
}
