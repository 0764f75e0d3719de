//! What lists cost and how they agree with themselves: filters that the database cannot decide, orders, many members.

use super::{GROUP, USER, get, group, id, ids, patch, post, refused, user};
use crate::support::{World, on_each_database};
use axum::http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

async fn found(world: &World, path: &str, filter: &str) -> Value {
    let answer = get(world, &world.admin, &format!("/scim/v2{path}?filter={}", encoded(filter))).await;
    assert_eq!(answer.status, StatusCode::OK, "{filter}: {}", answer.body);
    answer.body
}

/// Makes many at once, and returns their ids.
async fn made(world: &World, operations: &[Value]) -> Vec<String> {
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
    let answer = post(world, &world.admin, "/scim/v2/Bulk", &bulk).await.body;
    let location = |outcome: &Value| outcome["location"].as_str().unwrap_or_else(|| panic!("{outcome}")).to_owned();
    let outcomes = answer["Operations"].as_array().expect("operations");
    outcomes.iter().map(|outcome| location(outcome).rsplit('/').next().expect("an id").to_owned()).collect()
}

fn new(path: &str, number: usize, mut data: Value) -> Value {
    data["schemas"] = json!([if path == "/Groups" { GROUP } else { USER }]);
    json!({"method": "POST", "path": path, "bulkId": number.to_string(), "data": data})
}

