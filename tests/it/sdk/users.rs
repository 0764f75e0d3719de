//! Users: one, many, those with a value in a field; made, changed and deleted, by itself and in envelopes.

use super::{done, expected, get, native, refused, send};
use crate::support::mutations::account;
use crate::support::{each, id_of, on_each_database};
use serde_json::json;

on_each_database! {
    async fn a_user_looks_the_same_in_both_spellings_and_shows_its_accounts(world: World) {
        let ada = world.user("ada").await;
        let group = world.group("engineering").await;
        world.join(&group, &[&ada]).await;
        let role = world.role("root", true).await;
        world.mutate(&world.root, "grantRole", json!({"roleId": role, "principalId": group}), "clientMutationId").await;
        let body = json!({"owner": "acme", "name": "ada", "displayName": "Ada Lovelace", "email": "ada@example.org",
            "phone": "+44 20 7946 0018", "tag": "engineering", "language": "en-GB", "groups": ["acme/engineering"],
            "properties": {"floor": "3", "linked_identities": [{"provider": "github", "external_id": "ada-lovelace"}]}});
        assert_eq!(done(&world, &world.editor, "/api/update-user?id=acme/ada", body).await, "Affected");
        let user = get(&world, &world.reader, "/api/get-user?id=acme%2Fada").await;
        assert_eq!(native(&world, &world.reader, "/v1/iam/users/get?id=acme/ada").await, user);
        let properties = json!({"floor": "3", "linked_identities": [{"provider": "github", "external_id": "ada-lovelace"}]});
        let wanted = json!({"owner": "acme", "name": "ada", "id": ada, "displayName": "Ada Lovelace", "email": "ada@example.org",
            "phone": "+44 20 7946 0018", "tag": "engineering", "language": "en-GB", "groups": ["acme/engineering"],
            "roles": ["acme/root"], "isAdmin": true, "isForbidden": false, "isDeleted": false, "emailVerified": false,
            "properties": properties, "createdTime": "2026-01-01T12:00:00Z", "title": "", "type": "normal-user"});
        for (field, value) in wanted.as_object().expect("an object") {
            assert_eq!(&user[field], value, "{field}");
        }
        assert!(user.get("password").is_none());
        for query in ["owner=acme&email=ADA@example.org", "owner=acme&phone=%2B442079460018", &format!("userId={ada}"),
            &format!("id=acme/{ada}"), "id=ada", "owner=acme&id=ada"] {
            assert_eq!(get(&world, &world.reader, &format!("/api/get-user?{query}")).await["name"], "ada", "{query}");
        }
    }

    async fn a_list_is_searched_sorted_and_paged(world: World) {
        for (name, tag) in [("ada", "engineering"), ("bob", "engineering"), ("cleo", "finance")] {
            let body = json!({"owner": "acme", "name": name, "displayName": name.to_uppercase(), "tag": tag,
                "email": format!("{name}@example.org"), "properties": {"floor": "3"}});
            done(&world, &world.editor, "/api/add-user", body).await;
        }
        for (query, names) in [
            ("owner=acme&sortField=name&sortOrder=ascend", vec!["ada", "bob", "cleo"]),
            ("owner=acme&sortField=name&sortOrder=descend", vec!["cleo", "bob", "ada"]),
            ("owner=acme&field=tag&value=Engineering&sortField=name", vec!["ada", "bob"]),
            ("field=displayName&value=cleo", vec!["cleo"]),
            ("field=name&value=BOB", vec!["bob"]),
            ("field=email&value=nobody@example.org", vec![]),
            ("field=&value=&owner=acme&sortField=created_time&p=2&pageSize=2", vec!["cleo"]),
        ] {
            let path = format!("/api/get-users?{query}");
            assert_eq!(each(&get(&world, &world.reader, &path).await, "name"), names, "{query}");
            let listed = native(&world, &world.reader, &format!("/v1/iam/users?{query}")).await;
            assert_eq!(each(&listed["users"], "name"), names, "{query}");
        }
        let page = send(&world, &world.reader, ("GET", "/api/get-users?owner=acme&field=tag&value=engineering&p=1&pageSize=1"), None).await;
        assert_eq!((page.body["data"].as_array().map(Vec::len), &page.body["data2"]), (Some(1), &json!(2)));
        assert_eq!(native(&world, &world.reader, "/v1/iam/users?pageSize=1").await["total"], 3);
        assert_eq!(get(&world, &world.reader, "/api/get-user-count?owner=acme&isOnline=").await, 3);
        assert_eq!(native(&world, &world.reader, "/v1/iam/users/count").await, json!({"count": 3}));
        let sorted = get(&world, &world.reader, "/api/get-sorted-users?owner=acme&sorter=display_name&limit=2").await;
        assert_eq!(each(&sorted, "name"), ["cleo", "bob"]);
        // What is for the eyes of editors nobody else may search by.
        let path = "/api/get-users?owner=acme&field=properties.floor&value=3";
        assert_eq!(get(&world, &world.editor, path).await.as_array().map(Vec::len), Some(3));
        assert_eq!(refused(&world, &world.reader, ("GET", path), None).await, expected(403, "FORBIDDEN", ""));
    }

    async fn who_is_signed_in_somewhere_is_counted(world: World) {
        let (ada, bob) = (world.user("ada").await, world.user("bob").await);
        world.user("cleo").await;
        for (user, sessions) in [(&ada, vec!["1", "2"]), (&bob, vec!["3"])] {
            let id = account(&world, user, user).await;
            let sessions: Vec<_> = sessions.iter().map(|name| json!({"externalId": name, "identity": {"id": id}})).collect();
            let input = json!({"organizationId": world.acme, "sessions": sessions});
            world.mutate(&world.root, "reportSessions", input, "reports { id }").await;
        }
        for (query, count) in [
            ("isOnline=1", 2),
            ("isOnline=true", 2),
            ("isOnline=0", 1),
            ("isOnline=false", 1),
            ("isOnline=", 3),
            ("isOnline=1&field=name&value=ada", 1),
            ("isOnline=0&field=name&value=ada", 0),
            ("isOnline=1&field=name&value=cleo", 0),
            ("isOnline=0&field=name&value=cleo", 1),
        ] {
            let path = format!("/api/get-user-count?owner=acme&{query}");
            assert_eq!(get(&world, &world.editor, &path).await, count, "{query}");
        }
        let path = "/api/get-user-count?owner=acme&isOnline=1";
        assert_eq!(refused(&world, &world.reader, ("GET", path), None).await, expected(403, "FORBIDDEN", ""));
        assert_eq!(refused(&world, &world.stranger, ("GET", path), None).await, expected(404, "NOT_FOUND", "owner"));
    }

    async fn everybody_is_seen_by_those_who_see_all_organizations(world: World) {
        world.user("ada").await;
        let input = json!({"organizationId": world.globex, "kind": "BOT", "username": "robot"});
        world.mutate(&world.root, "createProfile", input, "profile { id }").await;
        let all = get(&world, &world.root, "/api/get-global-users").await;
        assert_eq!((each(&all, "owner"), each(&all, "name")), (vec!["acme", "globex"], vec!["ada", "robot"]));
        assert_eq!(each(&get(&world, &world.reader, "/api/get-global-users").await, "name"), ["ada"]);
        let path = "/api/get-users?p=1&pageSize=10";
        assert_eq!(refused(&world, &world.root, ("GET", path), None).await, expected(422, "BAD_USER_INPUT", "owner"));
        assert_eq!(each(&get(&world, &world.root, "/api/get-users?owner=globex").await, "type"), ["bot"]);
    }

    async fn a_user_is_made_changed_and_deleted_in_both_spellings(world: World) {
        world.group("engineering").await;
        for (prefix, name) in [("/api", "ada"), ("/v1/iam", "bob")] {
            let body = json!({"owner": "acme", "name": name, "displayName": "A", "groups": ["engineering"], "score": 0,
                "address": [""], "roles": [], "isAdmin": false,
                "properties": {"linked_identities": [{"provider": "github", "external_id": name}]}});
            let made = done(&world, &world.editor, &format!("{prefix}/add-user"), body).await;
            assert_eq!((&made["name"], &made["groups"]), (&json!(name), &json!(["acme/engineering"])));
            // Sent back as it is, it stays as it is.
            let before = world.last_sequence().await;
            assert_eq!(done(&world, &world.editor, &format!("{prefix}/update-user"), made.clone()).await, made);
            assert_eq!(world.last_sequence().await, before);
            let mut changed = made.clone();
            changed["name"] = json!(format!("{name}-2"));
            changed["properties"]["title"] = json!("Engineer");
            changed["properties"]["linked_identities"] = json!([{"provider": "gitlab", "external_id": name}]);
            changed["groups"] = json!([]);
            let seen = done(&world, &world.editor, &format!("{prefix}/update-user"), changed.clone()).await;
            for field in ["id", "name", "groups", "properties"] {
                assert_eq!(seen[field], changed[field], "{field}");
            }
            assert_eq!(refused(&world, &world.editor, ("POST", &format!("{prefix}/delete-user")), Some(seen.clone())).await,
                expected(403, "FORBIDDEN", ""));
            assert_eq!(done(&world, &world.admin, &format!("{prefix}/delete-user"), seen.clone()).await["id"], made["id"]);
            let missing = refused(&world, &world.admin, ("POST", &format!("{prefix}/delete-user")), Some(seen)).await;
            assert_eq!(missing, expected(404, "NOT_FOUND", "id"));
        }
        assert_eq!(get(&world, &world.reader, "/api/get-user?id=acme/ada-2").await, json!(null));
        let path = "/v1/iam/users/get?id=acme/bob-2";
        assert_eq!(refused(&world, &world.reader, ("GET", path), None).await, expected(404, "NOT_FOUND", "id"));
    }

    async fn only_the_named_columns_are_applied(world: World) {
        let ada = world.user("ada").await;
        let body = json!({"owner": "acme", "name": "ada", "displayName": "Ada", "email": "ada@example.org", "isForbidden": true});
        done(&world, &world.editor, "/api/update-user?id=acme/ada&columns=display_name", body).await;
        let user = get(&world, &world.reader, "/api/get-user?id=acme/ada").await;
        assert_eq!((&user["displayName"], &user["email"], &user["isForbidden"]), (&json!("Ada"), &json!(""), &json!(false)));
        let body = json!({"owner": "acme", "name": "renamed"});
        done(&world, &world.editor, &format!("/api/update-user?owner=acme&userId={ada}"), body).await;
        assert_eq!(get(&world, &world.reader, "/api/get-user?id=acme/renamed").await["id"], ada);
    }

    async fn barring_is_for_administrators_and_a_suspension_stays(world: World) {
        let ada = world.user("ada").await;
        let body = |forbidden: bool| json!({"owner": "acme", "name": "ada", "title": "Engineer", "isForbidden": forbidden});
        let path = "/api/update-user?id=acme/ada";
        let before = world.last_sequence().await;
        assert_eq!(refused(&world, &world.editor, ("POST", path), Some(body(true))).await, expected(403, "FORBIDDEN", ""));
        assert_eq!(world.last_sequence().await, before, "nothing of it is done");
        done(&world, &world.admin, path, body(true)).await;
        assert_eq!(get(&world, &world.reader, "/api/get-user?id=acme/ada").await["isForbidden"], true);
        done(&world, &world.admin, path, body(false)).await;
        assert_eq!(get(&world, &world.reader, "/api/get-user?id=acme/ada").await["isForbidden"], false);
        world.mutate(&world.admin, "suspendProfile", json!({"id": ada, "reason": "away"}), "clientMutationId").await;
        done(&world, &world.admin, path, body(false)).await;
        assert_eq!(get(&world, &world.reader, "/api/get-user?id=acme/ada").await["isForbidden"], true);
    }

    async fn the_history_names_the_client_and_the_face(world: World) {
        let body = json!({"owner": "acme", "name": "ada", "properties": {"linked_identities": [{"provider": "github", "external_id": "1"}]}});
        let ada = id_of(&done(&world, &world.editor, "/api/add-user", body).await);
        done(&world, &world.editor, "/api/update-user?id=acme/ada", json!({"title": "Engineer"})).await;
        let seen = world.query(&world.admin, &format!(r#"{{ node(id: "{ada}") {{ ... on User {{
            history(first: 5) {{ nodes {{ action face actor {{ name }} changes {{ path after }} }} }} }} }} }}"#)).await;
        let events = &seen["node"]["history"]["nodes"];
        assert_eq!(each(events, "action"), ["profile.update", "identity.link", "profile.create"], "{events:#}");
        for event in events.as_array().expect("events") {
            assert_eq!((&event["face"], &event["actor"]["name"]), (&json!("sdk"), &json!("editor")));
        }
        assert_eq!(events[0]["changes"], json!([{"path": "title", "after": "Engineer"}]));
    }

    async fn what_cannot_be_is_refused_and_changes_nothing(world: World) {
        world.user("ada").await;
        world.user("bob").await;
        let before = world.last_sequence().await;
        for (body, field) in [
            (json!({"email": "no address"}), "email"),
            (json!({"name": "bob"}), "name"),
            (json!({"displayName": 1}), "displayName"),
            (json!({"avatar": "no URL"}), "avatar"),
            (json!({"language": "?"}), "language"),
            (json!({"groups": ["acme/nothing"]}), "groups"),
            (json!({"groups": ["globex/engineering"]}), "groups"),
            (json!({"groups": "engineering"}), "groups"),
            (json!({"isAdmin": true}), "isAdmin"),
            (json!({"isDeleted": true}), "isDeleted"),
            (json!({"isForbidden": "yes"}), "isForbidden"),
            (json!({"properties": []}), "properties"),
            (json!({"properties": {"linked_identities": [{"provider": "github"}]}}), "properties.linked_identities"),
            (json!({"properties": {"linked_identities": [{"provider": "no slug!", "external_id": "1"}]}}), "properties.linked_identities"),
        ] {
            let answer = refused(&world, &world.owner, ("POST", "/api/update-user?id=acme/ada"), Some(body.clone())).await;
            assert_eq!((answer.2.as_str(), answer.0 == 422 || answer.0 == 409), (field, true), "{body}: {answer:?}");
        }
        for (path, field) in [
            ("/api/get-users?owner=acme&p=0", "p"),
            ("/api/get-users?owner=acme&p=x", "p"),
            ("/api/get-users?owner=acme&p=1&pageSize=1001", "pageSize"),
            ("/api/get-users?owner=acme&p=1002&pageSize=10", "p"),
            ("/api/get-users?owner=acme&p=18446744073709551615&pageSize=1000", "p"),
            ("/api/get-users?owner=acme&sortField=password", "sortField"),
            ("/api/get-users?owner=acme&sortOrder=up", "sortOrder"),
            ("/api/get-users?owner=acme&field=password&value=x", "field"),
            ("/api/get-users?owner=acme&value=x", "field"),
            ("/api/get-users?owner=acme&field=tag&value=%00", "value"),
            ("/api/get-sorted-users?owner=acme&sorter=hash", "sorter"),
            ("/api/get-user-count?owner=acme&isOnline=maybe", "isOnline"),
            ("/api/get-user?owner=acme&userId=usr_1", "userId"),
            ("/api/get-user", "id"),
            ("/api/get-user?id=acme/", "id"),
        ] {
            assert_eq!(refused(&world, &world.owner, ("GET", path), None).await, expected(422, "BAD_USER_INPUT", field), "{path}");
        }
        assert_eq!(world.last_sequence().await, before);
        let path = "/api/get-users?owner=acme&p=1001&pageSize=10";
        assert_eq!(get(&world, &world.reader, path).await, json!([]), "as far behind as a page may lie");
    }

    async fn other_organizations_are_not_there(world: World) {
        let ada = world.user("ada").await;
        for path in ["/api/get-users?owner=acme", "/api/get-user-count?owner=acme"] {
            assert_eq!(refused(&world, &world.stranger, ("GET", path), None).await, expected(404, "NOT_FOUND", "owner"));
        }
        for path in ["/api/get-user?id=acme/ada", &format!("/api/get-user?userId={ada}"), &format!("/api/get-user?id=globex/{ada}")] {
            assert_eq!(get(&world, &world.stranger, path).await, json!(null), "{path}");
        }
        let body = json!({"owner": "acme", "name": "ada", "title": "x"});
        for verb in ["add-user", "update-user", "delete-user"] {
            let answer = refused(&world, &world.stranger, ("POST", &format!("/api/{verb}")), Some(body.clone())).await;
            assert_eq!(answer.0, 404, "{verb}: {answer:?}");
        }
        let body = json!({"owner": "globex", "name": "x", "id": ada, "title": "x"});
        assert_eq!(refused(&world, &world.stranger, ("POST", "/v1/iam/update-user"), Some(body)).await, expected(404, "NOT_FOUND", "id"));
    }
}
