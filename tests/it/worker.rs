//! The worker carries events out of the outbox.

use crate::support::{World, on_each_database};
use idgraph::config::{Config, Sources};
use idgraph::domain::Clock;
use idgraph::worker::Worker;
use redis::aio::MultiplexedConnection;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long anything here may take at most.
const PATIENCE: Duration = Duration::from_secs(20);

/// An entry of the stream.
#[derive(Debug)]
struct Entry {
    id: String,
    fields: BTreeMap<String, String>,
}

/// Where Redis is.
#[expect(clippy::disallowed_methods, reason = "the suite is told where Redis is by its environment")]
pub fn redis_url() -> String {
    std::env::var("IDGRAPH_TEST_REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned())
}

fn start(world: &World, overrides: &[(&str, &str)]) -> Worker {
    let overrides = overrides.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let config = Config::load(Sources { overrides, ..Sources::default() }).expect("a configuration");
    Worker::start(Arc::clone(&world.app), &config)
}

async fn connect() -> MultiplexedConnection {
    let config = redis::AsyncConnectionConfig::new().set_response_timeout(Some(PATIENCE));
    let client = redis::Client::open(redis_url()).expect("a URL");
    client.get_multiplexed_async_connection_with_config(&config).await.expect("Redis")
}

fn items(value: &redis::Value) -> &[redis::Value] {
    match value {
        redis::Value::Array(items) => items,
        _ => &[],
    }
}

fn text(value: &redis::Value) -> String {
    match value {
        redis::Value::BulkString(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        other => panic!("no text: {other:?}"),
    }
}

fn entry(value: &redis::Value) -> Entry {
    let [id, fields] = items(value) else { panic!("no entry: {value:?}") };
    let pairs = items(fields).chunks_exact(2);
    Entry { id: text(id), fields: pairs.map(|pair| (text(&pair[0]), text(&pair[1]))).collect() }
}

/// Reads from the beginning of a stream until there are that many entries, waiting on Redis for those that are missing.
async fn read(connection: &mut MultiplexedConnection, stream: &str, wanted: usize) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    while entries.len() < wanted {
        let last = entries.last().map_or("0", |entry| entry.id.as_str()).to_owned();
        let mut command = redis::cmd("XREAD");
        command.arg("BLOCK").arg(10_000).arg("STREAMS").arg(stream).arg(last);
        let reply: redis::Value = command.query_async(connection).await.expect("an answer");
        let streams = items(&reply);
        assert!(!streams.is_empty(), "{} of {wanted} events came", entries.len());
        for found in streams {
            entries.extend(items(&items(found)[1]).iter().map(entry));
        }
    }
    entries
}

async fn outbox(world: &World) -> i64 {
    world.number_behind("SELECT COUNT(*) FROM outbox").await
}

async fn events(world: &World) -> usize {
    usize::try_from(world.number_behind("SELECT COUNT(*) FROM events").await).expect("a count")
}

/// Changes a few things in both organizations.
async fn live(world: &World, time: &str) {
    let ada = world.user(&format!("ada-{time}")).await;
    let team = world.team(&format!("core-{time}"), None).await;
    world.join(&team, &[&ada]).await;
    let spy = json!({"kind": "BOT", "username": format!("spy-{time}")});
    world.mutate(&world.stranger, "createProfile", spy, "clientMutationId").await;
    world.mutate(&world.admin, "disableProfile", json!({"id": ada, "reason": "left"}), "clientMutationId").await;
}

on_each_database! {
    async fn every_change_is_delivered_in_order(world: World) {
        let stream = format!("idgraph:test:{}", world.clock.new_id());
        let mut connection = connect().await;
        live(&world, "before").await;
        let worker = start(&world, &[("redis.url", redis_url().as_str()), ("redis.stream", stream.as_str())]);
        live(&world, "after").await;
        let all = events(&world).await;
        let entries = read(&mut connection, &stream, all).await;
        worker.stop().await;
        let deleted: i64 = redis::cmd("DEL").arg(&stream).query_async(&mut connection).await.expect("an answer");
        assert_eq!(deleted, 1);
        assert_eq!(entries.len(), all);
        assert_eq!(outbox(&world).await, 0);

        let mut sequences: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for Entry { fields, .. } in &entries {
            let event: Value = serde_json::from_str(&fields["event"]).expect("JSON");
            let seq: i64 = fields["seq"].parse().expect("a number");
            assert_eq!(event["seq"], seq);
            for field in ["id", "organization", "action", "subject"] {
                assert_eq!(event[field], fields[field], "{event}");
            }
            sequences.entry(&fields["organization"]).or_default().push(seq);
        }
        // The server itself, acme and globex.
        assert_eq!(sequences.len(), 3);
        for (organization, sequence) in &sequences {
            let gapless: Vec<i64> = (1..).take(sequence.len()).collect();
            assert_eq!(sequence, &gapless, "{organization}");
        }
        let acme = world.acme.to_string();
        assert_eq!(sequences[acme.as_str()].last().copied(), Some(world.last_sequence().await));
    }

    async fn without_redis_the_outbox_is_emptied_all_the_same(world: World) {
        live(&world, "before").await;
        assert!(outbox(&world).await > 0);
        let all = events(&world).await;
        let worker = start(&world, &[]);
        let emptied = async {
            while outbox(&world).await > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, emptied).await.expect("the outbox is emptied");
        worker.stop().await;
        assert_eq!(events(&world).await, all, "the history stays");
    }

    async fn while_redis_is_away_changes_are_kept(world: World) {
        // Nobody listens at this port.
        let worker = start(&world, &[("redis.url", "redis://127.0.0.1:1"), ("redis.stream", "idgraph:test:nowhere")]);
        live(&world, "away").await;
        let all = events(&world).await;
        worker.stop().await;
        assert_eq!(usize::try_from(outbox(&world).await).expect("a count"), all);
    }
}
