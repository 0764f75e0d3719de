//! Hears of the commits of other servers on the same PostgreSQL.
//!
//! The transaction that writes the end of a tenant's sequence also notifies ([`Unit::leave`](crate::store::Unit)), so
//! that whoever commits is heard, and whoever does not is not. Each server listens over one connection of its own.

use super::{ACTIVITY, CHANNEL};
use crate::domain::{Error, OrganizationId, Result};
use crate::store::error::translate;
use crate::store::sql::Sql;
use crate::store::{Dialect, Freshness, Realm, Store};
use sea_orm::sqlx::postgres::{PgListener, PgPoolOptions};
use sea_orm::{ConnectionTrait, DbErr, RuntimeErr, SqlxError};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

/// After how long without any announcement there is one of our own; as long again, and the connection is dead.
const SILENCE: Duration = Duration::from_secs(2);

/// While the others are heard, answers may be kept.
struct Listening<'a>(&'a Freshness);

impl<'a> Listening<'a> {
    fn begin(freshness: &'a Freshness) -> Self {
        freshness.trust(true);
        Self(freshness)
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.0.trust(false);
    }
}

impl Store {
    /// Whether other servers on the same database announce their commits there.
    #[must_use]
    pub fn has_announcements(&self) -> bool {
        self.dialect == Dialect::Postgres
    }

    /// Wakes those who follow what other servers commit. Returns only if that is not possible any more; what was
    /// committed before it is called again is made up for then.
    pub async fn listen(&self) -> Result<Infallible> {
        let failed = |error: SqlxError| translate(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))));
        let options = self.read.get_postgres_connection_pool().connect_options();
        // No connection for reading is taken away, and none is given back as idle or old.
        let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        let pool = pool.connect_with((*options).clone()).await.map_err(failed)?;
        let mut listener = PgListener::connect_with(&pool).await.map_err(failed)?;
        listener.listen(CHANNEL).await.map_err(failed)?;
        self.missed();
        let mut listening = None;
        let mut is_silent = true;
        loop {
            let received = async {
                if is_silent {
                    self.call().await?;
                }
                listener.try_recv().await.map_err(failed)
            };
            match timeout(SILENCE, received).await {
                Ok(Ok(Some(notification))) => {
                    is_silent = false;
                    // A connection that takes LISTEN and delivers nothing is none to rely on.
                    listening.get_or_insert_with(|| Listening::begin(&self.freshness));
                    match parse(notification.payload()) {
                        Some((tenant, Some(seq))) => self.heard((tenant, seq)),
                        Some((tenant, None)) => self.freshness.advance(tenant, Realm::Accounts),
                        None => {}
                    }
                }
                Ok(Ok(None)) => {
                    // The connection was lost, and is there again: another one, of which nothing was heard yet.
                    is_silent = true;
                    listening = None;
                    self.missed();
                }
                Ok(Err(error)) => return Err(error),
                Err(_) if is_silent => {
                    tracing::warn!("PostgreSQL delivers no announcements; no answer is kept until it does");
                    return Err(Error::unavailable());
                }
                Err(_) => is_silent = true,
            }
        }
    }

    /// Announces nothing, so that whoever listens hears that announcements are delivered. Where nothing is announced,
    /// nobody writes, while those who read may keep others waiting.
    async fn call(&self) -> Result<()> {
        let mut sql = Sql::new("SELECT pg_notify(");
        sql.bind(CHANNEL).push(", '')");
        self.write.query_one_raw(sql.statement(self.backend())).await.map_err(translate)?;
        Ok(())
    }
}

/// Reads `018f… 42`, or `018f… activity`, which has no number.
fn parse(payload: &str) -> Option<(OrganizationId, Option<i64>)> {
    let (tenant, news) = payload.split_once(' ')?;
    let tenant = OrganizationId(Uuid::parse_str(tenant).ok()?);
    if news == ACTIVITY { Some((tenant, None)) } else { Some((tenant, Some(news.parse().ok()?))) }
}
