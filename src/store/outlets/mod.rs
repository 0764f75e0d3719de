//! Where changes are sent: streams of signals and webhooks, and what their receivers do not want to hear of.
//!
//! What is to be sent is in [`deliveries`].

mod deliveries;

pub use deliveries::DeliveryFilter;

use super::error::translate;
use super::lookup::push_any;
use super::row::{RowReader, json, micros, micros_or_null};
use super::sql::Sql;
use super::{Scope, Store, Unit};
use crate::domain::outlet::{Exclusion, OutletKind, OutletStatus};
use crate::domain::signal::SubjectFormat;
use crate::domain::{Event, OrganizationId, Outlet, Result, Timestamp};
use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

const COLUMNS: &[&str] = &[
    "id",
    "org_id",
    "kind",
    "token_id",
    "status",
    "status_reason",
    "description",
    "url",
    "events",
    "format",
    "secret",
    "former_secret",
    "former_until",
    "collected_seq",
    "created_at",
    "updated_at",
    "verified_at",
    "failures",
    "failing_since",
    "retry_at",
    "last_failure",
];

fn columns(alias: &str) -> String {
    let columns: Vec<String> = COLUMNS.iter().map(|column| format!("{alias}.{column}")).collect();
    columns.join(", ")
}

fn read(row: &mut RowReader<'_>) -> Result<Outlet, DbErr> {
    let (id, organization) = (row.get()?, OrganizationId(row.get()?));
    let kind = row.named(OutletKind::from_name)?;
    let token = row.get()?;
    let status = row.named(OutletStatus::from_name)?;
    let (status_reason, description, url, events) = (row.get()?, row.get()?, row.get()?, row.json()?);
    let format: Option<String> = row.get()?;
    Ok(Outlet {
        id,
        organization,
        kind,
        token,
        status,
        status_reason,
        description,
        url,
        events,
        format: format.as_deref().and_then(SubjectFormat::from_name),
        secret: row.get()?,
        former_secret: row.get()?,
        former_until: row.time_or_none()?,
        collected_seq: row.get()?,
        created_at: row.time()?,
        updated_at: row.time()?,
        verified_at: row.time_or_none()?,
        failures: row.get()?,
        failing_since: row.time_or_none()?,
        retry_at: row.time_or_none()?,
        last_failure: row.get()?,
    })
}

fn values(outlet: &Outlet) -> Vec<Value> {
    vec![
        outlet.id.into(),
        outlet.organization.0.into(),
        outlet.kind.name().into(),
        outlet.token.into(),
        outlet.status.name().into(),
        outlet.status_reason.clone().into(),
        outlet.description.clone().into(),
        outlet.url.clone().into(),
        json(&outlet.events),
        outlet.format.map(SubjectFormat::name).into(),
        outlet.secret.clone().into(),
        outlet.former_secret.clone().into(),
        micros_or_null(outlet.former_until),
        outlet.collected_seq.into(),
        micros(outlet.created_at),
        micros(outlet.updated_at),
        micros_or_null(outlet.verified_at),
        outlet.failures.into(),
        micros_or_null(outlet.failing_since),
        micros_or_null(outlet.retry_at),
        outlet.last_failure.clone().into(),
    ]
}

/// Which outlets are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutletOwner {
    /// The streams of an API token.
    Token(Uuid),
    /// The webhooks of the scope.
    Organization,
}

impl OutletOwner {
    fn push(self, sql: &mut Sql) {
        match self {
            Self::Token(token) => sql.push(" AND n.token_id = ").bind(token),
            Self::Organization => sql.push(" AND n.kind = ").bind(OutletKind::Webhook.name()),
        };
    }
}

impl Store {
    /// Outlets, the oldest first: behind that one, at most so many.
    pub async fn outlets(
        &self,
        scope: Scope,
        owner: OutletOwner,
        (after, limit): (Option<Uuid>, u64),
    ) -> Result<Vec<Outlet>> {
        let mut sql = Sql::new(format!("SELECT {} FROM outlets n WHERE TRUE", columns("n")));
        owner.push(&mut sql);
        scope.and(&mut sql, "n.org_id");
        if let Some(after) = after {
            sql.push(" AND n.id > ").bind(after);
        }
        sql.push(" ORDER BY n.id LIMIT ").bind(limit);
        self.read_outlets(sql).await
    }

