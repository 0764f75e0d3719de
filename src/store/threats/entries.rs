//! What feeds name: written by those who fetch, looked up by those who record.

use crate::domain::feed::{Cidr, Feed, FeedEntry, FeedSignal, Hit, NEVER};
use crate::domain::{OrganizationId, Result, Timestamp};
use crate::store::error::translate;
use crate::store::row::{RowReader, micros};
use crate::store::sql::Sql;
use crate::store::{Dialect, Store, Unit};
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use uuid::Uuid;

/// How many rows a statement writes at once.
const AT_ONCE: usize = 400;

/// What a feed names now, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// The entry.
    pub entry: FeedEntry,
    /// The key of its network.
    pub key: String,
}

fn read_stored(row: &mut RowReader<'_>) -> Result<StoredEntry, DbErr> {
    let (key, reference): (String, String) = (row.get()?, row.get()?);
    let (confidence, valid_until) = (row.get::<i32>()?, row.get()?);
    let entry = entry_of(&key, reference, confidence, valid_until)?;
    Ok(StoredEntry { entry, key })
}

fn entry_of(key: &str, reference: String, confidence: i32, valid_until: i64) -> Result<FeedEntry, DbErr> {
    let network = Cidr::from_key(key).ok_or_else(|| DbErr::Type("no network in a stored row".to_owned()))?;
    let confidence = u8::try_from(confidence).unwrap_or(100);
    Ok(FeedEntry { network, reference, confidence, valid_from: None, valid_until })
}

fn read_hit(row: &mut RowReader<'_>) -> Result<(String, Hit), DbErr> {
    let address = row.get()?;
    let feed: (Uuid, String, FeedSignal) = (row.get()?, row.get()?, row.named(FeedSignal::from_name)?);
    let (key, reference): (String, String) = (row.get()?, row.get()?);
    let (confidence, since) = (row.get::<i32>()?, row.get()?);
    let (valid_until, ended_at, fresh_until): (i64, i64, i64) = (row.get()?, row.get()?, row.get()?);
    let removed_at = row.get::<Option<i64>>()?.unwrap_or(NEVER);
    let until = valid_until.min(ended_at).min(fresh_until).min(removed_at);
    Ok((address, Hit::new(feed, &entry_of(&key, reference, confidence, valid_until)?, (since, until))))
}

impl Unit {
    /// The feeds, of the tenant and of everyone, that name any of these addresses now, or did at or after that time: one
    /// statement, whatever their number.
    pub async fn hits(&self, addresses: &BTreeSet<IpAddr>, since: Timestamp) -> Result<BTreeMap<IpAddr, Vec<Hit>>> {
        if addresses.is_empty() {
            return Ok(BTreeMap::new());
        }
        let by_key: BTreeMap<String, IpAddr> =
            addresses.iter().map(|address| (Cidr::of(*address).key(), *address)).collect();
        let mut sql = Sql::new(
            "SELECT a.address, f.id, f.name, f.signal, e.prefix, e.reference, e.confidence, e.since, e.valid_until, e.ended_at,
            f.fresh_until, f.removed_at FROM ",
        );
        match self.dialect {
            Dialect::Postgres => {
                sql.push("unnest(").bind(by_key.keys().cloned().collect::<Vec<_>>()).push(") AS a(address)");
            }
            Dialect::Sqlite => {
                // One parameter, whatever the number of addresses.
                let keys = serde_json::to_string(&by_key.keys().collect::<Vec<_>>()).unwrap_or_default();
                sql.push("(SELECT j.value AS address FROM json_each(").bind(keys).push(") j) AS a");
            }
        }
        // An address has some twenty prefixes; each is looked up by itself, however many entries there are. Left to choose, a
        // database might read all of them.
        sql.push(" CROSS JOIN threat_lengths l ");
        sql.push(match self.dialect {
            Dialect::Postgres => {
                "CROSS JOIN LATERAL (SELECT * FROM threat_entries n WHERE n.org_id = l.org_id
                AND n.prefix = SUBSTR(a.address, 1, l.length) OFFSET 0) e"
            }
            Dialect::Sqlite => {
                "CROSS JOIN threat_entries e ON e.org_id = l.org_id AND e.prefix = SUBSTR(a.address, 1, l.length)"
            }
        });
        sql.push(
            " CROSS JOIN threat_feeds f WHERE f.id = e.feed_id AND l.length <= LENGTH(a.address) AND l.org_id IN (",
        );
        sql.bind_list([self.tenant.0, OrganizationId::INSTANCE.0]).push(") AND e.since <= ");
        sql.bind(micros(self.now));
        for end in ["e.ended_at", "e.valid_until", "f.fresh_until"] {
            sql.push(&format!(" AND {end} > ")).bind(micros(since));
        }
        sql.push(" AND (f.removed_at IS NULL OR f.removed_at > ").bind(micros(since)).push(")");
        // What a record keeps of them does not depend on how they were found.
        sql.push(" ORDER BY e.confidence DESC, f.id, e.prefix, e.reference, e.since");
        let mut found: BTreeMap<IpAddr, Vec<Hit>> = BTreeMap::new();
        for (key, hit) in self.read(sql, read_hit).await? {
            if let Some(address) = by_key.get(&key) {
                found.entry(*address).or_default().push(hit);
            }
        }
        Ok(found)
    }
}

