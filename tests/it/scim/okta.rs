//! The requests of Okta, as it sends them.

use super::{ENTERPRISE, GROUP, USER, get, group, id, patch, post, refused, send, user};
use crate::support::on_each_database;
use axum::http::StatusCode;
use serde_json::json;

on_each_database! {
    async fn a_user_is_pushed_deactivated_and_pushed_again(world: World) {
        let okta = &world.admin;
        let find = "/scim/v2/Users?filter=userName%20eq%20%22test.user@okta.local%22&startIndex=1&count=100";
        assert_eq!(get(&world, okta, find).await.body["totalResults"], 0);
        let body = json!({
            "schemas": [USER], "userName": "test.user@okta.local", "externalId": "00ujl29u0le5T6Aj10h7", "locale": "en-US",
            "name": {"givenName": "Test", "familyName": "User"}, "displayName": "Test User", "password": "1mz050nq secret",
            "emails": [{"primary": true, "value": "test.user@okta.local", "type": "work"}], "groups": [], "active": true,
        });
        let made = post(&world, okta, "/scim/v2/Users", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let path = format!("/scim/v2/Users/{}", id(&made.body));
        // GET, then PUT of everything that came back.
        let mut whole = get(&world, okta, &path).await.body;
        whole["name"]["givenName"] = json!("Another");
        let put = send(&world, okta, ("PUT", &path), Some(&whole)).await;
        assert_eq!((put.status, &put.body["name"]["givenName"]), (StatusCode::OK, &json!("Another")), "{}", put.body);
        assert!(put.body["meta"]["created"].is_string());
        let off = patch(&world, okta, &path, json!([{"op": "replace", "value": {"active": false}}])).await;
        assert_eq!(off.body["active"], false, "{}", off.body);
        // The same user again: it comes back instead of an unexplained conflict.
        let again = post(&world, okta, "/scim/v2/Users", &body).await;
        assert_eq!((again.status, &again.body["id"], &again.body["active"]), (StatusCode::CREATED, &made.body["id"], &json!(true)), "{}", again.body);
        let taken = post(&world, okta, "/scim/v2/Users", &body).await;
        refused(&taken, 409, Some("uniqueness"));
        assert!(taken.body["detail"].as_str().is_some_and(|detail| detail.contains(id(&made.body))));
    }

    async fn a_group_is_renamed_and_its_members_exchanged_in_one_patch(world: World) {
        let okta = &world.admin;
        let (ada, grace) = (user(&world, "ada").await, user(&world, "grace").await);
        let body = json!({"schemas": [GROUP], "displayName": "Test SCIMv2", "members": [{"value": id(&ada), "display": "ada"}]});
        let made = post(&world, okta, "/scim/v2/Groups", &body).await.body;
        let path = format!("/scim/v2/Groups/{}", id(&made));
        let renamed = patch(&world, okta, &path, json!([{"op": "replace", "value": {"id": id(&made), "displayName": "Test SCIMv2 renamed"}}])).await;
        assert_eq!((renamed.status, &renamed.body["displayName"]), (StatusCode::OK, &json!("Test SCIMv2 renamed")), "{}", renamed.body);
        let exchanged = patch(&world, okta, &path, json!([
            {"op": "remove", "path": format!("members[value eq \"{}\"]", id(&ada))},
            {"op": "add", "path": "members", "value": [{"value": id(&grace), "display": "grace"}]},
        ])).await;
        assert_eq!(exchanged.body["members"][0]["value"], grace["id"], "{}", exchanged.body);
        let all = patch(&world, okta, &path, json!([{"op": "replace", "path": "members", "value": [{"value": id(&ada)}, {"value": id(&grace)}]}])).await;
        assert_eq!(all.body["members"].as_array().map(Vec::len), Some(2), "{}", all.body);
    }

    async fn everything_that_was_got_is_put_back(world: World) {
        let okta = &world.admin;
        let body = json!({"schemas": [USER, ENTERPRISE], "userName": "test.user@okta.local", "externalId": "00ujl29u0le5T6Aj10h7", "name": {"givenName": "Test", "familyName": "User"}, "emails": [{"primary": true, "value": "test.user@okta.local", "type": "work"}], "phoneNumbers": [{"value": "555-123-4567", "type": "mobile"}], ENTERPRISE: {"employeeNumber": "7", "department": "Sales"}});
        let made = post(&world, okta, "/scim/v2/Users", &body).await.body;
        group(&world, "Crew", &[id(&made)]).await;
        let path = format!("/scim/v2/Users/{}", id(&made));
        let whole = get(&world, okta, &path).await.body;
        assert!(whole["groups"].is_array() && whole["meta"].is_object());
        world.clock.advance(chrono::TimeDelta::seconds(5));
        let put = send(&world, okta, ("PUT", &path), Some(&whole)).await;
        assert_eq!((put.status, &put.body), (StatusCode::OK, &whole), "nothing has changed");
        let off = patch(&world, okta, &path, json!([{"op": "replace", "value": {"active": false}}])).await;
        assert_eq!(off.body["active"], false);
        let on = patch(&world, okta, &path, json!([{"op": "replace", "value": {"active": true}}])).await;
        assert_eq!(on.body["active"], true);
        let secret = patch(&world, okta, &path, json!([{"op": "replace", "value": {"password": "1mz050nq secret"}}])).await;
        assert_eq!((secret.status, secret.body.get("password")), (StatusCode::OK, None), "{}", secret.body);
    }

    async fn pages_have_numbers_and_one_order(world: World) {
        for number in 0..7 {
            user(&world, &format!("user{number}")).await;
        }
        let page = async |start: usize| get(&world, &world.admin, &format!("/scim/v2/Users?startIndex={start}&count=3")).await.body;
        let mut seen = Vec::new();
        for start in [1, 4, 7] {
            let (part, again) = (page(start).await, page(start).await);
            assert_eq!(part, again);
            for name in ["totalResults", "startIndex", "itemsPerPage"] {
                assert!(part[name].is_u64(), "{name}: {part}");
            }
            seen.extend(part["Resources"].as_array().expect("a list").iter().map(|user| id(user).to_owned()));
        }
        let mut distinct = seen.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!((seen.len(), distinct.len()), (7, 7));
    }
}
