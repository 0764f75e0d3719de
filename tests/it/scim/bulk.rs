//! Bulk requests: what is told of each operation is so.

use super::{ENTERPRISE, GROUP, PATCH, USER, get, id, post, user};
use crate::support::{World, on_each_database};
use serde_json::{Value, json};

async fn bulk(world: &World, operations: Value, fail_on_errors: Option<u64>) -> Vec<Value> {
    let request = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "failOnErrors": fail_on_errors, "Operations": operations});
    let answer = post(world, &world.admin, "/scim/v2/Bulk", &request).await;
    answer.body["Operations"].as_array().unwrap_or_else(|| panic!("{}", answer.body)).clone()
}

fn statuses(outcomes: &[Value]) -> Vec<&str> {
    outcomes.iter().filter_map(|outcome| outcome["status"].as_str()).collect()
}

on_each_database! {
    async fn nothing_is_called_done_that_lacks_its_references(world: World) {
        user(&world, "taken").await;
        let circle = json!([
            {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"schemas": [USER, ENTERPRISE], "userName": "taken", ENTERPRISE: {"manager": {"value": "bulkId:v"}}}},
            {"method": "POST", "path": "/Users", "bulkId": "v", "data": {"schemas": [USER, ENTERPRISE], "userName": "bob", ENTERPRISE: {"manager": {"value": "bulkId:u"}}}},
        ]);
        for limit in [Some(1), None] {
            let outcomes = bulk(&world, circle.clone(), limit).await;
            assert_eq!(outcomes.len(), 2, "{outcomes:?}");
            assert!(statuses(&outcomes).iter().all(|status| *status != "201"), "{limit:?}: {outcomes:?}");
        }
        let found = get(&world, &world.admin, "/scim/v2/Users?filter=userName%20eq%20%22bob%22").await.body;
        assert!(found["Resources"][0][ENTERPRISE].get("manager").is_none(), "{found}");
    }

    async fn what_was_made_by_halves_says_where_it_is(world: World) {
        let circle = json!([
            {"method": "POST", "path": "/Groups", "bulkId": "a", "data": {"schemas": [GROUP], "displayName": "A", "members": [{"value": "bulkId:b"}]}},
            {"method": "POST", "path": "/Groups", "bulkId": "b", "data": {"schemas": [GROUP], "displayName": "B", "members": [{"value": "bulkId:a"}]}},
        ]);
        let outcomes = bulk(&world, circle, None).await;
        let half = outcomes.iter().find(|outcome| outcome["status"] == "400").unwrap_or_else(|| panic!("{outcomes:?}"));
        let location = half["location"].as_str().expect("a location");
        let path = location.strip_prefix("http://directory.example.org").expect("a URL of this server");
        assert_eq!(get(&world, &world.admin, path).await.body["meta"]["location"], location);
        assert!(half["response"]["detail"].as_str().is_some_and(|detail| detail.contains("without its references")), "{half}");
    }

    async fn locations_name_what_was_found_and_not_what_was_written(world: World) {
        let outcomes = bulk(&world, json!([
            {"method": "POST", "path": "/Users", "bulkId": "x", "data": {"schemas": [USER], "userName": "ada", "password": "correct horse"}},
            {"method": "POST", "path": "/Users", "bulkId": "y", "data": {"schemas": [USER], "userName": "bob", "password": "short"}},
            {"method": "PATCH", "path": "/Users/bulkId:x", "data": {"schemas": [PATCH], "Operations": [{"op": "add", "path": "emails", "value": "odd"}]}},
            {"method": "DELETE", "path": "/Users/bulkId:x"},
        ]), None).await;
        assert_eq!(statuses(&outcomes), ["201", "400", "400", "204"], "{outcomes:?}");
        let made = outcomes[0]["location"].as_str().expect("a location");
        assert_eq!((outcomes[2]["location"].as_str(), outcomes[3]["location"].as_str()), (Some(made), Some(made)));
    }

    async fn what_the_time_does_not_suffice_for_is_told(world: World) {
        let world = world.configured(&[("server.request_timeout_seconds", "6")]);
        let operations: Vec<Value> = (0..1_000).map(|number| json!({"method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": {"schemas": [USER], "userName": format!("user{number}"), "password": "correct horse battery"}})).collect();
        let outcomes = bulk(&world, json!(operations), None).await;
        assert_eq!(outcomes.len(), 1_000);
        let made = outcomes.iter().filter(|outcome| outcome["status"] == "201").count();
        assert!(made > 0 && statuses(&outcomes)[made..].iter().all(|status| *status == "503"), "{made}: {:?}", statuses(&outcomes));
        let list = get(&world, &world.admin, "/scim/v2/Users?count=0").await.body;
        assert_eq!(list["totalResults"], made, "what is told is what was done");
        assert!(!id(&user(&world, "afterwards").await).is_empty());
    }
}
