//! Rows by position: each table lists its columns once, and rows are read and written in that order.
//!
//! Reading by position spares a look-up by name for every cell, which on wide pages costs as much as the query itself.

use crate::domain::time::from_micros;
use crate::domain::{Meta, NodeKind, Timestamp};
use sea_orm::{DbErr, JsonValue, QueryResult, TryGetable, TryGetableFromJson, Value};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Reads the cells of a row from left to right.
pub struct RowReader<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl<'a> RowReader<'a> {
    /// Begins at the first cell.
    pub const fn new(row: &'a QueryResult) -> Self {
        Self { row, next: 0 }
    }

    /// The next cell.
    pub fn get<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let value = self.row.try_get_by_index(self.next)?;
        self.next += 1;
        Ok(value)
    }

    /// The next cell, as a time.
    pub fn time(&mut self) -> Result<Timestamp, DbErr> {
        self.get().map(from_micros)
    }

    /// The next cell, as a time that may be missing.
    pub fn time_or_none(&mut self) -> Result<Option<Timestamp>, DbErr> {
        self.get::<Option<i64>>().map(|micros| micros.map(from_micros))
    }

    /// The next cell, as JSON of that type.
    pub fn json<T: DeserializeOwned>(&mut self) -> Result<T, DbErr> {
        self.get::<JsonCell<T>>().map(|cell| cell.0)
    }

    /// The next cell, as JSON of that type that may be missing.
    pub fn json_or_none<T: DeserializeOwned>(&mut self) -> Result<Option<T>, DbErr> {
        self.get::<Option<JsonCell<T>>>().map(|cell| cell.map(|cell| cell.0))
    }

    /// The next cell, as a name that `parse` knows.
    pub fn named<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Result<T, DbErr> {
        let name: String = self.get()?;
        parse(&name).ok_or_else(|| DbErr::Type(format!("unknown name in a stored row: {name}")))
    }

    /// The next cell, as the kind of a node.
    pub fn kind(&mut self) -> Result<NodeKind, DbErr> {
        self.named(NodeKind::from_name)
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct JsonCell<T>(T);

impl<T: DeserializeOwned> TryGetableFromJson for JsonCell<T> {}

/// A value that is stored as JSON.
pub fn json<T: Serialize>(value: &T) -> Value {
    // Every type that is stored this way is made of strings, numbers, lists and maps with text keys.
    Value::from(serde_json::to_value(value).unwrap_or(JsonValue::Null))
}

/// A time as it is stored.
pub fn micros(at: Timestamp) -> Value {
    Value::from(at.timestamp_micros())
}

/// A time that may be missing, as it is stored.
pub fn micros_or_null(at: Option<Timestamp>) -> Value {
    Value::from(at.map(|at| at.timestamp_micros()))
}

/// The next cells, as version, times and provenance.
pub fn read_meta(row: &mut RowReader<'_>) -> Result<Meta, DbErr> {
    Ok(Meta {
        version: row.get()?,
        created_at: row.time()?,
        updated_at: row.time()?,
        deleted_at: row.time_or_none()?,
        provenance: row.json()?,
    })
}

/// Version, times and provenance as they are stored.
pub fn meta_values(meta: &Meta) -> [Value; 5] {
    [
        meta.version.into(),
        micros(meta.created_at),
        micros(meta.updated_at),
        micros_or_null(meta.deleted_at),
        json(&meta.provenance),
    ]
}
