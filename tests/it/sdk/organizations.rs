//! Organizations: all of them are owned by everybody.

use super::{done, expected, get, native, refused};
use crate::support::{each, on_each_database};
use serde_json::json;

on_each_database! {
    async fn organizations_are_listed_made_changed_and_deleted(world: World) {
        let body = json!({"owner": "admin", "name": "initech", "displayName": "Initech", "tags": [""], "websiteUrl": "",
            "properties": {"floor": 3}});
        assert_eq!(done(&world, &world.root, "/api/add-organization?id=admin/initech", body).await, "Affected");
        let one = get(&world, &world.root, "/api/get-organization?id=admin/initech").await;
        let wanted = json!({"owner": "admin", "name": "initech", "displayName": "Initech", "properties": {"floor": 3}});
        for (field, value) in wanted.as_object().expect("an object") {
            assert_eq!(&one[field], value, "{field}");
        }
        assert_eq!(native(&world, &world.root, "/v1/iam/organizations/get?id=admin/initech").await, one);
        let listed = native(&world, &world.root, "/v1/iam/organizations?owner=admin&sortField=name").await;
        assert_eq!(each(&listed["organizations"], "name"), ["acme", "globex", "initech"]);
        let path = "/api/get-organizations?owner=admin&p=2&pageSize=2";
        assert_eq!(each(&get(&world, &world.root, path).await, "name"), ["initech"]);
        assert_eq!(each(&get(&world, &world.reader, "/api/get-organizations?owner=admin").await, "name"), ["acme"]);
        let names = get(&world, &world.reader, "/api/get-organization-names?owner=admin").await;
        assert_eq!(names, json!([{"name": "acme", "displayName": "acme"}]));
        let body = json!({"owner": "admin", "name": "initrode", "displayName": "Initrode"});
        done(&world, &world.root, "/api/update-organization?id=admin/initech", body.clone()).await;
        let one = get(&world, &world.root, "/api/get-organization?id=admin/initrode").await;
        assert_eq!((&one["displayName"], &one["properties"]), (&json!("Initrode"), &json!({"floor": 3})));
        done(&world, &world.root, "/api/delete-organization?id=admin/initrode", body).await;
        assert_eq!(get(&world, &world.root, "/api/get-organization?id=admin/initrode").await, json!(null));
    }

    async fn what_cannot_be_is_refused(world: World) {
        for (path, body, answer) in [
            ("/api/add-organization", json!({"name": "acme"}), expected(409, "CONFLICT", "name")),
            ("/api/add-organization", json!({"name": "no slug!"}), expected(422, "BAD_USER_INPUT", "name")),
            ("/api/add-organization", json!({}), expected(422, "BAD_USER_INPUT", "id")),
            ("/api/update-organization?id=admin/acme", json!({"displayName": "a\nb"}), expected(422, "BAD_USER_INPUT", "displayName")),
            ("/api/update-organization?id=admin/nothing", json!({}), expected(404, "NOT_FOUND", "id")),
        ] {
            assert_eq!(refused(&world, &world.root, ("POST", path), Some(body)).await, answer, "{path}");
        }
        for (path, actor) in [("/api/get-organization?id=admin/acme", &world.stranger), ("/api/get-organization?id=admin/globex", &world.owner)] {
            assert_eq!(get(&world, actor, path).await, json!(null));
        }
        let path = "/api/delete-organization?id=admin/acme";
        assert_eq!(refused(&world, &world.stranger, ("POST", path), Some(json!({}))).await, expected(404, "NOT_FOUND", "id"));
        assert_eq!(refused(&world, &world.admin, ("POST", path), Some(json!({}))).await, expected(403, "FORBIDDEN", ""));
    }
}
