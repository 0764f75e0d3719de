//! Events that are still to be told to the outside.

use super::error::translate;
use super::history::{self, COLUMNS};
use super::row::RowReader;
use super::sql::Sql;
use super::{Dialect, Store};
use crate::domain::{Event, Result};
use sea_orm::ConnectionTrait;

impl Store {
    /// The oldest events in the outbox.
    pub async fn undelivered(&self, limit: u64) -> Result<Vec<Event>> {
        let columns: Vec<String> = COLUMNS.iter().map(|column| format!("v.{column}")).collect();
        let mut sql = Sql::new(format!(
            "SELECT {} FROM outbox o JOIN events v ON v.org_id = o.org_id AND v.seq = o.seq ORDER BY o.position LIMIT ",
            columns.join(", ")
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
        let mut sql = Sql::new("DELETE FROM outbox WHERE (org_id, seq) IN (");
        if self.dialect == Dialect::Sqlite {
            sql.push("VALUES ");
        }
        for (index, event) in events.iter().enumerate() {
            sql.push(if index == 0 { "(" } else { ", (" })
                .bind(event.organization.0)
                .push(", ")
                .bind(event.seq)
                .push(")");
        }
        sql.push(")");
        self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(())
    }
}
