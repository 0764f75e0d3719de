//! What is told of what happens: each command, and the signals that come of it.

use super::{collect, event, fetch, sending, stream};
use crate::oauth::ISSUER;
use crate::risk::{prompts, report};
use crate::support::mutations::{account, as_root};
use crate::support::{World, on_each_database};
use serde_json::{Value, json};

/// What is told of what has happened since: the name, what is said, and whom it is about.
async fn told(world: &World, stream: &Value) -> Vec<(String, Value, Value)> {
    collect(world).await;
    let found = fetch(world, &world.admin, stream, json!({})).await;
    let ids: Vec<&String> = found.iter().map(|(id, _)| id).collect();
    fetch(world, &world.admin, stream, json!({"ack": ids, "maxEvents": 0})).await;
    let of = |claims: &Value| {
        assert!(claims.get("sub").is_none() && claims.get("exp").is_none(), "{claims:#}");
        let (name, said) = event(claims);
        (name, said, claims["sub_id"].clone())
    };
    found.iter().map(|(_, claims)| of(claims)).collect()
}

fn names(told: &[(String, Value, Value)]) -> Vec<&str> {
    told.iter().map(|(name, ..)| name.as_str()).collect()
}

on_each_database! {
    async fn each_command_leads_to_its_signals(world: World) {
        let world = sending(world).await;
        let user = world.user("ada").await;
        let ada = account(&world, &user, "ada").await;
        let made = stream(&world, &world.admin, json!({"format": "opaque"})).await;

        as_root(&world, "updateProfile", json!({"id": user, "title": "Countess"})).await;
        assert_eq!(names(&told(&world, &made).await), [""; 0]);

        let session = json!({"organizationId": world.acme, "sessions": [{"externalId": "s", "identity": {"id": ada}}]});
        let reported = world.mutate(&world.root, "reportSessions", session, "reports { id }").await;
        let session = reported["reports"][0]["id"].clone();
        let complex = stream(&world, &world.admin, json!({})).await;
        as_root(&world, "endSession", json!({"identityId": ada, "id": session})).await;
        let ended = told(&world, &made).await;
        assert_eq!((names(&ended), &ended[0].2), (vec!["session-revoked"], &json!({"format": "opaque", "id": ada})));
        let ended = told(&world, &complex).await;
        assert_eq!(ended[0].2["session"], json!({"format": "opaque", "id": session}));

        as_root(&world, "forcePasswordReset", json!({"id": ada})).await;
        assert_eq!(names(&told(&world, &made).await), ["account-credential-change-required"]);

        as_root(&world, "setPassword", json!({"id": user, "password": "correct horse battery"})).await;
        let password = told(&world, &made).await;
        assert_eq!(names(&password), ["credential-change"]);
        assert_eq!((&password[0].1["credential_type"], &password[0].1["change_type"]), (&json!("password"), &json!("update")));
        assert_eq!(password[0].2["id"], json!(user));

        as_root(&world, "updateIdentity", json!({"id": ada, "mfaMethods": ["totp"]})).await;
        let factor = told(&world, &made).await;
        assert_eq!(names(&factor), ["credential-change"]);
        assert_eq!((&factor[0].1["credential_type"], &factor[0].1["change_type"]), (&json!("app"), &json!("create")));

        as_root(&world, "disableIdentity", json!({"id": ada, "reason": "left"})).await;
        let mut disabled = told(&world, &made).await;
        disabled.sort_by(|one, other| one.0.cmp(&other.0));
        // The profile with its accounts at github and here, and the account itself.
        assert_eq!(names(&disabled), ["account-disabled", "account-disabled", "session-revoked", "session-revoked"]);
        as_root(&world, "enableIdentity", json!({"id": ada})).await;
        assert_eq!(names(&told(&world, &made).await), ["account-enabled", "account-enabled"]);
        as_root(&world, "deleteProfile", json!({"id": user})).await;
        assert!(names(&told(&world, &made).await).contains(&"account-disabled"));
    }

    async fn a_level_of_risk_that_changes_is_one_of_three(world: World) {
        let world = sending(world).await;
        let user = world.user("ada").await;
        let ada = account(&world, &user, "ada").await;
        let made = stream(&world, &world.admin, json!({"format": "iss_sub"})).await;
        report(&world, &prompts(&ada)).await;
        let changed = told(&world, &made).await;
        assert_eq!(names(&changed), ["risk-level-change"]);
        let (_, said, whom) = &changed[0];
        assert_eq!(whom, &json!({"format": "iss_sub", "iss": ISSUER, "sub": user}));
        assert_eq!((&said["current_level"], &said["previous_level"], &said["principal"]), (&json!("HIGH"), &json!("LOW"), &json!("USER")));
        assert_eq!(said["initiating_entity"], "system");
        assert!(said["risk_reason"].as_str().is_some_and(|reason| reason.contains("high")), "{said:#}");
    }

    async fn whom_it_is_about_is_told_as_the_receiver_wants(world: World) {
        let world = sending(world).await;
        let user = world.user("ada").await;
        let ada = account(&world, &user, "ada").await;
        let by_email = stream(&world, &world.admin, json!({"format": "email"})).await;
        as_root(&world, "revokeSessions", json!({"id": ada})).await;
        let by_id = json!({"format": "iss_sub", "iss": ISSUER, "sub": user});
        assert_eq!(told(&world, &by_email).await[0].2, by_id, "there is no address");
        as_root(&world, "updateProfile", json!({"id": user, "emails": [{"value": "ada@example.org"}]})).await;
        as_root(&world, "revokeSessions", json!({"id": ada})).await;
        assert_eq!(told(&world, &by_email).await[0].2, json!({"format": "email", "email": "ada@example.org"}));
        // An account that is nobody's is told by itself.
        as_root(&world, "updateProfile", json!({"id": user, "emails": []})).await;
        as_root(&world, "unlinkIdentity", json!({"id": ada})).await;
        as_root(&world, "revokeSessions", json!({"id": ada})).await;
        assert_eq!(told(&world, &by_email).await[0].2, json!({"format": "iss_sub", "iss": ISSUER, "sub": ada}));
    }

    async fn who_is_behind_it_is_told(world: World) {
        let world = sending(world).await;
        let user = world.user("ada").await;
        let ada = account(&world, &user, "ada").await;
        let made = stream(&world, &world.admin, json!({})).await;
        let own = world.as_profile(&user).await;
        world.mutate(&own, "revokeSessions", json!({"id": ada}), "clientMutationId").await;
        world.mutate(&world.admin, "revokeSessions", json!({"id": ada}), "clientMutationId").await;
        let who: Vec<Value> = told(&world, &made).await.into_iter().map(|(_, said, _)| said["initiating_entity"].clone()).collect();
        assert_eq!(who, ["user", "admin"]);
        crate::risk_policies::in_force(&world, ("signal", "alert"), &["revoke_sessions"]).await;
        let session = json!([{"externalId": "s-1", "identity": {"id": ada}}]);
        as_root(&world, "reportSessions", json!({"organizationId": world.acme, "sessions": session})).await;
        crate::risk_policies::alarm(&world, &[crate::risk_policies::alert(&ada, "a-1", "low", "open")]).await;
        let by_policy = told(&world, &made).await;
        assert_eq!(names(&by_policy), ["session-revoked"]);
        assert_eq!(by_policy[0].1["initiating_entity"], "policy");
    }
}
