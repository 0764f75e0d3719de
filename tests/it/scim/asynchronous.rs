//! Requests that are done later, and events (RFC 9967).

use super::{ENTERPRISE, GROUP, PATCH, USER, get, group, id, patch, post, refused, send, user};
use crate::support::{Actor, Answer, World, on_each_database};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use idgraph::config::{Config, Sources};
use idgraph::scim::deferred::work;
use idgraph::worker::Worker;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const ASYNC_RESPONSE: &str = "urn:ietf:params:scim:event:misc:asyncresp";

/// Sends a request that is rather done later.
async fn later(world: &World, actor: &Actor, (method, path): (&str, &str), body: Option<&Value>) -> Answer {
    with(world, actor, (method, path), body, &[]).await
}

async fn with(
    world: &World,
    actor: &Actor,
    (method, path): (&str, &str),
    body: Option<&Value>,
    headers: &[(header::HeaderName, &str)],
) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "directory.example.org");
    request = request.header("prefer", "handling=lenient, Respond-Async; wait=5");
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    world
        .send(actor, request.header(header::CONTENT_TYPE, "application/scim+json").body(body).expect("a request"))
        .await
}

/// Does whatever is to be done, as one server does it.
async fn work_off(world: &World) -> usize {
    let mut done = 0;
    while work(&world.app, world.app.clock().new_id()).await.expect("the database") {
        done += 1;
    }
    done
}

/// Where the answer says that the outcome is told.
fn place(accepted: &Answer) -> String {
    assert_eq!(accepted.status, StatusCode::ACCEPTED, "{}", accepted.body);
    let location = accepted.headers[header::LOCATION].to_str().expect("a location");
    location.strip_prefix("http://directory.example.org").expect("a URL of this server").to_owned()
}

fn txn(accepted: &Answer) -> String {
    accepted.headers["set-txn"].to_str().expect("a name").to_owned()
}

fn new(name: &str) -> Value {
    json!({"schemas": [USER], "userName": name})
}

async fn total(world: &World) -> Value {
    get(world, &world.admin, "/scim/v2/Users?count=0").await.body["totalResults"].clone()
}

