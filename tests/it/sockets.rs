//! The WebSocket: its sub-protocol with every close code, what it refuses, and how it ends.

use crate::support::socket::{Client, Heard, PROTOCOL};
use crate::support::{Actor, on_each_database};
use futures::SinkExt;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

const METRICS: (&str, &str) = ("metrics.enabled", "true");
const NAME: &str = "{ viewer { name } }";

fn init(authorization: &Value) -> Value {
    json!({"type": "connection_init", "payload": {"Authorization": authorization}})
}

on_each_database! {
    async fn what_is_no_message_closes_with_4400(world: World) {
        let server = world.serve(&[("server.max_body_bytes", "1024")]).await;
        let long = json!({"type": "ping", "payload": {"long": "x".repeat(2_000)}}).to_string();
        for message in [
            Message::text("x"), Message::text("[]"), Message::text(r#"{"type": "start"}"#), Message::binary(b"{}".to_vec()), Message::text(long),
            Message::text(r#"{"type": "subscribe", "id": "1", "payload": {"query": 1}}"#),
            Message::text(r#"{"type": "subscribe", "id": "1", "payload": {"query": "{a}", "variables": []}}"#),
            Message::text(r#"{"type": "subscribe", "id": "1"}"#),
        ] {
            let mut client = Client::open(&server, &world.reader).await;
            client.0.send(message.clone()).await.expect("sent");
            let (code, reason) = client.closed().await;
            assert_eq!(code, 4400, "{message}");
            assert!(!reason.is_empty() && !reason.contains('\u{fffd}'), "{reason}");
        }
    }

    async fn whoever_asks_before_it_is_acknowledged_is_closed_with_4401(world: World) {
        let server = world.serve(&[]).await;
        let mut client = Client::connect(&server, Some(PROTOCOL), &world.reader).await.expect("a WebSocket");
        client.say(json!({"type": "ping"})).await;
        assert_eq!(client.hear().await, Heard::Message(json!({"type": "pong"})), "a ping is always answered");
        client.subscribe("1", NAME, json!({})).await;
        assert_eq!(client.hear().await, Heard::Closed(4401, "Unauthorized".to_owned()));
    }

    async fn a_credential_of_no_use_closes_with_4403(world: World) {
        let server = world.serve(&[]).await;
        let token = world.reader.token.clone().expect("a token");
        let unknown = format!("Bearer idg_{}", "A".repeat(43));
        for authorization in [json!(unknown), json!(token), json!("Basic eDp5"), json!(""), json!(null), json!(["x"]), json!("Bearer \u{0}")] {
            let mut client = Client::connect(&server, Some(PROTOCOL), &world.nobody).await.expect("a WebSocket");
            client.say(init(&authorization)).await;
            assert_eq!(client.hear().await, Heard::Closed(4403, "Forbidden".to_owned()), "{authorization}");
        }
        for name in ["Authorization", "authorization"] {
            let mut client = Client::connect(&server, Some(PROTOCOL), &world.nobody).await.expect("a WebSocket");
            client.say(json!({"type": "connection_init", "payload": {name: format!("Bearer {token}"), "other": 1}})).await;
            client.message("connection_ack").await;
            client.subscribe("1", NAME, json!({})).await;
            assert_eq!(client.message("next").await["payload"], json!({"data": {"viewer": {"name": "reader"}}}));
            client.message("complete").await;
        }
        // In the handshake there is still a status to say it with.
        let stranger = Actor { name: "unknown", token: Some(format!("idg_{}", "B".repeat(43))) };
        assert_eq!(Client::connect(&server, Some(PROTOCOL), &stranger).await.err(), Some(401));
    }

    async fn another_sub_protocol_is_closed_with_4406(world: World) {
        let server = world.serve(&[]).await;
        let mut client = Client::connect(&server, None, &world.reader).await.expect("a WebSocket");
        assert_eq!(client.hear().await, Heard::Closed(4406, "Subprotocol not acceptable".to_owned()));
    }

    async fn whoever_says_nothing_is_closed_with_4408(world: World) {
        let server = world.serve(&[("subscriptions.init_timeout_seconds", "1")]).await;
        let mut client = Client::connect(&server, Some(PROTOCOL), &world.reader).await.expect("a WebSocket");
        assert_eq!(client.hear().await, Heard::Closed(4408, "Connection initialisation timeout".to_owned()));
    }

    async fn an_id_that_is_in_use_closes_with_4409(world: World) {
        let server = world.serve(&[]).await;
        let mut client = Client::open(&server, &world.admin).await;
        client.follow(json!({})).await;
        client.subscribe("1", NAME, json!({})).await;
        assert_eq!(client.hear().await, Heard::Closed(4409, "Subscriber for 1 already exists".to_owned()));

        let mut client = Client::open(&server, &world.admin).await;
        for _ in 0..20 {
            client.follow(json!({"after": "beginning"})).await;
            client.say(json!({"type": "complete", "id": "1"})).await;
        }
        // The last one that was not completed is the only one that is heard, from its beginning.
        client.subscribe("2", NAME, json!({})).await;
        while let Heard::Message(message) = client.hear().await {
            if message["id"] == "2" && message["type"] == "complete" {
                break;
            }
        }
        client.follow(json!({"after": "beginning"})).await;
        for expected in 1..=3 {
            assert_eq!(client.change().await["event"]["sequence"], expected);
        }
    }

    async fn a_second_beginning_closes_with_4429(world: World) {
        let server = world.serve(&[]).await;
        let mut client = Client::open(&server, &world.reader).await;
        client.say(json!({"type": "connection_init"})).await;
        assert_eq!(client.hear().await, Heard::Closed(4429, "Too many initialisation requests".to_owned()));
    }

    async fn pings_go_both_ways(world: World) {
        let server = world.serve(&[("subscriptions.ping_seconds", "1")]).await;
        let mut client = Client::open(&server, &world.nobody).await;
        client.say(json!({"type": "ping", "payload": {"at": 1}})).await;
        client.message("pong").await;
        let began = Instant::now();
        loop {
            let message = futures::StreamExt::next(&mut client.0).await.expect("a message").expect("a message");
            if message == Message::text(r#"{"type":"ping"}"#) {
                break;
            }
        }
        assert!(began.elapsed() < Duration::from_secs(10));
        client.say(json!({"type": "pong"})).await;
        client.subscribe("1", "{ viewer { name } }", json!({})).await;
        assert_eq!(client.message("next").await["payload"]["data"]["viewer"], Value::Null);
    }

    async fn whoever_is_not_heard_any_more_is_disconnected(world: World) {
        let server = world.serve(&[METRICS, ("subscriptions.ping_seconds", "1")]).await;
        let client = Client::open(&server, &world.reader).await;
        server.until("idgraph_websocket_connections", 1.0).await;
        // A client that is not polled answers no ping.
        server.until("idgraph_websocket_connections", 0.0).await;
        drop(client);
    }

    async fn queries_and_mutations_run_with_the_same_checks(world: World) {
        let server = world.serve(&[("graphql.max_cost", "1000"), ("graphql.max_tokens", "500"), ("graphql.max_depth", "8")]).await;
        let mut client = Client::open(&server, &world.editor).await;
        let create = "mutation($slug: String!) { createTeam(input: {slug: $slug}) { team { slug } errors { code } } }";
        client.subscribe("a", create, json!({"slug": "core"})).await;
        let expected = json!({"type": "next", "id": "a", "payload": {"data": {"createTeam": {"team": {"slug": "core"}, "errors": []}}}});
        assert_eq!(client.hear().await, Heard::Message(expected));
        assert_eq!(client.hear().await, Heard::Message(json!({"type": "complete", "id": "a"})));
        let before = world.last_sequence().await;
        let (deep, nested) = ("{ organization(slug: \"acme\") { parent { parent { parent { parent { parent { parent { parent { name } } } } } } } } }", "[".repeat(200));
        for (query, code) in [
            ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
            ("{", "GRAPHQL_PARSE_FAILED"),
            (deep, "TOO_COMPLEX"),
            (&format!("{{ a(b: {nested}) }}"), "TOO_COMPLEX"),
            (&format!("{{ viewer {{ {} }} }}", "name ".repeat(600)), "TOO_COMPLEX"),
            ("{ profiles(first: 100) { nodes { teams(first: 100) { nodes { slug } } } } }", "TOO_COMPLEX"),
            ("subscription { changes { event { subject { ... on Team { members(first: 100) { nodes { teams(first: 100) { nodes { slug } } } } } } } } }", "TOO_COMPLEX"),
            (create, "BAD_USER_INPUT"),
        ] {
            client.subscribe("b", query, json!({})).await;
            assert_eq!(client.refusal().await.0, code, "{query}");
        }
        // An error of a field is part of an answer.
        client.subscribe("c", "{ organization(slug: \"acme\") { slug history { totalCount } } }", json!({})).await;
        let answer = client.message("next").await;
        assert_eq!(answer["payload"]["errors"][0]["extensions"]["code"], "FORBIDDEN");
        assert_eq!(answer["payload"]["data"]["organization"]["slug"], "acme");
        client.message("complete").await;
        assert_eq!(world.last_sequence().await, before);
    }

    async fn a_connection_runs_so_many_operations_and_no_more(world: World) {
        let server = world.serve(&[METRICS, ("subscriptions.max_operations", "2")]).await;
        let mut client = Client::open(&server, &world.admin).await;
        for id in ["1", "2", "3"] {
            client.subscribe(id, "subscription { changes { cursor } }", json!({})).await;
        }
        assert_eq!(client.refusal().await.0, "TOO_COMPLEX");
        server.until("idgraph_subscriptions", 2.0).await;
        client.say(json!({"type": "complete", "id": "1"})).await;
        client.subscribe("3", NAME, json!({})).await;
        assert_eq!(client.message("next").await["id"], "3");
        server.until("idgraph_subscriptions", 1.0).await;
    }

    async fn a_server_has_so_many_connections_and_no_more(world: World) {
        let server = world.serve(&[METRICS, ("subscriptions.max_connections", "3"), ("subscriptions.max_connections_per_credential", "2")]).await;
        let (first, second) = (Client::open(&server, &world.reader).await, Client::open(&server, &world.reader).await);
        assert_eq!(Client::connect(&server, Some(PROTOCOL), &world.reader).await.err(), Some(429));
        let mut third = Client::connect(&server, Some(PROTOCOL), &world.nobody).await.expect("a place");
        assert_eq!(Client::connect(&server, Some(PROTOCOL), &world.editor).await.err(), Some(503));
        third.say(init(&json!(format!("Bearer {}", world.reader.token.clone().unwrap_or_default())))).await;
        assert_eq!(third.closed().await.0, 1013);
        drop((first, second, third));
        server.until("idgraph_websocket_connections", 0.0).await;
        for _ in 0..2 {
            drop(Client::open(&server, &world.reader).await);
        }
    }

    async fn a_stop_says_goodbye_and_does_not_wait(world: World) {
        let server = world.serve(&[]).await;
        let mut client = Client::open(&server, &world.admin).await;
        client.follow(json!({})).await;
        let silent = Client::open(&server, &world.admin).await;
        let began = Instant::now();
        let stopped = tokio::spawn(server.stop());
        assert_eq!(client.closed().await, (1001, "The server is going away".to_owned()));
        stopped.await.expect("it stops");
        assert!(began.elapsed() < Duration::from_secs(10), "it took {:?}", began.elapsed());
        drop(silent);
    }

    async fn what_is_no_handshake_is_refused(world: World) {
        use axum::{body::Body, http::{Request, StatusCode}};
        let request = Request::get("/graphql").header("upgrade", "websocket").body(Body::empty()).expect("a request");
        let answer = world.send(&world.reader, request).await;
        assert_eq!((answer.status, &answer.body["code"]), (StatusCode::BAD_REQUEST, &json!("BAD_REQUEST")));
    }
}
