//! SQL with its values: text and parameters grow together, so that no value ever stands in the text.
//!
//! Parameters are written `$1`, `$2`, … SQLite would take that for names. It is given `?`, where each stands once and in its
//! order, as nearly always; else `?1`, which the driver has to look up by walking over those before it.

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

    /// Appends another statement, whose parameters come behind those of this one. SQLite runs several in one go.
    pub fn then(&mut self, next: Self) -> &mut Self {
        let before = self.values.len();
        let mut parts = next.text.split('$');
        self.push("; ").push(parts.next().unwrap_or_default());
        for part in parts {
            let rest = part.trim_start_matches(|character: char| character.is_ascii_digit());
            let number: usize = part.strip_suffix(rest).and_then(|number| number.parse().ok()).unwrap_or_default();
            let _ = write!(self.text, "${}{rest}", before + number);
        }
        self.values.extend(next.values);
        self
    }

    /// The statement for the database.
    pub fn statement(self, backend: DbBackend) -> Statement {
        let text = match backend {
            DbBackend::Sqlite => in_order(&self.text).unwrap_or_else(|| self.text.replace('$', "?")),
            _ => self.text,
        };
        Statement::from_sql_and_values(backend, text, self.values)
    }
}

/// The text with `?` for `$1`, `$2`, …, if each stands in it once and in its order.
fn in_order(text: &str) -> Option<String> {
    let mut parts = text.split('$');
    let mut ordered = String::with_capacity(text.len());
    ordered.push_str(parts.next()?);
    for (index, part) in parts.enumerate() {
        let rest = part.trim_start_matches(|character: char| character.is_ascii_digit());
        let number = part.strip_suffix(rest)?;
        if number.parse() != Ok(index + 1) {
            return None;
        }
        ordered.push('?');
        ordered.push_str(rest);
    }
    Some(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite(sql: Sql) -> String {
        sql.statement(DbBackend::Sqlite).sql
    }

    #[test]
    fn parameters_in_their_order_need_no_numbers() {
        let mut sql = Sql::new("SELECT a FROM t WHERE b = ");
        sql.bind(1).push(" AND c IN (").bind_list(2..=12).push(")");
        assert_eq!(sqlite(sql), format!("SELECT a FROM t WHERE b = ? AND c IN ({})", ["?"; 11].join(", ")));
    }

    #[test]
    fn statements_follow_one_another_with_their_parameters() {
        let (mut first, mut second) = (Sql::new("INSERT INTO a VALUES ("), Sql::new("DELETE FROM b WHERE c = "));
        first.bind_list([1, 2]).push(")").then({
            second.bind(3);
            second
        });
        assert_eq!(first.text, "INSERT INTO a VALUES ($1, $2); DELETE FROM b WHERE c = $3");
        assert_eq!(sqlite(first), "INSERT INTO a VALUES (?, ?); DELETE FROM b WHERE c = ?");
    }

    #[test]
    fn parameters_that_stand_elsewhere_keep_theirs() {
        let mut twice = Sql::with_first("SELECT a FROM t WHERE b <= $1 AND c > $1 AND d = ", Some(1));
        twice.bind(2);
        assert_eq!(sqlite(twice), "SELECT a FROM t WHERE b <= ?1 AND c > ?1 AND d = ?2");
        let late = Sql::with_first("SELECT $2, $1", Some(1));
        assert_eq!(sqlite(late), "SELECT ?2, ?1");
    }
}
