//! What is sent to outlets: written down by a command, sent by a worker, fetched by a receiver.

use crate::domain::outlet::{DeliveryState, SetRefusal};
use crate::domain::{CursorKey, Delivery, OrganizationId, Page, Result, Slice, Timestamp};
use crate::store::error::translate;
use crate::store::lookup::push_any;
use crate::store::row::{RowReader, json, micros, micros_or_null};
use crate::store::sql::Sql;
use crate::store::{Scope, Store, Unit};
use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

const COLUMNS: &str = "d.position, d.id, d.outlet_id, d.subject_id, d.event_type, d.body, d.seq, d.state, d.attempts, d.due_at, \
    d.created_at, d.finished_at, d.answer_status, d.failure";

fn read(row: &mut RowReader<'_>) -> Result<Delivery, DbErr> {
    Ok(Delivery {
        position: row.get()?,
        id: row.get()?,
        outlet: row.get()?,
        subject: row.get()?,
        event_type: row.get()?,
        body: row.json()?,
        seq: row.get()?,
        state: row.named(DeliveryState::from_name)?,
        attempts: row.get()?,
        due_at: row.time()?,
        created_at: row.time()?,
        finished_at: row.time_or_none()?,
        answer_status: row.get()?,
        failure: row.get()?,
    })
}

/// Which deliveries are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Only those that have come so far.
    pub state: Option<DeliveryState>,
}

impl Unit {
    /// Writes down what is to be sent. What was sent under the same id is sent again.
    pub async fn write_deliveries(&mut self, deliveries: &[Delivery]) -> Result<()> {
        const COLUMNS: &[&str] = &[
            "id",
            "outlet_id",
            "org_id",
            "subject_id",
            "event_type",
            "body",
            "seq",
            "state",
            "attempts",
            "due_at",
            "created_at",
            "finished_at",
        ];
        let row = |delivery: &Delivery| -> Vec<Value> {
            vec![
                delivery.id.into(),
                delivery.outlet.into(),
                self.tenant.0.into(),
                delivery.subject.into(),
                delivery.event_type.clone().into(),
                json(&delivery.body),
                delivery.seq.into(),
                delivery.state.name().into(),
                delivery.attempts.into(),
                micros(delivery.due_at),
                micros(delivery.created_at),
                micros_or_null(delivery.finished_at),
            ]
        };
        let suffix = " ON CONFLICT (outlet_id, id) DO UPDATE SET state = excluded.state, attempts = excluded.attempts,
            due_at = excluded.due_at, created_at = excluded.created_at, finished_at = NULL, failure = NULL";
        self.insert("deliveries", COLUMNS, deliveries.iter().map(row).collect(), suffix).await
    }

    /// Removes what is still to be sent to an outlet.
    pub async fn remove_pending(&mut self, outlet: Uuid) -> Result<()> {
        let mut sql = Sql::new("DELETE FROM deliveries WHERE state = 'pending' AND outlet_id = ");
        sql.bind(outlet).push(" AND org_id = ").bind(self.tenant.0);
        self.execute(sql).await
    }

    /// A delivery of an outlet of the tenant.
    pub async fn delivery(&self, outlet: Uuid, id: Uuid) -> Result<Option<Delivery>> {
        let mut sql = Sql::new(format!("SELECT {COLUMNS} FROM deliveries d WHERE d.outlet_id = "));
        sql.bind(outlet).push(" AND d.id = ").bind(id).push(" AND d.org_id = ").bind(self.tenant.0);
        Ok(self.read(sql, read).await?.pop())
    }

    /// The number of the last event before that time.
    pub async fn last_event_before(&self, at: Timestamp) -> Result<i64> {
        let mut sql = Sql::new("SELECT COALESCE(MAX(v.seq), 0) FROM events v WHERE v.org_id = ");
        sql.bind(self.tenant.0).push(" AND v.occurred_at < ").bind(micros(at));
        let found = self.read(sql, |row: &mut RowReader<'_>| row.get()).await?;
        Ok(found.first().copied().unwrap_or_default())
    }
}

impl Store {
    /// What is to be sent to an outlet now, in its order, at most so many. What is about a node waits for what comes before it
    /// about the same.
    pub async fn due_deliveries(&self, outlet: Uuid, now: Timestamp, limit: u64) -> Result<Vec<Delivery>> {
        let mut sql =
            Sql::new(format!("SELECT {COLUMNS} FROM deliveries d WHERE d.state = 'pending' AND d.outlet_id = "));
        sql.bind(outlet).push(" AND d.due_at <= ").bind(micros(now));
        sql.push(
            " AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.outlet_id = d.outlet_id AND e.subject_id = d.subject_id
            AND e.state = 'pending' AND e.position < d.position AND e.due_at > ",
        );
        sql.bind(micros(now)).push(") ORDER BY d.position LIMIT ").bind(limit);
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    /// Notes that these have arrived.
    pub async fn have_arrived(&self, outlet: Uuid, ids: &[Uuid], at: Timestamp) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut sql = Sql::new("UPDATE deliveries SET state = 'delivered', failure = NULL, attempts = attempts + 1");
        sql.push(", finished_at = ").bind(micros(at));
        sql.push(" WHERE state = 'pending' AND outlet_id = ").bind(outlet).push(" AND id");
        push_any(&mut sql, self.dialect, ids);
        self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(())
    }

