//! The checks of what the database holds: whether the parts of the graph fit together.

use super::finding::Finding;
use crate::config::RedisConfig;
use crate::domain::Clock;
use crate::store::{Backlog, Orphans, SequenceGap, Store};
use chrono::TimeDelta;

/// How long an event may wait in the outbox before somebody is told.
const PATIENCE: TimeDelta = TimeDelta::minutes(1);

/// How many ids a finding names.
const EXAMPLES: usize = 3;

/// What to do about data that the write path cannot have left behind.
const TAMPERED: &str = "The server never leaves this behind: find out who wrote to the database, keep a copy of it, and \
    restore a backup of before.";

/// The events of each tenant are the numbers from 1 to the last one.
pub(super) async fn sequences(store: &Store) -> Finding {
    const CHECK: &str = "sequences";
    let gaps = match store.sequence_gaps().await {
        Ok(gaps) if gaps.is_empty() => return Finding::ok(CHECK, "The history of every organization is complete."),
        Ok(gaps) => gaps,
        Err(error) => return Finding::failed(CHECK, error),
    };
    let named: Vec<String> = gaps
        .iter()
        .take(EXAMPLES)
        .map(|SequenceGap { organization, last_seq, events }| {
            format!("{organization} (last number {last_seq}, {events} events)")
        })
        .collect();
    let more = if gaps.len() > EXAMPLES { ", …" } else { "" };
    let message = format!("The history of {} is not complete: {}{more}.", organizations(gaps.len()), named.join(", "));
    Finding::problem(CHECK, message, TAMPERED)
}

fn organizations(count: usize) -> String {
    if count == 1 { "1 organization".to_owned() } else { format!("{count} organizations") }
}

/// Nothing speaks of nodes that are not there.
pub(super) async fn orphans(store: &Store) -> Vec<Finding> {
    let Orphans { edge_ends, keys, event_nodes, containment } = match store.orphans().await {
        Ok(orphans) => orphans,
        Err(error) => return vec![Finding::failed("edges", error)],
    };
    let finding = |check, well: &str, faults: &[(i64, &str)]| {
        let faults: Vec<String> =
            faults.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{what}: {count}")).collect();
        if faults.is_empty() {
            Finding::ok(check, well)
        } else {
            Finding::problem(check, format!("{}.", faults.join("; ")), TAMPERED)
        }
    };
    vec![
        finding("edges", "Every edge has two ends.", &[(edge_ends, "Ends of edges that do not exist")]),
        finding(
            "keys",
            "Every key and every event belongs to a node.",
            &[(keys, "Keys of nodes that do not exist"), (event_nodes, "Events of nodes that do not exist")],
        ),
        finding(
            "containment",
            "Only live teams and groups contain one another.",
            &[(containment, "Rows about teams and groups that are deleted or do not exist")],
        ),
    ]
}

/// Events do not wait for long to be told to the outside.
pub(super) async fn outbox(store: &Store, clock: &dyn Clock, redis: &RedisConfig) -> Finding {
    const CHECK: &str = "outbox";
    let Backlog { events, oldest } = match store.backlog().await {
        Ok(backlog) => backlog,
        Err(error) => return Finding::failed(CHECK, error),
    };
    let Some(age) = oldest.map(|oldest| clock.now() - oldest) else {
        return Finding::ok(CHECK, "No event waits to be published.");
    };
    let message = format!("{events} events wait to be published, the oldest for {} s.", age.num_seconds().max(0));
    if age <= PATIENCE {
        return Finding::ok(CHECK, message);
    }
    let reaches = if redis.url.is_some() { ", and that it reaches Redis" } else { "" };
    Finding::warning(CHECK, message, format!("See that a server runs{reaches}; it publishes them in their order."))
}
