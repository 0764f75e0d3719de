//! Rate limits: who asks for too much in a time is told when to come back, and nothing of it is done.

use crate::support::socket::{Client, Heard, PROTOCOL};
use crate::support::{Actor, Answer, World, on_each_database};
use crate::worker::redis_url;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use idgraph::config::{Config, Sources};
use idgraph::domain::Clock;
use idgraph::http::{HttpState, serve};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;

/// One comes back each second, and there are ten; for nobody, three.
const LIMITS: [(&str, &str); 5] = [
    ("rate_limits.enabled", "true"),
    ("rate_limits.cost_per_minute", "60"),
    ("rate_limits.burst", "10"),
    ("rate_limits.nobody_cost_per_minute", "60"),
    ("rate_limits.nobody_burst", "3"),
];
/// It costs one.
const CHEAP: &str = "{ viewer { name } }";
/// It costs eight: the page, and each of its nodes.
const DEAR: &str = "{ profiles(first: 7) { nodes { username } } }";

fn with<'a>(others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [LIMITS.as_slice(), others].concat()
}

async fn ask(world: &World, actor: &Actor, query: &str) -> Answer {
    world.graphql(actor, query, json!({})).await
}

fn told<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[track_caller]
fn is_refused(answer: &Answer, retry_after: &str) {
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.body);
    assert_eq!(answer.error_code(), Some("RATE_LIMITED"));
    assert_eq!(told(answer, "retry-after"), retry_after);
    let message = answer.body["errors"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains(&format!("in {retry_after} second")), "{message}");
    assert!(answer.body.get("data").is_none(), "{}", answer.body);
}

/// Asks until there is nothing left, and says how often that was granted.
async fn exhaust(world: &World, actor: &Actor) -> usize {
    for times in 0..100 {
        if ask(world, actor, CHEAP).await.status != StatusCode::OK {
            return times;
        }
    }
    panic!("there is no limit");
}

/// Asks as nobody from an address.
async fn ask_from(world: &World, address: &str) -> StatusCode {
    ask_from_as(world, address, None).await.status
}

/// Asks from an address, with that in the header `Authorization`.
async fn ask_from_as(world: &World, address: &str, authorization: Option<&str>) -> Answer {
    let address: SocketAddr = address.parse().expect("an address");
    let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let request = request.extension(ConnectInfo(address)).body(Body::from(json!({"query": CHEAP}).to_string()));
    world.send(&world.nobody, request.expect("a request")).await
}

/// A token that nobody has made.
fn unknown() -> String {
    format!("idg_{}", "A".repeat(43))
}

/// Where the stores of a test are in Redis.
fn stream(world: &World) -> String {
    format!("idgraph:test:{}", world.clock.new_id())
}

