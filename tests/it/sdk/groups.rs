//! Groups: a name, a parent, and members that are told of but not set here.

use super::{done, expected, get, native, refused};
use crate::support::{each, on_each_database};
use serde_json::json;

on_each_database! {
    async fn groups_are_listed_made_changed_and_deleted(world: World) {
        let body = json!({"owner": "acme", "name": "engineering", "displayName": "Engineering", "type": "Virtual", "parentId": "acme",
            "isTopGroup": true, "users": [], "isEnabled": true, "manager": ""});
        assert_eq!(done(&world, &world.editor, "/api/add-group?id=acme/engineering", body).await, "Affected");
        let body = json!({"owner": "acme", "name": "compilers", "parentId": "engineering", "properties": {"floor": 3}});
        done(&world, &world.editor, "/api/add-group?id=acme/compilers", body).await;
        let ada = world.user("ada").await;
        let compilers = get(&world, &world.reader, "/api/get-group?id=acme/compilers").await;
        world.join(compilers["id"].as_str().expect("an id"), &[&ada]).await;
        let compilers = get(&world, &world.reader, "/api/get-group?id=acme/compilers").await;
        let wanted = json!({"owner": "acme", "name": "compilers", "displayName": "compilers", "parentId": "engineering",
            "isTopGroup": false, "users": ["ada"], "properties": {"floor": 3}, "isEnabled": true});
        for (field, value) in wanted.as_object().expect("an object") {
            assert_eq!(&compilers[field], value, "{field}");
        }
        assert_eq!(native(&world, &world.reader, "/v1/iam/groups/get?id=acme/compilers").await, compilers);
        let top = get(&world, &world.reader, "/api/get-group?id=acme/engineering").await;
        assert_eq!((&top["parentId"], &top["isTopGroup"], &top["type"]), (&json!("acme"), &json!(true), &json!("Virtual")));
        for (query, names) in [
            ("owner=acme&sortField=name", vec!["compilers", "engineering"]),
            ("owner=acme&p=2&pageSize=1&sortField=displayName", vec!["engineering"]),
            ("owner=acme&field=name&value=COMPILERS", vec!["compilers"]),
            ("owner=acme&field=displayName&value=engineering", vec!["engineering"]),
        ] {
            let path = format!("/api/get-groups?{query}");
            assert_eq!(each(&get(&world, &world.reader, &path).await, "name"), names, "{query}");
        }
        // Sent back as it is, it stays as it is, with everybody who is in it.
        let before = world.last_sequence().await;
        done(&world, &world.editor, "/api/update-group?id=acme/compilers", compilers.clone()).await;
        assert_eq!(world.last_sequence().await, before);
        let mut changed = compilers.clone();
        (changed["name"], changed["parentId"], changed["users"]) = (json!("tools"), json!("acme"), json!([]));
        done(&world, &world.editor, "/api/update-group?id=acme/compilers", changed).await;
        let tools = get(&world, &world.reader, "/api/get-group?id=acme/tools").await;
        assert_eq!((&tools["id"], &tools["parentId"], &tools["users"]), (&compilers["id"], &json!("acme"), &json!(["ada"])));
        done(&world, &world.admin, "/api/delete-group?id=acme/tools", json!({})).await;
        assert_eq!(get(&world, &world.reader, "/api/get-group?id=acme/tools").await, json!(null));
    }

    async fn what_cannot_be_is_refused_and_changes_nothing(world: World) {
        world.group("engineering").await;
        world.group("other").await;
        let before = world.last_sequence().await;
        for (body, field) in [
            (json!({"name": "other"}), "name"),
            (json!({"name": "no slug!"}), "name"),
            (json!({"parentId": "nothing"}), "parentId"),
            (json!({"parentId": "engineering"}), "parentId"),
            (json!({"displayName": true}), "displayName"),
        ] {
            let answer = refused(&world, &world.owner, ("POST", "/api/update-group?id=acme/engineering"), Some(body.clone())).await;
            assert_eq!((answer.2.as_str(), answer.0 == 422 || answer.0 == 409), (field, true), "{body}: {answer:?}");
        }
        let path = "/api/get-groups?owner=acme&field=category&value=x";
        assert_eq!(refused(&world, &world.owner, ("GET", path), None).await, expected(422, "BAD_USER_INPUT", "field"));
        assert_eq!(refused(&world, &world.stranger, ("GET", "/api/get-groups?owner=acme"), None).await, expected(404, "NOT_FOUND", "owner"));
        assert_eq!(get(&world, &world.stranger, "/api/get-group?id=acme/engineering").await, json!(null));
        assert_eq!(world.last_sequence().await, before);
    }
}
