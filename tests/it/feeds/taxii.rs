//! Indicators of STIX over TAXII.

use super::{Publisher, add, feeds, listings, sync};
use crate::risk::{FIREFOX, identity, report, risk, sign_in};
use crate::support::{World, on_each_database};
use chrono::TimeDelta;
use serde_json::{Value, json};

fn indicator(number: u8, pattern: &str, change: Value) -> Value {
    let mut object = json!({"type": "indicator", "spec_version": "2.1", "id": format!("indicator--00000000-0000-4000-8000-0000000000{number:02}"),
        "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", "pattern": pattern, "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z"});
    let Value::Object(change) = change else { panic!("{change} is no object") };
    for (key, value) in change {
        object[key] = value;
    }
    object
}

fn collection(world: &World, publisher: &Publisher) -> Value {
    json!({"organizationId": world.acme, "name": "collection", "kind": "TAXII", "url": publisher.url, "confidence": 90,
        "username": "reader", "secret": "s3cret-of-the-feed"})
}

async fn score(world: &World, name: &str, at: &str, address: &str) -> i64 {
    let account = identity(world, name).await;
    report(world, &[sign_in(&account, at, (address, "AT", FIREFOX))]).await;
    risk(world, &account).await.0
}

on_each_database! {
    async fn a_collection_is_read_page_by_page_and_then_only_what_is_new(world: World) {
        let world = world.following_feeds(true).await;
        let publisher = Publisher::start().await;
        publisher.pages(vec![
            ("", json!({"more": true, "next": "two", "objects": [
                indicator(1, "[ipv4-addr:value = '203.0.113.9' OR ipv6-addr:value = '2001:db8:bad::/48']", json!({"confidence": 50})),
                {"type": "identity", "id": "identity--1", "modified": "2026-01-01T00:00:00Z"},
            ]})),
            ("two", json!({"objects": [
                indicator(2, "[ipv4-addr:value ISSUBSET '198.51.100.0/24']", json!({"valid_until": "2026-01-01T14:00:00Z"})),
                indicator(3, "[ipv4-addr:value = '192.0.2.66' AND network-traffic:dst_port = 22]", json!({})),
                indicator(4, "[ipv4-addr:value = '192.0.2.77']", json!({"valid_from": "2026-01-01T13:00:00Z"})),
            ]})),
        ]);
        publisher.with(|published| published.headers = vec![("x-taxii-date-added-last", "2026-01-01T11:00:00.000000Z".to_owned())]);
        add(&world, &world.owner, collection(&world, &publisher)).await;
        sync(&world).await;
        let feed = feeds(&world).await.remove(0);
        assert_eq!((&feed["failure"], &feed["entryCount"], &feed["skippedCount"]), (&Value::Null, &json!(4), &json!(2)));
        let asked = publisher.asked();
        assert_eq!(asked[0].0, "/feed/objects/?match%5Btype%5D=indicator&limit=1000");
        assert_eq!(asked[0].1["accept"], "application/taxii+json;version=2.1");
        // reader:s3cret-of-the-feed
        assert_eq!(asked[0].1["authorization"], "Basic cmVhZGVyOnMzY3JldC1vZi10aGUtZmVlZA==");
        assert!(asked[1].0.ends_with("&next=two"));

        // .85 · .5, .85 · .9; another needs more than an address; the last is not valid yet.
        assert_eq!(score(&world, "ada", "2026-01-01T12:00:00Z", "203.0.113.9").await, 43);
        assert_eq!(score(&world, "bob", "2026-01-01T12:00:00Z", "198.51.100.200").await, 77);
        assert_eq!(score(&world, "cleo", "2026-01-01T12:00:00Z", "192.0.2.66").await, 0);
        assert_eq!(score(&world, "dan", "2026-01-01T12:00:00Z", "192.0.2.77").await, 0);

        // One is revoked, one is surer now, one has expired by itself, one has begun.
        world.clock.advance(TimeDelta::hours(3));
        publisher.pages(vec![("", json!({"objects": [
            indicator(1, "[ipv4-addr:value = '203.0.113.9']", json!({"revoked": true, "modified": "2026-01-01T12:30:00Z"})),
            indicator(5, "[ipv4-addr:value = '203.0.113.10']", json!({})),
        ]}))]);
        sync(&world).await;
        let asked = publisher.asked();
        assert!(asked[0].0.contains("added_after=2026-01-01T11%3A00%3A00.000000Z"), "{}", asked[0].0);
        assert_eq!(feeds(&world).await[0]["entryCount"], 3);
        for (name, address, expected) in [("eve", "203.0.113.9", 0), ("flo", "198.51.100.1", 0), ("gil", "192.0.2.77", 77), ("hal", "203.0.113.10", 77)] {
            assert_eq!(score(&world, name, "2026-01-01T15:00:00Z", address).await, expected, "{name}");
        }
    }

    async fn what_is_no_envelope_changes_nothing(world: World) {
        let world = world.following_feeds(true).await;
        let publisher = Publisher::start().await;
        publisher.pages(vec![("", json!({"objects": [indicator(1, "[ipv4-addr:value = '203.0.113.9']", json!({}))]}))]);
        add(&world, &world.owner, collection(&world, &publisher)).await;
        sync(&world).await;
        for (pages, reason) in [
            (vec![("", json!(["no envelope"]))], "envelope"),
            (vec![("", json!({"more": true, "objects": []}))], "not where"),
            (vec![("", json!({"more": true, "next": "a", "objects": []})), ("a", json!({"more": true, "next": "a", "objects": []}))], "to an end"),
        ] {
            world.clock.advance(TimeDelta::hours(1));
            publisher.pages(pages);
            sync(&world).await;
            let feed = feeds(&world).await.remove(0);
            assert!(feed["failure"].as_str().is_some_and(|failure| failure.contains(reason)), "{feed}");
            assert_eq!(feed["entryCount"], 1);
        }
        let ada = identity(&world, "ada").await;
        report(&world, &[sign_in(&ada, "2026-01-01T15:00:00Z", ("203.0.113.9", "AT", FIREFOX))]).await;
        assert_eq!(listings(&world, &ada).await.len(), 1);
    }

    async fn what_a_feed_is_asked_with_is_stored_sealed_and_shown_to_nobody(world: World) {
        let world = world.following_feeds(true).await;
        let publisher = Publisher::start().await;
        publisher.pages(vec![("", json!({}))]);
        let mut input = collection(&world, &publisher);
        input["clientMutationId"] = json!("once");
        let added = world.mutate(&world.owner, "addThreatFeed", input.clone(), "feed { id hasSecret username }").await;
        assert_eq!((&added["feed"]["hasSecret"], &added["feed"]["username"]), (&json!(true), &json!("reader")));
        let again = world.mutate(&world.owner, "addThreatFeed", input, "feed { id }").await;
        assert_eq!(again["feed"]["id"], added["feed"]["id"]);
        let sealed = world.text_behind("SELECT hex(sealed) FROM threat_feeds", "SELECT encode(sealed, 'hex') FROM threat_feeds").await;
        let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert!(sealed.len() > 40 && !sealed.to_lowercase().contains(&hex("s3cret")), "{sealed}");
        let bearer = json!({"organizationId": world.acme, "name": "bearer", "kind": "TAXII", "url": publisher.url, "confidence": 90, "secret": "token"});
        add(&world, &world.owner, bearer).await;
        publisher.asked();
        sync(&world).await;
        let asked = publisher.asked();
        assert!(asked.iter().any(|(_, headers)| headers["authorization"] == "Bearer token"));
        let events = world.query(&world.owner, r#"{ organization(slug: "acme") { history { nodes { changes { before after } } } } }"#).await;
        assert!(!events.to_string().contains("s3cret"), "{events}");
    }
}
