//! Streams: made, shown, changed and removed by the receiver that they belong to, and by nobody else.

use super::{Receiver, done, pushed, send, sending, stream, text};
use crate::oauth::{Client, ISSUER, issuing, token};
use crate::support::on_each_database;
use idgraph::domain::token::OrganizationRole;
use serde_json::json;

const STREAMS: (&str, &str) = ("POST", "/ssf/streams");

on_each_database! {
    async fn everybody_is_told_where_things_are(world: World) {
        let answer = world.get(&world.nobody, "/.well-known/ssf-configuration").await;
        assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (404, Some("NOT_FOUND")), "nothing is signed");
        let world = issuing(world).await;
        let told = done(&world, &world.nobody, ("GET", "/.well-known/ssf-configuration"), None).await;
        assert_eq!((text(&told, "spec_version"), text(&told, "issuer")), ("1_0", ISSUER));
        assert_eq!(told["delivery_methods_supported"], json!(["urn:ietf:rfc:8935", "urn:ietf:rfc:8936"]));
        for name in ["jwks_uri", "configuration_endpoint", "status_endpoint", "verification_endpoint",
            "add_subject_endpoint", "remove_subject_endpoint"] {
            let path = text(&told, name).strip_prefix(ISSUER).expect("a place here");
            let status = world.get(&world.nobody, path).await.status;
            assert!([200, 401, 405].contains(&status.as_u16()), "{name}: {status}");
        }
    }

    async fn a_stream_is_made_shown_changed_and_removed(world: World) {
        let world = issuing(world).await;
        let receiver = &world.admin;
        let client = Client::of(&world, receiver).await;
        assert_eq!(done(&world, receiver, ("GET", "/ssf/streams"), None).await, json!([]));
        let made = stream(&world, receiver, json!({"description": "the SIEM"})).await;
        let id = text(&made, "stream_id").to_owned();
        assert!(id.starts_with("str_"));
        assert_eq!((text(&made, "iss"), text(&made, "aud")), (ISSUER, client.id.as_str()));
        assert_eq!(made["delivery"], json!({"method": "urn:ietf:rfc:8936", "endpoint_url": format!("{ISSUER}/ssf/poll/{id}")}));
        assert_eq!(made["events_delivered"], made["events_supported"]);
        let one = format!("/ssf/streams?stream_id={id}");
        assert_eq!(done(&world, receiver, ("GET", &one), None).await, made);
        assert_eq!(done(&world, receiver, ("GET", "/ssf/streams"), None).await, json!([made]));
        // What was issued to the API token is the same receiver.
        assert_eq!(done(&world, &token(&world, &client).await, ("GET", &one), None).await, made);

        let revoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
        let unknown = "https://example.org/unknown";
        let change = json!({"stream_id": id, "iss": ISSUER, "events_requested": [revoked, unknown], "format": "email"});
        let changed = done(&world, receiver, ("PATCH", "/ssf/streams"), Some(change)).await;
        assert_eq!((&changed["events_requested"], &changed["events_delivered"]), (&json!([revoked, unknown]), &json!([revoked])));
        assert_eq!((text(&changed, "format"), text(&changed, "description")), ("email", "the SIEM"));
        let push = json!({"method": "urn:ietf:rfc:8935", "endpoint_url": "https://receiver.example.org/events",
            "authorization_header": "Bearer s3cret"});
        let replaced = done(&world, receiver, ("PUT", "/ssf/streams"), Some(json!({"stream_id": id, "delivery": push}))).await;
        assert_eq!(replaced["delivery"], json!({"method": "urn:ietf:rfc:8935", "endpoint_url": "https://receiver.example.org/events"}));
        assert_eq!((text(&replaced, "format"), &replaced["events_delivered"]), ("complex", &replaced["events_supported"]));
        assert!(replaced.get("description").is_none(), "{replaced:#}");

        // What is secret is in the database under a secret, and in no history.
        let stored = world.text_behind("SELECT hex(secret) FROM outlets", "SELECT encode(secret, 'hex') FROM outlets").await;
        let plain: String = "s3cret".bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!stored.is_empty() && !stored.to_lowercase().contains(&plain));
        let told = world.text_behind(
            "SELECT group_concat(changes) FROM events", "SELECT string_agg(changes::text, ' ') FROM events").await;
        assert!(told.contains(&id) && told.contains("receiver.example.org") && !told.contains("s3cret"));

        assert_eq!(send(&world, receiver, ("DELETE", &one), None).await.status, 204);
        assert_eq!(send(&world, receiver, ("DELETE", &one), None).await.status, 404);
        assert_eq!(send(&world, receiver, ("GET", &one), None).await.status, 404);
        let actions = world.text_behind(
            "SELECT group_concat(action) FROM events WHERE action LIKE 'signal%'",
            "SELECT string_agg(action, ',' ORDER BY seq) FROM events WHERE action LIKE 'signal%'").await;
        assert_eq!(actions, "signal_stream.create,signal_stream.update,signal_stream.update,signal_stream.delete");
    }

    async fn a_stream_is_of_one_receiver_alone(world: World) {
        let world = issuing(world).await;
        let other = world.token("other", Some(world.acme), OrganizationRole::Admin, None).await;
        let made = stream(&world, &world.admin, json!({})).await;
        let id = text(&made, "stream_id").to_owned();
        for actor in [&other, &world.owner, &world.stranger] {
            assert_eq!(done(&world, actor, ("GET", "/ssf/streams"), None).await, json!([]), "{}", actor.name);
            let one = format!("/ssf/streams?stream_id={id}");
            let about = json!({"stream_id": id, "status": "paused", "subject": {"format": "opaque", "id": "x"}});
            for (method, path, body) in [
                ("GET", one.as_str(), None),
                ("DELETE", one.as_str(), None),
                ("PATCH", "/ssf/streams", Some(about.clone())),
                ("PUT", "/ssf/streams", Some(about.clone())),
                ("GET", &format!("/ssf/status?stream_id={id}"), None),
                ("POST", "/ssf/status", Some(about.clone())),
                ("POST", "/ssf/verify", Some(about.clone())),
                ("POST", "/ssf/subjects/add", Some(about.clone())),
                ("POST", "/ssf/subjects/remove", Some(about.clone())),
                ("POST", &format!("/ssf/poll/{id}"), Some(json!({"returnImmediately": true}))),
            ] {
                let before = world.last_sequence().await;
                let answer = send(&world, actor, (method, path), body).await;
                assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (404, Some("NOT_FOUND")), "{method} {path}");
                assert_eq!(world.last_sequence().await, before, "{method} {path}");
            }
        }
        // One that is for every organization is for none.
        let answer = send(&world, &world.root, STREAMS, Some(json!({}))).await;
        assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (403, Some("FORBIDDEN")));
    }

    async fn what_cannot_be_is_refused_and_changes_nothing(world: World) {
        let world = issuing(world).await;
        let made = stream(&world, &world.admin, json!({})).await;
        let id = text(&made, "stream_id").to_owned();
        let before = world.last_sequence().await;
        let push = |url: &str| json!({"delivery": {"method": "urn:ietf:rfc:8935", "endpoint_url": url}});
        for (body, field) in [
            (push("http://receiver.example.org/"), "delivery.endpoint_url"),
            (push("https://127.0.0.1/"), "delivery.endpoint_url"),
            (push("https://169.254.169.254/latest"), "delivery.endpoint_url"),
            (push("https://[::1]/"), "delivery.endpoint_url"),
            (push("nowhere"), "delivery.endpoint_url"),
            (json!({"delivery": {"method": "urn:ietf:rfc:8935"}}), "delivery.endpoint_url"),
            (json!({"delivery": {"method": "carrier pigeon"}}), "delivery.method"),
            (json!({"delivery": {"method": "urn:ietf:rfc:8935", "endpoint_url": "https://receiver.example.org/",
                "authorization_header": "x\r\nHost: y"}}), "delivery.authorization_header"),
            (json!({"delivery": 7}), "delivery"),
            (json!({"events_requested": []}), "events_requested"),
            (json!({"events_requested": [1]}), "events_requested[0]"),
            (json!({"format": "phone"}), "format"),
            (json!({"description": "a\u{0}b"}), ""),
        ] {
            let answer = send(&world, &world.admin, STREAMS, Some(body.clone())).await;
            let refused = answer.body["field"].as_str().unwrap_or_default();
            assert_eq!((answer.status.as_u16(), refused), (400, field), "{body}: {:#}", answer.body);
        }
        for change in [json!({"iss": "https://example.org"}), json!({"aud": "me"}), json!({"events_delivered": []})] {
            let mut body = json!({"stream_id": id});
            body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
            assert_eq!(send(&world, &world.admin, ("PATCH", "/ssf/streams"), Some(body)).await.status, 400, "{change}");
        }
        for (place, body) in [
            (("PATCH", "/ssf/streams"), json!({"description": "x"})),
            (("POST", "/ssf/status"), json!({"stream_id": id, "status": "asleep"})),
            (("POST", "/ssf/subjects/remove"), json!({"stream_id": id})),
            (("POST", "/ssf/verify"), json!({})),
            (("DELETE", "/ssf/streams"), json!({})),
        ] {
            assert_eq!(send(&world, &world.admin, place, Some(body)).await.status, 400, "{place:?}");
        }
        let twice = format!("{{\"stream_id\": {id}, \"status\": \"enabled\", \"status\": \"paused\"}}");
        for text in ["", "[]", "{", "null", "\"x\"", &twice] {
            let answer = world.post(&world.admin, "/ssf/status", "application/json", text.to_owned()).await;
            assert_eq!(answer.status, 400, "{text}");
        }
        assert_eq!(world.last_sequence().await, before);
        // Another change that is none.
        done(&world, &world.admin, ("PATCH", "/ssf/streams"), Some(json!({"stream_id": id}))).await;
        assert_eq!(world.last_sequence().await, before);
        for _ in 1..10 {
            stream(&world, &world.admin, json!({})).await;
        }
        let answer = send(&world, &world.admin, STREAMS, Some(json!({}))).await;
        assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (409, Some("CONFLICT")));
    }

    async fn a_secret_is_not_shown_to_another_receiver(world: World) {
        let world = sending(world).await;
        let (one, other) = (Receiver::start().await, Receiver::start().await);
        let made = pushed(&world, &world.admin, &one).await;
        let id = text(&made, "stream_id");
        let to = |receiver: &Receiver, header: Option<&str>| {
            json!({"stream_id": id, "delivery": {"method": "urn:ietf:rfc:8935", "endpoint_url": receiver.url,
                "authorization_header": header}})
        };
        let count = async || world.number_behind("SELECT COUNT(*) FROM outlets WHERE secret IS NOT NULL").await;
        done(&world, &world.admin, ("PATCH", "/ssf/streams"), Some(to(&one, Some("Bearer x")))).await;
        assert_eq!(count().await, 1);
        done(&world, &world.admin, ("PATCH", "/ssf/streams"), Some(to(&one, None))).await;
        assert_eq!(count().await, 1, "it is kept for the same place");
        done(&world, &world.admin, ("PATCH", "/ssf/streams"), Some(to(&other, None))).await;
        assert_eq!(count().await, 0);
    }
}