on_each_database! {
    async fn who_asks_for_too_much_is_told_when_to_come_back(world: World) {
        let world = world.configured(&LIMITS);
        let answer = ask(&world, &world.reader, CHEAP).await;
        assert_eq!(answer.data()["viewer"]["name"], "reader");
        assert_eq!((told(&answer, "ratelimit-policy"), told(&answer, "ratelimit")), ("\"cost\";q=10;w=10", "\"cost\";r=9;t=1"));
        assert_eq!(told(&ask(&world, &world.reader, DEAR).await, "ratelimit"), "\"cost\";r=1;t=9");
        let (answer, statements) = world.statements(ask(&world, &world.reader, DEAR)).await;
        is_refused(&answer, "7");
        assert_eq!(told(&answer, "ratelimit"), "\"cost\";r=1;t=9");
        assert!(statements.is_empty(), "what is refused reaches no database: {statements:#?}");
        // What is left is enough for something else.
        assert!(ask(&world, &world.reader, CHEAP).await.data().is_object());
        is_refused(&ask(&world, &world.reader, CHEAP).await, "1");
        world.clock.advance(TimeDelta::milliseconds(999));
        is_refused(&ask(&world, &world.reader, CHEAP).await, "1");
        world.clock.advance(TimeDelta::milliseconds(1));
        assert!(ask(&world, &world.reader, CHEAP).await.data().is_object());
        is_refused(&ask(&world, &world.reader, CHEAP).await, "1");
        // However long it waits, there is no more than there was.
        world.clock.advance(TimeDelta::hours(1));
        assert_eq!(exhaust(&world, &world.reader).await, 10);
    }

    async fn a_change_that_is_refused_is_not_made(world: World) {
        let world = world.configured(&with(&[("rate_limits.burst", "15")]));
        let create = |slug: &str| json!({"input": {"slug": slug}});
        let mutation = "mutation($input: CreateTeamInput!) { createTeam(input: $input) { errors { code } } }";
        assert_eq!(world.graphql(&world.owner, mutation, create("core")).await.data()["createTeam"]["errors"], json!([]));
        let events = world.number_behind("SELECT COUNT(*) FROM events").await;
        let (answer, statements) = world.statements(world.graphql(&world.owner, mutation, create("other"))).await;
        assert_eq!((answer.status, answer.error_code()), (StatusCode::TOO_MANY_REQUESTS, Some("RATE_LIMITED")));
        assert!(statements.is_empty(), "{statements:#?}");
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM events").await, events);
    }

    async fn everybody_has_a_limit_of_their_own(world: World) {
        let world = world.configured(&LIMITS);
        for actor in [&world.reader, &world.owner, &world.stranger] {
            assert_eq!(exhaust(&world, actor).await, 10, "{}", actor.name);
        }
        // Nobody has a lower one, which those of a network share.
        for network in [["192.0.2.1:5000", "192.0.2.1:6000"], ["[2001:db8::1]:80", "[2001:db8::2]:80"]] {
            for address in [network[0], network[1], network[0]] {
                assert_eq!(ask_from(&world, address).await, StatusCode::OK, "{address}");
            }
            for address in network {
                assert_eq!(ask_from(&world, address).await, StatusCode::TOO_MANY_REQUESTS, "{address}");
            }
        }
        assert_eq!(ask_from(&world, "192.0.2.2:5000").await, StatusCode::OK);
        assert_eq!(exhaust(&world, &world.nobody).await, 3, "those who come from nowhere");
    }

    async fn whoever_tries_one_token_after_the_other_is_counted_as_nobody(world: World) {
        let world = world.configured(&LIMITS);
        let (here, there) = ("192.0.2.1:5000", "192.0.2.2:5000");
        let guess = format!("Bearer {}", unknown());
        for useless in [guess.as_str(), "Bearer e30.e30.e30", "Basic eDp5"] {
            let answer = ask_from_as(&world, here, Some(useless)).await;
            assert_eq!((answer.status, answer.error_code()), (StatusCode::UNAUTHORIZED, Some("UNAUTHENTICATED")));
        }
        is_refused(&ask_from_as(&world, here, Some(&guess)).await, "1");
        assert_eq!(ask_from(&world, here).await, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(ask_from_as(&world, there, Some(&guess)).await.status, StatusCode::UNAUTHORIZED);
        // Who has a good one is not held up by others who come from the same address.
        let good = format!("Bearer {}", world.reader.token.clone().expect("a token"));
        assert_eq!(ask_from_as(&world, here, Some(&good)).await.status, StatusCode::OK);
        world.clock.advance(TimeDelta::seconds(1));
        assert_eq!(ask_from_as(&world, here, Some(&guess)).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn nor_are_tokens_tried_over_websocket(world: World) {
        let server = world.serve(&LIMITS).await;
        let stranger = Actor { name: "unknown", token: Some(unknown()) };
        for status in [401, 401, 401, 429] {
            assert_eq!(Client::connect(&server, Some(PROTOCOL), &stranger).await.err(), Some(status));
        }
        let server = world.serve(&LIMITS).await;
        for code in [4403, 4403, 4403, 4429] {
            let mut client = Client::connect(&server, Some(PROTOCOL), &world.nobody).await.expect("a WebSocket");
            let payload = json!({"Authorization": format!("Bearer {}", unknown())});
            client.say(json!({"type": "connection_init", "payload": payload})).await;
            assert_eq!(client.closed().await.0, code);
        }
        drop(Client::open(&server, &world.reader).await);
    }

    async fn whoever_goes_on_with_what_it_is_refused_is_sent_away(world: World) {
        let server = world.serve(&with(&[("subscriptions.max_operations", "1"), ("metrics.enabled", "true")])).await;
        let mut client = Client::open(&server, &world.admin).await;
        client.subscribe("1", "subscription { changes { cursor } }", json!({})).await;
        server.until("idgraph_subscriptions", 1.0).await;
        for _ in 0..9 {
            client.subscribe("2", CHEAP, json!({})).await;
            assert_eq!(client.refusal().await.0, "TOO_COMPLEX");
        }
        client.subscribe("2", CHEAP, json!({})).await;
        assert_eq!(client.hear().await, Heard::Closed(4429, "Too many requests".to_owned()));
    }

    async fn a_subscription_pays_for_each_answer(world: World) {
        let server = world.serve(&with(&[("rate_limits.burst", "100")])).await;
        let mut client = Client::open(&server, &world.admin).await;
        // It costs one.
        let query = "subscription { changes(after: \"beginning\") { cursor } }";
        client.subscribe("1", query, json!({})).await;
        let answers = world.last_sequence().await;
        for _ in 0..answers {
            client.change().await;
        }
        let request = crate::support::client().post(format!("http://{}/graphql", server.address));
        let request = request.bearer_auth(world.admin.token.as_deref().expect("a token")).json(&json!({"query": CHEAP}));
        let answer = request.send().await.expect("an answer");
        let left = answer.headers().get("ratelimit").and_then(|value| value.to_str().ok()).expect("what is left");
        // What is paid for the last answer may not be paid yet. The subscription and the question cost one each, too.
        let expected = [100 - answers - 2, 100 - answers - 1].map(|left| format!("\"cost\";r={left};"));
        assert!(expected.iter().any(|expected| left.starts_with(expected)), "{left} after {answers} answers");
    }

    async fn a_subscription_that_cannot_pay_waits_and_loses_nothing(world: World) {
        let server = world.serve(&with(&[("rate_limits.burst", "2")])).await;
        let mut client = Client::open(&server, &world.admin).await;
        let query = "subscription { changes(after: \"beginning\") { event { sequence } } }";
        // It costs two.
        client.subscribe("1", query, json!({})).await;
        assert_eq!(client.change().await["event"]["sequence"], 1);
        client.say(json!({"type": "ping"})).await;
        client.message("pong").await;
        world.clock.advance(TimeDelta::seconds(2));
        assert_eq!(client.change().await["event"]["sequence"], 2);
    }

    async fn what_can_never_be_granted_is_told_so(world: World) {
        let world = world.configured(&LIMITS);
        let answer = ask(&world, &world.reader, "{ profiles(first: 10) { nodes { username } } }").await;
        assert_eq!((answer.status, answer.error_code()), (StatusCode::OK, Some("TOO_COMPLEX")));
        assert_eq!(told(&answer, "retry-after"), "");
        assert!(answer.body.get("data").is_none(), "{}", answer.body);
        let message = answer.body["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains("costs 11") && message.contains("at once is 10"), "{message}");
        assert_eq!(exhaust(&world, &world.reader).await, 10, "it has cost nothing");
    }

    async fn what_is_refused_for_other_reasons_has_cost_something(world: World) {
        let world = world.configured(&LIMITS);
        for query in ["{ viewer {", "{ nonsense }", "query($id: ID!) { node(id: $id) { id } }", "{ __typename }"] {
            assert_eq!(ask(&world, &world.reader, query).await.status, StatusCode::OK, "{query}");
        }
        let unknown = json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0".repeat(64)}}});
        world.post(&world.reader, "/graphql", "application/json", unknown.to_string()).await;
        assert_eq!(exhaust(&world, &world.reader).await, 5);
        for query in ["{ viewer {", "{ nonsense }"] {
            is_refused(&ask(&world, &world.reader, query).await, "1");
        }
    }

    async fn there_is_none_unless_it_is_asked_for(world: World) {
        let world = world.configured(&[("rate_limits.burst", "1"), ("rate_limits.nobody_burst", "1")]);
        for actor in [&world.reader, &world.nobody] {
            for _ in 0..5 {
                let answer = ask(&world, actor, CHEAP).await;
                assert_eq!((answer.status, told(&answer, "ratelimit")), (StatusCode::OK, ""));
            }
        }
    }

    async fn what_is_refused_is_counted(world: World) {
        let world = world.configured(&with(&[("metrics.enabled", "true")]));
        exhaust(&world, &world.reader).await;
        exhaust(&world, &world.nobody).await;
        ask(&world, &world.nobody, CHEAP).await;
        let answer = world.get(&world.root, "/metrics").await;
        let text = answer.body.as_str().expect("text");
        for line in [
            "idgraph_rate_limited_requests_total{viewer=\"credential\"} 1",
            "idgraph_rate_limited_requests_total{viewer=\"nobody\"} 2",
            "idgraph_graphql_operation_duration_seconds_count{type=\"query\",outcome=\"ok\"} 13",
        ] {
            assert!(text.lines().any(|found| found == line), "no {line} in {text}");
        }
    }

    async fn servers_with_one_redis_limit_together(world: World) {
        let (stream, url) = (stream(&world), redis_url());
        let settings = with(&[("redis.url", &url), ("redis.stream", &stream)]);
        let world = world.configured(&settings);
        let answer = ask(&world, &world.reader, CHEAP).await;
        assert_eq!((told(&answer, "ratelimit-policy"), told(&answer, "ratelimit")), ("\"cost\";q=10;w=10", "\"cost\";r=9;t=1"));
        assert_eq!(told(&ask(&world, &world.reader, DEAR).await, "ratelimit"), "\"cost\";r=1;t=9");
        // Another server.
        let world = world.configured(&settings);
        world.query(&world.owner, CHEAP).await;
        ask(&world, &world.reader, "{").await;
        let (answer, statements) = world.statements(ask(&world, &world.reader, DEAR)).await;
        is_refused(&answer, "8");
        assert!(statements.is_empty(), "{statements:#?}");
        world.clock.advance(TimeDelta::seconds(8));
        assert!(ask(&world, &world.reader, DEAR).await.data().is_object());
        is_refused(&ask(&world, &world.reader, CHEAP).await, "1");
        // One who has asked for everything at once has to wait for it, and no longer.
        world.clock.advance(TimeDelta::seconds(10));
        assert_eq!(told(&ask(&world, &world.reader, "{ profiles(first: 9) { nodes { username } } }").await, "ratelimit"), "\"cost\";r=0;t=10");
        is_refused(&ask(&world, &world.reader, DEAR).await, "8");

        let world = world.configured(&LIMITS);
        assert_eq!(exhaust(&world, &world.reader).await, 10, "a server without Redis knows nothing of it");
    }

    async fn while_redis_is_away_each_server_limits_by_itself(world: World) {
        // Nobody listens at this port.
        let world = world.configured(&with(&[("redis.url", "redis://127.0.0.1:1")]));
        assert_eq!(exhaust(&world, &world.reader).await, 10);
        is_refused(&ask(&world, &world.reader, CHEAP).await, "1");
        world.clock.advance(TimeDelta::seconds(1));
        assert!(ask(&world, &world.reader, CHEAP).await.data().is_object());
    }

    async fn those_without_a_credential_are_known_by_their_address(world: World) {
        let (stream, url) = (stream(&world), redis_url());
        let settings = with(&[("redis.url", &url), ("redis.stream", &stream)]);
        let overrides = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let config = Config::load(Sources { overrides, ..Sources::default() }).expect("a configuration");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = serve(listener, HttpState::new(Arc::clone(&world.app), &config), async { drop(stopped.await) });
        let server = tokio::spawn(server);
        let client = crate::support::client();
        for status in [200, 200, 200, 429] {
            let request = client.post(format!("http://{address}/graphql")).json(&json!({"query": CHEAP}));
            assert_eq!(request.send().await.expect("an answer").status(), status);
        }
        let client = redis::Client::open(url).expect("a URL");
        let mut connection = client.get_multiplexed_async_connection().await.expect("Redis");
        let mut left = redis::cmd("PTTL");
        let left: i64 = left.arg(format!("{stream}:rate:address:127.0.0.1")).query_async(&mut connection).await.expect("an answer");
        assert!((1..=3_001).contains(&left), "Redis forgets it in {left} ms");
        drop(stop);
        server.await.expect("the server").expect("a good end");
    }
}
