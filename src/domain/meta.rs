//! What every node carries besides its own fields.

use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which event set a value, and what the value's source is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The sequence number, within the tenant, of the event that set the value.
    pub seq: i64,
    /// Where the value comes from, such as `graphql` or `import:people.ndjson`.
    pub source: String,
    /// When the value was set.
    pub since: Timestamp,
}

/// Version, times and provenance of a node.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meta {
    /// Counts the events about the node, from 1. Zero is a node that is not stored yet.
    pub version: i64,
    /// When the node was created.
    pub created_at: Timestamp,
    /// When the node, or the edges that belong to it, last changed.
    pub updated_at: Timestamp,
    /// When the node was deleted, if it is.
    pub deleted_at: Option<Timestamp>,
    /// For each field that has a value, where the value comes from. Keys are paths as in [diffs](super::diff).
    pub provenance: BTreeMap<String, Provenance>,
}
