//! What the connections and lanes are doing, for whoever watches the server.

use super::{Dialect, Store};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use sea_orm::DatabaseConnection;
use std::sync::Arc;

/// What goes on in the lanes. It is measured whether or not anybody asks; the numbers are shared by all clones.
#[derive(Debug)]
pub struct LaneActivity {
    /// How many jobs were accepted and wait to be begun.
    pub waiting: Gauge,
    /// How many jobs each commit has kept.
    pub jobs_per_commit: Histogram,
}

impl LaneActivity {
    pub(super) fn new() -> Arc<Self> {
        let jobs_per_commit = Histogram::new([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]);
        Arc::new(Self { waiting: Gauge::default(), jobs_per_commit })
    }
}

/// The connections of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// What they are for: `read` or `write`.
    pub name: &'static str,
    /// How many run a statement or a transaction.
    pub in_use: u32,
    /// How many are open and wait.
    pub idle: u32,
}

impl Store {
    /// What goes on in the lanes.
    #[must_use]
    pub fn lane_activity(&self) -> &LaneActivity {
        &self.activity
    }

    /// The open connections, by what they are for.
    #[must_use]
    pub fn pools(&self) -> [Pool; 2] {
        [("read", &self.read), ("write", &self.write)].map(|(name, connection)| self.pool(name, connection))
    }

    fn pool(&self, name: &'static str, connection: &DatabaseConnection) -> Pool {
        let (open, idle) = match self.dialect {
            Dialect::Sqlite => {
                let pool = connection.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            }
            Dialect::Postgres => {
                let pool = connection.get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            }
        };
        let idle = u32::try_from(idle).unwrap_or(u32::MAX);
        // The two are not counted in one moment.
        Pool { name, in_use: open.saturating_sub(idle), idle }
    }
}
