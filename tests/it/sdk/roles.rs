//! Roles, and who has them.

use super::{done, expected, get, native, refused, send};
use crate::oauth::Client;
use crate::support::{each, on_each_database};
use serde_json::json;

on_each_database! {
    async fn a_role_lists_those_who_have_it_and_is_made_to_list_others(world: World) {
        world.user("ada").await;
        world.user("bob").await;
        world.group("engineering").await;
        let body = json!({"owner": "acme", "name": "deployer", "displayName": "Deployer", "description": "Deploys.",
            "users": ["acme/ada", ""], "groups": ["engineering"], "roles": [""], "domains": [""], "isEnabled": false});
        assert_eq!(done(&world, &world.admin, "/api/add-role?id=acme/deployer", body).await, "Affected");
        let role = get(&world, &world.reader, "/api/get-role?id=acme/deployer").await;
        let wanted = json!({"owner": "acme", "name": "deployer", "displayName": "Deployer", "description": "Deploys.",
            "users": ["acme/ada"], "groups": ["acme/engineering"], "isPrivileged": false});
        for (field, value) in wanted.as_object().expect("an object") {
            assert_eq!(&role[field], value, "{field}");
        }
        assert_eq!(native(&world, &world.reader, "/v1/iam/roles/get?id=acme/deployer").await, role);
        let before = world.last_sequence().await;
        done(&world, &world.admin, "/api/update-role?id=acme/deployer", role.clone()).await;
        assert_eq!(world.last_sequence().await, before, "sent back as it is, it stays as it is");
        let mut changed = role.clone();
        (changed["users"], changed["groups"], changed["displayName"]) = (json!(["acme/bob"]), json!([]), json!("Deployers"));
        done(&world, &world.admin, "/api/update-role?id=acme/deployer", changed).await;
        let seen = get(&world, &world.reader, "/api/get-role?id=acme/deployer").await;
        assert_eq!((&seen["users"], &seen["groups"], &seen["displayName"]), (&json!(["acme/bob"]), &json!([]), &json!("Deployers")));
        done(&world, &world.admin, "/api/update-role?id=acme/deployer&columns=display_name", json!({"displayName": "D", "users": []})).await;
        let listed = native(&world, &world.reader, "/v1/iam/roles?owner=acme").await;
        assert_eq!((&listed["roles"][0]["displayName"], &listed["roles"][0]["users"]), (&json!("D"), &json!(["acme/bob"])));
        done(&world, &world.admin, "/api/delete-role?id=acme/deployer", json!({})).await;
        assert_eq!(get(&world, &world.reader, "/api/get-roles?owner=acme").await, json!([]));
    }

    async fn a_role_is_granted_and_revoked_one_by_one(world: World) {
        world.user("ada").await;
        world.role("deployer", false).await;
        let client = Client::of(&world, &world.admin).await;
        let body = json!({"user": "acme/ada", "role": "acme/deployer", "clientId": client.id, "clientSecret": client.secret});
        // The credential stands in the body.
        for (path, roles) in [("/api/add-user-role", vec!["deployer"]), ("/api/add-user-role", vec!["deployer"]),
            ("/v1/iam/delete-user-role", vec![]), ("/v1/iam/add-user-role", vec!["deployer"]), ("/api/delete-user-role", vec![])] {
            done(&world, &world.nobody, path, body.clone()).await;
            assert_eq!(each(&get(&world, &world.reader, "/api/get-user-roles?id=acme/ada").await, "name"), roles);
            let listed = native(&world, &world.reader, "/v1/iam/roles?id=acme/ada").await;
            assert_eq!(each(&listed["roles"], "name"), roles);
        }
        let user = get(&world, &world.reader, "/api/get-user?id=acme/ada").await;
        assert_eq!((&user["roles"], &user["isAdmin"]), (&json!([]), &json!(false)));
        for (body, answer) in [
            (json!({"user": "acme/nobody", "role": "acme/deployer"}), expected(404, "NOT_FOUND", "user")),
            (json!({"user": "acme/ada", "role": "acme/nothing"}), expected(404, "NOT_FOUND", "role")),
            (json!({"user": "acme/ada"}), expected(422, "BAD_USER_INPUT", "role")),
            (json!({"user": "globex/ada", "role": "acme/deployer"}), expected(404, "NOT_FOUND", "user")),
        ] {
            assert_eq!(refused(&world, &world.admin, ("POST", "/api/add-user-role"), Some(body.clone())).await, answer, "{body}");
        }
    }

    async fn privileged_roles_are_for_owners(world: World) {
        world.user("ada").await;
        let body = json!({"owner": "acme", "name": "root", "isPrivileged": true, "users": ["ada"]});
        assert_eq!(refused(&world, &world.admin, ("POST", "/api/add-role"), Some(body.clone())).await, expected(403, "FORBIDDEN", ""));
        assert_eq!(get(&world, &world.reader, "/api/get-roles").await, json!([]), "nothing of it is done");
        done(&world, &world.owner, "/api/add-role", body).await;
        assert_eq!(get(&world, &world.reader, "/api/get-user?id=acme/ada").await["isAdmin"], true);
        let grant = json!({"user": "acme/ada", "role": "acme/root"});
        assert_eq!(refused(&world, &world.admin, ("POST", "/api/delete-user-role"), Some(grant)).await, expected(403, "FORBIDDEN", ""));
    }

    async fn a_list_that_is_no_list_of_all_cannot_be_changed(world: World) {
        let role = world.role("everybody", false).await;
        for index in 0..501 {
            let user = world.user(&format!("user-{index}")).await;
            world.mutate(&world.root, "grantRole", json!({"roleId": role, "principalId": user}), "clientMutationId").await;
        }
        let seen = get(&world, &world.reader, "/api/get-role?id=acme/everybody").await;
        assert_eq!(seen["users"].as_array().map(Vec::len), Some(500));
        let path = ("POST", "/api/update-role?id=acme/everybody");
        assert_eq!(refused(&world, &world.admin, path, Some(seen)).await, expected(422, "BAD_USER_INPUT", "users"));
        done(&world, &world.admin, "/api/update-role?id=acme/everybody", json!({"displayName": "Everybody"})).await;
    }

    async fn what_cannot_be_is_refused_and_changes_nothing(world: World) {
        world.role("deployer", false).await;
        let before = world.last_sequence().await;
        let path = ("POST", "/api/update-role?id=acme/deployer");
        for (body, field) in [
            (json!({"users": ["acme/nobody"]}), "users"),
            (json!({"users": ["globex/ada"]}), "users"),
            (json!({"users": [1]}), "users"),
            (json!({"groups": ["nothing"]}), "groups"),
            (json!({"isPrivileged": "no"}), "isPrivileged"),
        ] {
            assert_eq!(refused(&world, &world.owner, path, Some(body)).await, expected(422, "BAD_USER_INPUT", field));
        }
        let query = "/api/get-roles?owner=acme&field=displayName&value=x";
        assert_eq!(refused(&world, &world.owner, ("GET", query), None).await, expected(422, "BAD_USER_INPUT", "field"));
        let answer = send(&world, &world.stranger, path, Some(json!({}))).await;
        assert_eq!(answer.status, 404);
        assert_eq!(world.last_sequence().await, before);
    }
}
