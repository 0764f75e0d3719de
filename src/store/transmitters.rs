//! Those whose signals are taken, and what they have sent.

use super::error::translate;
use super::row::{RowReader, micros, micros_or_null};
use super::sql::Sql;
use super::{Dialect, Scope, Store, Unit};
use crate::domain::transmitter::{
    PollState, Polling, Refusals, RejectedSignal, SignalFault, SignalRefusal, Transmitter,
};
use crate::domain::{OrganizationId, Result, Timestamp};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

const COLUMNS: &str = "t.id, t.org_id, t.issuer, t.jwks_url, t.audience, t.provider, t.environment, t.created_at,
    t.poll_url, t.poll_sealed, t.poll_next_at, t.poll_attempted_at, t.poll_succeeded_at, t.poll_failures, t.poll_failure";
/// How many of the signals of a transmitter that were refused are remembered.
const REJECTIONS: u64 = 100;

fn read(row: &mut RowReader<'_>) -> Result<Transmitter, DbErr> {
    let mut transmitter = Transmitter {
        id: row.get()?,
        organization: OrganizationId(row.get()?),
        issuer: row.get()?,
        jwks_url: row.get()?,
        audience: row.get()?,
        provider: row.get()?,
        environment: row.get()?,
        created_at: row.time()?,
        polling: None,
    };
    let (url, sealed) = (row.get::<Option<String>>()?, row.get::<Option<Vec<u8>>>()?);
    let next_at = row.time_or_none()?;
    let state = PollState {
        next_at: next_at.unwrap_or(transmitter.created_at),
        attempted_at: row.time_or_none()?,
        succeeded_at: row.time_or_none()?,
        failures: u32::try_from(row.get::<i64>()?).unwrap_or(u32::MAX),
        failure: row.get()?,
    };
    transmitter.polling = url.zip(sealed).map(|(url, sealed)| Polling { url, sealed, state });
    Ok(transmitter)
}

fn read_rejected(row: &mut RowReader<'_>) -> Result<RejectedSignal, DbErr> {
    Ok(RejectedSignal {
        at: row.time()?,
        fault: row.named(SignalFault::from_name)?,
        description: row.get()?,
        jti: row.get()?,
        issuer: row.get()?,
    })
}

fn read_refusals(row: &mut RowReader<'_>) -> Result<Refusals, DbErr> {
    Ok(Refusals {
        fault: row.named(SignalFault::from_name)?,
        count: row.get()?,
        detail: row.get()?,
        last_at: row.time()?,
    })
}

impl Store {
    /// A transmitter, whosever it is: who sends is known by what is signed.
    pub async fn transmitter(&self, id: Uuid) -> Result<Option<Transmitter>> {
        let mut sql = Sql::new(format!(
            "SELECT {COLUMNS} FROM transmitters t JOIN organizations o ON o.id = t.org_id AND o.deleted_at IS NULL WHERE t.id = "
        ));
        sql.bind(id);
        let row = self.read.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        row.map(|row| read(&mut RowReader::new(&row)).map_err(translate)).transpose()
    }