    /// One of them.
    pub async fn outlet(&self, scope: Scope, owner: OutletOwner, id: Uuid) -> Result<Option<Outlet>> {
        let mut sql = Sql::new(format!("SELECT {} FROM outlets n WHERE n.id = ", columns("n")));
        sql.bind(id);
        owner.push(&mut sql);
        scope.and(&mut sql, "n.org_id");
        Ok(self.read_outlets(sql).await?.pop())
    }

    async fn read_outlets(&self, sql: Sql) -> Result<Vec<Outlet>> {
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    /// The organizations of which events are still to be written down as deliveries.
    pub async fn organizations_to_collect(&self) -> Result<Vec<OrganizationId>> {
        let mut sql = Sql::new(
            "SELECT DISTINCT n.org_id FROM outlets n JOIN sequences s ON s.org_id = n.org_id
            WHERE n.collected_seq < s.last_seq",
        );
        Scope::EVERYTHING.and(&mut sql, "n.org_id");
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| RowReader::new(row).get().map(OrganizationId).map_err(translate)).collect()
    }

    /// Takes up an outlet to which something is to be sent now and that nobody has, until that time. Streams of API tokens that
    /// work no more are passed over.
    pub async fn claim_outlet(&self, claim: Uuid, (now, until): (Timestamp, Timestamp)) -> Result<Option<Outlet>> {
        let now = now.timestamp_micros();
        let mut sql = Sql::new("UPDATE outlets SET lease = ");
        sql.bind(claim).push(", leased_until = ").bind(micros(until));
        sql.push(" WHERE id IN (SELECT o.id FROM outlets o WHERE o.status = 'enabled' AND o.kind <> 'poll'");
        sql.push(" AND (o.retry_at IS NULL OR o.retry_at <= ").bind(now);
        sql.push(") AND (o.leased_until IS NULL OR o.leased_until <= ").bind(now);
        sql.push(") AND EXISTS (SELECT 1 FROM deliveries d WHERE d.outlet_id = o.id AND d.state = 'pending'");
        sql.push(" AND d.due_at <= ").bind(now);
        sql.push(") AND (o.token_id IS NULL OR EXISTS (SELECT 1 FROM tokens t WHERE t.id = o.token_id");
        sql.push(" AND t.deleted_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ").bind(now).push(")))");
        Scope::EVERYTHING.and(&mut sql, "o.org_id");
        sql.push(" ORDER BY o.leased_until NULLS FIRST, o.id LIMIT 1");
        // Whoever comes second must not wait for the first, and must not take what it has taken.
        sql.push(if self.dialect == super::Dialect::Postgres { " FOR UPDATE OF o SKIP LOCKED" } else { "" });
        sql.push(&format!(") RETURNING {}", COLUMNS.join(", ")));
        let row = self.write.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        row.map(|row| read(&mut RowReader::new(&row))).transpose().map_err(translate)
    }

    /// Gives an outlet back whose receiver has answered.
    pub async fn release_outlet(&self, id: Uuid, claim: Uuid, now: Timestamp) -> Result<()> {
        let mut sql = Sql::new("UPDATE outlets SET lease = NULL, leased_until = ");
        sql.bind(micros(now)).push(", failures = 0, failing_since = NULL, retry_at = NULL");
        sql.push(" WHERE id = ").bind(id).push(" AND lease = ").bind(claim);
        self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(())
    }

    /// Gives an outlet back whose receiver is not to be had, until it is tried again.
    pub async fn back_off_outlet(
        &self,
        (id, claim): (Uuid, Uuid),
        (now, retry_at): (Timestamp, Timestamp),
        failure: &str,
    ) -> Result<()> {
        let mut sql = Sql::new("UPDATE outlets SET lease = NULL, leased_until = ");
        sql.bind(micros(now)).push(", failures = failures + 1, failing_since = COALESCE(failing_since, ");
        sql.bind(micros(now)).push("), retry_at = ").bind(micros(retry_at));
        sql.push(", last_failure = ").bind(failure.to_owned());
        sql.push(" WHERE id = ").bind(id).push(" AND lease = ").bind(claim);
        self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(())
    }
}

impl Unit {
    /// The number of the tenant's last event.
    #[must_use]
    pub const fn last_event(&self) -> i64 {
        self.last_seq
    }

    /// An outlet of the tenant.
    pub async fn outlet(&self, id: Uuid) -> Result<Option<Outlet>> {
        let mut sql = Sql::new(format!("SELECT {} FROM outlets n WHERE n.id = ", columns("n")));
        sql.bind(id).push(" AND n.org_id = ").bind(self.tenant.0);
        Ok(self.read(sql, read).await?.pop())
    }

