//! Many rows in few statements.
//!
//! PostgreSQL is given one array for each column where it can be: the text of the statement does not depend on the number of
//! rows, so that it is planned once and for all, and a thousand rows cost no thousand parameters. The driver knows no arrays
//! with gaps, so rows that lack a value here and there are written out, as they all are on SQLite.

use super::{MAX_PARAMETERS, TableRows, Unit};
use crate::domain::Result;
use crate::store::Dialect;
use crate::store::sql::Sql;
use sea_orm::Value;

/// How many rows go into one statement as arrays.
const MAX_ROWS: usize = 5_000;

impl Unit {
    /// Inserts rows into a table, now or [later](super::waiting).
    pub(in crate::store) async fn insert(
        &self,
        table: &'static str,
        columns: &'static [&'static str],
        rows: Vec<Vec<Value>>,
        suffix: &str,
    ) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        if !suffix.is_empty() {
            self.settle().await?;
            self.note_writing();
            return self.insert_now(table, columns, rows, suffix).await;
        }
        if let Some((table, columns, rows)) = self.let_wait((table, columns, rows)) {
            self.settle().await?;
            self.note_writing();
            return self.insert_now(table, columns, rows, suffix).await;
        }
        if self.is_full() { self.settle().await } else { Ok(()) }
    }

    /// Inserts rows into a table.
    pub(super) async fn insert_now(
        &self,
        table: &str,
        columns: &[&str],
        mut rows: Vec<Vec<Value>>,
        suffix: &str,
    ) -> Result<()> {
        if self.dialect == Dialect::Postgres && rows.len() > 1 {
            let filled: Vec<usize> =
                (0..columns.len()).filter(|column| rows.iter().any(|row| row[*column].is_some())).collect();
            if rows.iter().all(|row| filled.iter().all(|column| row[*column].is_some())) {
                while !rows.is_empty() {
                    let rest = rows.split_off(rows.len().min(MAX_ROWS));
                    self.insert_arrays(table, columns, (&filled, rows), suffix).await?;
                    rows = rest;
                }
                return Ok(());
            }
        }
        for sql in row_by_row(("INSERT", table), columns, rows, suffix) {
            self.execute_now(sql).await?;
        }
        Ok(())
    }

    /// Inserts rows into tables and runs a last statement, if there is one, of which it is enough to know that all of that was
    /// done: a failure leaves behind what comes before it. SQLite, which the driver asks in a thread of its own, is asked once.
    pub(super) async fn insert_all_now(&self, tables: Vec<TableRows>, last: Option<Sql>) -> Result<()> {
        if self.dialect == Dialect::Postgres {
            for (table, columns, rows) in tables {
                self.insert_now(table, columns, rows, "").await?;
            }
            return match last {
                Some(last) => self.execute_now(last).await.map(|_| ()),
                None => Ok(()),
            };
        }
        // So it keeps no journal to undo the half of a statement with.
        let inserts = tables
            .into_iter()
            .flat_map(|(table, columns, rows)| row_by_row(("INSERT OR FAIL", table), columns, rows, ""));
        let together = inserts.chain(last).reduce(|mut together, next| {
            together.then(next);
            together
        });
        match together {
            Some(together) => self.execute_now(together).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// The columns that no row has a value in are null, as they are in rows that are written out, whatever default they have.
    async fn insert_arrays(
        &self,
        table: &str,
        columns: &[&str],
        (filled, rows): (&[usize], Vec<Vec<Value>>),
        suffix: &str,
    ) -> Result<()> {
        let mut arrays: Vec<Vec<Value>> = columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
        for row in rows {
            for (array, value) in arrays.iter_mut().zip(row) {
                array.push(value);
            }
        }
        let names: Vec<&str> = filled.iter().map(|column| columns[*column]).collect();
        let cells: Vec<String> = columns
            .iter()
            .map(|name| if names.contains(name) { format!("u.{name}") } else { "NULL".to_owned() })
            .collect();
        let (all, cells) = (columns.join(", "), cells.join(", "));
        let mut sql = Sql::new(format!("INSERT INTO {table} ({all}) SELECT {cells} FROM unnest("));
        let arrays = filled.iter().map(|column| std::mem::take(&mut arrays[*column])).filter_map(|values| {
            let kind = values.first()?.array_type();
            Some(Value::Array(kind, Some(Box::new(values))))
        });
        sql.bind_list(arrays).push(&format!(") AS u({})", names.join(", "))).push(suffix);
        self.execute_now(sql).await.map(|_| ())
    }
}

/// Statements that insert rows which are written out, as many into one as may have their parameters there.
fn row_by_row((insert, table): (&str, &str), columns: &[&str], rows: Vec<Vec<Value>>, suffix: &str) -> Vec<Sql> {
    let mut rows = rows.into_iter().peekable();
    let mut statements = Vec::new();
    while rows.peek().is_some() {
        let mut sql = Sql::new(format!("{insert} INTO {table} ({}) VALUES ", columns.join(", ")));
        for (index, row) in rows.by_ref().take(MAX_PARAMETERS / columns.len()).enumerate() {
            sql.push(if index == 0 { "(" } else { ", (" }).bind_list(row).push(")");
        }
        sql.push(suffix);
        statements.push(sql);
    }
    statements
}