    /// The transmitters that an organization trusts, or all that there are, the oldest first.
    pub async fn transmitters(&self, scope: Scope) -> Result<Vec<Transmitter>> {
        let mut sql = Sql::new(format!("SELECT {COLUMNS} FROM transmitters t WHERE 1 = 1"));
        scope.and(&mut sql, "t.org_id");
        sql.push(" ORDER BY t.id");
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    /// How often signals of a transmitter were refused, by why.
    pub async fn refusals_of(&self, transmitter: Uuid) -> Result<Vec<Refusals>> {
        let mut sql = Sql::new("SELECT reason, count, detail, last_at FROM refused_signals WHERE transmitter_id = ");
        sql.bind(transmitter).push(" ORDER BY reason");
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read_refusals(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    /// Counts a signal that was refused.
    pub async fn count_refusal(&self, transmitter: Uuid, refusal: &SignalRefusal, at: Timestamp) -> Result<()> {
        let mut sql = Sql::new("INSERT INTO refused_signals (transmitter_id, reason, count, detail, last_at) VALUES (");
        sql.bind(transmitter).push(", ").bind(refusal.fault.name()).push(", 1, ");
        sql.bind(refusal.description.clone()).push(", ").bind(micros(at));
        sql.push(
            ") ON CONFLICT (transmitter_id, reason) DO UPDATE SET count = refused_signals.count + 1,
            detail = excluded.detail, last_at = excluded.last_at",
        );
        self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(())
    }

    /// The latest signals of a transmitter that were refused, the latest first.
    pub async fn rejected_signals(&self, transmitter: Uuid) -> Result<Vec<RejectedSignal>> {
        let mut sql =
            Sql::new("SELECT rejected_at, reason, detail, jti, issuer FROM rejected_signals WHERE transmitter_id = ");
        sql.bind(transmitter).push(" ORDER BY position DESC LIMIT ").bind(REJECTIONS);
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read_rejected(&mut RowReader::new(row)).map_err(translate)).collect()
    }

    /// Remembers a signal that was refused, and forgets the oldest if there are too many.
    pub async fn remember_rejected(&self, transmitter: Uuid, rejected: &RejectedSignal) -> Result<()> {
        let mut sql = Sql::new(
            "INSERT INTO rejected_signals (transmitter_id, rejected_at, reason, detail, jti, issuer) VALUES (",
        );
        sql.bind(transmitter).push(", ").bind(micros(rejected.at)).push(", ").bind(rejected.fault.name());
        sql.push(", ").bind(rejected.description.clone()).push(", ").bind(rejected.jti.clone());
        sql.push(", ").bind(rejected.issuer.clone()).push(")");
        self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        let mut sql = Sql::new("DELETE FROM rejected_signals WHERE transmitter_id = ");
        sql.bind(transmitter)
            .push(" AND position <= (SELECT r.position FROM rejected_signals r WHERE r.transmitter_id = ");
        sql.bind(transmitter).push(" ORDER BY r.position DESC LIMIT 1 OFFSET ").bind(REJECTIONS).push(")");
        self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(())
    }

    /// Takes up the transmitter whose signals are to be fetched and have waited longest, until that time, unless somebody has it.
    pub async fn claim_polling(
        &self,
        claim: Uuid,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<Option<Transmitter>> {
        let mut sql = Sql::new("UPDATE transmitters SET poll_claim = ");
        sql.bind(claim).push(", poll_claimed_until = ").bind(micros(until));
        sql.push(" WHERE id IN (SELECT d.id FROM transmitters d WHERE d.poll_next_at <= ").bind(micros(now));
        sql.push(" AND (d.poll_claimed_until IS NULL OR d.poll_claimed_until <= ").bind(micros(now));
        sql.push(") AND EXISTS (SELECT 1 FROM organizations o WHERE o.id = d.org_id AND o.deleted_at IS NULL)");
        sql.push(" ORDER BY d.poll_next_at LIMIT 1");
        // Whoever comes second must not wait for the first, and must not take what it has taken.
        sql.push(if self.dialect == Dialect::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" });
        sql.push(&format!(") RETURNING {}", COLUMNS.replace("t.", "")));
        let row = self.write.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        row.map(|row| read(&mut RowReader::new(&row))).transpose().map_err(translate)
    }

    /// Writes down how fetching went and gives the transmitter back, if whoever says so still has it.
    pub async fn finish_polling(&self, id: Uuid, claim: Uuid, state: &PollState) -> Result<bool> {
        let mut sql = Sql::new("UPDATE transmitters SET poll_claim = NULL, poll_claimed_until = NULL, poll_next_at = ");
        sql.bind(micros(state.next_at)).push(", poll_attempted_at = ").bind(micros_or_null(state.attempted_at));
        sql.push(", poll_succeeded_at = ").bind(micros_or_null(state.succeeded_at));
        sql.push(", poll_failures = ").bind(i64::from(state.failures));
        sql.push(", poll_failure = ").bind(state.failure.clone());
        sql.push(" WHERE id = ").bind(id).push(" AND poll_claim = ").bind(claim);
        let done = self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets what was received before that time, and says how much that was.
    pub async fn forget_received(&self, before: Timestamp) -> Result<u64> {
        let mut sql = Sql::new("DELETE FROM received_signals WHERE received_at < ");
        sql.bind(micros(before));
        let done = self.write.execute_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(done.rows_affected())
    }
}

impl Unit {
    /// The transmitter of the tenant with that issuer.
    pub async fn transmitter_of(&self, issuer: &str) -> Result<Option<Transmitter>> {
        let mut sql = Sql::new(format!("SELECT {COLUMNS} FROM transmitters t WHERE t.issuer = "));
        sql.bind(issuer.to_owned()).push(" AND t.org_id = ").bind(self.tenant.0);
        Ok(self.read(sql, read).await?.pop())
    }

    /// A transmitter of the tenant.
    pub async fn transmitter(&self, id: Uuid) -> Result<Option<Transmitter>> {
        let mut sql = Sql::new(format!("SELECT {COLUMNS} FROM transmitters t WHERE t.id = "));
        sql.bind(id).push(" AND t.org_id = ").bind(self.tenant.0);
        Ok(self.read(sql, read).await?.pop())
    }

    /// Trusts a transmitter from now on.
    pub async fn write_transmitter(&mut self, transmitter: &Transmitter) -> Result<()> {
        let mut sql = Sql::new(
            "INSERT INTO transmitters (id, org_id, issuer, jwks_url, audience, provider, environment, created_at, poll_url,
            poll_sealed, poll_next_at) VALUES (",
        );
        sql.bind(transmitter.id).push(", ").bind(self.tenant.0);
        for text in [
            &transmitter.issuer,
            &transmitter.jwks_url,
            &transmitter.audience,
            &transmitter.provider,
            &transmitter.environment,
        ] {
            sql.push(", ").bind(text.clone());
        }
        let polling = transmitter.polling.as_ref();
        sql.push(", ").bind(micros(transmitter.created_at));
        sql.push(", ").bind(polling.map(|polling| polling.url.clone()));
        sql.push(", ").bind(polling.map(|polling| polling.sealed.clone()));
        sql.push(", ").bind(micros_or_null(polling.map(|polling| polling.state.next_at))).push(")");
        self.execute(sql).await
    }

    /// Trusts it no more, and forgets what it has sent.
    pub async fn remove_transmitter(&mut self, id: Uuid) -> Result<()> {
        for (table, column) in [
            ("received_signals", "transmitter_id"),
            ("refused_signals", "transmitter_id"),
            ("rejected_signals", "transmitter_id"),
            ("transmitters", "id"),
        ] {
            let mut sql = Sql::new(format!("DELETE FROM {table} WHERE {column} = "));
            sql.bind(id);
            self.execute(sql).await?;
        }
        Ok(())
    }

    /// Whether a signal of that transmitter was taken before.
    pub async fn was_received(&self, transmitter: Uuid, jti: &str) -> Result<bool> {
        let mut sql = Sql::new("SELECT jti FROM received_signals WHERE transmitter_id = ");
        sql.bind(transmitter).push(" AND jti = ").bind(jti.to_owned());
        let found: Vec<String> = self.read(sql, |row: &mut RowReader<'_>| row.get()).await?;
        Ok(!found.is_empty())
    }

    /// Notes that a signal was taken.
    pub async fn note_received(
        &mut self,
        transmitter: Uuid,
        (jti, event_type): (&str, &str),
        (subject, at): (Option<Uuid>, Timestamp),
    ) -> Result<()> {
        let mut sql = Sql::new(
            "INSERT INTO received_signals (transmitter_id, jti, org_id, event_type, subject_id, received_at) VALUES (",
        );
        sql.bind(transmitter).push(", ").bind(jti.to_owned()).push(", ").bind(self.tenant.0);
        sql.push(", ").bind(event_type.to_owned()).push(", ").bind(subject).push(", ").bind(micros(at)).push(")");
        self.execute(sql).await
    }
}
