//! The feeds themselves.

use crate::domain::feed::{Feed, FeedKind, FeedSignal, FeedState};
use crate::domain::{Actor, OrganizationId, Result, Timestamp, text};
use crate::store::error::translate;
use crate::store::row::{RowReader, json, micros, micros_or_null};
use crate::store::sql::Sql;
use crate::store::{Dialect, Store, Unit};
use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

const COLUMNS: &str =
    "f.id, f.org_id, f.name, f.kind, f.signal, f.url, f.confidence, f.refresh_minutes, f.lifetime_hours,
    f.username, f.sealed, f.created_at, f.created_by, f.next_at, f.attempted_at, f.synced_at, f.fresh_until, f.failures,
    f.failure, f.entries, f.skipped, f.bookmarks";

fn read(row: &mut RowReader<'_>) -> Result<Feed, DbErr> {
    Ok(Feed {
        id: row.get()?,
        organization: OrganizationId(row.get()?),
        name: row.get()?,
        kind: row.named(FeedKind::from_name)?,
        signal: row.named(FeedSignal::from_name)?,
        url: row.get()?,
        confidence: u8::try_from(row.get::<i32>()?).unwrap_or(100),
        refresh_minutes: number(row)?,
        lifetime_hours: number(row)?,
        username: row.get()?,
        sealed: row.get()?,
        created_at: row.time()?,
        created_by: row.json()?,
        state: FeedState {
            next_at: row.time()?,
            attempted_at: row.time_or_none()?,
            synced_at: row.time_or_none()?,
            fresh_until: row.time()?,
            failures: number(row)?,
            failure: row.get()?,
            entries: u64::try_from(row.get::<i64>()?).unwrap_or_default(),
            skipped: u64::try_from(row.get::<i64>()?).unwrap_or_default(),
            bookmarks: row.json()?,
        },
    })
}