on_each_database! {
    async fn a_request_that_is_done_later_is_accepted_and_told_by_its_event(world: World) {
        let accepted = later(&world, &world.admin, ("POST", "/scim/v2/Users"), Some(&new("ada"))).await;
        let place = place(&accepted);
        assert_eq!((accepted.body == "", &accepted.headers["preference-applied"]), (true, &header::HeaderValue::from_static("respond-async")), "{}", accepted.body);
        assert_eq!(place, format!("/scim/v2/AsyncRequests/{}", txn(&accepted)));
        // Nothing is done as long as nobody does it, and that is told.
        assert_eq!(total(&world).await, 0);
        let waiting = get(&world, &world.admin, &place).await;
        assert_eq!((waiting.status, waiting.body == ""), (StatusCode::ACCEPTED, true));
        assert_eq!(work_off(&world).await, 1);
        let told = get(&world, &world.admin, &place).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.body);
        let made = get(&world, &world.admin, "/scim/v2/Users?filter=userName%20eq%20%22ada%22").await.body["Resources"][0].clone();
        assert_eq!((&told.body["txn"], &told.body["iss"]), (&json!(txn(&accepted)), &json!("http://directory.example.org/scim/v2")));
        assert_eq!(told.body["sub_id"], json!({"format": "scim", "uri": format!("/Users/{}", id(&made))}));
        let outcome = &told.body["events"][ASYNC_RESPONSE];
        assert_eq!((&outcome["method"], &outcome["status"], &outcome["version"], &outcome["location"]), (&json!("POST"), &json!("201"), &made["meta"]["version"], &made["meta"]["location"]));
        assert!(told.body["jti"].is_string() && told.body["iat"].is_i64() && told.body.get("sub").is_none(), "{}", told.body);
        assert_eq!(get(&world, &world.admin, &place).await.body, told.body, "the same event, however often it is read");
        // The history says who asked, and in which request.
        let query = "query($id: ID!) { node(id: $id) { ... on Profile { history(first: 1) { nodes { action face requestId actor { name } } } } } }";
        let history = world.graphql(&world.admin, query, json!({"id": id(&made)})).await;
        let event = &history.data()["node"]["history"]["nodes"][0];
        assert_eq!((&event["action"], &event["face"], &event["requestId"], &event["actor"]["name"]), (&json!("profile.create"), &json!("scim"), &json!(txn(&accepted)), &json!("admin")));
    }

    async fn every_method_may_be_done_later_in_the_order_in_which_it_was_asked_for(world: World) {
        let ada = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        let version = ada["meta"]["version"].as_str().expect("a version").to_owned();
        let title = |title: &str| json!({"schemas": [PATCH], "Operations": [{"op": "add", "path": "title", "value": title}]});
        let mut put = new("ada");
        put["title"] = json!("Countess");
        let accepted = [
            with(&world, &world.admin, ("PUT", &path), Some(&put), &[(header::IF_MATCH, &version)]).await,
            with(&world, &world.admin, ("PATCH", &path), Some(&title("too late")), &[(header::IF_MATCH, &version)]).await,
            later(&world, &world.admin, ("PATCH", &path), Some(&title("Lady"))).await,
            later(&world, &world.admin, ("DELETE", &path), None).await,
            later(&world, &world.admin, ("DELETE", &path), None).await,
        ];
        assert_eq!(work_off(&world).await, 5);
        let mut statuses = Vec::new();
        for accepted in &accepted {
            let told = get(&world, &world.admin, &place(accepted)).await.body;
            assert_eq!(told["sub_id"]["uri"], format!("/Users/{}", id(&ada)));
            let outcome = &told["events"][ASYNC_RESPONSE];
            statuses.push(outcome["status"].as_str().expect("a status").to_owned());
            assert_eq!(outcome["response"]["status"].as_str().unwrap_or(&statuses[statuses.len() - 1]), statuses[statuses.len() - 1]);
        }
        assert_eq!(statuses, ["200", "412", "200", "204", "404"]);
    }

    async fn each_operation_of_a_bulk_request_has_its_event(world: World) {
        let request = json!({"schemas": [BULK], "failOnErrors": 1, "Operations": [
            {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"schemas": [GROUP], "displayName": "Tour", "members": [{"value": "bulkId:u"}]}},
            {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"schemas": [USER, ENTERPRISE], "userName": "alice"}},
            {"method": "POST", "path": "/Users", "bulkId": "v", "data": {"schemas": [USER], "userName": "ALICE"}},
            {"method": "POST", "path": "/Users", "bulkId": "w", "data": {"schemas": [USER], "userName": "bob"}},
        ]});
        let accepted = later(&world, &world.admin, ("POST", "/scim/v2/Bulk"), Some(&request)).await;
        let place = place(&accepted);
        work_off(&world).await;
        let told = get(&world, &world.admin, &place).await.body;
        let events = told["Resources"].as_array().expect("events");
        let said = |event: &Value| (event["txn"].as_str().expect("a name").to_owned(), event["events"][ASYNC_RESPONSE]["status"].as_str().expect("a status").to_owned());
        let expected: Vec<(String, String)> = ["201", "201", "409", "424"].iter().enumerate().map(|(index, status)| (format!("{}:{index}", txn(&accepted)), (*status).to_owned())).collect();
        assert_eq!(events.iter().map(said).collect::<Vec<_>>(), expected);
        assert_eq!((&events[1]["events"][ASYNC_RESPONSE]["bulkId"], &events[3]["sub_id"]["uri"]), (&json!("u"), &json!("/Users")));
        let alice = get(&world, &world.admin, "/scim/v2/Users").await.body;
        assert_eq!((&alice["totalResults"], &alice["Resources"][0]["groups"][0]["display"]), (&json!(1), &json!("Tour")));
    }

    async fn what_was_begun_and_given_up_is_done_once(world: World) {
        let ada = user(&world, "ada").await;
        let operations = json!([
            {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"schemas": [GROUP], "displayName": "Crew", "members": [{"value": id(&ada)}]}},
            {"method": "PATCH", "path": "/Groups/bulkId:g", "data": {"schemas": [PATCH], "Operations": [{"op": "remove", "path": "members"}]}},
            {"method": "DELETE", "path": format!("/Users/{}", id(&ada))},
        ]);
        let accepted = later(&world, &world.admin, ("POST", "/scim/v2/Bulk"), Some(&json!({"schemas": [BULK], "Operations": operations}))).await;
        // A server does all of it, and is gone before it has written down that it has.
        let gone = world.app.claim_request(Uuid::from_u128(1)).await.expect("the database").expect("the request");
        assert!(idgraph::scim::deferred::outcome(&world.app, &gone).await.is_ok());
        assert_eq!(work_off(&world).await, 0, "it is still taken up");
        world.clock.advance(TimeDelta::minutes(5));
        assert_eq!(work_off(&world).await, 1);
        let told = get(&world, &world.admin, &place(&accepted)).await.body;
        let statuses: Vec<&str> = told["Resources"].as_array().expect("events").iter().filter_map(|event| event["events"][ASYNC_RESPONSE]["status"].as_str()).collect();
        assert_eq!(statuses, ["201", "200", "204"], "{told}");
        assert_eq!(get(&world, &world.admin, "/scim/v2/Groups").await.body["totalResults"], 1);
        // The one that was gone has nothing more to say about it.
        assert!(!world.app.finish_request(gone.id, Uuid::from_u128(1), &json!({})).await.expect("the database"));
        assert_eq!(get(&world, &world.admin, &place(&accepted)).await.body, told);
    }

    async fn two_servers_never_do_one_request_both(world: World) {
        for number in 0..3 {
            let accepted = later(&world, &world.admin, ("POST", "/scim/v2/Users"), Some(&new(&format!("user{number}")))).await;
            assert_eq!(accepted.status, StatusCode::ACCEPTED);
        }
        assert_eq!(later(&world, &world.owner, ("POST", "/scim/v2/Users"), Some(&new("other"))).await.status, StatusCode::ACCEPTED);
        let (one, other) = tokio::join!(world.app.claim_request(Uuid::from_u128(1)), world.app.claim_request(Uuid::from_u128(2)));
        let (one, other) = (one.expect("the database").expect("a request"), other.expect("the database").expect("a request"));
        assert_ne!(one.token, other.token, "those of one credential go one after the other");
        assert!(world.app.claim_request(Uuid::from_u128(3)).await.expect("the database").is_none());
        for claim in [1, 2] {
            world.app.give_back_requests(Uuid::from_u128(claim)).await.expect("the database");
        }
        assert_eq!(work_off(&world).await, 4, "what was given back is taken up at once");
        assert_eq!(total(&world).await, 4);
    }

    async fn it_is_done_by_what_the_credential_may_do_then(world: World) {
        let fired = world.token("fired", Some(world.acme), idgraph::domain::token::OrganizationRole::Admin, None).await;
        let accepted = later(&world, &fired, ("POST", "/scim/v2/Users"), Some(&new("ada"))).await;
        let weak = later(&world, &world.editor, ("POST", "/scim/v2/Users"), Some(&new("grace"))).await;
        assert_eq!(work_off(&world).await, 2);
        let grace = get(&world, &world.admin, "/scim/v2/Users?filter=userName%20eq%20%22grace%22").await.body["Resources"][0].clone();
        assert_eq!(get(&world, &world.editor, &place(&weak)).await.body["events"][ASYNC_RESPONSE]["status"], "201");
        let removal = later(&world, &world.editor, ("DELETE", &format!("/scim/v2/Users/{}", id(&grace))), None).await;
        let second = later(&world, &fired, ("POST", "/scim/v2/Users"), Some(&new("eve"))).await;
        let tokens = world.app.store().tokens(idgraph::store::Scope::organization(world.acme)).await.expect("tokens");
        let token = tokens.iter().find(|token| token.name == "fired").expect("the token").id;
        let revoke = idgraph::resolvers::command::RevokeToken { id: token, reason: None };
        world.app.run(&world.operator(), revoke, idgraph::resolvers::RunOptions::default()).await.expect("a revocation");
        assert_eq!(work_off(&world).await, 2);
        let status = async |accepted: &Answer| get(&world, &world.admin, &place(accepted)).await.body["events"][ASYNC_RESPONSE]["status"].clone();
        assert_eq!((status(&accepted).await, status(&removal).await, status(&second).await), (json!("201"), json!("403"), json!("401")));
        assert_eq!(total(&world).await, 2);
        // Who may write nothing is told so at once.
        for (actor, expected) in [(&world.nobody, 401), (&world.reader, 403)] {
            refused(&later(&world, actor, ("POST", "/scim/v2/Users"), Some(&new("zoe"))).await, expected, None);
        }
    }

    async fn nobody_else_learns_what_has_become_of_it(world: World) {
        let accepted = later(&world, &world.editor, ("POST", "/scim/v2/Users"), Some(&new("ada"))).await;
        let (path, named) = (place(&accepted), format!("/scim/v2/acme/AsyncRequests/{}", txn(&accepted)));
        for _ in 0..2 {
            for (actor, path) in [(&world.stranger, &path), (&world.stranger, &named), (&world.reader, &path)] {
                refused(&get(&world, actor, path).await, 404, None);
            }
            work_off(&world).await;
        }
        assert_eq!(get(&world, &world.root, &named).await.status, StatusCode::OK);
        // Who is in several organizations is told where, also if only the body has said it.
        let mut body = new("grace");
        body[ENTERPRISE] = json!({"organization": "acme"});
        let place = place(&later(&world, &world.root, ("POST", "/scim/v2/Users"), Some(&body)).await);
        work_off(&world).await;
        assert_eq!(get(&world, &world.root, &place).await.body["events"][ASYNC_RESPONSE]["status"], "201", "{place}");
        refused(&get(&world, &world.admin, "/scim/v2/AsyncRequests/nonsense").await, 404, None);
        refused(&get(&world, &world.nobody, &path).await, 401, None);
    }

    async fn a_credential_may_have_so_many_requests_waiting_and_no_more(world: World) {
        for number in 0..16 {
            let accepted = later(&world, &world.admin, ("POST", "/scim/v2/Users"), Some(&new(&format!("user{number}")))).await;
            assert_eq!(accepted.status, StatusCode::ACCEPTED);
        }
        let full = later(&world, &world.admin, ("POST", "/scim/v2/Users"), Some(&new("beyond"))).await;
        refused(&full, 429, None);
        assert!(full.headers.contains_key(header::RETRY_AFTER));
        assert_eq!(later(&world, &world.owner, ("POST", "/scim/v2/Users"), Some(&new("other"))).await.status, StatusCode::ACCEPTED, "others are not in its way");
        assert_eq!(work_off(&world).await, 17);
        assert_eq!(later(&world, &world.admin, ("POST", "/scim/v2/Users"), Some(&new("beyond"))).await.status, StatusCode::ACCEPTED);
    }

    async fn what_must_not_rest_anywhere_is_done_at_once(world: World) {
        let mut secret = new("ada");
        secret["password"] = json!("correct horse battery");
        let made = later(&world, &world.admin, ("POST", "/scim/v2/Users"), Some(&secret)).await;
        assert_eq!((made.status, made.headers.contains_key("set-txn")), (StatusCode::CREATED, false), "{}", made.body);
        let bulk = json!({"schemas": [BULK], "Operations": [{"method": "PATCH", "path": format!("/Users/{}", id(&made.body)), "data": {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "password", "value": "another horse"}]}}]});
        let done = later(&world, &world.admin, ("POST", "/scim/v2/Bulk"), Some(&bulk)).await;
        assert_eq!((done.status, &done.body["Operations"][0]["status"]), (StatusCode::OK, &json!("200")), "{}", done.body);
        // What is wrong in itself is told at once too, and reading is not put off.
        refused(&later(&world, &world.admin, ("POST", "/scim/v2/Users"), Some(&json!([]))).await, 400, Some("invalidSyntax"));
        assert_eq!(later(&world, &world.admin, ("GET", "/scim/v2/Users"), None).await.body["totalResults"], 1);
        assert_eq!(work_off(&world).await, 0);
    }

    async fn outcomes_are_forgotten_after_a_day(world: World) {
        let accepted = later(&world, &world.admin, ("POST", "/scim/v2/Users"), Some(&new("ada"))).await;
        let waiting = later(&world, &world.owner, ("POST", "/scim/v2/Users"), Some(&new("bob"))).await;
        work(&world.app, Uuid::from_u128(1)).await.expect("the database");
        world.clock.advance(TimeDelta::hours(23));
        assert_eq!(world.app.forget_requests().await.expect("the database"), 0);
        assert_eq!(get(&world, &world.admin, &place(&accepted)).await.status, StatusCode::OK);
        world.clock.advance(TimeDelta::hours(2));
        assert_eq!(world.app.forget_requests().await.expect("the database"), 1);
        refused(&get(&world, &world.admin, &place(&accepted)).await, 404, None);
        assert_eq!(get(&world, &world.owner, &place(&waiting)).await.status, StatusCode::ACCEPTED, "what is not done is not forgotten");
    }

    async fn the_worker_of_a_server_does_them(world: World) {
        let config = Config::load(Sources::default()).expect("a configuration");
        let worker = Worker::start(Arc::clone(&world.app), &config);
        let mut changes = world.app.store().follow(world.acme, None, world.last_sequence().await, std::time::Duration::from_secs(60));
        let accepted = later(&world, &world.admin, ("POST", "/scim/v2/Users"), Some(&new("ada"))).await;
        // The commit wakes those who follow.
        let events = changes.next().await.expect("the events");
        assert_eq!((events[0].action.as_str(), events[0].request_id.as_str()), ("profile.create", txn(&accepted).as_str()));
        worker.stop().await;
        assert_eq!(total(&world).await, 1);
        work_off(&world).await;
        world.clock.advance(TimeDelta::minutes(5));
        work_off(&world).await;
        let told = get(&world, &world.admin, &place(&accepted)).await.body;
        assert_eq!(told["events"][ASYNC_RESPONSE]["status"], "201", "whether the worker had time to write it down or not");
    }

    async fn what_happens_to_resources_is_told_as_events(world: World) {
        let ada = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        let crew = group(&world, "Crew", &[]).await;
        patch(&world, &world.admin, &format!("/scim/v2/Groups/{}", id(&crew)), json!([{"op": "add", "path": "members", "value": [{"value": id(&ada)}]}])).await;
        patch(&world, &world.admin, &path, json!([{"op": "add", "path": "title", "value": "Countess"}, {"op": "add", "path": format!("{ENTERPRISE}:department"), "value": "Engines"}])).await;
        for active in [false, true] {
            patch(&world, &world.admin, &path, json!([{"op": "replace", "path": "active", "value": active}])).await;
        }
        world.role("auditor", false).await;
        send(&world, &world.admin, ("DELETE", &path), None).await;
        let page = get(&world, &world.admin, "/scim/v2/Events").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let uri = |name: &str| format!("urn:ietf:params:scim:event:prov:{name}");
        let told: Vec<(String, Vec<String>)> = page.body["Events"].as_array().expect("events").iter().map(|event| {
            (event["sub_id"]["uri"].as_str().expect("a path").to_owned(), event["events"].as_object().expect("events").keys().cloned().collect())
        }).collect();
        let (user, group) = (format!("/Users/{}", id(&ada)), format!("/Groups/{}", id(&crew)));
        let expected: Vec<(String, Vec<String>)> = [
            (&user, "create:notice"), (&group, "create:notice"), (&group, "patch:notice"), (&user, "patch:notice"),
            (&user, "deactivate"), (&user, "activate"), (&user, "delete"),
        ].iter().map(|(subject, name)| ((*subject).clone(), vec![uri(name)])).collect();
        assert_eq!(told, expected, "{:#}", page.body);
        assert_eq!(page.body["Events"][2]["events"][uri("patch:notice")]["attributes"], json!(["members"]));
        assert_eq!(page.body["Events"][3]["events"][uri("patch:notice")]["attributes"], json!(["title", format!("{ENTERPRISE}:department")]));
        assert!(page.body["Events"].as_array().expect("events").iter().all(|event| event["jti"].is_string() && event["txn"].is_string() && event["iat"].is_i64()));
        // The next page begins where this one ends.
        let next = page.body["next"].as_i64().expect("a number");
        assert_eq!((next, page.body["hasMore"].as_bool()), (world.last_sequence().await, Some(false)));
        assert_eq!(get(&world, &world.admin, &format!("/scim/v2/Events?after={next}")).await.body["Events"], json!([]));
        refused(&get(&world, &world.admin, "/scim/v2/Events?after=yesterday").await, 400, Some("invalidValue"));
    }

    async fn events_are_told_to_those_who_may_read_the_history(world: World) {
        let (ada, bob) = (user(&world, "ada").await, user(&world, "bob").await);
        let own = world.as_profile(id(&ada)).await;
        for (actor, status) in [(&world.nobody, 401), (&world.reader, 403), (&world.editor, 403)] {
            refused(&get(&world, actor, "/scim/v2/Events").await, status, None);
        }
        refused(&get(&world, &world.stranger, "/scim/v2/acme/Events").await, 404, None);
        let theirs = get(&world, &world.stranger, "/scim/v2/Events").await.body.to_string();
        assert!(!theirs.contains(id(&ada)) && !theirs.contains(id(&bob)), "{theirs}");
        let mine = get(&world, &own, "/scim/v2/Events").await;
        assert_eq!(mine.status, StatusCode::OK, "{}", mine.body);
        assert!(mine.body.to_string().contains(id(&ada)) && !mine.body.to_string().contains(id(&bob)), "{}", mine.body);
        assert_eq!(post(&world, &world.admin, "/scim/v2/Events", &json!({})).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}
