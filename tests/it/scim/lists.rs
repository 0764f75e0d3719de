//! Lists: filters, orders, pages.

use super::{ENTERPRISE, GROUP, PATCH, USER, get, group, id, ids, post, refused, send, user};
use crate::support::{World, on_each_database};
use axum::http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn found(world: &World, filter: &str) -> Value {
    let filter = utf8_percent_encode(filter, NON_ALPHANUMERIC);
    let answer = get(world, &world.admin, &format!("/scim/v2/Users?filter={filter}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{filter}: {}", answer.body);
    answer.body
}

/// Makes users of all sorts.
async fn populate(world: &World) -> Vec<Value> {
    let bodies = [
        json!({"userName": "ada", "title": "Engineer", "name": {"familyName": "Lovelace"}, "emails": [{"value": "ada@example.org", "type": "work", "primary": true}, {"value": "ada@home.example", "type": "home"}]}),
        json!({"userName": "Grace", "title": "engineer", "name": {"familyName": "Hopper"}, "emails": [{"value": "grace@navy.example", "type": "work"}], "active": false}),
        json!({"userName": "ödön", "title": "Größe", "nickName": "KELVIN \u{212a}", "externalId": "E-1"}),
        json!({"userName": "zoe", "title": "a \"quoted\" title\\", ENTERPRISE: {"department": "R&D", "employeeNumber": "701984"}}),
        json!({"userName": "percent%_", "preferredLanguage": "de, en;q=0.5", "roles": [{"value": "reader", "primary": true}], "photos": [{"value": "https://example.org/p.png"}]}),
    ];
    let mut made = Vec::new();
    for mut body in bodies {
        body["schemas"] = json!([USER, ENTERPRISE]);
        let answer = post(world, &world.admin, "/scim/v2/Users", &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        made.push(answer.body);
    }
    made
}

on_each_database! {
    async fn sql_and_evaluator_agree(world: World) {
        use idgraph::scim::registry::{Kind, Registry};
        let users = populate(&world).await;
        let of_type = Registry::common().get(Kind::User).clone();
        let paths = ["userName", "title", "nickName", "name.familyName", "name", "emails", "emails.value", "emails.type", "photos.value", "roles.value", "externalId", "id", "meta.resourceType", "preferredLanguage", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"];
        let needles = ["ada", "ADA", "engineer", "ö", "GRÖSSE", "größe", "k", "\u{212a}", "", "example", "a \"quoted\"", "\\", "%", "_", "work", "R&D", "acme", "701984", "User", "usr_", "\u{0}"];
        let operators = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];
        let mut filters: Vec<String> = paths.iter().map(|path| format!("{path} pr")).collect();
        for path in paths.iter().filter(|path| **path != "name") {
            for needle in needles {
                let quoted = serde_json::to_string(needle).expect("a text");
                filters.extend(operators.iter().map(|operator| format!("{path} {operator} {quoted}")));
            }
        }
        filters.extend(["active eq true", "active ne true", "emails.primary eq true", "emails[type eq \"work\" and value co \"navy\"]", "emails[type eq \"home\"] and not (title co \"x\")", "not (userName sw \"a\" or title eq \"GRÖSSE\")", "emails[not (type eq \"work\")]", "name[familyName eq \"hopper\"]"].map(str::to_owned));
        for text in filters {
            let bound = scim_protocol::filter::parse_filter(&text).and_then(|filter| of_type.bind(&filter));
            let encoded = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
            let answer = get(&world, &world.admin, &format!("/scim/v2/Users?filter={encoded}")).await;
            let Ok(bound) = bound else {
                assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{text}");
                continue;
            };
            assert_eq!(answer.status, StatusCode::OK, "{text}: {}", answer.body);
            let mut expected: Vec<String> = users.iter().filter(|user| bound.matches(user.as_object().expect("an object"))).map(|user| id(user).to_owned()).collect();
            expected.sort();
            assert_eq!(ids(&answer.body), expected, "{text}");
            assert_eq!(answer.body["totalResults"], expected.len(), "{text}");
        }
    }

    async fn times_are_compared_as_instants(world: World) {
        user(&world, "ada").await;
        let created = found(&world, "userName eq \"ADA\"").await["Resources"][0]["meta"]["created"].as_str().expect("a time").to_owned();
        let at = chrono::DateTime::parse_from_rfc3339(&created).expect("a time");
        let elsewhere = at.with_timezone(&chrono::FixedOffset::east_opt(7_200).expect("an offset")).to_rfc3339();
        for (filter, total) in [(format!("meta.created eq \"{elsewhere}\""), 1), (format!("meta.created gt \"{elsewhere}\""), 0), (format!("meta.lastModified ge \"{created}\""), 1)] {
            assert_eq!(found(&world, &filter).await["totalResults"], total, "{filter}");
        }
    }

    async fn what_cannot_be_asked_is_an_error_and_never_silence(world: World) {
        populate(&world).await;
        for filter in ["userName", "userName xx \"a\"", "unknown eq \"a\"", "active gt true", "password eq \"x\"", "((userName eq \"a\")", "userName eq \"a\" and"] {
            let encoded = utf8_percent_encode(filter, NON_ALPHANUMERIC);
            refused(&get(&world, &world.admin, &format!("/scim/v2/Users?filter={encoded}")).await, 400, Some("invalidFilter"));
        }
        let deep = "(".repeat(200) + "userName eq \"a\"" + &")".repeat(200);
        assert_eq!(get(&world, &world.admin, &format!("/scim/v2/Users?filter={}", utf8_percent_encode(&deep, NON_ALPHANUMERIC))).await.status, StatusCode::BAD_REQUEST);
        refused(&get(&world, &world.admin, "/scim/v2/Users?attributes=id&excludedAttributes=name").await, 400, Some("invalidValue"));
    }

    async fn pages_are_positions(world: World) {
        let users = populate(&world).await;
        let page = async |query: &str| get(&world, &world.admin, &format!("/scim/v2/Users?{query}")).await.body;
        let none = page("count=0").await;
        assert_eq!((&none["totalResults"], &none["Resources"], &none["itemsPerPage"]), (&json!(users.len()), &json!([]), &json!(0)));
        assert_eq!(page("count=-5").await["Resources"], json!([]));
        assert_eq!(page("startIndex=-1&count=2").await["startIndex"], 1);
        let beyond = page("startIndex=100").await;
        assert_eq!((&beyond["totalResults"], &beyond["Resources"]), (&json!(users.len()), &json!([])));
        let mut seen = Vec::new();
        for start in [1, 3, 5] {
            let part = page(&format!("startIndex={start}&count=2&sortBy=userName&attributes=userName")).await;
            seen.extend(part["Resources"].as_array().expect("a list").iter().map(|user| user["userName"].as_str().expect("a name").to_owned()));
        }
        assert_eq!(seen, ["ada", "Grace", "percent%_", "zoe", "ödön"]);
        let descending = page("sortBy=title&sortOrder=descending&attributes=title").await;
        let titles: Vec<Option<&str>> = descending["Resources"].as_array().expect("a list").iter().map(|user| user["title"].as_str()).collect();
        assert_eq!(titles.first(), Some(&None), "missing values come first when descending: {titles:?}");
    }

    async fn a_walk_by_cursors_sees_everybody_once(world: World) {
        let mut expected = BTreeSet::new();
        for number in 0..25 {
            expected.insert(id(&user(&world, &format!("user{number}")).await).to_owned());
        }
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = get(&world, &world.admin, &format!("/scim/v2/Users?cursor={cursor}&count=4&attributes=id")).await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.body);
            seen.extend(page.body["Resources"].as_array().expect("a list").iter().map(|user| id(user).to_owned()));
            // Somebody comes, and somebody goes that was not there in the beginning.
            let passing = user(&world, &format!("passing{}", seen.len())).await;
            send(&world, &world.admin, ("DELETE", &format!("/scim/v2/Users/{}", id(&passing))), None).await;
            match page.body["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(seen.len(), expected.len());
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected);
        refused(&get(&world, &world.admin, "/scim/v2/Users?cursor=forged").await, 400, Some("invalidCursor"));
    }

    async fn a_search_is_a_list_by_post(world: World) {
        populate(&world).await;
        group(&world, "ada's friends", &[]).await;
        let search = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "displayName sw \"ada\" or userName eq \"ada\"", "attributes": ["displayName"], "count": 10});
        let users = post(&world, &world.admin, "/scim/v2/Users/.search", &search).await;
        assert_eq!(users.body["totalResults"], 1, "{}", users.body);
        let all = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "displayName sw \"ada\""});
        let all = post(&world, &world.admin, "/scim/v2/.search", &all).await;
        assert_eq!(all.body["totalResults"], 1, "{}", all.body);
        assert_eq!(all.body["Resources"][0]["meta"]["resourceType"], "Group");
        let everything = get(&world, &world.admin, "/scim/v2?count=3").await.body;
        assert_eq!((&everything["totalResults"], everything["Resources"].as_array().map(Vec::len)), (&json!(6), Some(3)));
    }

    async fn a_bulk_request_resolves_references_whatever_their_order(world: World) {
        let request = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "failOnErrors": 2,
            "Operations": [
                {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"schemas": [GROUP], "displayName": "Tour", "members": [{"value": "bulkId:u"}]}},
                {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"schemas": [USER, ENTERPRISE], "userName": "alice", ENTERPRISE: {"manager": {"value": "bulkId:v"}}}},
                {"method": "POST", "path": "/Users", "bulkId": "v", "data": {"schemas": [USER], "userName": "bob"}},
                {"method": "POST", "path": "/Users", "bulkId": "w", "data": {"schemas": [USER], "userName": "BOB"}},
                {"method": "PATCH", "path": "/Users/bulkId:v", "data": {"schemas": [PATCH], "Operations": [{"op": "add", "path": "title", "value": "Boss"}]}},
            ],
        });
        let answer = post(&world, &world.admin, "/scim/v2/Bulk", &request).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let statuses: Vec<&str> = answer.body["Operations"].as_array().expect("operations").iter().filter_map(|operation| operation["status"].as_str()).collect();
        assert_eq!(statuses, ["201", "201", "201", "409", "200"], "{:#}", answer.body);
        let alice = found(&world, "userName eq \"alice\"").await["Resources"][0].clone();
        let bob = found(&world, "userName eq \"bob\"").await["Resources"][0].clone();
        assert_eq!(alice[ENTERPRISE]["manager"]["value"], bob["id"]);
        assert_eq!(alice["groups"][0]["display"], "Tour");
    }
}
