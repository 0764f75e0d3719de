//! The sequence of a tenant: the lock that its writers take, the number of its last event, and the time of it.

use super::{Unit, Waiting};
use crate::domain::time::from_micros;
use crate::domain::{Clock, OrganizationId, Result, Timestamp};
use crate::store::Dialect;
use crate::store::error::translate;
use crate::store::feed::{ACTIVITY, CHANNEL};
use crate::store::row::{RowReader, micros};
use crate::store::sql::Sql;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use std::sync::Arc;

/// Where a tenant stands.
struct Standing {
    last_seq: i64,
    last_at: i64,
    is_live: bool,
}

impl Unit {
    /// Takes the lock of a tenant, and begins where its last writer left off.
    pub(in crate::store) async fn open(
        dialect: Dialect,
        clock: &Arc<dyn Clock>,
        transaction: DatabaseTransaction,
        tenant: OrganizationId,
        waiting: Waiting,
    ) -> Result<Self> {
        let Standing { last_seq, last_at, is_live } = lock(&transaction, dialect, tenant).await?;
        let now = later_of(clock.now(), last_at);
        let clock = Arc::clone(clock);
        let (has_activity, only_adds, tenant_is_live) = (false, true, is_live);
        Ok(Self {
            transaction,
            dialect,
            tenant,
            last_seq,
            has_activity,
            only_adds,
            tenant_is_live,
            clock,
            now,
            waiting,
        })
    }

    /// Writes what waits, and down where this unit leaves off.
    pub(in crate::store) async fn leave(&self) -> Result<()> {
        let mut sql = Sql::new(if self.dialect == Dialect::Postgres { "WITH sequence AS (" } else { "" });
        sql.push("INSERT INTO sequences (org_id, last_seq, last_at, is_live) VALUES (");
        sql.bind(self.tenant.0).push(", ").bind(self.last_seq).push(", ").bind(micros(self.now));
        sql.push(", ").bind(self.tenant_is_live).push(") ON CONFLICT (org_id) DO UPDATE SET");
        sql.push(" last_seq = excluded.last_seq, last_at = excluded.last_at, is_live = excluded.is_live");
        if self.dialect == Dialect::Postgres {
            // Other servers hear of it with the commit, and not without.
            sql.push(" RETURNING org_id, last_seq) SELECT pg_notify('").push(CHANNEL);
            sql.push("', org_id || ' ' || last_seq) FROM sequence");
        }
        self.note_writing();
        self.settle_and(Some(sql)).await
    }

    /// Tells other servers, with the commit, that something was written that no event tells.
    pub(in crate::store) async fn announce_activity(&self) -> Result<()> {
        if self.dialect == Dialect::Sqlite {
            return Ok(());
        }
        let mut sql = Sql::new("SELECT pg_notify('");
        sql.push(CHANNEL).push("', ").bind(format!("{} {ACTIVITY}", self.tenant.0)).push(")");
        self.query_one(sql).await.map(|_| ())
    }

    /// Turns to another tenant in the same transaction: for rehearsals, which are never committed.
    pub async fn turn_to(&mut self, tenant: OrganizationId) -> Result<()> {
        self.leave().await?;
        let Standing { last_seq, last_at, is_live } = lock(&self.transaction, self.dialect, tenant).await?;
        self.now = later_of(self.clock.now(), last_at);
        (self.tenant, self.last_seq, self.tenant_is_live) = (tenant, last_seq, is_live);
        self.waiting = Waiting::default();
        Ok(())
    }
}

/// A clock that was set back does not take the history of a tenant back with it.
fn later_of(now: Timestamp, last_at: i64) -> Timestamp {
    now.max(from_micros(last_at))
}

async fn lock(transaction: &DatabaseTransaction, dialect: Dialect, tenant: OrganizationId) -> Result<Standing> {
    let mut sql = Sql::new("SELECT last_seq, last_at, is_live FROM sequences WHERE org_id = ");
    sql.bind(tenant.0).push(if dialect == Dialect::Postgres { " FOR UPDATE" } else { "" });
    let backend = transaction.get_database_backend();
    let Some(row) = transaction.query_one_raw(sql.statement(backend)).await.map_err(translate)? else {
        return Ok(Standing { last_seq: 0, last_at: 0, is_live: true });
    };
    let read =
        |row: &mut RowReader<'_>| Ok(Standing { last_seq: row.get()?, last_at: row.get()?, is_live: row.get()? });
    read(&mut RowReader::new(&row)).map_err(translate)
}