    /// How many outlets an API token, or the tenant, has.
    pub async fn outlet_count(&self, owner: OutletOwner) -> Result<i64> {
        let mut sql = Sql::new("SELECT COUNT(*) FROM outlets n WHERE n.org_id = ");
        sql.bind(self.tenant.0);
        owner.push(&mut sql);
        let count = self.read(sql, |row: &mut RowReader<'_>| row.get()).await?;
        Ok(count.first().copied().unwrap_or_default())
    }

    /// The outlets of the tenant that have not come as far as its events.
    pub async fn outlets_to_collect(&self) -> Result<Vec<Outlet>> {
        let mut sql = Sql::new(format!("SELECT {} FROM outlets n WHERE n.org_id = ", columns("n")));
        sql.bind(self.tenant.0).push(" AND n.collected_seq < ").bind(self.last_seq).push(" ORDER BY n.id");
        self.read(sql, read).await
    }

    /// Events of the tenant behind that number, the oldest first, at most so many.
    pub async fn events_to_collect(&self, seq: i64, limit: u64) -> Result<Vec<Event>> {
        let mut sql = Sql::new(format!("SELECT {} FROM events v WHERE v.org_id = ", super::history::columns("v")));
        sql.bind(self.tenant.0).push(" AND v.seq > ").bind(seq).push(" ORDER BY v.seq LIMIT ").bind(limit);
        self.read(sql, super::history::read).await
    }

    /// Moves every outlet of the tenant on to that event that has not come so far.
    pub async fn move_outlets_on(&mut self, seq: i64) -> Result<()> {
        let mut sql = Sql::new("UPDATE outlets SET collected_seq = ");
        sql.bind(seq).push(" WHERE org_id = ").bind(self.tenant.0).push(" AND collected_seq < ").bind(seq);
        self.execute(sql).await
    }

    /// Writes an outlet, in the place of the one there was.
    pub async fn write_outlet(&mut self, outlet: &Outlet) -> Result<()> {
        let changed = COLUMNS.iter().filter(|column| !["id", "org_id", "token_id", "created_at"].contains(column));
        let changed: Vec<String> = changed.map(|column| format!("{column} = excluded.{column}")).collect();
        let suffix = format!(" ON CONFLICT (id) DO UPDATE SET {}", changed.join(", "));
        self.insert("outlets", COLUMNS, vec![values(outlet)], &suffix).await
    }

    /// Removes an outlet with everything that was to be sent to it.
    pub async fn remove_outlet(&mut self, id: Uuid) -> Result<()> {
        for (table, column) in [("deliveries", "outlet_id"), ("outlet_exclusions", "outlet_id"), ("outlets", "id")] {
            let mut sql = Sql::new(format!("DELETE FROM {table} WHERE {column} = "));
            sql.bind(id).push(" AND org_id = ").bind(self.tenant.0);
            self.execute(sql).await?;
        }
        Ok(())
    }

    /// Which of these nodes the receivers of streams do not want to hear of.
    pub async fn exclusions(&self, nodes: &[Uuid]) -> Result<Vec<Exclusion>> {
        if nodes.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("SELECT outlet_id, node_id FROM outlet_exclusions WHERE org_id = ");
        sql.bind(self.tenant.0).push(" AND node_id");
        push_any(&mut sql, self.dialect, nodes);
        self.read(sql, |row| Ok(Exclusion { outlet: row.get()?, node: row.get()? })).await
    }

    /// Writes down that the receiver of a stream does not want to hear of a node; says whether that is news.
    pub async fn exclude(&mut self, exclusion: Exclusion) -> Result<bool> {
        let mut sql = Sql::new("INSERT INTO outlet_exclusions (outlet_id, node_id, org_id) VALUES (");
        sql.bind(exclusion.outlet).push(", ").bind(exclusion.node).push(", ").bind(self.tenant.0);
        sql.push(") ON CONFLICT (outlet_id, node_id) DO NOTHING");
        Ok(self.execute_counted(sql).await? > 0)
    }

    /// Forgets that; says whether it was so.
    pub async fn include(&mut self, exclusion: Exclusion) -> Result<bool> {
        let mut sql = Sql::new("DELETE FROM outlet_exclusions WHERE outlet_id = ");
        sql.bind(exclusion.outlet).push(" AND node_id = ").bind(exclusion.node);
        sql.push(" AND org_id = ").bind(self.tenant.0);
        Ok(self.execute_counted(sql).await? > 0)
    }
}
