//! Users: made, read, replaced, changed, deleted.

use super::{ENTERPRISE, PATCH, USER, get, group, id, patch, post, refused, send, user};
use crate::support::on_each_database;
use axum::http::{StatusCode, header};
use serde_json::{Value, json};

/// The example of the mission's source, with the organization of this world.
fn example() -> Value {
    json!({
        "active": true,
        "addresses": [{"country": "CN", "locality": "Shanghai", "region": "CN"}],
        "displayName": "Bob~",
        "emails": [{"value": "test1@iam.com"}],
        "externalId": "1234123543234234",
        "id": "ceacbcb6-40d0-48f1-af23-0990232d570a",
        "meta": {"resourceType": "User", "version": "2023-10-12T20:38:49+08:00"},
        "name": {"familyName": "bob", "formatted": "alice bob", "givenName": "alice"},
        "nickName": "Bob~",
        "phoneNumbers": [{"value": "18700006475"}],
        "photos": [{"value": "https://cdn.example.org/img/casbin.svg"}],
        "profileUrl": "https://test.com/profile/built-in/scim_test_user2",
        "schemas": [USER, ENTERPRISE],
        ENTERPRISE: {"organization": "acme"},
        "userName": "scim_test_user2",
        "userType": "normal-user"
    })
}

/// Whether everything that was sent is there, and perhaps more.
fn says(found: &Value, sent: &Value) -> bool {
    match (found, sent) {
        (Value::Object(found), Value::Object(sent)) => {
            sent.iter().all(|(name, value)| found.get(name).is_some_and(|found| says(found, value)))
        }
        (Value::Array(found), Value::Array(sent)) => {
            found.len() == sent.len() && found.iter().zip(sent).all(|(found, sent)| says(found, sent))
        }
        _ => found == sent,
    }
}

