//! Feeds over REST: whose they are, what is seen of them, and what is refused.

use super::{Publisher, sync};
use crate::rest::{done, get, refusal, refused, send};
use crate::support::{each, id_of, on_each_database};
use serde_json::{Value, json};

const FEEDS: &str = "/v1/feeds";

on_each_database! {
    async fn an_owner_adds_follows_and_removes_a_feed(world: World) {
        let world = world.following_feeds(true).await;
        let publisher = Publisher::start().await;
        publisher.publish("203.0.113.9\n198.51.100.0/24\n");
        let new = json!({"name": "attackers", "url": publisher.url, "confidence": 90, "secret": "s3cret"});
        let key = [("idempotency-key", "once")];
        let added = send(&world, &world.owner, ("POST", FEEDS), &key, Some(new.clone())).await;
        assert_eq!(added.status, 201, "{:#}", added.body);
        let id = id_of(&added.body);
        let one = format!("{FEEDS}/{id}");
        assert_eq!(added.headers["location"], one.as_str());
        assert!(!added.body.to_string().contains("s3cret"));
        let shown = &added.body;
        assert_eq!((&shown["organization_id"], &shown["kind"], &shown["signal"]), (&json!(world.acme), &json!("list"), &json!("threat")));
        assert_eq!((&shown["has_secret"], &shown["refresh_minutes"], &shown["lifetime_hours"]), (&json!(true), &json!(60), &json!(168)));
        let again = send(&world, &world.owner, ("POST", FEEDS), &key, Some(new.clone())).await;
        assert_eq!((again.status.as_u16(), &again.body["id"]), (201, &json!(id)));
        assert_eq!(refused(&world, &world.owner, ("POST", FEEDS), Some(new)).await, refusal(409, "CONFLICT", "name"));

        sync(&world).await;
        assert_eq!(get(&world, &world.admin, &one).await["entry_count"], 2);
        publisher.publish("203.0.113.9\n");
        let due = done(&world, &world.owner, ("POST", &format!("{one}/sync")), json!({})).await;
        assert_eq!(due["id"], json!(id));
        sync(&world).await;
        assert_eq!(get(&world, &world.admin, &one).await["entry_count"], 1);

        let more = json!({"name": "more", "url": publisher.url, "confidence": 10, "kind": "taxii", "signal": "hosting"});
        done(&world, &world.owner, ("POST", FEEDS), more).await;
        let first = get(&world, &world.admin, &format!("{FEEDS}?page%5Blimit%5D=1")).await;
        assert_eq!((each(&first["data"], "name"), &first["page"]["has_more"]), (vec!["attackers"], &json!(true)));
        let next = first["page"]["next_cursor"].as_str().expect("a cursor");
        let second = get(&world, &world.admin, &format!("{FEEDS}?page%5Blimit%5D=1&page%5Bcursor%5D={next}")).await;
        assert_eq!((each(&second["data"], "name"), &second["page"]["has_more"]), (vec!["more"], &json!(false)));

        let stale = send(&world, &world.owner, ("DELETE", &one), &[("if-match", "\"1\"")], None).await;
        assert_eq!((stale.status.as_u16(), &stale.body["code"]), (412, &json!("STALE_VERSION")));
        assert_eq!(send(&world, &world.owner, ("DELETE", &one), &[], None).await.status, 204);
        assert_eq!(refused(&world, &world.owner, ("DELETE", &one), None).await, refusal(404, "NOT_FOUND", "id"));
        assert_eq!(refused(&world, &world.owner, ("POST", &format!("{one}/sync")), None).await, refusal(404, "NOT_FOUND", "id"));
        let history = r#"{ organization(slug: "acme") { history(first: 1) { nodes { action changes { path } } } } }"#;
        let seen = world.query(&world.owner, history).await["organization"]["history"]["nodes"][0].clone();
        assert_eq!((&seen["action"], &seen["changes"][0]["path"]), (&json!("threat_feed.remove"), &json!(format!("threat_feeds.{id}"))));
    }

    async fn nobody_touches_the_feeds_of_others_over_rest(world: World) {
        let world = world.following_feeds(false).await;
        let new = |name: &str| json!({"name": name, "url": "https://feeds.example/", "confidence": 50});
        let ours = id_of(&done(&world, &world.owner, ("POST", FEEDS), new("ours")).await);
        let everyones = done(&world, &world.root, ("POST", FEEDS), new("of everyone")).await;
        assert_eq!(everyones["organization_id"], Value::Null);
        let everyones = id_of(&everyones);
        for (who, id, see, touch) in [
            (&world.nobody, &ours, 401, 401),
            (&world.stranger, &ours, 404, 404),
            (&world.reader, &ours, 403, 403),
            (&world.admin, &ours, 200, 403),
            (&world.stranger, &everyones, 404, 404),
            (&world.owner, &everyones, 404, 404),
        ] {
            let one = format!("{FEEDS}/{id}");
            assert_eq!(send(&world, who, ("GET", &one), &[], None).await.status, see, "{} sees {id}", who.name);
            for place in [("DELETE", one.as_str()), ("POST", &format!("{one}/sync"))] {
                assert_eq!(send(&world, who, place, &[], None).await.status, touch, "{place:?} as {}", who.name);
            }
        }
        for (who, status) in [(&world.nobody, 401), (&world.stranger, 404), (&world.reader, 403), (&world.admin, 403)] {
            let mut planted = new("planted");
            planted["organization"] = json!("acme");
            assert_eq!(send(&world, who, ("POST", FEEDS), &[], Some(planted)).await.status, status, "{}", who.name);
        }
        assert_eq!(each(&get(&world, &world.owner, FEEDS).await["data"], "name"), ["ours"]);
        assert_eq!(each(&get(&world, &world.root, FEEDS).await["data"], "name"), ["of everyone"]);
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM threat_feeds WHERE removed_at IS NULL").await, 2);
        for (field, name, value) in [
            ("url", "url", json!("http://feeds.example/")),
            ("url", "url", json!("https://127.0.0.1/")),
            ("confidence", "confidence", json!(101)),
            ("secret", "username", json!("reader")),
            ("refresh_minutes", "refresh_minutes", json!(1)),
        ] {
            let mut wrong = new("wrong");
            wrong[name] = value;
            let (status, code, at) = refused(&world, &world.owner, ("POST", FEEDS), Some(wrong)).await;
            assert_eq!((status, code.as_str(), at.as_str()), (422, "BAD_USER_INPUT", field));
        }
        for id in ["fed_", "fed_00000000000000000000000000", "org_1"] {
            assert_eq!(refused(&world, &world.owner, ("GET", &format!("{FEEDS}/{id}")), None).await, refusal(404, "NOT_FOUND", "id"));
        }
    }
}
