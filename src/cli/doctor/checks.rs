//! The checks of what the server stands on: database, schema, clock, Redis, IAM, databases of addresses.

use super::finding::Finding;
use crate::config::{IamConfig, RedisConfig, RiskConfig};
use crate::domain::{Clock, Result, Timestamp};
use crate::iam;
use crate::networks::Databases;
use crate::store::{SchemaState, Store};
use crate::worker;
use chrono::TimeDelta;

/// By how much clocks may differ before somebody is told.
const TOLERANCE: TimeDelta = TimeDelta::seconds(5);

/// The database answers, and its file is sound.
pub(super) async fn database(store: &Store) -> Finding {
    const CHECK: &str = "database";
    let answer: Result<_> = async { Ok((store.version().await?, store.damage().await?)) }.await;
    match answer {
        Ok((version, None)) => Finding::ok(CHECK, format!("{version} answers.")),
        Ok((version, Some(damage))) => Finding::problem(
            CHECK,
            format!("{version} answers, but its file is damaged: {}", damage.replace('\n', "; ")),
            "Stop the server, keep the file, and restore the last backup: idgraph restore FILE --force.",
        ),
        Err(error) => Finding::failed(CHECK, error),
    }
}

/// The schema is that of the program. Also says whether the tables are there that the checks of data read.
pub(super) async fn migrations(store: &Store, migrate_on_start: bool) -> (Finding, bool) {
    const CHECK: &str = "migrations";
    let SchemaState { pending, unknown, .. } = match store.schema_state().await {
        Ok(state) => state,
        Err(error) => return (Finding::failed(CHECK, error), false),
    };
    let is_current = pending.is_empty() && unknown.is_empty();
    let finding = if !unknown.is_empty() {
        Finding::problem(
            CHECK,
            format!("The schema is newer than this program, which does not know {}.", unknown.join(", ")),
            "Run the release that made these changes, or a later one.",
        )
    } else if pending.is_empty() {
        Finding::ok(CHECK, "The schema is up to date.")
    } else if migrate_on_start {
        Finding::warning(
            CHECK,
            format!("The schema lacks {}.", pending.join(", ")),
            "The next start of the server makes these changes; or run: idgraph migrate up",
        )
    } else {
        Finding::problem(
            CHECK,
            format!("The schema lacks {}, and database.migrate_on_start is off.", pending.join(", ")),
            "Run: idgraph migrate up",
        )
    };
    (finding, is_current)
}

/// The clocks of database and machine agree, and no event is of the future.
pub(super) async fn clock(store: &Store, machine: &dyn Clock) -> Finding {
    const CHECK: &str = "clock";
    let before = machine.now();
    let times: Result<_> = async { Ok((store.clock().await?, machine.now(), store.newest_event().await?)) }.await;
    match times {
        Ok((database, after, newest)) => judge(database, (before, after), newest),
        Err(error) => Finding::failed(CHECK, error),
    }
}

/// What is to be said of the clocks: that of the database, read between two times of the machine, and the newest event.
fn judge(database: Option<Timestamp>, machine: (Timestamp, Timestamp), newest: Option<Timestamp>) -> Finding {
    const CHECK: &str = "clock";
    let (before, after) = machine;
    if let Some(newest) = newest.filter(|newest| *newest > after + TOLERANCE) {
        return Finding::problem(
            CHECK,
            format!("The newest event is of {newest}, which is in the future: a clock was ahead when it was written."),
            "Set the clock of every machine that runs the server, with NTP. Until then new events of that organization \
             get the same time.",
        );
    }
    let ahead = database.map_or(TimeDelta::zero(), |database| (database - after).max(before - database));
    if ahead > TOLERANCE {
        return Finding::warning(
            CHECK,
            format!("The clocks of the database and of this machine are {} s apart.", ahead.num_seconds()),
            "Set both with NTP.",
        );
    }
    Finding::ok(CHECK, "The clocks agree, and no event is of the future.")
}

/// Redis answers, if there is one.
pub(super) async fn redis(config: &RedisConfig) -> Finding {
    const CHECK: &str = "redis";
    match worker::ping_redis(config).await {
        Ok(true) => Finding::ok(CHECK, "Redis answers."),
        Ok(false) => Finding::ok(CHECK, "No Redis is configured; changes are published nowhere."),
        Err(reason) => Finding::problem(
            CHECK,
            format!("Redis does not answer: {reason}."),
            "Start it, or mend redis.url. Until then events wait in the outbox; nothing is lost.",
        ),
    }
}

/// The keys of the IAM are to be had, if there is one.
pub(super) async fn iam(config: &IamConfig) -> Finding {
    const CHECK: &str = "iam";
    match iam::examine(config).await {
        Ok(Some(keys)) => Finding::ok(CHECK, format!("The IAM answers; {keys} of its keys can be used.")),
        Ok(None) => Finding::ok(CHECK, "No IAM is configured; only API tokens are accepted."),
        Err(reason) => Finding::problem(
            CHECK,
            format!("The keys of the IAM are not to be had: {reason}."),
            "See that this machine reaches the IAM, and to iam.issuer, iam.jwks_url and iam.algorithms. Until then tokens \
             of the IAM are refused; API tokens work.",
        ),
    }
}

/// The databases in which addresses are looked up can be read.
pub(super) fn networks(config: &RiskConfig) -> Finding {
    const CHECK: &str = "networks";
    match Databases::of(config) {
        Ok(Some(databases)) => {
            Finding::ok(CHECK, format!("Addresses are looked up in {}.", databases.summary().join(", ")))
        }
        Ok(None) => Finding::ok(CHECK, "No databases of addresses are configured; only what is reported counts."),
        Err(reason) => Finding::problem(
            CHECK,
            format!("A database of addresses is not to be had: {reason}."),
            "See to risk.address_databases; the server does not start without what it names.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::from_micros;

    /// A time, in seconds after another one.
    fn second(seconds: i64) -> Timestamp {
        from_micros(1_700_000_000_000_000) + TimeDelta::seconds(seconds)
    }

    fn status(database: Option<i64>, newest: Option<i64>) -> serde_json::Value {
        let finding = judge(database.map(second), (second(0), second(1)), newest.map(second));
        serde_json::to_value(&finding).expect("JSON")["status"].clone()
    }

    #[test]
    fn clocks_may_differ_by_five_seconds_and_no_more() {
        for (database, newest, expected) in [
            (None, None, "ok"),
            (Some(0), Some(-100), "ok"),
            (Some(6), None, "ok"),
            (Some(7), None, "warning"),
            (Some(-5), None, "ok"),
            (Some(-6), Some(1), "warning"),
            (Some(0), Some(6), "ok"),
            (Some(0), Some(7), "problem"),
            (None, Some(7), "problem"),
        ] {
            assert_eq!(status(database, newest), expected, "{database:?} {newest:?}");
        }
    }
}
