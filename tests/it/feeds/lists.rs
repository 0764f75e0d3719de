//! Lists of addresses and networks.

use super::{Publisher, add, evidence, feeds, list, listings, sync};
use crate::risk::{FIREFOX, identity, report, risk, sign_in};
use crate::support::{World, on_each_database};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// A sign-in from there.
async fn from(world: &World, identity: &str, at: &str, address: &str) {
    report(world, &[sign_in(identity, at, (address, "AT", FIREFOX))]).await;
}

fn listed(signal: &str, network: &str, confidence: i64) -> (String, String, i64) {
    (signal.to_owned(), network.to_owned(), confidence)
}

/// The only feed of acme: failure, failures, entries.
async fn state(world: &World) -> (Value, i64, i64) {
    let feed = &feeds(world).await[0];
    (
        feed["failure"].clone(),
        feed["failures"].as_i64().expect("a number"),
        feed["entryCount"].as_i64().expect("a number"),
    )
}

on_each_database! {
    async fn an_address_on_a_list_counts_by_how_sure_the_list_is(world: World) {
        let world = world.following_feeds(true).await;
        let publisher = Publisher::start().await;
        publisher.publish("# attackers\n203.0.113.0/24 ; a network\n203.0.113.9\n2001:db8:bad::/48\nnonsense\n");
        add(&world, &world.owner, list(&world, "attackers", &publisher.url)).await;
        let mut tor = list(&world, "exits", &publisher.url);
        (tor["signal"], tor["confidence"]) = (json!("ANONYMISER"), json!(100));
        sync(&world).await;
        assert_eq!(state(&world).await, (Value::Null, 0, 3));
        assert_eq!(feeds(&world).await[0]["skippedCount"], 1);
        let (ada, bob, cleo) = (identity(&world, "ada").await, identity(&world, "bob").await, identity(&world, "cleo").await);
        from(&world, &ada, "2026-01-01T11:00:00Z", "203.0.113.9").await;
        assert_eq!(listings(&world, &ada).await, [listed("THREAT", "203.0.113.0/24", 80), listed("THREAT", "203.0.113.9/32", 80)]);
        // .85 · .8
        assert_eq!(risk(&world, &ada).await, (68, "high".to_owned()));
        from(&world, &bob, "2026-01-01T11:00:00Z", "2001:db8:bad:1::1").await;
        assert_eq!(risk(&world, &bob).await.0, 68);
        from(&world, &cleo, "2026-01-01T11:00:00Z", "203.0.114.1").await;
        assert_eq!((listings(&world, &cleo).await.len(), risk(&world, &cleo).await.0), (0, 0));
        add(&world, &world.owner, tor).await;
        sync(&world).await;
        from(&world, &cleo, "2026-01-01T11:30:00Z", "203.0.113.200").await;
        assert_eq!(listings(&world, &cleo).await, [listed("ANONYMISER", "203.0.113.0/24", 100), listed("THREAT", "203.0.113.0/24", 80)]);
        assert_eq!((evidence(&world, "anonymiser").await, evidence(&world, "threat_intelligence").await), (1, 3));
    }

    async fn the_feeds_of_one_organization_count_for_no_other_and_those_of_none_for_all(world: World) {
        let world = world.following_feeds(true).await;
        let publisher = Publisher::start().await;
        publisher.publish("203.0.113.9\n");
        let theirs = json!({"organizationId": world.globex, "name": "theirs", "url": publisher.url, "confidence": 100});
        add(&world, &world.stranger, theirs).await;
        sync(&world).await;
        let ada = identity(&world, "ada").await;
        from(&world, &ada, "2026-01-01T11:00:00Z", "203.0.113.9").await;
        assert_eq!((listings(&world, &ada).await.len(), risk(&world, &ada).await.0, feeds(&world).await.len()), (0, 0, 0));
        add(&world, &world.root, json!({"name": "of everyone", "url": publisher.url, "confidence": 20})).await;
        sync(&world).await;
        from(&world, &ada, "2026-01-01T11:10:00Z", "203.0.113.9").await;
        assert_eq!(listings(&world, &ada).await, [listed("THREAT", "203.0.113.9/32", 20)]);
        assert_eq!(risk(&world, &ada).await.0, 17);
        // They are not among those of the organization.
        assert_eq!(feeds(&world).await.len(), 0);
        let all = world.query(&world.root, "{ threatFeeds { name } }").await;
        assert_eq!(all["threatFeeds"], json!([{"name": "of everyone"}]));
    }

    async fn what_a_list_names_no_more_is_over_and_what_was_stays(world: World) {
        let world = world.following_feeds(true).await;
        let publisher = Publisher::start().await;
        publisher.publish("203.0.113.9\n203.0.113.10\n");
        add(&world, &world.owner, list(&world, "attackers", &publisher.url)).await;
        sync(&world).await;
        let (ada, bob) = (identity(&world, "ada").await, identity(&world, "bob").await);
        from(&world, &ada, "2026-01-01T12:00:00Z", "203.0.113.9").await;
        let before = (listings(&world, &ada).await, risk(&world, &ada).await);
        world.clock.advance(TimeDelta::hours(1));
        publisher.publish("203.0.113.10\n203.0.113.11\n");
        sync(&world).await;
        assert_eq!(state(&world).await.2, 2);
        assert_eq!(listings(&world, &ada).await, before.0);
        from(&world, &bob, "2026-01-01T13:00:00Z", "203.0.113.9").await;
        assert_eq!(risk(&world, &bob).await.0, 0);
        // It was named when this happened, of which is told late.
        from(&world, &bob, "2026-01-01T12:30:00Z", "203.0.113.9").await;
        assert_eq!((listings_at(&world, &bob).await, risk(&world, &bob).await.0 > 60), (2, true));
        // Three networks, one of which is over.
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM threat_entries").await, 3);
        world.clock.advance(TimeDelta::days(91));
        world.app.tidy_feeds().await.expect("tidied");
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM threat_entries").await, 2);
    }

    async fn what_is_not_to_be_had_leaves_what_was_named_until_it_expires(world: World) {
        let world = world.following_feeds(true).await;
        let publisher = Publisher::start().await;
        publisher.publish("203.0.113.9\n");
        let mut input = list(&world, "attackers", &publisher.url);
        (input["lifetimeHours"], input["refreshMinutes"]) = (json!(24), json!(60));
        add(&world, &world.owner, input).await;
        sync(&world).await;
        let names: Vec<String> = (0..8).map(|index| format!("user-{index}")).collect();
        let mut people = Vec::new();
        for name in &names {
            people.push(identity(&world, name).await);
        }
        let huge = vec![b'#'; 33 << 20];
        let garbage: [(&[u8], u16, &str); 5] = [
            (b"<html>sorry</html>", 200, "no list"),
            (b"", 200, "empty"),
            (b"203.0.113.9\n", 503, "503"),
            (&huge, 200, "more than"),
            (b"203.0.113.9\n", 302, "redirects"),
        ];
        for (index, (body, status, reason)) in garbage.into_iter().enumerate() {
            world.clock.advance(TimeDelta::hours(1));
            publisher.publish(body);
            publisher.answer(status, &[("location", "http://127.0.0.1/")]);
            sync(&world).await;
            let (failure, failures, entries) = state(&world).await;
            let failure = failure.as_str().expect("a failure").to_owned();
            assert!(failure.contains(reason), "{failure}");
            assert_eq!((failures, entries), (1 + i64::try_from(index).expect("a number"), 1));
            from(&world, &people[index], &format!("2026-01-01T1{}:00:00Z", 3 + index), "203.0.113.9").await;
            assert_eq!(risk(&world, &people[index]).await.0, 68);
        }
        world.clock.advance(TimeDelta::days(1));
        from(&world, &people[6], "2026-01-02T17:00:00Z", "203.0.113.9").await;
        assert_eq!(risk(&world, &people[6]).await.0, 0);
        publisher.publish("203.0.113.9\n");
        sync(&world).await;
        assert_eq!(state(&world).await, (Value::Null, 0, 1));
        from(&world, &people[7], "2026-01-02T17:00:00Z", "203.0.113.9").await;
        assert_eq!(risk(&world, &people[7]).await.0, 68);
    }

    async fn what_has_failed_is_tried_again_later_and_later(world: World) {
        let world = world.following_feeds(true).await;
        let publisher = Publisher::start().await;
        publisher.answer(500, &[]);
        add(&world, &world.owner, list(&world, "attackers", &publisher.url)).await;
        for (minutes, tries) in [(0, 1), (0, 0), (1, 1), (1, 0), (1, 1), (3, 0), (1, 1)] {
            world.clock.advance(TimeDelta::minutes(minutes));
            sync(&world).await;
            assert_eq!(publisher.asked().len(), tries, "after {minutes} more");
        }
        assert_eq!(state(&world).await.1, 4);
        // Nobody listens.
        let nobody = TcpPort::closed();
        let mut input = list(&world, "nobody", &format!("http://127.0.0.1:{nobody}/"));
        input["organizationId"] = Value::Null;
        world.mutate(&world.root, "addThreatFeed", input, "feed { id }").await;
        sync(&world).await;
        let all = world.query(&world.root, "{ threatFeeds { failure } }").await;
        assert!(all["threatFeeds"][0]["failure"].as_str().is_some_and(|text| text.contains("does not answer")), "{all}");
    }

    async fn what_has_not_changed_is_not_fetched_again(world: World) {
        let world = world.following_feeds(true).await;
        let publisher = Publisher::start().await;
        publisher.publish("203.0.113.9\n");
        publisher.answer(200, &[("etag", "\"one\""), ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT")]);
        add(&world, &world.owner, list(&world, "attackers", &publisher.url)).await;
        sync(&world).await;
        publisher.asked();
        publisher.answer(304, &[]);
        for _ in 0..30 {
            world.clock.advance(TimeDelta::hours(10));
            sync(&world).await;
        }
        let asked = publisher.asked();
        assert_eq!(asked.len(), 30);
        let header = |name: &str| asked[29].1[name].to_str().expect("text").to_owned();
        assert_eq!((header("if-none-match"), header("if-modified-since")), ("\"one\"".to_owned(), "Thu, 01 Jan 2026 00:00:00 GMT".to_owned()));
        // It is as fresh as if it had been fetched.
        assert_eq!(state(&world).await, (Value::Null, 0, 1));
        let ada = identity(&world, "ada").await;
        from(&world, &ada, "2026-01-13T23:00:00Z", "203.0.113.9").await;
        assert_eq!(risk(&world, &ada).await.0, 68);
    }

    async fn one_server_fetches_and_another_takes_over(world: World) {
        let world = world.following_feeds(true).await;
        let publisher = Publisher::start().await;
        publisher.publish("203.0.113.9\n");
        let id = add(&world, &world.owner, list(&world, "attackers", &publisher.url)).await;
        let uuid = idgraph::domain::feed::parse_feed_id(&id, "id").expect("an id");
        let now = idgraph::domain::Clock::now(&*world.clock);
        let claim = idgraph::domain::Clock::new_id(&*world.clock);
        let taken = world.app.store().claim_feed(claim, None, (now, now + TimeDelta::minutes(10))).await.expect("claimed");
        assert_eq!(taken.map(|feed| feed.id), Some(uuid));
        assert!(!world.app.sync_due_feed().await.expect("nothing"));
        assert_eq!(world.app.sync_feed(&world.operator(), uuid).await.expect("nothing"), None);
        world.clock.advance(TimeDelta::minutes(10));
        assert!(world.app.sync_due_feed().await.expect("synchronised"));
        assert_eq!((publisher.asked().len(), state(&world).await.2), (1, 1));
    }

    async fn a_removed_feed_names_nothing_and_is_told_in_the_history(world: World) {
        let world = world.following_feeds(true).await;
        let publisher = Publisher::start().await;
        publisher.publish("203.0.113.9\n");
        let id = add(&world, &world.owner, list(&world, "attackers", &publisher.url)).await;
        sync(&world).await;
        world.clock.advance(TimeDelta::minutes(1));
        world.mutate(&world.owner, "removeThreatFeed", json!({"feedId": id, "reason": "too noisy"}), "removedId").await;
        let ada = identity(&world, "ada").await;
        from(&world, &ada, "2026-01-01T12:01:00Z", "203.0.113.9").await;
        assert_eq!((risk(&world, &ada).await.0, feeds(&world).await.len()), (0, 0));
        world.clock.advance(TimeDelta::hours(2));
        publisher.asked();
        sync(&world).await;
        assert_eq!(publisher.asked().len(), 0);
        let query = r#"{ organization(slug: "acme") { history(first: 2) { nodes { action reason changes { path } } } } }"#;
        let seen = world.query(&world.owner, query).await;
        let events = &seen["organization"]["history"]["nodes"];
        assert_eq!(events[0], json!({"action": "threat_feed.remove", "reason": "too noisy", "changes": [{"path": format!("threat_feeds.{id}")}]}));
        assert_eq!(events[1]["action"], "threat_feed.add");
        // Another may have its name.
        add(&world, &world.owner, list(&world, "Attackers", &publisher.url)).await;
    }

    async fn a_batch_is_looked_up_with_one_statement(world: World) {
        let world = world.following_feeds(true).await;
        let publisher = Publisher::start().await;
        let lines: String = (0..3_000).map(|n| format!("10.{}.{}.0/24\n10.9.{}.{}\n", n / 250, n % 250, n / 250, n % 250)).collect();
        publisher.publish(lines);
        add(&world, &world.owner, list(&world, "many", &publisher.url)).await;
        sync(&world).await;
        assert_eq!(state(&world).await.2, 6_000);
        let (ada, bob) = (identity(&world, "ada").await, identity(&world, "bob").await);
        let records = |identity: &str, count: u8| -> Vec<Value> {
            (0..count)
                .map(|n| sign_in(identity, &format!("2026-01-01T03:{n:02}:00Z"), (&format!("10.1.{n}.7"), "AT", FIREFOX)))
                .collect()
        };
        // What is usual is known from now on.
        report(&world, &[sign_in(&identity(&world, "cleo").await, "2026-01-01T02:00:00Z", ("192.0.2.1", "AT", FIREFOX))]).await;
        let (_, few) = world.statements(report(&world, &records(&ada, 2))).await;
        let (_, many) = world.statements(report(&world, &records(&bob, 40))).await;
        assert_eq!(few.len(), many.len(), "{many:#?}");
        assert_eq!(many.iter().filter(|sql| sql.contains("threat_entries")).count(), 1);
        assert_eq!(listings(&world, &bob).await, [listed("THREAT", "10.1.39.0/24", 80)]);
    }
}

/// How many of the records of an account are of an address that a feed names, and of one that none does.
async fn listings_at(world: &World, identity: &str) -> usize {
    let query = format!(
        r#"{{ node(id: "{identity}") {{ ... on LinkedIdentity {{ accessRecords {{ nodes {{ whereabouts {{ network {{
            listings {{ network }} }} }} }} }} }} }} }}"#
    );
    let seen = world.query(&world.admin, &query).await;
    let records = seen["node"]["accessRecords"]["nodes"].as_array().expect("records").clone();
    let counts: Vec<usize> = records
        .iter()
        .map(|record| record["whereabouts"]["network"]["listings"].as_array().map_or(0, Vec::len))
        .collect();
    assert_eq!(counts, [0, 1], "the later one is not listed, the earlier one is");
    counts.len()
}

/// A port on which nobody listens.
struct TcpPort;

impl TcpPort {
    fn closed() -> u16 {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    }
}
