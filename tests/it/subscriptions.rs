//! Following changes: in order, each once, by those who may, from wherever they are.
//!
//! `IDGRAPH_TEST_CHANGES` says how many changes are made while a subscriber goes and comes back, and
//! `IDGRAPH_TEST_RECONNECTS` how often; the suite is content with a few.

use crate::support::mutations::as_root;
use crate::support::proxy::Proxy;
use crate::support::socket::{CHANGES, Client, PATIENCE, Server, config};
use crate::support::{Database, Dice, World, each, on_each_database};
use chrono::TimeDelta;
use futures::StreamExt;
use idgraph::domain::{Clock, Cursor, CursorKey, NodeId, Patch};
use idgraph::resolvers::command::{ProfilePatch, RevokeToken, UpdateProfile};
use idgraph::resolvers::{App, RunOptions};
use idgraph::worker::Worker;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// Nobody waits for a look into the database that nothing has announced.
const NO_POLL: (&str, &str) = ("subscriptions.poll_seconds", "3600");
/// The connections over which PostgreSQL tells a server of commits.
const LISTENING: &str = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
/// How many clients change something at the same time.
const WRITERS: usize = 8;
const METRICS: (&str, &str) = ("metrics.enabled", "true");

#[expect(clippy::disallowed_methods, reason = "how long the story is, is for whoever runs it to say")]
fn number_of(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[expect(clippy::disallowed_methods, reason = "the suite is told where Redis is by its environment")]
fn redis_url() -> String {
    std::env::var("IDGRAPH_TEST_REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned())
}

fn sequence(change: &Value) -> i64 {
    change["event"]["sequence"].as_i64().unwrap_or_else(|| panic!("no event: {change}"))
}

fn cursor(change: &Value) -> String {
    change["cursor"].as_str().unwrap_or_else(|| panic!("no cursor: {change}")).to_owned()
}

fn forged(order: char, key: CursorKey, id: Uuid) -> String {
    Cursor { order, key, id }.encode()
}

async fn revoke(world: &World, token_name: &str) {
    let sql = format!("SELECT id FROM tokens WHERE name = '{token_name}'");
    let hex = world
        .text_behind(&sql.replace("SELECT id", "SELECT lower(hex(id))"), &sql.replace("SELECT id", "SELECT id::text"))
        .await;
    let uuid = Uuid::parse_str(&hex).expect("an id");
    let id = NodeId::new(idgraph::domain::NodeKind::Token, uuid);
    let command = RevokeToken { id, reason: Some("The laptop was lost.".to_owned()) };
    world.app.run(&world.operator(), command, RunOptions::default()).await.expect("revoked");
}

/// Changes a user's title that often, a few at a time.
async fn changes(world: &World, user: &str, count: usize) {
    let change = async |turn: usize| {
        let input = json!({"id": user, "title": format!("{turn}")});
        world.mutate(&world.editor, "updateProfile", input, "clientMutationId").await;
    };
    futures::stream::iter(0..count).for_each_concurrent(WRITERS, change).await;
}

/// Reads from where the last visit has ended, until the connection is dropped in the middle of it.
async fn visit(server: &Server, world: &World, seen: &mut Vec<i64>, place: &mut String, (stay, last): (usize, i64)) {
    let mut client = Client::open(server, &world.admin).await;
    client.follow(json!({"after": place})).await;
    for _ in 0..stay {
        if seen.last() == Some(&last) {
            break;
        }
        let change = client.change().await;
        seen.push(sequence(&change));
        *place = cursor(&change);
    }
}

/// Whether what one server changes is heard by whoever follows at another, at once.
async fn reaches_the_other(world: &World, other: &Arc<App>, story: &str) {
    let server = Server::start(other, &[NO_POLL]).await;
    let mut client = Client::open(&server, &world.admin).await;
    client.follow(json!({"after": "beginning"})).await;
    let before = world.last_sequence().await;
    for expected in 1..=before {
        assert_eq!(sequence(&client.change().await), expected);
    }
    for turn in 1..=3 {
        let began = std::time::Instant::now();
        world.user(&format!("{story}-{turn}")).await;
        assert_eq!(sequence(&client.change().await), before + turn);
        assert!(began.elapsed() < PATIENCE, "it was not heard at once");
    }
}

on_each_database! {
    async fn changes_come_in_order_each_once_and_with_what_they_are_about(world: World) {
        let server = world.serve(&[NO_POLL]).await;
        world.user("before").await;
        let before = world.last_sequence().await;
        let mut client = Client::open(&server, &world.admin).await;
        client.follow(json!({"after": null})).await;
        // An answer to what comes later says that the subscription has begun.
        client.subscribe("2", "{ organization(slug: \"acme\") { changesCursor } }", json!({})).await;
        let now = client.message("next").await;
        client.message("complete").await;
        let ada = world.user("ada").await;
        let first = client.change().await;
        let expected = json!({"__typename": "User", "username": "ada"});
        assert_eq!((sequence(&first), &first["event"]["subject"]), (before + 1, &expected));
        let team = world.team("core", None).await;
        world.join(&team, &[&ada]).await;
        as_root(&world, "deleteProfile", json!({"id": ada, "reason": "left"})).await;
        let mut actions = Vec::new();
        for number in before + 2..=world.last_sequence().await {
            let change = client.change().await;
            assert_eq!(sequence(&change), number);
            actions.push(change["event"]["action"].as_str().unwrap_or_default().to_owned());
        }
        assert_eq!(actions, ["collective.create", "members.add", "node.delete"]);

        let now = &now["payload"]["data"]["organization"]["changesCursor"];
        let mut late = Client::open(&server, &world.admin).await;
        late.follow(json!({"after": now})).await;
        let again = late.change().await;
        assert_eq!(sequence(&again), before + 1, "nothing lies between the cursor of now and what comes next");
        assert_eq!(again["event"]["subject"], Value::Null, "what is read beside the event is read when it is sent");
    }

    async fn whoever_comes_back_goes_on_where_it_was(world: World) {
        let (count, visits) = (number_of("IDGRAPH_TEST_CHANGES", 150), number_of("IDGRAPH_TEST_RECONNECTS", 15));
        let server = world.serve(&[NO_POLL]).await;
        let ada = world.user("ada").await;
        let before = world.last_sequence().await;
        let last = before + i64::try_from(count).expect("a number");
        let (mut seen, mut place, mut dice) = (Vec::new(), "beginning".to_owned(), Dice(7));
        let follow = async {
            for _ in 0..visits {
                let stay = 1 + dice.roll(2 * count / visits);
                visit(&server, &world, &mut seen, &mut place, (stay, last)).await;
            }
            visit(&server, &world, &mut seen, &mut place, (usize::MAX, last)).await;
        };
        tokio::join!(follow, changes(&world, &ada, count));
        assert_eq!(seen, (1..=last).collect::<Vec<i64>>());
    }

    async fn many_who_follow_share_what_is_read(world: World) {
        let server = world.serve(&[NO_POLL]).await;
        let mut clients = Vec::new();
        for _ in 0..12 {
            let mut client = Client::open(&server, &world.admin).await;
            client.subscribe("1", "subscription { changes(after: \"beginning\") { event { sequence } } }", json!({})).await;
            clients.push(client);
        }
        for client in &mut clients {
            for expected in 1..=world.last_sequence().await {
                assert_eq!(sequence(&client.change().await), expected);
            }
        }
        let heard = async {
            world.user("ada").await;
            for client in &mut clients {
                client.change().await;
            }
        };
        let (_, statements) = world.statements(heard).await;
        let pages: Vec<&String> = statements.iter().filter(|sql| sql.contains("FROM events v")).collect();
        assert!(pages.len() <= 3, "{} statements for twelve who follow: {statements:#?}", pages.len());
    }

    async fn a_tenant_hears_nothing_of_another(world: World) {
        let server = world.serve(&[NO_POLL]).await;
        let (mut admin, mut stranger) = (Client::open(&server, &world.admin).await, Client::open(&server, &world.stranger).await);
        for client in [&mut admin, &mut stranger] {
            client.follow(json!({"after": "beginning"})).await;
        }
        let spy = json!({"kind": "USER", "username": "spy"});
        world.user("ada").await;
        world.mutate(&world.stranger, "createProfile", spy, "clientMutationId").await;
        world.user("bob").await;
        let names = async |client: &mut Client, last: &str| {
            let mut names = Vec::new();
            while names.last().map(String::as_str) != Some(last) {
                let change = client.change().await;
                names.extend(change["event"]["subject"]["username"].as_str().map(str::to_owned));
            }
            names
        };
        assert_eq!(names(&mut admin, "bob").await, ["ada", "bob"]);
        assert_eq!(names(&mut stranger, "spy").await, ["spy"]);
        let mut client = Client::open(&server, &world.stranger).await;
        for organization in [json!("acme"), json!(world.acme), json!("nowhere")] {
            client.follow(json!({"organization": organization})).await;
            assert_eq!(client.refusal().await, ("NOT_FOUND".to_owned(), "organization".to_owned()));
        }
        let mut root = Client::open(&server, &world.root).await;
        root.follow(json!({"after": "beginning"})).await;
        assert_eq!(root.refusal().await, ("BAD_USER_INPUT".to_owned(), "organization".to_owned()));
        root.follow(json!({"organization": "globex", "after": "beginning"})).await;
        assert_eq!(names(&mut root, "spy").await, ["spy"]);
    }

    async fn a_profile_follows_itself_and_no_more(world: World) {
        let server = world.serve(&[NO_POLL]).await;
        let (ada, bob, team) = (world.user("ada").await, world.user("bob").await, world.team("core", None).await);
        let own = world.as_profile(&ada).await;
        let mut client = Client::open(&server, &own).await;
        client.follow(json!({"after": "beginning"})).await;
        assert_eq!(client.change().await["event"]["subjectId"], json!(ada));
        changes(&world, &bob, 3).await;
        world.join(&team, &[&bob, &ada]).await;
        let joined = client.change().await;
        let paths = each(&joined["event"]["changes"], "path").into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!((&joined["event"]["subjectId"], paths), (&json!(team), vec![format!("members.{ada}")]));
        changes(&world, &ada, 1).await;
        let titled = client.change().await;
        assert_eq!((&titled["event"]["action"], &titled["event"]["subject"]["username"]), (&json!("profile.update"), &json!("ada")));

        let mut client = Client::open(&server, &own).await;
        client.follow(json!({"after": cursor(&joined)})).await;
        assert_eq!(client.change().await, titled);
    }

    async fn the_cursor_of_now_is_for_those_who_may_follow(world: World) {
        let query = "{ organization(slug: \"acme\") { slug changesCursor } }";
        let own = world.as_profile(&world.user("ada").await).await;
        for (who, code) in [(&world.reader, Some("FORBIDDEN")), (&world.editor, Some("FORBIDDEN")), (&world.admin, None), (&own, None)] {
            let answer = world.graphql(who, query, json!({})).await;
            assert_eq!(answer.error_code(), code, "as {}: {}", who.name, answer.body);
            let organization = &answer.body["data"]["organization"];
            assert_eq!((&organization["slug"], organization["changesCursor"].is_string()), (&json!("acme"), code.is_none()));
        }
        let all = "{ organizations { nodes { changesCursor } } }";
        let (seen, statements) = world.statements(world.query(&world.root, all)).await;
        assert_eq!(seen["organizations"]["nodes"].as_array().map(Vec::len), Some(2));
        let asked = statements.iter().filter(|sql| sql.contains("FROM sequences")).count();
        assert_eq!(asked, 1, "{statements:#?}");
    }

    async fn a_cursor_that_is_none_of_this_feed_is_refused(world: World) {
        let server = world.serve(&[]).await;
        let mut stranger = Client::open(&server, &world.stranger).await;
        stranger.follow(json!({"after": "beginning"})).await;
        let foreign = cursor(&stranger.change().await);
        let query = "{ organization(slug: \"acme\") { history { pageInfo { endCursor } } } }";
        let history = world.query(&world.admin, query).await["organization"]["history"]["pageInfo"]["endCursor"].clone();
        let last = world.last_sequence().await;
        let place = |seq| json!(forged('f', CursorKey::Number(seq), world.acme.0));
        let mut client = Client::open(&server, &world.admin).await;
        for after in [
            json!(foreign), history, place(last + 1), place(-1), place(i64::MAX), json!(""), json!("0"), json!("Beginning"), json!("\u{0}"),
            json!(forged('f', CursorKey::Number(1), Uuid::nil())), json!(forged('s', CursorKey::Number(1), world.acme.0)),
            json!(forged('f', CursorKey::Id, world.acme.0)), json!(forged('f', CursorKey::Text("1".to_owned()), world.acme.0)),
        ] {
            client.follow(json!({"after": after})).await;
            assert_eq!(client.refusal().await, ("BAD_USER_INPUT".to_owned(), "after".to_owned()), "{after}");
        }
        client.follow(json!({"after": place(last - 1)})).await;
        assert_eq!(sequence(&client.change().await), last);
    }

    async fn a_filter_chooses(world: World) {
        let server = world.serve(&[NO_POLL]).await;
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        let team = world.team("core", None).await;
        world.join(&team, &[&bob]).await;
        changes(&world, &ada, 1).await;
        as_root(&world, "deleteTeam", json!({"id": team, "reason": "merged"})).await;
        let editor = world.query(&world.editor, "{ viewer { tokenId } }").await["viewer"]["tokenId"].clone();
        for (filter, expected) in [
            (json!({"subject": {"eq": ada}}), vec!["profile.create", "profile.update"]),
            (json!({"subject": {"in": [ada, bob]}}), vec!["profile.create", "profile.create", "profile.update"]),
            (json!({"kind": {"eq": "TEAM"}}), vec!["collective.create", "members.add", "node.delete"]),
            (json!({"action": {"prefix": "COLLECTIVE."}}), vec!["collective.create"]),
            (json!({"action": {"in": ["members.add", "profile.update"]}}), vec!["members.add", "profile.update"]),
            (json!({"actor": {"eq": editor}}), vec!["profile.update"]),
            (json!({"kind": {"in": ["USER", "BOT"]}, "action": {"eq": "profile.create"}, "subject": {"eq": bob}}), vec!["profile.create"]),
        ] {
            let mut client = Client::open(&server, &world.admin).await;
            client.follow(json!({"filter": filter, "after": "beginning"})).await;
            for action in expected {
                assert_eq!(client.change().await["event"]["action"], action, "{filter}");
            }
            // What the filter leaves out would come before this.
            client.subscribe("2", "{ viewer { name } }", json!({})).await;
            assert_eq!(client.message("next").await["id"], "2", "{filter}");
        }
        let mut client = Client::open(&server, &world.admin).await;
        for (filter, field) in [
            (json!({"subject": {"eq": "ada"}}), "filter.subject"),
            (json!({"actor": {}}), "filter.actor"),
            (json!({"kind": {"eq": "USER", "in": ["BOT"]}}), "filter.kind"),
            (json!({"action": {"eq": "x", "prefix": "x"}}), "filter.action"),
            (json!({"action": {"in": vec!["x"; 300]}}), "filter"),
        ] {
            client.follow(json!({"filter": filter})).await;
            assert_eq!(client.refusal().await, ("BAD_USER_INPUT".to_owned(), field.to_owned()), "{filter}");
        }
    }

    async fn a_token_that_is_revoked_hears_nothing_more(world: World) {
        let server = world.serve(&[NO_POLL]).await;
        let mut client = Client::open(&server, &world.admin).await;
        client.follow(json!({"after": "beginning"})).await;
        for expected in 1..=world.last_sequence().await {
            assert_eq!(sequence(&client.change().await), expected);
        }
        revoke(&world, "admin").await;
        world.clock.advance(TimeDelta::seconds(2));
        world.user("ada").await;
        let heard = client.hear().await;
        // The revocation itself may have been heard: a token that was found is trusted for two seconds.
        let heard = match heard {
            crate::support::socket::Heard::Message(message) => {
                assert_eq!(message["payload"]["data"]["changes"]["event"]["action"], "token.revoke");
                client.hear().await
            }
            closed => closed,
        };
        assert_eq!(heard, crate::support::socket::Heard::Closed(4403, "Forbidden".to_owned()));
        let refused = Client::connect(&server, Some(crate::support::socket::PROTOCOL), &world.admin).await.err();
        assert_eq!(refused, Some(401));
    }

    async fn a_credential_is_looked_at_while_nothing_happens(world: World) {
        let server = world.serve(&[NO_POLL, ("subscriptions.ping_seconds", "1")]).await;
        let mut client = Client::open(&server, &world.owner).await;
        client.follow(json!({})).await;
        revoke(&world, "owner").await;
        world.clock.advance(TimeDelta::seconds(2));
        assert_eq!(client.closed().await, (4403, "Forbidden".to_owned()));
    }

    async fn what_nobody_announces_is_found_by_looking(world: World) {
        let other = world.another_app().await;
        let server = Server::start(&other, &[("subscriptions.poll_seconds", "1")]).await;
        let mut client = Client::open(&server, &world.admin).await;
        client.follow(json!({"after": "beginning"})).await;
        for expected in 1..=world.last_sequence().await {
            assert_eq!(sequence(&client.change().await), expected);
        }
        world.user("ada").await;
        assert_eq!(sequence(&client.change().await), world.last_sequence().await);
    }

    async fn what_is_found_by_looking_is_told_as_it_is(world: World) {
        let server = world.serve(&[("subscriptions.poll_seconds", "1")]).await;
        let ada = world.user("ada").await;
        let mut client = Client::open(&server, &world.admin).await;
        let query = "subscription($ada: ID!) { changes(after: \"beginning\", filter: {subject: {eq: $ada}}) {
            event { subject { ... on User { title } } } } }";
        client.subscribe("1", query, json!({"ada": ada})).await;
        assert_eq!(client.change().await["event"]["subject"], json!({"title": null}));
        // The answer is kept, and nothing tells this server that another one has changed something.
        let patch = ProfilePatch { title: Patch::Value("Countess".to_owned()), ..ProfilePatch::default() };
        let command = UpdateProfile { id: ada.parse().expect("an id"), expected_version: None, patch };
        let other = world.another_app().await;
        other.run(&world.operator(), command, RunOptions::default()).await.expect("changed");
        assert_eq!(client.change().await["event"]["subject"], json!({"title": "Countess"}));
    }

    async fn a_connection_that_delivers_nothing_is_replaced_and_nothing_is_lost(world: World) {
        if world.database() == Database::Sqlite {
            return;
        }
        let proxy = Proxy::before(&world.database_url()).await;
        let other = world.another_app_at(proxy.url.clone()).await;
        let worker = Worker::start(Arc::clone(&other), &config(&[]));
        let listens = async { while world.number_behind(&format!("SELECT COUNT(*) {LISTENING}")).await == 0 {} };
        tokio::time::timeout(PATIENCE, listens).await.expect("somebody listens");
        let server = Server::start(&other, &[NO_POLL]).await;
        let mut client = Client::open(&server, &world.admin).await;
        client.follow(json!({"after": "beginning"})).await;
        for name in ["before", "meanwhile", "after"] {
            world.user(name).await;
            while client.change().await["event"]["subject"]["username"] != name {}
            // Whoever listens is told nothing of what comes next, until it has noticed and listens over another connection.
            if name == "before" {
                proxy.silence_listeners();
            }
        }
        worker.stop().await;
    }

    async fn servers_on_one_postgresql_wake_each_other(world: World) {
        if world.database() == Database::Sqlite {
            return;
        }
        let other = world.another_app().await;
        let worker = Worker::start(Arc::clone(&other), &config(&[]));
        reaches_the_other(&world, &other, "before").await;
        // Whoever listens loses its connection, finds another, and looks whether it has missed something.
        assert_eq!(world.number_behind(&format!("SELECT COUNT(*) {LISTENING}")).await, 1);
        world.tamper(&format!("SELECT pg_terminate_backend(pid) {LISTENING}")).await;
        reaches_the_other(&world, &other, "after").await;
        worker.stop().await;
    }

    async fn servers_with_a_redis_wake_each_other(world: World) {
        let stream = format!("idgraph:test:{}", world.clock.new_id());
        let config = config(&[("redis.url", redis_url().as_str()), ("redis.stream", stream.as_str())]);
        let other = world.another_app().await;
        let workers = [Worker::start(Arc::clone(&world.app), &config), Worker::start(Arc::clone(&other), &config)];
        reaches_the_other(&world, &other, "redis").await;
        for worker in workers {
            worker.stop().await;
        }
        let client = redis::Client::open(redis_url()).expect("a URL");
        let mut connection = client.get_multiplexed_async_connection().await.expect("Redis");
        let deleted: i64 = redis::cmd("DEL").arg(&stream).query_async(&mut connection).await.expect("an answer");
        assert_eq!(deleted, 1);
    }

    async fn whoever_does_not_read_is_disconnected_and_comes_back(world: World) {
        let server = world.serve(&[NO_POLL, METRICS, ("subscriptions.send_timeout_seconds", "1")]).await;
        let ada = world.user("ada").await;
        for turn in 0..60 {
            let metadata = json!({"note": format!("{turn}{}", "x".repeat(60_000))});
            world.mutate(&world.editor, "updateProfile", json!({"id": ada, "metadata": metadata}), "clientMutationId").await;
        }
        let mut client = Client::open(&server, &world.admin).await;
        let all = "subscription { a: changes(after: \"beginning\") { cursor event { sequence changes { before after } c: changes { before after } } } }";
        for id in ["1", "2", "3", "4"] {
            client.subscribe(id, all, json!({})).await;
        }
        server.until("idgraph_subscriptions", 4.0).await;
        server.until("idgraph_subscriptions", 0.0).await;
        server.until("idgraph_websocket_connections", 0.0).await;
        drop(client);
        let mut client = Client::open(&server, &world.admin).await;
        client.follow(json!({"after": "beginning"})).await;
        for expected in 1..=world.last_sequence().await {
            assert_eq!(sequence(&client.change().await), expected);
        }
    }

    async fn a_subscription_is_one_field_and_runs_over_websocket(world: World) {
        let server = world.serve(&[]).await;
        let mut client = Client::open(&server, &world.admin).await;
        for query in [
            "subscription { a: changes { cursor } b: changes { cursor } }",
            "subscription { ...f } fragment f on Subscription { changes { cursor } }",
            "subscription { changes { nonsense } }",
            "subscription { __typename }",
        ] {
            client.subscribe("1", query, json!({})).await;
            assert_eq!(client.refusal().await.0, "GRAPHQL_VALIDATION_FAILED", "{query}");
        }
        let answer = world.graphql(&world.admin, CHANGES, json!({})).await;
        assert_eq!(answer.error_code(), Some("BAD_USER_INPUT"), "{}", answer.body);
        let message = answer.body["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains("graphql-transport-ws"), "{message}");
    }
}
