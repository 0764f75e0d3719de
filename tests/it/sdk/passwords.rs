//! Passwords: set, tried where that is switched on, never told.

use super::{data, done, expected, get, refusal, refused, send};
use crate::oauth::issuing_with;
use crate::support::{World, on_each_database};
use serde_json::json;

const PASSWORD: &str = "correct horse battery";
const CHECK: (&str, &str) = ("POST", "/api/check-user-password?id=acme/ada");

async fn with_passwords(world: World) -> World {
    issuing_with(world, &[("oauth.password_grant", "true"), ("oauth.attempts_per_account", "6")]).await
}

on_each_database! {
    async fn a_password_is_set_and_tried(world: World) {
        let world = with_passwords(world).await;
        world.user("ada").await;
        let set = json!({"userOwner": "acme", "userName": "ada", "oldPassword": "", "newPassword": PASSWORD});
        assert_eq!(done(&world, &world.admin, "/api/set-password", set.clone()).await, "Affected");
        let tried = |password: &str| Some(json!({"owner": "acme", "name": "ada", "password": password}));
        data(&send(&world, &world.admin, CHECK, tried(PASSWORD)).await);
        let wrong = send(&world, &world.admin, CHECK, tried("a wrong password")).await;
        assert_eq!(refusal(&wrong), expected(422, "BAD_USER_INPUT", "password"));
        let nobody = ("POST", "/api/check-user-password?id=acme/nobody");
        assert_eq!(refused(&world, &world.admin, nobody, tried(PASSWORD)).await.0, 404);
        // With the old one along, it has to be the right one.
        let mut another = set.clone();
        another["newPassword"] = json!("another horse battery");
        another["oldPassword"] = json!("not the old one");
        let path = ("POST", "/v1/iam/set-password");
        assert_eq!(refused(&world, &world.admin, path, Some(another.clone())).await, expected(422, "BAD_USER_INPUT", "oldPassword"));
        another["oldPassword"] = json!(PASSWORD);
        let seen = done(&world, &world.admin, "/v1/iam/set-password", another).await;
        assert_eq!((&seen["name"], seen.get("password")), (&json!("ada"), None));
        let user = get(&world, &world.admin, "/api/get-user?id=acme/ada").await;
        assert!(!user.to_string().contains("argon2"), "{user:#}");
        data(&send(&world, &world.admin, CHECK, tried("another horse battery")).await);
        for (body, field) in [
            (json!({"userOwner": "acme", "userName": "ada", "newPassword": "short"}), "newPassword"),
            (json!({"userOwner": "acme", "userName": "ada"}), "newPassword"),
            (json!({"userOwner": "acme", "newPassword": PASSWORD}), "userName"),
        ] {
            assert_eq!(refused(&world, &world.admin, ("POST", "/api/set-password"), Some(body)).await, expected(422, "BAD_USER_INPUT", field));
        }
        for actor in [&world.reader, &world.editor] {
            assert_eq!(refused(&world, actor, ("POST", "/api/set-password"), Some(set.clone())).await, expected(403, "FORBIDDEN", ""));
            assert_eq!(refused(&world, actor, CHECK, tried(PASSWORD)).await, expected(403, "FORBIDDEN", ""));
            // Whoever may not set one is told so before anybody looks at it, let alone hashes it.
            let body = json!({"userOwner": "acme", "userName": "ada", "newPassword": "short"});
            assert_eq!(refused(&world, actor, ("POST", "/api/set-password"), Some(body)).await, expected(403, "FORBIDDEN", ""));
        }
        assert_eq!(refused(&world, &world.stranger, ("POST", "/api/set-password"), Some(set)).await.0, 404);
    }

    async fn a_user_is_made_with_a_password(world: World) {
        let world = with_passwords(world).await;
        let body = json!({"owner": "acme", "name": "ada", "password": PASSWORD});
        assert_eq!(refused(&world, &world.editor, ("POST", "/api/add-user"), Some(body.clone())).await, expected(403, "FORBIDDEN", ""));
        assert_eq!(get(&world, &world.admin, "/api/get-user?id=acme/ada").await, json!(null), "nothing of it is done");
        let made = done(&world, &world.admin, "/api/add-user", body.clone()).await;
        assert!(!made.to_string().contains(PASSWORD), "{made:#}");
        data(&send(&world, &world.admin, CHECK, Some(body.clone())).await);
        // Sent back with everything else it is no new one.
        let other = json!({"owner": "acme", "name": "ada", "password": "another horse battery"});
        done(&world, &world.admin, "/api/update-user?id=acme/ada", other.clone()).await;
        data(&send(&world, &world.admin, CHECK, Some(body)).await);
        done(&world, &world.admin, "/api/update-user?id=acme/ada&columns=password", other.clone()).await;
        data(&send(&world, &world.admin, CHECK, Some(other)).await);
    }

    async fn whoever_tries_too_often_has_to_wait(world: World) {
        let world = with_passwords(world).await;
        world.user("ada").await;
        for name in ["ada", "nobody"] {
            let path = format!("/api/check-user-password?id=acme/{name}");
            let tried = || Some(json!({"password": "a wrong password"}));
            for _ in 0..6 {
                assert_ne!(send(&world, &world.admin, ("POST", &path), tried()).await.status, 429);
            }
            let answer = send(&world, &world.admin, ("POST", &path), tried()).await;
            assert_eq!(refusal(&answer), expected(429, "RATE_LIMITED", ""), "{name}");
            assert!(answer.headers.contains_key("retry-after"));
        }
    }

    async fn nothing_is_tried_where_nobody_signs_in(world: World) {
        world.user("ada").await;
        let tried = Some(json!({"password": PASSWORD}));
        assert_eq!(refused(&world, &world.owner, CHECK, tried).await, expected(403, "FORBIDDEN", ""));
    }
}
