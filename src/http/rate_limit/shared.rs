//! Stores in Redis, which several servers share.
//!
//! A store is one number: the time at which it will be full again. A charge moves it on, in one script, which Redis runs
//! from beginning to end before anything else: one round trip, and no two servers at once. The script is told the time by
//! the server, so the clocks of several servers should agree, as they should anyway. Redis forgets a store when it is full.

use super::local::left_before;
use super::{Allowance, Key, Quota, TooMuch};
use crate::config::RedisConfig;
use crate::domain::Timestamp;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisResult};
use std::num::NonZeroU32;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long Redis may take to accept a connection, and to answer. Somebody waits for it.
const PATIENCE: Duration = Duration::from_millis(500);
/// For how long Redis is left alone after it has failed.
const RESPITE: Duration = Duration::from_secs(5);

/// Charges a store. Times are in microseconds: now, how long the cost takes to come back, how long everything does. Answers
/// how long to wait, and how long what is left would have taken to come back.
const CHARGE: &str = "\
local now, cost, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0') or 0, now) + cost
local wait = full - burst - now
if wait > 0 then return {wait, 0} end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
return {0, -wait}";

/// The stores in Redis.
pub(super) struct Shared {
    url: String,
    /// What the names of the stores begin with.
    prefix: String,
    /// The connection, while there is one.
    open: RwLock<Option<MultiplexedConnection>>,
    /// When Redis has failed, if it was not seen to be well since. Whoever holds this connects, and nobody else.
    failed: Mutex<Option<Instant>>,
}

impl Shared {
    /// The stores of that name in the Redis that is configured, if one is.
    pub(super) fn of(config: &RedisConfig, name: &str) -> Option<Self> {
        config.url.as_ref().map(|url| Self {
            url: url.expose().to_owned(),
            prefix: format!("{}:{name}:", config.stream),
            open: RwLock::new(None),
            failed: Mutex::new(None),
        })
    }

    /// Takes a cost from a store. None if Redis is away.
    pub(super) async fn charge(
        &self,
        key: &Key,
        quota: Quota,
        cost: NonZeroU32,
        now: Timestamp,
    ) -> Option<Result<Allowance, TooMuch>> {
        let mut connection = self.connection().await?;
        let micros = |cost: NonZeroU32| u64::from(cost.get()) * 60_000_000 / u64::from(quota.per_minute.get());
        let mut command = redis::cmd("EVAL");
        command.arg(CHARGE).arg(1).arg(format!("{}{key}", self.prefix));
        command.arg(now.timestamp_micros()).arg(micros(cost)).arg(micros(quota.burst));
        match command.query_async::<(u64, u64)>(&mut connection).await {
            Ok((0, left)) => {
                let left = left.saturating_mul(quota.per_minute.get().into()) / 60_000_000;
                Some(Ok(Allowance { quota, left: u32::try_from(left).unwrap_or(u32::MAX) }))
            }
            Ok((wait, _)) => {
                let wait = Duration::from_micros(wait);
                Some(Err(TooMuch::Now { wait, allowance: left_before(quota, cost, wait) }))
            }
            Err(error) => {
                *self.open.write().unwrap_or_else(PoisonError::into_inner) = None;
                if let Ok(mut failed) = self.failed.try_lock() {
                    note(&mut failed, &error.to_string());
                }
                None
            }
        }
    }

    /// The connection; none if there is none and now is not the time to make one.
    async fn connection(&self) -> Option<MultiplexedConnection> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner).clone();
        if open.is_some() {
            return open;
        }
        // While somebody connects, the others do without.
        let mut failed = self.failed.try_lock().ok()?;
        if failed.is_some_and(|failed| failed.elapsed() < RESPITE) {
            return None;
        }
        match connect(&self.url).await {
            Ok(connection) => {
                if failed.take().is_some() {
                    tracing::info!("Redis is back; the servers limit requests together again");
                }
                *self.open.write().unwrap_or_else(PoisonError::into_inner) = Some(connection.clone());
                Some(connection)
            }
            Err(error) => {
                note(&mut failed, &error.to_string());
                None
            }
        }
    }
}

/// Notes that Redis has failed. It is logged once, until it is back.
fn note(failed: &mut Option<Instant>, error: &str) {
    if failed.replace(Instant::now()).is_none() {
        tracing::warn!(error, "Redis does not answer; this server limits requests by itself until it does");
    }
}

async fn connect(url: &str) -> RedisResult<MultiplexedConnection> {
    let config =
        AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
    Client::open(url)?.get_multiplexed_async_connection_with_config(&config).await
}