on_each_database! {
    async fn the_example_is_read_back_with_every_value_intact(world: World) {
        let made = post(&world, &world.admin, "/scim/Users", &example()).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let location = made.body["meta"]["location"].as_str().expect("a location");
        assert_eq!(made.headers[header::LOCATION], location);
        assert_eq!(location, format!("http://directory.example.org/scim/Users/{}", id(&made.body)));
        assert_eq!(made.headers[header::ETAG], made.body["meta"]["version"].as_str().expect("a version"));
        let read = get(&world, &world.admin, &format!("/scim/v2/Users/{}", id(&made.body))).await.body;
        let mut sent = example();
        for ignored in ["id", "meta"] {
            sent.as_object_mut().expect("an object").remove(ignored);
        }
        assert!(says(&read, &sent), "{read:#}");
        // What SCIM writes, GraphQL reads at once.
        let query = "query($id: ID!) { node(id: $id) { ... on Profile { displayName avatar emails { value } details { nickname userType } } } }";
        let told = world.graphql(&world.admin, query, json!({"id": id(&read)})).await;
        let profile = &told.data()["node"];
        assert_eq!(profile["displayName"], "Bob~");
        assert_eq!(profile["avatar"], "https://cdn.example.org/img/casbin.svg");
        assert_eq!(profile["details"], json!({"nickname": "Bob~", "userType": "normal-user"}));
    }

    async fn whether_somebody_is_active_is_always_told(world: World) {
        let ada = user(&world, "ada").await;
        assert_eq!(ada["active"], true, "nobody has to say it");
        let path = format!("/scim/v2/Users/{}", id(&ada));
        let removed = patch(&world, &world.admin, &path, json!([{"op": "remove", "path": "active"}])).await;
        refused(&removed, 400, Some("mutability"));
        let schema = get(&world, &world.admin, &format!("/scim/v2/Schemas/{USER}")).await.body;
        let active = schema["attributes"].as_array().and_then(|all| all.iter().find(|one| one["name"] == "active")).cloned();
        assert_eq!(active.expect("active")["required"], true, "so that clients know that it cannot be removed");
    }

    async fn an_unknown_organization_is_refused(world: World) {
        let mut body = example();
        body[ENTERPRISE]["organization"] = json!("built-in");
        refused(&post(&world, &world.admin, "/scim/v2/Users", &body).await, 400, Some("invalidValue"));
        // A credential for several organizations has to name one, in the path or in the body.
        body[ENTERPRISE]["organization"] = json!("acme");
        assert_eq!(post(&world, &world.root, "/scim/v2/Users", &body).await.status, StatusCode::CREATED);
        // However the name is written; one that there is not is a wrong value, not a place that leads nowhere.
        let mut unknown = example();
        unknown[ENTERPRISE] = json!({"Organization": "built-in"});
        refused(&post(&world, &world.root, "/scim/v2/Users", &unknown).await, 400, Some("invalidValue"));
        let nameless = json!({"schemas": [USER], "userName": "nameless"});
        refused(&post(&world, &world.root, "/scim/v2/Users", &nameless).await, 400, Some("invalidValue"));
        assert_eq!(post(&world, &world.root, "/scim/v2/acme/Users", &nameless).await.status, StatusCode::CREATED);
    }

    async fn a_value_that_is_empty_is_refused_and_no_fault_of_the_server(world: World) {
        let ada = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        for list in ["emails", "phoneNumbers", "photos", "ims", "roles", "entitlements", "x509Certificates"] {
            let part = if list == "emails" || list == "phoneNumbers" { "type" } else { "display" };
            let body = json!({"schemas": [USER], "userName": "eve", list: [{part: ""}]});
            refused(&post(&world, &world.admin, "/scim/v2/Users", &body).await, 400, Some("invalidValue"));
            refused(&send(&world, &world.admin, ("PUT", &path), Some(&body)).await, 400, Some("invalidValue"));
            let added = patch(&world, &world.admin, &path, json!([{"op": "add", "path": format!("{list}.{part}"), "value": ""}])).await;
            assert!(added.status.is_client_error() || added.body.get(list).is_none(), "{list}: {}", added.body);
        }
    }

    async fn the_same_address_may_serve_two_ends(world: World) {
        let twice = json!([{"value": "ada@example.org", "type": "work"}, {"value": "ada@example.org", "type": "home"}]);
        let body = json!({"schemas": [USER], "userName": "ada", "emails": twice, "phoneNumbers": [{"value": "+43 1 1", "type": "work"}, {"value": "+43 1 1", "type": "mobile"}]});
        let made = post(&world, &world.admin, "/scim/v2/Users", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        assert_eq!(made.body["emails"].as_array().map(Vec::len), Some(2));
        assert_eq!(made.body["phoneNumbers"].as_array().map(Vec::len), Some(2));
    }

    async fn what_is_read_only_may_be_sent_back_as_it_was_shown(world: World) {
        let ada = user(&world, "ada").await;
        group(&world, "Crew", &[id(&ada)]).await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        let mut shown = get(&world, &world.admin, &path).await.body;
        assert_eq!(shown["groups"][0]["display"], "Crew");
        shown["title"] = json!("Countess");
        let echoed = patch(&world, &world.admin, &path, json!([{"op": "replace", "value": shown}])).await;
        assert_eq!((echoed.status, &echoed.body["title"]), (StatusCode::OK, &json!("Countess")), "{}", echoed.body);
        let named = patch(&world, &world.admin, &path, json!([{"op": "remove", "path": "groups"}])).await;
        refused(&named, 400, Some("mutability"));
    }

    async fn user_names_are_unique_whatever_the_case(world: World) {
        user(&world, "Ada").await;
        let body = json!({"schemas": [USER], "userName": "aDA"});
        refused(&post(&world, &world.admin, "/scim/v2/Users", &body).await, 409, Some("uniqueness"));
        let other = user(&world, "grace").await;
        let path = format!("/scim/v2/Users/{}", id(&other));
        refused(&send(&world, &world.admin, ("PUT", &path), Some(&body)).await, 409, Some("uniqueness"));
        let rename = json!([{"op": "replace", "path": "userName", "value": "ADA"}]);
        refused(&patch(&world, &world.admin, &path, rename).await, 409, Some("uniqueness"));
    }

    async fn put_replaces_and_clears_what_it_leaves_out(world: World) {
        let made = post(&world, &world.admin, "/scim/v2/Users", &example()).await.body;
        let path = format!("/scim/v2/Users/{}", id(&made));
        let body = json!({"schemas": [USER], "userName": "scim_test_user2", "title": "Engineer", "groups": [], "id": "x", "meta": {}});
        let replaced = send(&world, &world.admin, ("PUT", &path), Some(&body)).await;
        assert_eq!(replaced.status, StatusCode::OK, "{}", replaced.body);
        assert_eq!(replaced.body["title"], "Engineer");
        for cleared in ["emails", "nickName", "addresses", "photos", "externalId", "name"] {
            assert!(replaced.body.get(cleared).is_none(), "{cleared}: {:#}", replaced.body);
        }
        assert_eq!(replaced.body["active"], true);
        assert_eq!(replaced.body["id"], made["id"]);
    }

    async fn what_changes_nothing_leaves_the_version(world: World) {
        let made = post(&world, &world.admin, "/scim/v2/Users", &example()).await.body;
        let path = format!("/scim/v2/Users/{}", id(&made));
        world.clock.advance(chrono::TimeDelta::seconds(10));
        let same = json!([{"op": "add", "path": "emails", "value": [{"value": "test1@iam.com"}]}, {"op": "Replace", "path": "displayName", "value": "Bob~"}]);
        let patched = patch(&world, &world.admin, &path, same).await;
        assert_eq!(patched.status, StatusCode::OK, "{}", patched.body);
        assert_eq!(patched.body["meta"], made["meta"]);
        let changed = patch(&world, &world.admin, &path, json!([{"op": "add", "path": "title", "value": "Chief"}])).await;
        assert_ne!(changed.body["meta"]["version"], made["meta"]["version"]);
        assert_ne!(changed.body["meta"]["lastModified"], made["meta"]["lastModified"]);
        assert_eq!(changed.body["meta"]["created"], made["meta"]["created"]);
    }

    async fn versions_guard_changes(world: World) {
        let made = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&made));
        let version = made["meta"]["version"].as_str().expect("a version").to_owned();
        let title = |title: &str| json!({"schemas": [PATCH], "Operations": [{"op": "add", "path": "title", "value": title}]});
        let with = async |name: header::HeaderName, value: &str, method: &str, body: Option<Value>| {
            let request = axum::http::Request::builder().method(method).uri(&path).header(name, value);
            let request = request.header(header::CONTENT_TYPE, "application/scim+json");
            let body = body.map_or_else(axum::body::Body::empty, |body| axum::body::Body::from(body.to_string()));
            world.send(&world.admin, request.body(body).expect("a request")).await
        };
        let known = with(header::IF_NONE_MATCH, &version, "GET", None).await;
        assert_eq!(known.status, StatusCode::NOT_MODIFIED);
        assert_eq!(with(header::IF_MATCH, &version, "PATCH", Some(title("first"))).await.status, StatusCode::OK);
        refused(&with(header::IF_MATCH, &version, "PATCH", Some(title("second"))).await, 412, None);
        refused(&with(header::IF_MATCH, &version, "DELETE", None).await, 412, None);
        let either = format!("W/\"77\", {}", get(&world, &world.admin, &path).await.body["meta"]["version"].as_str().expect("a version"));
        assert_eq!(with(header::IF_MATCH, &either, "PATCH", Some(title("third"))).await.status, StatusCode::OK);
        assert_eq!(with(header::IF_MATCH, "*", "DELETE", None).await.status, StatusCode::NO_CONTENT);
    }

    async fn what_is_deleted_is_gone_and_its_name_is_free(world: World) {
        let made = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&made));
        assert_eq!(send(&world, &world.admin, ("DELETE", &path), None).await.status, StatusCode::NO_CONTENT);
        for method in ["GET", "DELETE"] {
            refused(&send(&world, &world.admin, (method, &path), None).await, 404, None);
        }
        refused(&patch(&world, &world.admin, &path, json!([{"op": "add", "path": "title", "value": "x"}])).await, 404, None);
        let list = get(&world, &world.admin, "/scim/v2/Users?filter=userName%20eq%20%22ada%22").await;
        assert_eq!(list.body["totalResults"], 0);
        assert_ne!(id(&user(&world, "ada").await), id(&made));
    }

    async fn a_password_is_kept_as_a_hash_and_never_shown(world: World) {
        let body = json!({"schemas": [USER], "userName": "ada", "password": "correct horse battery"});
        let made = post(&world, &world.admin, "/scim/v2/Users?attributes=password,userName", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        assert!(made.body.get("password").is_none());
        let found = get(&world, &world.admin, "/scim/v2/Users?filter=password%20pr").await;
        refused(&found, 400, Some("invalidFilter"));
        let path = format!("/scim/v2/Users/{}", id(&made.body));
        let set = patch(&world, &world.admin, &path, json!([{"op": "replace", "path": "password", "value": "another horse"}])).await;
        assert_eq!(set.status, StatusCode::OK, "{}", set.body);
        refused(&patch(&world, &world.admin, &path, json!([{"op": "replace", "value": {"password": "short"}}])).await, 400, Some("invalidValue"));
        let query = "query($id: ID!) { node(id: $id) { ... on Profile { history(first: 20) { nodes { action actor { name } changes { path before after } } } } } }";
        let told = world.graphql(&world.admin, query, json!({"id": id(&made.body)})).await;
        let history = told.data()["node"]["history"].to_string();
        assert_eq!(history.matches("profile.set_password").count(), 2, "{history}");
        assert!(!history.contains("horse") && !history.contains("argon2"), "{history}");
    }

    async fn a_manager_is_an_edge_of_the_graph(world: World) {
        let (ada, grace) = (user(&world, "ada").await, user(&world, "grace").await);
        let path = format!("/scim/v2/Users/{}", id(&ada));
        let bare = json!([{"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": id(&grace)}]);
        let patched = patch(&world, &world.admin, &path, bare).await;
        assert_eq!(patched.status, StatusCode::OK, "{}", patched.body);
        let manager = &patched.body[ENTERPRISE]["manager"];
        assert_eq!(manager["value"].as_str(), Some(id(&grace)));
        let named = get(&world, &world.admin, &format!("{path}?attributes={ENTERPRISE}:manager.displayName")).await.body;
        assert_eq!(named[ENTERPRISE]["manager"], json!({"displayName": "grace"}));
        let filter = format!("/scim/v2/Users?filter={ENTERPRISE}:manager.value%20eq%20%22{}%22", id(&grace));
        assert_eq!(get(&world, &world.admin, &filter).await.body["totalResults"], 1);
        let nobody = json!([{"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": "usr_00000000000000000000000000"}]);
        refused(&patch(&world, &world.admin, &path, nobody).await, 400, Some("invalidValue"));
        let removed = patch(&world, &world.admin, &path, json!([{"op": "remove", "path": format!("{ENTERPRISE}:manager")}])).await;
        assert!(removed.body[ENTERPRISE].get("manager").is_none(), "{}", removed.body);
    }

    async fn the_history_names_the_client(world: World) {
        let made = user(&world, "ada").await;
        let path = format!("/scim/v2/Users/{}", id(&made));
        patch(&world, &world.admin, &path, json!([{"op": "replace", "path": "active", "value": false}])).await;
        let query = "query($id: ID!) { node(id: $id) { ... on Profile { status history(first: 5) { nodes { action face actor { name } } } } } }";
        let told = world.graphql(&world.admin, query, json!({"id": id(&made)})).await;
        let profile = &told.data()["node"];
        assert_eq!(profile["status"], "DISABLED");
        let actions: Vec<&str> = profile["history"]["nodes"].as_array().expect("events").iter().filter_map(|event| event["action"].as_str()).collect();
        assert!(actions.contains(&"profile.create") && actions.contains(&"profile.disable"), "{actions:?}");
        assert!(profile["history"]["nodes"].as_array().expect("events").iter().all(|event| event["face"] == "scim"));
    }
}