    /// Notes that one has not arrived: when it is sent again, or that it is given up.
    pub async fn has_failed(
        &self,
        (outlet, id): (Uuid, Uuid),
        (state, due_at): (DeliveryState, Timestamp),
        (status, failure, at): (Option<i64>, &str, Timestamp),
    ) -> Result<()> {
        let mut sql = Sql::new("UPDATE deliveries SET state = ");
        sql.bind(state.name()).push(", attempts = attempts + 1, due_at = ").bind(micros(due_at));
        sql.push(", answer_status = ").bind(status).push(", failure = ").bind(failure.to_owned());
        sql.push(", finished_at = ").bind((state != DeliveryState::Pending).then(|| at.timestamp_micros()));
        sql.push(" WHERE state = 'pending' AND outlet_id = ").bind(outlet).push(" AND id = ").bind(id);
        self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(())
    }

    /// Notes what a receiver has said about signals that it could not make use of.
    pub async fn are_refused(&self, outlet: Uuid, refusals: &[SetRefusal], at: Timestamp) -> Result<()> {
        for refusal in refusals {
            let dead = (DeliveryState::Dead, at);
            self.has_failed((outlet, refusal.id), dead, (None, &refusal.failure, at)).await?;
        }
        Ok(())
    }

    /// Deliveries of an outlet, the newest first, page by page.
    pub async fn delivery_page(
        &self,
        (organization, outlet): (OrganizationId, Uuid),
        filter: DeliveryFilter,
        page: &Page,
    ) -> Result<Slice<Delivery>> {
        let mut sql = Sql::new(format!("SELECT {COLUMNS} FROM deliveries d WHERE d.outlet_id = "));
        sql.bind(outlet);
        Scope::organization(organization).and(&mut sql, "d.org_id");
        if let Some(state) = filter.state {
            sql.push(" AND d.state = ").bind(state.name());
        }
        if let Some(CursorKey::Number(position)) = page.after.as_ref().map(|cursor| &cursor.key) {
            sql.push(" AND d.position < ").bind(*position);
        }
        sql.push(" ORDER BY d.position DESC LIMIT ").bind(u64::from(page.limit) + 1);
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let found = rows.iter().map(|row| read(&mut RowReader::new(row)).map_err(translate)).collect::<Result<_>>()?;
        Ok(Slice::of(found, page))
    }

    /// How many deliveries of an outlet there are.
    pub async fn delivery_count(
        &self,
        (organization, outlet): (OrganizationId, Uuid),
        filter: DeliveryFilter,
    ) -> Result<i64> {
        let mut sql = Sql::new("SELECT COUNT(*) FROM deliveries d WHERE d.outlet_id = ");
        sql.bind(outlet);
        Scope::organization(organization).and(&mut sql, "d.org_id");
        if let Some(state) = filter.state {
            sql.push(" AND d.state = ").bind(state.name());
        }
        let row = self.read.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        row.map_or(Ok(0), |row| RowReader::new(&row).get().map_err(translate))
    }

    /// Forgets what was written down before that time, arrived or not. Says how many, and how many of them had not arrived.
    pub async fn forget_deliveries(&self, before: Timestamp) -> Result<(u64, u64)> {
        let mut counts = [0, 0];
        for (count, condition) in counts.iter_mut().zip(["state <> 'pending'", "state = 'pending'"]) {
            let mut sql = Sql::new(format!("DELETE FROM deliveries WHERE {condition} AND created_at < "));
            sql.bind(micros(before));
            let done = self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
            *count = done.rows_affected();
        }
        Ok((counts[0], counts[1]))
    }
}
