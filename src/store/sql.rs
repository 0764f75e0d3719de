//! SQL with its values: text and parameters grow together, so that no value ever stands in the text.
//!
//! Parameters are written `$1`, `$2`, … SQLite would take that for names; `?1` it takes for a number, so that is what it is
//! given.

use sea_orm::{DbBackend, Statement, Value};
use std::fmt::Write;

/// A statement that is being written.
#[derive(Debug, Default, Clone)]
pub struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    /// A statement that begins with `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), values: Vec::new() }
    }

    /// A statement that begins with `text` and has, perhaps, a first parameter that the text names as `$1`.
    pub fn with_first(text: impl Into<String>, first: Option<i64>) -> Self {
        Self { text: text.into(), values: first.into_iter().map(Value::from).collect() }
    }

    /// Appends SQL.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a parameter with its value.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        // Writing to a String cannot fail.
        let _ = write!(self.text, "${}", self.values.len());
        self
    }

    /// Appends parameters with their values, between commas.
    pub fn bind_list<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.bind(value);
        }
        self
    }

    /// The statement for the database.
    pub fn statement(self, backend: DbBackend) -> Statement {
        let text = if backend == DbBackend::Sqlite { self.text.replace('$', "?") } else { self.text };
        Statement::from_sql_and_values(backend, text, self.values)
    }
}
