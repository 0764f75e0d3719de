//! Signing in with a password: off unless wanted, watched, and over the moment that somebody says so.

use super::{Client, ask, assert_refused, form, introspect, issuing, issuing_with, part, refusal};
use crate::support::issuer::bearer;
use crate::support::{Actor, Answer, World, id_of, on_each_database};
use chrono::TimeDelta;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery staple";
const ON: [(&str, &str); 2] = [("oauth.password_grant", "true"), ("oauth.attempts_per_account", "6")];

async fn try_with(world: &World, client: &Client, username: &str, password: &str) -> Answer {
    let fields = [("grant_type", "password"), ("username", username), ("password", password)];
    ask(world, client, "/oauth/token", &fields).await
}

async fn sign_in(world: &World, client: &Client, username: &str) -> Actor {
    let answer = try_with(world, client, username, PASSWORD).await;
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    bearer(answer.body["access_token"].as_str().expect("a token").to_owned())
}

/// A user with a password: the ids of the profile and of its account here.
async fn user(world: &World, username: &str) -> (String, String) {
    let id = world.user(username).await;
    let input = json!({"id": id, "password": PASSWORD});
    world.mutate(&world.root, "setPassword", input, "profile { id }").await;
    let query =
        format!("{{ node(id: \"{id}\") {{ ... on User {{ linkedIdentities {{ edges {{ node {{ id }} }} }} }} }} }}");
    let found = world.query(&world.root, &query).await;
    let identity = id_of(&found["node"]["linkedIdentities"]["edges"][0]["node"]);
    (id, identity)
}

/// Where somebody is let in who sees no more than its own profile: not in lists.
async fn assert_let_in(world: &World, actor: &Actor) {
    assert_eq!(crate::oauth::statuses(world, actor).await[0], 200);
    assert_eq!(world.get(actor, "/oauth/userinfo").await.status, 200);
}

async fn records(world: &World, outcome: &str) -> i64 {
    // What is done later is done before what comes after it.
    world.team(&format!("after-{}", world.last_sequence().await), None).await;
    world
        .number_behind(&format!("SELECT COUNT(*) FROM access_records WHERE kind = 'sign_in' AND outcome = '{outcome}'"))
        .await
}

