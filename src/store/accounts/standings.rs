//! Where accounts stand.

use crate::domain::standing::LastLogin;
use crate::domain::{NodeId, Result, Standing, Timestamp};
use crate::store::error::translate;
use crate::store::lookup::push_any;
use crate::store::risk::from_bytes;
use crate::store::row::{RowReader, micros};
use crate::store::sql::Sql;
use crate::store::{Scope, Store, Unit};
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::HashMap;
use uuid::Uuid;

const COLUMNS: &str =
    "n.not_before, n.password_reset_since, n.last_login_at, n.last_login_address, n.last_login_country";

fn read(row: &mut RowReader<'_>) -> Result<(Uuid, Standing), DbErr> {
    let identity = row.get()?;
    let session_epoch = row.get()?;
    let (not_before, password_reset_since, at) = (row.time_or_none()?, row.time_or_none()?, row.time_or_none()?);
    let address: Option<String> = row.get()?;
    let country = row.get()?;
    let last_login = at.map(|at| LastLogin { at, address: address.and_then(|address| address.parse().ok()), country });
    let state: Option<Vec<u8>> = row.get()?;
    let risk = state.map(|state| from_bytes(&state).map(Box::new)).transpose()?;
    Ok((identity, Standing { session_epoch, not_before, password_reset_since, last_login, risk }))
}

impl Store {
    /// Where accounts stand. Those of which nothing was ever heard are left out.
    pub async fn standings(&self, scope: Scope, identities: &[Uuid]) -> Result<HashMap<Uuid, Standing>> {
        // Without evidence the score stays at nothing, and nobody needs the state.
        let mut sql = Sql::new(format!(
            "SELECT i.id, COALESCE(n.session_epoch, 0), {COLUMNS}, CASE WHEN r.score > 0 THEN r.state END
            FROM linked_identities i LEFT JOIN identity_standings n ON n.identity_id = i.id
            LEFT JOIN risk_states r ON r.identity_id = i.id
            WHERE (n.identity_id IS NOT NULL OR r.score > 0) AND i.id"
        ));
        push_any(&mut sql, self.dialect, identities);
        scope.and(&mut sql, "i.org_id");
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read(&mut RowReader::new(row)).map_err(translate)).collect()
    }
}

impl Unit {
    /// Where an account of the tenant stands, but for its risk.
    pub async fn standing(&self, identity: NodeId) -> Result<Standing> {
        Ok(self.standings(&[identity.uuid]).await?.remove(&identity.uuid).unwrap_or_default())
    }

    /// The same of many. Those of which nothing was ever heard are left out.
    pub async fn standings(&self, identities: &[Uuid]) -> Result<HashMap<Uuid, Standing>> {
        let mut sql =
            Sql::new(format!("SELECT n.identity_id, n.session_epoch, {COLUMNS}, NULL FROM identity_standings n"));
        sql.push(" WHERE n.org_id = ").bind(self.tenant.0).push(" AND n.identity_id");
        push_any(&mut sql, self.dialect, identities);
        Ok(self.read(sql, read).await?.into_iter().collect())
    }

    /// Begins a new epoch of the sessions of an account: what was issued until now is of no use any more.
    pub async fn begin_session_epoch(&mut self, identity: NodeId) -> Result<()> {
        self.note_activity();
        let mut sql = self.new_standing(identity, "session_epoch, not_before");
        sql.push("1, ").bind(micros(self.now)).push(") ON CONFLICT (identity_id) DO UPDATE SET");
        sql.push(" session_epoch = identity_standings.session_epoch + 1, not_before = excluded.not_before");
        self.execute(sql).await
    }

    /// Says since when the password of an account has to be changed; none if it need not be any more.
    pub async fn require_password_reset(&mut self, identity: NodeId, since: Option<Timestamp>) -> Result<()> {
        self.note_activity();
        let mut sql = self.new_standing(identity, "password_reset_since");
        sql.bind(since.map(|since| since.timestamp_micros())).push(") ON CONFLICT (identity_id) DO UPDATE SET");
        sql.push(" password_reset_since = excluded.password_reset_since");
        self.execute(sql).await
    }

    fn new_standing(&self, identity: NodeId, columns: &str) -> Sql {
        let mut sql = Sql::new(format!("INSERT INTO identity_standings (identity_id, org_id, {columns}) VALUES ("));
        sql.bind(identity.uuid).push(", ").bind(self.tenant.0).push(", ");
        sql
    }

    /// Notes sign-ins that went well, one for each account. What was noted of a later one stays.
    pub async fn note_logins(&mut self, logins: &[(Uuid, LastLogin)]) -> Result<()> {
        const COLUMNS: &[&str] =
            &["identity_id", "org_id", "last_login_at", "last_login_address", "last_login_country"];
        if logins.is_empty() {
            return Ok(());
        }
        self.note_activity();
        let rows = logins.iter().map(|(identity, login)| {
            vec![
                (*identity).into(),
                self.tenant.0.into(),
                micros(login.at),
                login.address.map(|address| address.to_string()).into(),
                login.country.clone().into(),
            ]
        });
        let suffix = " ON CONFLICT (identity_id) DO UPDATE SET last_login_at = excluded.last_login_at,
            last_login_address = excluded.last_login_address, last_login_country = excluded.last_login_country
            WHERE identity_standings.last_login_at IS NULL OR identity_standings.last_login_at <= excluded.last_login_at";
        self.insert("identity_standings", COLUMNS, rows.collect(), suffix).await
    }
}