on_each_database! {
    async fn a_list_of_groups_takes_as_many_statements_as_one_group(world: World) {
        let ada = user(&world, "ada").await;
        let inner = group(&world, "Inner", &[id(&ada)]).await;
        for name in ["A", "B"] {
            group(&world, name, &[id(&ada), id(&inner)]).await;
        }
        let list = "/scim/v2/Groups?sortBy=displayName";
        let (few, first) = world.statements(get(&world, &world.admin, list)).await;
        assert_eq!(few.body["Resources"][0]["members"].as_array().map(Vec::len), Some(2), "{}", few.body);
        for number in 0..20 {
            group(&world, &format!("G{number}"), &[id(&ada)]).await;
        }
        let (many, second) = world.statements(get(&world, &world.admin, list)).await;
        assert_eq!(many.body["Resources"].as_array().map(Vec::len), Some(23));
        assert_eq!(first.len(), second.len(), "{second:#?}");
        // What is not shown, and what no filter looks at, is not read.
        let filter = encoded("displayName co \"ö\"");
        let (_, bare) = world.statements(get(&world, &world.admin, &format!("{list}&excludedAttributes=members&filter={filter}"))).await;
        assert!(bare.iter().all(|sql| !sql.contains("edges")), "{bare:#?}");
    }

    async fn whoever_is_in_very_many_groups_is_shown_all_of_them(world: World) {
        let ada = user(&world, "ada").await;
        let members = json!([{"value": id(&ada)}]);
        let operations: Vec<Value> = (0..225).map(|number| new("/Groups", number, json!({"displayName": format!("G{number}"), "members": members}))).collect();
        made(&world, &operations).await;
        let team = "urn:idgraph:params:scim:schemas:extension:1.0:Group";
        let operations: Vec<Value> = (0..225).map(|number| {
            let mut operation = new("/Groups", number, json!({"displayName": format!("T{number}"), "members": members, team: {"kind": "team"}}));
            operation["data"]["schemas"] = json!([GROUP, team]);
            operation
        }).collect();
        made(&world, &operations).await;
        for path in [format!("/scim/v2/Users/{}", id(&ada)), "/scim/v2/Users?count=1".to_owned()] {
            let shown = get(&world, &world.admin, &path).await.body;
            let shown = if shown["Resources"].is_array() { shown["Resources"][0].clone() } else { shown };
            let groups = shown["groups"].as_array().expect("groups");
            assert_eq!((groups.len(), groups.iter().filter(|group| group["type"] == "direct").count()), (450, 450));
        }
    }

    async fn what_a_resource_is_decides_without_a_look_at_it(world: World) {
        let ada = user(&world, "ada").await;
        group(&world, "Crew", &[]).await;
        let location = ada["meta"]["location"].as_str().expect("a location");
        let version = ada["meta"]["version"].as_str().expect("a version");
        for (filter, total) in [
            ("meta.resourceType eq \"User\"".to_owned(), 1),
            ("meta.resourceType ne \"User\"".to_owned(), 0),
            ("schemas eq \"urn:ietf:params:scim:schemas:core:2.0:User\"".to_owned(), 1),
            ("schemas eq \"urn:ietf:params:scim:schemas:core:2.0:Group\"".to_owned(), 0),
            (format!("meta.location eq \"{location}\""), 1),
            (format!("meta.location eq \"{location}0\""), 0),
            (format!("meta.version eq {}", serde_json::to_string(version).expect("a text")), 1),
            ("meta.version eq \"W/\\\"77\\\"\"".to_owned(), 0),
            ("id sw \"usr_\"".to_owned(), 1),
            ("id sw \"grp_\"".to_owned(), 0),
        ] {
            let request = format!("/scim/v2/Users?attributes=id&filter={}", encoded(&filter));
            let request = axum::http::Request::builder().uri(request).header("host", "directory.example.org");
            let (answer, statements) = world.statements(world.send(&world.admin, request.body(axum::body::Body::empty()).expect("a request"))).await;
            assert_eq!(answer.body["totalResults"], total, "{filter}: {}", answer.body);
            let lists = statements.iter().filter(|sql| sql.contains("FROM profiles")).count();
            assert!(lists <= 2, "{filter}: one count and one page: {statements:#?}");
        }
        // RFC 7644 §3.4.2.2 asks like this.
        let both = found(&world, "", "(meta.resourceType eq User) or (meta.resourceType eq Group)").await;
        assert_eq!(both["totalResults"], 2, "{both}");
    }

    async fn a_look_is_paid_for(world: World) {
        let limits = [("rate_limits.enabled", "true"), ("rate_limits.cost_per_minute", "60"), ("rate_limits.burst", "60")];
        let world = world.configured(&limits);
        let path = format!("/scim/v2/Users?count=1&filter={}", encoded("title co \"ö\""));
        assert_eq!(get(&world, &world.admin, &path).await.status, StatusCode::OK);
        let again = get(&world, &world.admin, &path).await;
        refused(&again, 429, None);
        assert!(again.headers.contains_key("retry-after"));
    }

    async fn a_walk_with_a_look_sees_everybody_once_and_counts_once(world: World) {
        let operations: Vec<Value> = (0..30).map(|number| new("/Users", number, json!({"userName": format!("user{number}"), "title": if number % 3 == 0 { "Größe" } else { "Maß" }}))).collect();
        made(&world, &operations).await;
        let filter = encoded("title eq \"GRÖẞE\" or title eq \"größe\"");
        let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = get(&world, &world.admin, &format!("/scim/v2/Users?cursor={cursor}&count=4&filter={filter}")).await;
            assert_eq!((page.status, &page.body["totalResults"]), (StatusCode::OK, &json!(10)), "{}", page.body);
            seen.extend(ids(&page.body));
            pages += 1;
            match page.body["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        let mut distinct = seen.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!((seen.len(), distinct.len(), pages), (10, 10, 3));
        // A cursor is good for its own list alone.
        for path in [format!("/scim/v2/Users?cursor={cursor}"), format!("/scim/v2/Groups?cursor={cursor}&filter={}", encoded("displayName eq \"größe\"")), format!("/scim/v2/Users?cursor={cursor}&filter={filter}&sortBy=userName")] {
            refused(&get(&world, &world.admin, &path).await, 400, Some("invalidCursor"));
        }
    }

    async fn an_avatar_is_found_as_the_picture_that_it_is_shown_as(world: World) {
        let (ada, _) = (user(&world, "ada").await, user(&world, "bare").await);
        post(&world, &world.admin, "/scim/v2/Users", &json!({"schemas": [USER], "userName": "grace", "photos": [{"value": "https://x.org/g.png", "type": "thumbnail"}]})).await;
        world.mutate(&world.admin, "updateProfile", json!({"id": id(&ada), "avatar": "https://x.org/a.png"}), "profile { id }").await;
        let shown = get(&world, &world.admin, &format!("/scim/v2/Users/{}", id(&ada))).await.body;
        assert_eq!(shown["photos"], json!([{"value": "https://x.org/a.png", "type": "photo", "primary": true}]));
        for (filter, total) in [
            ("photos pr", 2), ("not (photos pr)", 1), ("photos.value eq \"https://x.org/a.png\"", 1), ("photos.type eq \"PHOTO\"", 1),
            ("photos[type eq \"photo\" and primary eq true]", 1), ("photos.display pr", 0), ("photos.type ne \"thumbnail\"", 2), ("photos.value co \"x.org\"", 2),
        ] {
            assert_eq!(found(&world, "/Users", filter).await["totalResults"], total, "{filter}");
        }
        let sorted = get(&world, &world.admin, "/scim/v2/Users?sortBy=photos.value&attributes=userName").await.body;
        let names: Vec<&str> = sorted["Resources"].as_array().expect("a list").iter().filter_map(|user| user["userName"].as_str()).collect();
        assert_eq!(names, ["ada", "grace", "bare"]);
    }

    async fn a_list_has_one_order_whatever_filters_it(world: World) {
        let names = ["éva", "Zoe", "Ärger", "zeta", "ß", "ärger", "Eve"];
        let users: Vec<Value> = names.iter().enumerate().map(|(number, name)| new("/Users", number, json!({"userName": format!("{name}-{number}"), "nickName": name, "title": "Größe"}))).collect();
        made(&world, &users).await;
        let groups: Vec<Value> = names.iter().enumerate().map(|(number, name)| new("/Groups", number, json!({"displayName": name}))).collect();
        made(&world, &groups).await;
        let order = async |path: &str, query: String| {
            let list = get(&world, &world.admin, &format!("/scim/v2{path}?{query}")).await.body;
            list["Resources"].as_array().unwrap_or_else(|| panic!("{list}")).iter().map(|one| id(one).to_owned()).collect::<Vec<_>>()
        };
        for direction in ["ascending", "descending"] {
            for (path, by, filter) in [("/Users", "nickName", "title eq \"größe\""), ("/Users", "userName", "title eq \"größe\""), ("/Users", "title", "title eq \"größe\""), ("/Users", "id", "title eq \"größe\""), ("/Groups", "displayName", "not (displayName eq \"ö\")"), ("/Groups", "id", "not (displayName eq \"ö\")")] {
                let plain = order(path, format!("sortBy={by}&sortOrder={direction}")).await;
                let looked_at = order(path, format!("sortBy={by}&sortOrder={direction}&filter={}", encoded(filter))).await;
                assert_eq!(plain.len(), names.len());
                assert_eq!(plain, looked_at, "{path} by {by}, {direction}");
            }
        }
    }

    async fn what_a_type_does_not_have_has_no_value_there(world: World) {
        user(&world, "ada").await;
        group(&world, "Tour", &[]).await;
        for (filter, total) in [("userName eq \"ada\" or displayName eq \"Tour\"", 2), ("not (userName eq \"ada\")", 1), ("userName pr", 1), ("userName ne \"x\"", 2), ("members pr", 0), ("emails[type eq \"work\"] or displayName eq \"Tour\"", 1)] {
            assert_eq!(found(&world, "", filter).await["totalResults"], total, "{filter}");
        }
        refused(&get(&world, &world.admin, &format!("/scim/v2?filter={}", encoded("nonsense pr"))).await, 400, Some("invalidFilter"));
        refused(&get(&world, &world.admin, "/scim/v2?sortBy=nonsense").await, 400, Some("invalidValue"));
    }

    async fn some_other_group_differs_and_so_does_none(world: World) {
        let ada = user(&world, "ada").await;
        user(&world, "bob").await;
        let crew = group(&world, "Crew", &[id(&ada)]).await;
        for filter in [format!("not (groups.value eq \"{}\")", id(&crew)), format!("groups.value ne \"{}\"", id(&crew))] {
            let without = found(&world, "/Users", &filter).await;
            assert_eq!((&without["totalResults"], &without["Resources"][0]["userName"]), (&json!(1), &json!("bob")), "{filter}");
        }
        group(&world, "Band", &[id(&ada)]).await;
        assert_eq!(found(&world, "/Users", &format!("groups.value ne \"{}\"", id(&crew))).await["totalResults"], 2, "ada is in another, too");
        let operations = json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", id(&ada))}]);
        assert_eq!(patch(&world, &world.admin, &format!("/scim/v2/Groups/{}", id(&crew)), operations).await.status, StatusCode::OK);
    }
}