on_each_database! {
    async fn somebody_signs_in_and_is_nobody_but_itself(world: World) {
        let world = issuing_with(world, &ON).await;
        let (ada, identity) = user(&world, "ada").await;
        let client = Client::of(&world, &world.editor).await;
        let actor = sign_in(&world, &client, "Ada").await;
        let claims = part(&actor, 1);
        assert_eq!((&claims["sub"], &claims["client_id"], &claims["epoch"]), (&json!(ada), &json!(client.id), &json!(0)));
        assert!(claims["sid"].as_str().expect("a session").starts_with("ses_"));
        let viewer = world.query(&actor, "{ viewer { role name tokenId profile { id } } }").await;
        assert_eq!(viewer["viewer"], json!({"role": "ONLY_SELF", "name": "ada", "tokenId": null, "profile": {"id": ada}}));
        assert_eq!(world.refused(&actor, "createTeam", json!({"slug": "core"})).await.0, "FORBIDDEN");
        let told = world.get(&actor, "/oauth/userinfo").await.body;
        assert_eq!((&told["sub"], &told["preferred_username"], &told["organization"]), (&json!(ada), &json!("ada"), &json!("acme")));
        // What the SDKs of IAMs look for.
        assert_eq!((&told["id"], &told["owner"], &told["displayName"]), (&json!(ada), &json!("acme"), &told["name"]));
        assert_eq!((&told["roles"], &told["isAdmin"]), (&json!([]), &json!(false)));
        let told = introspect(&world, &client, &actor).await;
        assert_eq!((&told["active"], &told["role"], &told["username"]), (&json!(true), &json!("self"), &json!("ada")));
        let query = format!("{{ linkedIdentity(id: \"{identity}\") {{ id }} }}");
        drop(world.graphql(&world.root, &query, json!({})).await);
        assert_eq!(records(&world, "success").await, 1);
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL").await, 1);
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM access_records WHERE kind = 'session_start'").await, 1);
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM identity_standings WHERE last_login_at IS NOT NULL").await, 1);
    }

    async fn who_was_many_signs_in_as_one(world: World) {
        let world = issuing_with(world, &ON).await;
        let (ada, _) = user(&world, "ada").await;
        // Each has an account here, and all of those come to ada.
        for index in 0..12 {
            let (id, _) = user(&world, &format!("former-{index}")).await;
            let input = json!({"fromId": id, "intoId": ada, "reason": "the same person"});
            world.mutate(&world.admin, "mergeProfiles", input, "mergedId").await;
        }
        let client = Client::of(&world, &world.editor).await;
        assert_let_in(&world, &sign_in(&world, &client, "ada").await).await;
    }

    async fn an_account_that_an_import_gave_to_somebody_else_comes_back_with_the_password(world: World) {
        let world = issuing_with(world, &ON).await;
        let ada = world.user("ada").await;
        let place = tempfile::tempdir().expect("a directory");
        let file = place.path().join("bob.ndjson");
        let accounts = json!([{"provider": "local", "external_id": ada}]);
        let line = json!({"type": "user", "organization": "acme", "username": "bob", "linked_identities": accounts});
        std::fs::write(&file, line.to_string()).expect("a file");
        let ran = world.program(&["import", &file.display().to_string()]).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        let input = json!({"id": ada, "password": PASSWORD});
        world.mutate(&world.admin, "setPassword", input, "profile { id }").await;
        let client = Client::of(&world, &world.editor).await;
        assert_eq!(part(&sign_in(&world, &client, "ada").await, 1)["sub"], json!(ada));
        assert_eq!(refusal(&try_with(&world, &client, "bob", PASSWORD).await).1, "invalid_grant");
    }

    async fn it_is_off_unless_it_is_switched_on(world: World) {
        let world = issuing(world).await;
        user(&world, "ada").await;
        let client = Client::of(&world, &world.editor).await;
        assert_eq!(refusal(&try_with(&world, &client, "ada", PASSWORD).await), (400, "unsupported_grant_type"));
    }

    async fn what_is_wrong_is_told_alike_and_recorded(world: World) {
        let world = issuing_with(world, &ON).await;
        let (_, identity) = user(&world, "ada").await;
        let (barred, _) = user(&world, "bob").await;
        world.user("eve").await;
        world.mutate(&world.root, "disableProfile", json!({"id": barred, "reason": "left"}), "clientMutationId").await;
        let client = Client::of(&world, &world.editor).await;
        let mut said = Vec::new();
        for (username, password) in [("ada", "wrong"), ("bob", PASSWORD), ("eve", PASSWORD), ("nobody", PASSWORD), ("acme/ada", PASSWORD)] {
            let answer = try_with(&world, &client, username, password).await;
            assert_eq!(refusal(&answer), (400, "invalid_grant"), "{username}");
            said.push(answer.body["error_description"].clone());
        }
        said.dedup();
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(records(&world, "failure").await, 2, "of those who have an account here");
        let reasons = "SELECT reason FROM access_records WHERE outcome = 'failure' ORDER BY reason LIMIT 1";
        assert_eq!(world.text_behind(reasons, reasons).await, "account_not_active");
        world.mutate(&world.root, "forcePasswordReset", json!({"id": identity, "reason": "seen"}), "identity { id }").await;
        assert_eq!(refusal(&try_with(&world, &client, "ada", PASSWORD).await), (400, "invalid_grant"));
        assert_eq!(records(&world, "failure").await, 3);
        assert_eq!(records(&world, "success").await, 0);
    }

    async fn whoever_tries_too_often_has_to_wait(world: World) {
        let world = issuing_with(world, &ON).await;
        user(&world, "ada").await;
        let client = Client::of(&world, &world.editor).await;
        for username in ["ada", "nobody"] {
            for _ in 0..6 {
                assert_eq!(try_with(&world, &client, username, "wrong").await.status, 400);
            }
            let answer = try_with(&world, &client, username, PASSWORD).await;
            assert_eq!(refusal(&answer), (429, "temporarily_unavailable"), "{username}");
            assert!(answer.headers.contains_key("retry-after"));
        }
        world.clock.advance(TimeDelta::seconds(60));
        sign_in(&world, &client, "ada").await;
    }

    async fn every_spelling_of_an_account_counts_as_that_account(world: World) {
        let world = issuing_with(world, &ON).await;
        user(&world, "ada").await;
        let (everywhere, here) = (Client::of(&world, &world.root).await, Client::of(&world, &world.editor).await);
        let by_id = format!("{}/ada", world.acme);
        for username in ["acme/ada", "ACME/ada ", " acme /ADA", "acme/  ada", &by_id] {
            assert_eq!(try_with(&world, &everywhere, username, "wrong").await.status, 400, "{username}");
        }
        assert_eq!(try_with(&world, &here, "Ada", "wrong").await.status, 400);
        for (client, username) in [(&everywhere, "acme/ada"), (&everywhere, "acme  /ada"), (&here, "ada")] {
            assert_eq!(refusal(&try_with(&world, client, username, PASSWORD).await).0, 429, "{username}");
        }
    }

    async fn a_password_that_is_changed_while_it_is_looked_at_lets_nobody_in(world: World) {
        let world = issuing_with(world, &ON).await;
        let (ada, identity) = user(&world, "ada").await;
        let client = Client::of(&world, &world.editor).await;
        let tries = futures::future::join_all((0..6).map(|_| try_with(&world, &client, "ada", PASSWORD)));
        let change = async {
            let input = json!({"id": ada, "password": "another horse battery"});
            world.mutate(&world.admin, "setPassword", input, "profile { id }").await;
            world.mutate(&world.admin, "revokeSessions", json!({"id": identity}), "action { id }").await;
        };
        let (answers, ()) = futures::join!(tries, change);
        // Some may have been before the change; those sessions were ended after it.
        for answer in answers {
            if answer.status == 200 {
                let token = bearer(answer.body["access_token"].as_str().expect("a token").to_owned());
                assert_eq!(world.get(&token, "/oauth/userinfo").await.status, 401);
            } else {
                assert_eq!(refusal(&answer), (400, "invalid_grant"));
            }
        }
    }

    async fn an_address_has_a_limit_of_its_own(world: World) {
        let world = issuing_with(world, &[("oauth.password_grant", "true"), ("oauth.attempts_per_address", "3")]).await;
        let client = Client::of(&world, &world.editor).await;
        for number in 0..3 {
            assert_eq!(try_with(&world, &client, &format!("user-{number}"), "wrong").await.status, 400);
        }
        assert_eq!(refusal(&try_with(&world, &client, "user-9", "wrong").await), (429, "temporarily_unavailable"));
    }

    async fn whatever_ends_the_session_ends_the_token(world: World) {
        let world = issuing_with(world, &ON).await;
        let client = Client::of(&world, &world.editor).await;
        let (ada, identity) = user(&world, "ada").await;
        let endings: [(&str, Value, &str); 4] = [
            ("revokeSessions", json!({"id": identity, "reason": "lost"}), "identity { id }"),
            ("endSession", Value::Null, "session { id }"),
            ("disableIdentity", json!({"id": identity, "reason": "lost"}), "identity { id }"),
            ("disableProfile", json!({"id": ada, "reason": "lost"}), "clientMutationId"),
        ];
        for (mutation, input, selection) in endings {
            let actor = sign_in(&world, &client, "ada").await;
            assert_let_in(&world, &actor).await;
            let input = if input.is_null() { json!({"id": part(&actor, 1)["sid"], "identityId": identity}) } else { input };
            world.mutate(&world.admin, mutation, input, selection).await;
            assert_refused(&world, &actor, mutation).await;
            assert_eq!(introspect(&world, &client, &actor).await, json!({"active": false}), "{mutation}");
            let again = match mutation {
                "disableIdentity" => Some(("enableIdentity", json!({"id": identity, "reason": "found"}), "identity { id }")),
                "disableProfile" => Some(("enableProfile", json!({"id": ada, "reason": "found"}), "clientMutationId")),
                _ => None,
            };
            if let Some((mutation, input, selection)) = again {
                world.mutate(&world.admin, mutation, input, selection).await;
                assert_refused(&world, &actor, "what has ended does not come back").await;
            }
        }
    }

    async fn signing_out_ends_the_session(world: World) {
        let world = issuing_with(world, &ON).await;
        let client = Client::of(&world, &world.editor).await;
        user(&world, "ada").await;
        let actor = sign_in(&world, &client, "ada").await;
        assert_let_in(&world, &actor).await;
        let answer = ask(&world, &client, "/oauth/revoke", &[("token", actor.token.as_deref().expect("a token"))]).await;
        assert_eq!(answer.status, 200);
        assert_refused(&world, &actor, "signed out").await;
        let end = "SELECT end_reason FROM sessions";
        assert_eq!(world.text_behind(end, end).await, "signed_out");
    }

    async fn whoever_has_signed_in_gives_up_what_is_its_own(world: World) {
        let world = issuing_with(world, &ON).await;
        let client = Client::of(&world, &world.editor).await;
        user(&world, "ada").await;
        user(&world, "bob").await;
        let (ada, bob) = (sign_in(&world, &client, "ada").await, sign_in(&world, &client, "bob").await);
        for (who, is_good) in [(&bob, true), (&ada, false)] {
            let header = format!("Bearer {}", who.token.as_deref().expect("a token"));
            let given = [("token", ada.token.as_deref().expect("a token")), ("client_id", &client.id)];
            let answer = form(&world, "/oauth/revoke", &[("authorization", &header)], &given).await;
            assert_eq!(answer.status, 200, "whether it is its own is not told");
            if is_good { assert_let_in(&world, &ada).await } else { assert_refused(&world, &ada, "given up").await }
        }
        assert_let_in(&world, &bob).await;
    }

    async fn a_client_of_all_organizations_names_one(world: World) {
        let world = issuing_with(world, &ON).await;
        let (ada, _) = user(&world, "ada").await;
        let client = Client::of(&world, &world.root).await;
        let actor = sign_in(&world, &client, "acme/ada").await;
        assert_eq!(part(&actor, 1)["sub"], ada);
        assert_let_in(&world, &actor).await;
        assert_eq!(refusal(&try_with(&world, &client, "ada", PASSWORD).await), (400, "invalid_grant"));
        assert_eq!(refusal(&try_with(&world, &client, "globex/ada", PASSWORD).await), (400, "invalid_grant"));
        let stranger = Client::of(&world, &world.stranger).await;
        assert_eq!(introspect(&world, &stranger, &actor).await, json!({"active": false}));
        let revoke = idgraph::resolvers::command::RevokeToken { id: client.id.parse().expect("an id"), reason: None };
        world.app.run(&world.operator(), revoke, Default::default()).await.expect("revoked");
        assert_refused(&world, &actor, "the client is gone").await;
    }

    async fn a_client_that_acts_for_somebody_signs_in_nobody(world: World) {
        let world = issuing_with(world, &ON).await;
        let (ada, _) = user(&world, "ada").await;
        let client = Client::of(&world, &world.as_profile(&ada).await).await;
        assert_eq!(refusal(&try_with(&world, &client, "ada", PASSWORD).await), (400, "unauthorized_client"));
    }
}