impl Store {
    /// What a feed names now.
    pub async fn open_entries(&self, feed: Uuid) -> Result<Vec<StoredEntry>> {
        let mut sql = Sql::new("SELECT e.prefix, e.reference, e.confidence, e.valid_until FROM threat_entries e");
        sql.push(" WHERE e.feed_id = ").bind(feed).push(" AND e.ended_at = ").bind(NEVER);
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read_stored(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    /// Ends what a feed named.
    pub async fn end_entries(&self, feed: Uuid, ended: &[StoredEntry], at: Timestamp) -> Result<()> {
        for chunk in ended.chunks(AT_ONCE) {
            let mut sql = Sql::new("UPDATE threat_entries SET ended_at = ");
            sql.bind(micros(at)).push(" WHERE feed_id = ").bind(feed).push(" AND ended_at = ").bind(NEVER);
            sql.push(" AND (prefix, reference) IN (VALUES ");
            for (index, StoredEntry { entry, key }) in chunk.iter().enumerate() {
                sql.push(if index == 0 { "(" } else { ", (" });
                sql.bind_list([key.clone(), entry.reference.clone()]).push(")");
            }
            sql.push(")");
            self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        }
        Ok(())
    }

    /// Adds what a feed names.
    pub async fn add_entries(&self, feed: &Feed, added: &[FeedEntry], at: Timestamp) -> Result<()> {
        let mut lengths = BTreeSet::new();
        for chunk in added.chunks(AT_ONCE) {
            let mut sql = Sql::new(
                "INSERT INTO threat_entries (feed_id, prefix, reference, since, org_id, confidence, valid_until, ended_at) VALUES ",
            );
            for (index, entry) in chunk.iter().enumerate() {
                let key = entry.network.key();
                lengths.insert(i32::try_from(key.len()).unwrap_or(i32::MAX));
                let since = entry.valid_from.map_or(at, |from| from.max(at));
                sql.push(if index == 0 { "(" } else { ", (" }).bind(feed.id).push(", ").bind(key).push(", ");
                sql.bind(entry.reference.clone()).push(", ").bind(micros(since)).push(", ");
                sql.bind(feed.organization.0).push(", ").bind(i32::from(entry.confidence)).push(", ");
                sql.bind(entry.valid_until).push(", ").bind(NEVER).push(")");
            }
            sql.push(
                " ON CONFLICT (feed_id, prefix, reference, since) DO UPDATE SET confidence = excluded.confidence,
                valid_until = excluded.valid_until, ended_at = excluded.ended_at",
            );
            self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        }
        self.note_lengths(feed.organization, &lengths).await
    }

    async fn note_lengths(&self, organization: OrganizationId, lengths: &BTreeSet<i32>) -> Result<()> {
        if lengths.is_empty() {
            return Ok(());
        }
        let mut sql = Sql::new("INSERT INTO threat_lengths (org_id, length) VALUES ");
        for (index, length) in lengths.iter().enumerate() {
            sql.push(if index == 0 { "(" } else { ", (" }).bind(organization.0).push(", ").bind(*length).push(")");
        }
        sql.push(" ON CONFLICT (org_id, length) DO NOTHING");
        self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(())
    }

    /// Forgets what feeds have named until before that time, and what those have named that were removed before it.
    pub async fn forget_entries(&self, before: Timestamp) -> Result<u64> {
        let mut sql = Sql::new("DELETE FROM threat_entries WHERE ended_at < ");
        sql.bind(micros(before)).push(" OR feed_id IN (SELECT f.id FROM threat_feeds f WHERE f.removed_at < ");
        sql.bind(micros(before)).push(")");
        let done = self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(done.rows_affected())
    }
}
