//! Whose feeds are whose, and what is refused.

use super::{Publisher, add, feeds, list, sync};
use crate::support::on_each_database;
use serde_json::{Value, json};

on_each_database! {
    async fn what_makes_no_sense_is_refused(world: World) {
        let world = world.following_feeds(true).await;
        let good = list(&world, "good", "https://feeds.example/list.txt");
        add(&world, &world.owner, good.clone()).await;
        let long = format!("https://feeds.example/{}", "a".repeat(5_000));
        for (field, name, value) in [
            ("name", "name", json!("GOOD")),
            ("name", "name", json!("")),
            ("name", "name", json!("a\nb")),
            ("url", "url", json!("feeds.example")),
            ("url", "url", json!("file:///etc/passwd")),
            ("url", "url", json!("https://user:secret@feeds.example/")),
            ("url", "url", json!(long)),
            ("confidence", "confidence", json!(101)),
            ("refreshMinutes", "refreshMinutes", json!(1)),
            ("lifetimeHours", "lifetimeHours", json!(0)),
            ("secret", "username", json!("reader")),
        ] {
            let mut input = good.clone();
            input["name"] = json!("another");
            input[name] = value.clone();
            let (code, at) = world.refused(&world.owner, "addThreatFeed", input).await;
            let expected = if field == "name" && value == "GOOD" { "CONFLICT" } else { "BAD_USER_INPUT" };
            assert_eq!((code.as_str(), at.as_str()), (expected, field), "{name}: {value}");
        }
        for id in ["", "fed_", "fed_00000000000000000000000000", "org_1"] {
            let (code, field) = world.refused(&world.owner, "removeThreatFeed", json!({"feedId": id})).await;
            assert!(["BAD_USER_INPUT", "NOT_FOUND"].contains(&code.as_str()) && field == "feedId", "{id}: {code} {field}");
        }
    }

    async fn nobody_touches_the_feeds_of_others(world: World) {
        let world = world.following_feeds(true).await;
        let ours = add(&world, &world.owner, list(&world, "ours", "https://feeds.example/")).await;
        let everyones = add(&world, &world.root, json!({"name": "of everyone", "url": "https://feeds.example/", "confidence": 50})).await;
        for mutation in ["removeThreatFeed", "syncThreatFeed"] {
            for (who, id, code) in [
                (&world.stranger, &ours, "NOT_FOUND"),
                (&world.admin, &ours, "FORBIDDEN"),
                (&world.owner, &everyones, "NOT_FOUND"),
                (&world.stranger, &everyones, "NOT_FOUND"),
            ] {
                let refused = world.refused(who, mutation, json!({"feedId": id})).await;
                assert_eq!(refused.0, code, "{mutation} as {}", who.name);
            }
        }
        let input = json!({"organizationId": world.globex, "name": "planted", "url": "https://feeds.example/", "confidence": 50});
        assert_eq!(world.refused(&world.owner, "addThreatFeed", input).await.0, "NOT_FOUND");
        let seen = world.query(&world.owner, "{ threatFeeds { name } }").await;
        assert_eq!(seen["threatFeeds"], json!([{"name": "ours"}]));
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM threat_feeds WHERE removed_at IS NULL").await, 2);
    }

    async fn the_feeds_of_an_organization_do_not_lead_inside(world: World) {
        // As served unless the configuration says otherwise.
        let world = world.following_feeds(false).await;
        let publisher = Publisher::start().await;
        publisher.publish("203.0.113.9\n");
        let port = publisher.url.rsplit(':').next().and_then(|rest| rest.split('/').next()).expect("a port").to_owned();
        for url in [
            format!("http://localhost:{port}/"),
            format!("https://localhost:{port}/"),
            "http://feeds.example/".to_owned(),
            format!("https://127.0.0.1:{port}/"),
            format!("https://[::ffff:127.0.0.1]:{port}/"),
            "https://169.254.169.254/latest".to_owned(),
            "https://2130706433/".to_owned(),
            format!("https://localhost:{port}/"),
            format!("https://localhost.:{port}/"),
        ] {
            let refused = world.refused(&world.owner, "addThreatFeed", list(&world, "inside", &url)).await;
            assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "url".to_owned()), "{url}");
        }
        // What was taken before that was a rule is not fetched either.
        add(&world, &world.owner, list(&world, "inside", "https://feeds.example/")).await;
        world.tamper(&format!("UPDATE threat_feeds SET url = 'https://localhost:{port}/'")).await;
        sync(&world).await;
        let feed = feeds(&world).await.remove(0);
        assert!(feed["failure"].as_str().is_some_and(|failure| failure.contains("not public")), "{feed}");
        assert_eq!(publisher.asked().len(), 0);
        // Those of everyone are made by those who own the server.
        add(&world, &world.root, json!({"name": "inside", "url": publisher.url, "confidence": 50})).await;
        sync(&world).await;
        let seen = world.query(&world.root, "{ threatFeeds { failure entryCount } }").await;
        assert_eq!(seen["threatFeeds"], json!([{"failure": Value::Null, "entryCount": 1}]));
    }

    async fn without_a_secret_of_the_server_no_secrets_are_kept(world: World) {
        let mut input = list(&world, "with a secret", "https://feeds.example/");
        input["secret"] = json!("s3cret");
        let (code, field) = world.refused(&world.owner, "addThreatFeed", input).await;
        assert_eq!((code.as_str(), field.as_str()), ("BAD_USER_INPUT", "secret"));
    }
}
