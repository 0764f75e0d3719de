//! What policies do, as somebody would do it.

use super::{alarm, alert, events, firings, in_force, seen};
use crate::oauth::{Client, ask, assert_refused, issuing_with, statuses};
use crate::rest::done;
use crate::risk::{identity, prompts, report};
use crate::support::issuer::bearer;
use crate::support::mutations::{account, as_root};
use crate::support::{Actor, World, each, id_of, on_each_database};
use idgraph::domain::token::OrganizationRole;
use serde_json::{Value, json};

/// Whether a credential is of use.
async fn is_let_in(world: &World, actor: &Actor) -> bool {
    world.graphql(actor, "{ viewer { role } }", json!({})).await.status == 200
}

async fn begin_session(world: &World, identity: &str, name: &str) {
    let body = json!([{"external_id": name, "identity": {"id": identity}}]);
    done(world, &world.editor, ("POST", "/v1/sessions"), body).await;
}

/// The actions that were taken on an account, the last first: which, by whom, why.
async fn taken(world: &World, identity: &str) -> Vec<Value> {
    let taken = seen(world, identity, "actions { nodes { kind reason takenBy } }").await;
    taken["actions"]["nodes"].as_array().expect("actions").clone()
}

on_each_database! {
    async fn sessions_are_revoked_once(world: World) {
        let user = world.user("ada").await;
        let ada = account(&world, &user, "ada").await;
        let client = world.token("client", Some(world.acme), OrganizationRole::Reader, Some(user.parse().expect("an id"))).await;
        let id = in_force(&world, ("signal", "alert"), &["revoke_sessions"]).await;
        begin_session(&world, &ada, "s-1").await;
        assert!(is_let_in(&world, &client).await);
        alarm(&world, &[alert(&ada, "a-1", "low", "open")]).await;
        assert!(!is_let_in(&world, &client).await);
        assert_eq!(seen(&world, &ada, "sessions { nodes { live } }").await["sessions"]["nodes"], json!([{"live": false}]));
        let done_then = taken(&world, &ada).await;
        assert_eq!((done_then.len(), &done_then[0]["kind"], &done_then[0]["takenBy"]), (1, &json!("REVOKE_SESSIONS"), &json!("server")));
        let reason = done_then[0]["reason"].as_str().expect("a reason");
        assert!(reason.contains(&id) && reason.ends_with("there is evidence of alert."), "{reason}");
        // The signal that tells others, as whenever somebody does it.
        let told = events(&world, &ada).await;
        assert_eq!(each(&Value::from(told.clone()), "action"), ["identity.risk_policy", "identity.revoke_sessions"]);
        assert_eq!(told[1]["changes"][0]["path"], "sessionEpoch");
        assert_eq!(firings(&world, &ada).await[0]["actions"], json!({"revoke_sessions": "done"}));

        alarm(&world, &[alert(&ada, "a-2", "low", "open")]).await;
        assert_eq!(firings(&world, &ada).await[0]["actions"], json!({"revoke_sessions": "already_done"}));
        assert_eq!(taken(&world, &ada).await.len(), 1);
        begin_session(&world, &ada, "s-2").await;
        alarm(&world, &[alert(&ada, "a-3", "low", "open")]).await;
        assert_eq!(firings(&world, &ada).await[0]["actions"], json!({"revoke_sessions": "done"}));
    }

    async fn sessions_that_nobody_has_reported_are_revoked_too(world: World) {
        let ada = identity(&world, "ada").await;
        in_force(&world, ("level", "high"), &["revoke_sessions"]).await;
        report(&world, &prompts(&ada)).await;
        let told = events(&world, &ada).await;
        assert_eq!(told[1]["changes"][0], json!({"path": "sessionEpoch", "before": null, "after": 1, "source": told[0]["source"]}));
    }

    async fn a_new_password_is_forced_once(world: World) {
        let ada = identity(&world, "ada").await;
        in_force(&world, ("signal", "alert"), &["force_password_reset", "notify"]).await;
        for (name, became) in [("a-1", "done"), ("a-2", "already_done")] {
            alarm(&world, &[alert(&ada, name, "low", "open")]).await;
            assert_eq!(firings(&world, &ada).await[0]["actions"], json!({"notify": "done", "force_password_reset": became}));
        }
        let changes: Vec<Value> = events(&world, &ada).await.iter().map(|event| event["changes"][0]["path"].clone()).collect();
        assert_eq!(changes.iter().filter(|path| **path == json!("passwordResetSince")).count(), 1);
    }

    async fn an_account_is_disabled_once_and_its_profile_with_it(world: World) {
        let user = world.user("ada").await;
        let (ada, second) = (account(&world, &user, "ada").await, account(&world, &user, "ada-2").await);
        in_force(&world, ("signal", "alert"), &["disable"]).await;
        begin_session(&world, &ada, "s-1").await;
        alarm(&world, &[alert(&ada, "a-1", "low", "open"), alert(&second, "a-2", "low", "open")]).await;
        let selection = "status sessions { nodes { live } } profile { status statusReason }";
        let barred = seen(&world, &ada, selection).await;
        assert_eq!((&barred["status"], &barred["profile"]["status"]), (&json!("DISABLED"), &json!("DISABLED")));
        assert_eq!(barred["sessions"]["nodes"], json!([{"live": false}]));
        assert!(barred["profile"]["statusReason"].as_str().is_some_and(|reason| reason.starts_with("Policy ")), "{barred}");
        assert_eq!(seen(&world, &second, "status").await["status"], "DISABLED");
        assert_eq!(firings(&world, &second).await[0]["actions"], json!({"disable": "done"}));
        let before = world.last_sequence().await;
        alarm(&world, &[alert(&ada, "a-3", "low", "open")]).await;
        // The alert, and that the policy has fired.
        assert_eq!(world.last_sequence().await, before + 2);
        assert_eq!(firings(&world, &ada).await[0]["actions"], json!({"disable": "already_done"}));
        // Somebody lets it in again, and it counts anew.
        as_root(&world, "enableIdentity", json!({"id": ada, "reason": "a mistake"})).await;
        alarm(&world, &[alert(&ada, "a-4", "low", "open")]).await;
        assert_eq!(seen(&world, &ada, "status").await["status"], "DISABLED");
    }

    async fn accounts_of_nobody_and_of_somebody_who_is_gone_are_no_obstacle(world: World) {
        let (user, other) = (world.user("ada").await, world.user("bob").await);
        let (gone, alone) = (account(&world, &user, "ada").await, account(&world, &other, "bob").await);
        as_root(&world, "deleteProfile", json!({"id": user})).await;
        as_root(&world, "unlinkIdentity", json!({"id": alone})).await;
        in_force(&world, ("signal", "alert"), &["revoke_sessions", "force_password_reset", "disable"]).await;
        alarm(&world, &[alert(&gone, "a-1", "low", "open"), alert(&alone, "a-2", "low", "open")]).await;
        assert_eq!(firings(&world, &gone).await[0]["actions"]["disable"], "already_done");
        assert_eq!(firings(&world, &alone).await[0]["actions"],
            json!({"revoke_sessions": "done", "force_password_reset": "done", "disable": "done"}));
        assert_eq!(seen(&world, &alone, "status").await["status"], "DISABLED");
    }

    async fn the_session_of_the_very_sign_in_that_sets_it_off_is_over(world: World) {
        let world = issuing_with(world, &[("oauth.password_grant", "true"), ("oauth.attempts_per_account", "20")]).await;
        let user = world.user("ada").await;
        let password = "correct horse battery staple";
        as_root(&world, "setPassword", json!({"id": user, "password": password})).await;
        let query = format!("{{ node(id: \"{user}\") {{ ... on User {{ linkedIdentities {{ nodes {{ id }} }} }} }} }}");
        let ada = id_of(&world.query(&world.root, &query).await["node"]["linkedIdentities"]["nodes"][0]);
        in_force(&world, ("signal", "failures_then_success"), &["revoke_sessions"]).await;
        let client = Client::of(&world, &world.editor).await;
        let try_with = async |password: &str| {
            let fields = [("grant_type", "password"), ("username", "ada"), ("password", password)];
            ask(&world, &client, "/oauth/token", &fields).await
        };
        for _ in 0..8 {
            assert_eq!(try_with("wrong").await.status, 400);
        }
        let answer = try_with(password).await;
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        let actor = bearer(answer.body["access_token"].as_str().expect("a token").to_owned());
        assert_refused(&world, &actor, "its session was revoked as it began").await;
        assert_eq!(firings(&world, &ada).await[0]["actions"], json!({"revoke_sessions": "done"}));
        // The next one is one like any other.
        let answer = try_with(password).await;
        let actor = bearer(answer.body["access_token"].as_str().expect("a token").to_owned());
        assert_eq!(statuses(&world, &actor).await[0], 200);
    }
}
