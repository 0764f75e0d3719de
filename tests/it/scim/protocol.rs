//! The protocol over HTTP (RFC 7644 §3): media types, headers, projections of answers, deletion, bulk requests.

use super::{ENTERPRISE, GROUP, PATCH, USER, get, group, id, patch, post, refused, send, user};
use crate::support::on_each_database;
use axum::http::{StatusCode, header};
use serde_json::{Value, json};

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

on_each_database! {
    async fn json_is_read_under_both_names_and_told_under_its_own(world: World) {
        let body = |name: &str| json!({"schemas": [USER], "userName": name}).to_string();
        for (name, kind) in [("ada", "application/scim+json"), ("bob", "application/json"), ("eve", "application/scim+json; charset=utf-8"), ("zoe", "Application/JSON")] {
            let made = world.post(&world.admin, "/scim/v2/Users", kind, body(name)).await;
            assert_eq!((made.status, &made.headers[header::CONTENT_TYPE]), (StatusCode::CREATED, &header::HeaderValue::from_static("application/scim+json")), "{kind}");
        }
        refused(&world.post(&world.admin, "/scim/v2/Users", "text/plain", body("una")).await, 415, None);
    }

    async fn what_is_made_says_where_it_is_and_which_version_it_has(world: World) {
        let made = post(&world, &world.admin, "/scim/v2/Users", &json!({"schemas": [USER], "userName": "ada"})).await;
        assert_eq!(made.headers[header::LOCATION], made.body["meta"]["location"].as_str().expect("a location"));
        assert_eq!(made.headers[header::ETAG], made.body["meta"]["version"].as_str().expect("a version"));
        assert!(made.body["meta"]["version"].as_str().is_some_and(|tag| tag.starts_with("W/\"")), "{}", made.body);
    }

    async fn projections_hold_for_answers_to_changes_too(world: World) {
        let body = json!({"schemas": [USER, ENTERPRISE], "userName": "ada", "name": {"givenName": "Ada", "familyName": "Lovelace"}, "title": "Countess", ENTERPRISE: {"department": "Engines", "division": "Looms"}});
        let query = format!("attributes=name.givenName,{ENTERPRISE}:department");
        let made = post(&world, &world.admin, &format!("/scim/v2/Users?{query}"), &body).await.body;
        let path = format!("/scim/v2/Users/{}", id(&made));
        let put = send(&world, &world.admin, ("PUT", &format!("{path}?{query}")), Some(&body)).await.body;
        let patched = patch(&world, &world.admin, &format!("{path}?{query}"), json!([{"op": "add", "path": "nickName", "value": "A"}])).await.body;
        for answer in [&made, &put, &patched] {
            assert_eq!((&answer["name"], &answer[ENTERPRISE], answer.get("title"), answer.get("nickName")), (&json!({"givenName": "Ada"}), &json!({"department": "Engines"}), None, None), "{answer}");
        }
        let without = patch(&world, &world.admin, &format!("{path}?excludedAttributes=name,{ENTERPRISE}"), json!([{"op": "add", "path": "title", "value": "C"}])).await.body;
        assert_eq!((without.get("name"), without.get(ENTERPRISE), &without["title"]), (None, None, &json!("C")), "{without}");
        for (method, path, body) in [("POST", "/scim/v2/Users", &body), ("PUT", &path, &body)] {
            let both = send(&world, &world.admin, (method, &format!("{path}?attributes=title&excludedAttributes=name")), Some(body)).await;
            refused(&both, 400, Some("invalidValue"));
        }
    }

    async fn what_is_deleted_is_gone_everywhere_but_from_the_audit(world: World) {
        let ada = post(&world, &world.admin, "/scim/v2/Users", &json!({"schemas": [USER], "userName": "ada", "externalId": "E-1", "emails": [{"value": "ada@example.org"}]})).await.body;
        let crew = group(&world, "Crew", &[id(&ada)]).await;
        let path = format!("/scim/v2/Users/{}", id(&ada));
        let before_deletion = world.app.clock().now();
        world.clock.advance(chrono::TimeDelta::seconds(10));
        assert_eq!(send(&world, &world.admin, ("DELETE", &path), None).await.status, StatusCode::NO_CONTENT);
        for (method, body) in [("GET", None), ("DELETE", None), ("PUT", Some(json!({"schemas": [USER], "userName": "ada"}))), ("PATCH", Some(json!({"schemas": [PATCH], "Operations": [{"op": "add", "path": "title", "value": "x"}]})))] {
            refused(&send(&world, &world.admin, (method, &path), body.as_ref()).await, 404, None);
        }
        for filter in ["userName%20eq%20%22ada%22", "externalId%20eq%20%22E-1%22", "emails%20co%20%22ada%22", &format!("id%20eq%20%22{}%22", id(&ada))] {
            assert_eq!(get(&world, &world.admin, &format!("/scim/v2/Users?filter={filter}")).await.body["totalResults"], 0, "{filter}");
        }
        let shown = get(&world, &world.admin, &format!("/scim/v2/Groups/{}", id(&crew))).await.body;
        assert!(shown.get("members").is_none(), "{shown}");
        // Name and id are free, and who takes them is somebody else.
        let again = post(&world, &world.admin, "/scim/v2/Users", &json!({"schemas": [USER], "userName": "ada", "externalId": "E-1"})).await;
        assert_eq!(again.status, StatusCode::CREATED, "{}", again.body);
        assert_ne!(again.body["id"], ada["id"]);
        let query = format!("query($id: ID!) {{ node(id: $id, asOf: \"{}\") {{ ... on Profile {{ username }} }} }}", before_deletion.to_rfc3339_opts(chrono::SecondsFormat::Micros, true));
        let told = world.graphql(&world.admin, &query, json!({"id": id(&ada)})).await;
        assert_eq!(told.data()["node"]["username"], "ada");
        assert_eq!(send(&world, &world.admin, ("DELETE", &format!("/scim/v2/Users/{}", id(&again.body))), None).await.status, StatusCode::NO_CONTENT);
        world.mutate(&world.admin, "restoreProfile", json!({"id": id(&ada)}), "profile { id }").await;
        let query = "query($id: ID!) { node(id: $id) { ... on Profile { history(first: 20) { nodes { action face } } } } }";
        let told = world.graphql(&world.admin, query, json!({"id": id(&ada)})).await;
        let events = told.data()["node"]["history"]["nodes"].as_array().expect("events").clone();
        let by_scim: Vec<&str> = events.iter().filter(|event| event["face"] == "scim").filter_map(|event| event["action"].as_str()).collect();
        assert!(by_scim.contains(&"profile.create") && by_scim.contains(&"node.delete"), "{by_scim:?}");
    }

    async fn a_bulk_request_tells_each_operation_and_keeps_within_its_limits(world: World) {
        let new = |name: &str, id: &str| json!({"method": "POST", "path": "/Users", "bulkId": id, "data": {"schemas": [USER], "userName": name}});
        user(&world, "taken").await;
        let request = |operations: Vec<Value>, limit: Option<u64>| json!({"schemas": [BULK], "failOnErrors": limit, "Operations": operations});
        let answer = post(&world, &world.admin, "/scim/v2/Bulk", &request(vec![new("ada", "a"), new("TAKEN", "b"), new("bob", "c")], Some(1))).await.body;
        let outcomes = answer["Operations"].as_array().expect("operations");
        assert_eq!(outcomes.iter().map(|outcome| outcome["status"].as_str().expect("a text")).collect::<Vec<_>>(), ["201", "409"], "the rest was not begun: {answer}");
        assert_eq!((&outcomes[0]["bulkId"], outcomes[0]["version"].as_str().map(|tag| tag.starts_with("W/\""))), (&json!("a"), Some(true)));
        assert_eq!((&outcomes[1]["response"]["status"], &outcomes[1]["response"]["scimType"]), (&json!("409"), &json!("uniqueness")));
        assert_eq!(get(&world, &world.admin, "/scim/v2/Users?filter=userName%20eq%20%22bob%22").await.body["totalResults"], 0);
        let many: Vec<Value> = (0..1_001).map(|number| new(&format!("user{number}"), &number.to_string())).collect();
        refused(&post(&world, &world.admin, "/scim/v2/Bulk", &request(many, None)).await, 413, None);
        let wide = request(vec![new(&"x".repeat(1_100_000), "w")], None);
        refused(&post(&world, &world.admin, "/scim/v2/Bulk", &wide).await, 413, None);
        assert_eq!(get(&world, &world.admin, "/scim/v2/Users?count=0").await.body["totalResults"], 2);
    }

    async fn me_is_the_profile_of_the_credential(world: World) {
        let ada = user(&world, "ada").await;
        let own = world.as_profile(id(&ada)).await;
        let me = get(&world, &own, "/scim/v2/Me").await;
        assert_eq!((me.status, &me.body["id"], &me.body["meta"]["location"]), (StatusCode::OK, &ada["id"], &ada["meta"]["location"]), "{}", me.body);
        refused(&get(&world, &world.admin, "/scim/v2/Me").await, 404, None);
    }

    async fn nested_groups_are_told_alike_by_list_and_by_get(world: World) {
        let ada = user(&world, "ada").await;
        let inner = group(&world, "Inner", &[id(&ada)]).await;
        let outer = group(&world, "Outer", &[id(&inner), id(&ada)]).await;
        let list = get(&world, &world.admin, "/scim/v2/Groups").await.body;
        for one in [&inner, &outer] {
            let alone = get(&world, &world.admin, &format!("/scim/v2/Groups/{}", id(one))).await.body;
            let listed = list["Resources"].as_array().expect("a list").iter().find(|listed| listed["id"] == one["id"]).expect("the group");
            assert_eq!(listed, &alone);
        }
        let users = get(&world, &world.admin, "/scim/v2/Users").await.body;
        assert_eq!(users["Resources"][0], get(&world, &world.admin, &format!("/scim/v2/Users/{}", id(&ada))).await.body);
        let body = json!({"schemas": [GROUP], "displayName": "Outer", "members": []});
        assert_eq!(post(&world, &world.admin, "/scim/v2/Groups", &body).await.status, StatusCode::CREATED, "names need not be unique");
    }

    async fn a_page_says_how_many_there_are_and_how_many_it_holds(world: World) {
        let operations: Vec<Value> = (0..130).map(|number| json!({"method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": {"schemas": [USER], "userName": format!("user{number:03}")}})).collect();
        post(&world, &world.admin, "/scim/v2/Bulk", &json!({"schemas": [BULK], "Operations": operations})).await;
        let config = get(&world, &world.admin, "/scim/v2/ServiceProviderConfig").await.body;
        let greatest = config["filter"]["maxResults"].as_u64().expect("a number");
        let page = async |query: &str| get(&world, &world.admin, &format!("/scim/v2/Users?attributes=userName&{query}")).await.body;
        let (mut seen, mut start) = (Vec::new(), 1);
        while start <= 130 {
            let part = page(&format!("startIndex={start}&count={}", greatest + 10_000)).await;
            let names: Vec<String> = part["Resources"].as_array().expect("a list").iter().map(|user| user["userName"].to_string()).collect();
            assert_eq!((part["totalResults"].as_u64(), part["itemsPerPage"].as_u64()), (Some(130), Some(names.len() as u64)), "what was capped is told");
            assert!(!names.is_empty() && names.len() as u64 <= greatest);
            start += names.len();
            seen.extend(names);
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 130);
        let unsaid = page("").await;
        assert_eq!((unsaid["totalResults"].as_u64(), unsaid["itemsPerPage"].as_u64()), (Some(130), Some(unsaid["Resources"].as_array().map_or(0, Vec::len) as u64)));
    }

    async fn a_walk_by_cursors_misses_nobody_while_others_delete(world: World) {
        let mut users = Vec::new();
        for number in 0..12 {
            users.push(user(&world, &format!("user{number:02}")).await);
        }
        let first = get(&world, &world.admin, "/scim/v2/Users?cursor=&count=4&attributes=id").await.body;
        let seen: Vec<&str> = first["Resources"].as_array().expect("a list").iter().map(id).collect();
        // Whoever pages by position would skip as many as go.
        for gone in seen.iter().take(3) {
            send(&world, &world.admin, ("DELETE", &format!("/scim/v2/Users/{gone}")), None).await;
        }
        let mut rest = Vec::new();
        let mut cursor = first["nextCursor"].as_str().map(str::to_owned);
        while let Some(next) = cursor {
            let page = get(&world, &world.admin, &format!("/scim/v2/Users?cursor={next}&count=4&attributes=id")).await.body;
            rest.extend(page["Resources"].as_array().expect("a list").iter().map(|user| id(user).to_owned()));
            cursor = page["nextCursor"].as_str().map(str::to_owned);
        }
        let all: std::collections::BTreeSet<&str> = seen.iter().copied().chain(rest.iter().map(String::as_str)).collect();
        assert_eq!((all.len(), rest.len()), (users.len(), users.len() - seen.len()));
    }
}
