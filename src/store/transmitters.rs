//! Those whose signals are taken, and what they have sent.

use super::error::translate;
use super::row::{RowReader, micros};
use super::sql::Sql;
use super::{Scope, Store, Unit};
use crate::domain::transmitter::{Refusals, SignalFault, SignalRefusal, Transmitter};
use crate::domain::{OrganizationId, Result, Timestamp};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

const COLUMNS: &str = "t.id, t.org_id, t.issuer, t.jwks_url, t.audience, t.provider, t.environment, t.created_at";

fn read(row: &mut RowReader<'_>) -> Result<Transmitter, DbErr> {
    Ok(Transmitter {
        id: row.get()?,
        organization: OrganizationId(row.get()?),
        issuer: row.get()?,
        jwks_url: row.get()?,
        audience: row.get()?,
        provider: row.get()?,
        environment: row.get()?,
        created_at: row.time()?,
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
            "INSERT INTO transmitters (id, org_id, issuer, jwks_url, audience, provider, environment, created_at) VALUES (",
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
        sql.push(", ").bind(micros(transmitter.created_at)).push(")");
        self.execute(sql).await
    }

    /// Trusts it no more, and forgets what it has sent.
    pub async fn remove_transmitter(&mut self, id: Uuid) -> Result<()> {
        for (table, column) in
            [("received_signals", "transmitter_id"), ("refused_signals", "transmitter_id"), ("transmitters", "id")]
        {
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