fn number(row: &mut RowReader<'_>) -> Result<u32, DbErr> {
    Ok(u32::try_from(row.get::<i64>()?).unwrap_or(u32::MAX))
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Unit {
    /// The feeds of the tenant.
    pub async fn feeds(&self) -> Result<Vec<Feed>> {
        let mut sql =
            Sql::new(format!("SELECT {COLUMNS} FROM threat_feeds f WHERE f.removed_at IS NULL AND f.org_id = "));
        sql.bind(self.tenant.0).push(" ORDER BY f.id");
        self.read(sql, read).await
    }

    /// Writes a feed that is new.
    pub async fn write_feed(&mut self, feed: &Feed) -> Result<()> {
        const COLUMNS: &[&str] = &[
            "id",
            "org_id",
            "name",
            "name_key",
            "kind",
            "signal",
            "url",
            "confidence",
            "refresh_minutes",
            "lifetime_hours",
            "username",
            "sealed",
            "created_at",
            "created_by",
            "next_at",
            "fresh_until",
            "failures",
            "entries",
            "skipped",
            "bookmarks",
        ];
        let row: Vec<Value> = vec![
            feed.id.into(),
            self.tenant.0.into(),
            feed.name.clone().into(),
            text::key(&feed.name).into(),
            feed.kind.name().into(),
            feed.signal.name().into(),
            feed.url.clone().into(),
            i32::from(feed.confidence).into(),
            i64::from(feed.refresh_minutes).into(),
            i64::from(feed.lifetime_hours).into(),
            feed.username.clone().into(),
            feed.sealed.clone().into(),
            micros(feed.created_at),
            json(&feed.created_by),
            micros(feed.state.next_at),
            micros(feed.state.fresh_until),
            0_i64.into(),
            0_i64.into(),
            0_i64.into(),
            json(&feed.state.bookmarks),
        ];
        self.insert("threat_feeds", COLUMNS, vec![row], "").await
    }

    /// Removes a feed: from now on it names nothing. What it has named so far stays known for a while.
    pub async fn remove_feed(&mut self, id: Uuid, by: &Actor) -> Result<()> {
        let mut sql = Sql::new("UPDATE threat_feeds SET sealed = NULL, removed_at = ");
        sql.bind(micros(self.now())).push(", removed_by = ").bind(json(by));
        sql.push(" WHERE id = ").bind(id).push(" AND org_id = ").bind(self.tenant.0);
        self.execute(sql).await
    }

    /// Has a feed fetched as soon as somebody can.
    pub async fn hasten_feed(&mut self, id: Uuid) -> Result<()> {
        let mut sql = Sql::new("UPDATE threat_feeds SET next_at = ");
        sql.bind(micros(self.now())).push(" WHERE id = ").bind(id).push(" AND org_id = ").bind(self.tenant.0);
        self.execute(sql).await
    }
}

impl Store {
    /// The feeds of an organization, the oldest first; of none, those that count for every organization.
    pub async fn feeds(&self, organization: OrganizationId) -> Result<Vec<Feed>> {
        let mut sql =
            Sql::new(format!("SELECT {COLUMNS} FROM threat_feeds f WHERE f.removed_at IS NULL AND f.org_id = "));
        sql.bind(organization.0).push(" ORDER BY f.id");
        self.read_feeds(sql).await
    }

    /// Every feed, the oldest first.
    pub async fn all_feeds(&self) -> Result<Vec<Feed>> {
        self.read_feeds(Sql::new(format!(
            "SELECT {COLUMNS} FROM threat_feeds f WHERE f.removed_at IS NULL ORDER BY f.id"
        )))
        .await
    }

    /// A feed, of any organization.
    pub async fn feed(&self, id: Uuid) -> Result<Option<Feed>> {
        let mut sql = Sql::new(format!("SELECT {COLUMNS} FROM threat_feeds f WHERE f.removed_at IS NULL AND f.id = "));
        sql.bind(id);
        Ok(self.read_feeds(sql).await?.pop())
    }

    /// Which organization a feed is of, even if it was removed.
    pub async fn tenant_of_feed(&self, id: Uuid) -> Result<Option<OrganizationId>> {
        let mut sql = Sql::new("SELECT f.org_id FROM threat_feeds f WHERE f.id = ");
        sql.bind(id);
        let row = self.read.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        row.map(|row| RowReader::new(&row).get().map(OrganizationId)).transpose().map_err(translate)
    }

    async fn read_feeds(&self, sql: Sql) -> Result<Vec<Feed>> {
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    /// Takes up the feed that is due longest, or a certain one, due or not, until that time, unless somebody has it.
    pub async fn claim_feed(
        &self,
        claim: Uuid,
        only: Option<Uuid>,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<Option<Feed>> {
        let mut sql = Sql::new("UPDATE threat_feeds SET claim = ");
        sql.bind(claim).push(", claimed_until = ").bind(micros(until));
        sql.push(" WHERE id IN (SELECT d.id FROM threat_feeds d WHERE d.removed_at IS NULL AND ");
        match only {
            Some(id) => sql.push("d.id = ").bind(id),
            None => sql.push("d.next_at <= ").bind(micros(now)),
        };
        sql.push(" AND (d.claimed_until IS NULL OR d.claimed_until <= ").bind(micros(now));
        sql.push(") ORDER BY d.next_at LIMIT 1");
        // Whoever comes second must not wait for the first, and must not take what it has taken.
        sql.push(if self.dialect == Dialect::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" });
        let columns = COLUMNS.replace("f.", "");
        sql.push(&format!(") RETURNING {columns}"));
        let row = self.write.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        row.map(|row| read(&mut RowReader::new(&row))).transpose().map_err(translate)
    }

    /// Writes down what has become of a feed and gives it back, if whoever says so still has it.
    pub async fn finish_feed(&self, id: Uuid, claim: Uuid, state: &FeedState) -> Result<bool> {
        let mut sql = Sql::new("UPDATE threat_feeds SET claim = NULL, claimed_until = NULL, next_at = ");
        sql.bind(micros(state.next_at)).push(", attempted_at = ").bind(micros_or_null(state.attempted_at));
        sql.push(", synced_at = ").bind(micros_or_null(state.synced_at));
        sql.push(", fresh_until = ").bind(micros(state.fresh_until));
        sql.push(", failures = ").bind(i64::from(state.failures)).push(", failure = ").bind(state.failure.clone());
        sql.push(", entries = ").bind(count(state.entries)).push(", skipped = ").bind(count(state.skipped));
        sql.push(", bookmarks = ").bind(json(&state.bookmarks));
        sql.push(" WHERE id = ").bind(id).push(" AND claim = ").bind(claim);
        let done = self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(done.rows_affected() == 1)
    }
}
