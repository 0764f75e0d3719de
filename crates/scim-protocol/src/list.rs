//! The answer to a query (RFC 7644 §3.4.2, RFC 9865 §2).

use serde_json::{Map, Value, json};

/// The URN by which an answer to a query is known.
pub const LIST_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// A page of results.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListResponse {
    /// How many results there are on all pages.
    pub total_results: u64,
    /// How this page was found.
    pub position: Position,
    /// The results. `itemsPerPage` is their number.
    pub resources: Vec<Map<String, Value>>,
}

/// How a page was found, and how others are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// By the index of its first result, from 1.
    Index(u64),
    /// By a cursor.
    Cursor {
        /// The cursor of the next page; none on the last one.
        next: Option<String>,
        /// The cursor of the page before, if the server can go back.
        previous: Option<String>,
    },
}

impl Default for Position {
    fn default() -> Self {
        Self::Index(1)
    }
}

impl ListResponse {
    /// The message. `Resources` is part of it also when it is empty.
    #[must_use]
    pub fn to_json(self) -> Value {
        let mut message = json!({
            "schemas": [LIST_SCHEMA],
            "totalResults": self.total_results,
            "itemsPerPage": self.resources.len(),
        });
        match self.position {
            Position::Index(index) => message["startIndex"] = index.into(),
            Position::Cursor { next, previous } => {
                for (name, cursor) in [("nextCursor", next), ("previousCursor", previous)] {
                    if let Some(cursor) = cursor {
                        message[name] = cursor.into();
                    }
                }
            }
        }
        message["Resources"] = self.resources.into_iter().map(Value::Object).collect();
        message
    }
}
