//! Signals that are fetched (RFC 8936), streams that are paused or disabled, and subjects that nobody wants to hear of.

use super::{assert_signed, collect, done, event, fetch, names, send, sending, stream, text};
use crate::oauth::ISSUER;
use crate::risk::identity;
use crate::support::mutations::{account, as_root};
use crate::support::{World, on_each_database};
use chrono::TimeDelta;
use serde_json::{Value, json};

async fn revoke(world: &World, identity: &str) {
    as_root(world, "revokeSessions", json!({"id": identity})).await;
    collect(world).await;
}

async fn set_status(world: &World, stream: &Value, status: &str) -> Value {
    let body = json!({"stream_id": stream["stream_id"], "status": status, "reason": "because"});
    done(world, &world.admin, ("POST", "/ssf/status"), Some(body)).await
}

on_each_database! {
    async fn what_is_acknowledged_is_gone_and_what_is_not_comes_again(world: World) {
        let world = sending(world).await;
        let ada = identity(&world, "ada").await;
        let made = stream(&world, &world.admin, json!({})).await;
        for _ in 0..3 {
            revoke(&world, &ada).await;
        }
        let path = format!("/ssf/poll/{}", text(&made, "stream_id"));
        let answer = done(&world, &world.admin, ("POST", &path), Some(json!({"maxEvents": 2, "returnImmediately": true}))).await;
        assert_eq!((answer["sets"].as_object().map(serde_json::Map::len), &answer["moreAvailable"]), (Some(2), &json!(true)));
        for (id, set) in answer["sets"].as_object().expect("signals") {
            let set = set.as_str().expect("a signal");
            assert_signed(&world, set).await;
            assert_eq!(text(&crate::signals::claims(set), "jti"), id);
        }
        let all = fetch(&world, &world.admin, &made, json!({})).await;
        assert_eq!(all.len(), 3, "nothing was acknowledged");
        let (first, second, third) = (&all[0].0, &all[1].0, &all[2].0);
        let refusal = json!({second.as_str(): {"err": "invalid_key", "description": "no such key"}});
        let said = json!({"ack": [first, "set_unknown", "x"], "setErrs": refusal});
        let left = fetch(&world, &world.admin, &made, said).await;
        assert_eq!(left.iter().map(|(id, _)| id).collect::<Vec<_>>(), [third]);
        let failure = world.text_behind(
            "SELECT failure FROM deliveries WHERE state = 'dead'", "SELECT failure FROM deliveries WHERE state = 'dead'").await;
        assert_eq!(failure, "invalid_key: no such key");
        let none = fetch(&world, &world.admin, &made, json!({"maxEvents": 0, "ack": [third]})).await;
        assert!(none.is_empty());
        assert!(fetch(&world, &world.admin, &made, json!({})).await.is_empty());
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM deliveries WHERE state = 'delivered'").await, 2);
        for body in [json!({"maxEvents": -1}), json!({"ack": "x"}), json!({"setErrs": []}), json!({"ack": vec!["x"; 1001]})] {
            assert_eq!(send(&world, &world.admin, ("POST", &path), Some(body.clone())).await.status, 400, "{body}");
        }
    }

    async fn what_happened_before_a_stream_is_not_told_and_what_is_not_asked_for_neither(world: World) {
        let world = sending(world).await;
        let ada = identity(&world, "ada").await;
        as_root(&world, "revokeSessions", json!({"id": ada})).await;
        let disabled = "https://schemas.openid.net/secevent/risc/event-type/account-disabled";
        let made = stream(&world, &world.admin, json!({"events_requested": [disabled]})).await;
        revoke(&world, &ada).await;
        as_root(&world, "disableIdentity", json!({"id": ada, "reason": "left"})).await;
        collect(&world).await;
        let told: Vec<Value> = fetch(&world, &world.admin, &made, json!({})).await.into_iter().map(|(_, claims)| claims).collect();
        // That of the profile, and that of the account.
        assert_eq!(names(&told), ["account-disabled"; 2]);
    }

    async fn another_organization_hears_nothing(world: World) {
        let world = sending(world).await;
        let ada = identity(&world, "ada").await;
        let (own, foreign) = (stream(&world, &world.admin, json!({})).await, stream(&world, &world.stranger, json!({})).await);
        revoke(&world, &ada).await;
        assert_eq!(fetch(&world, &world.admin, &own, json!({})).await.len(), 1);
        assert!(fetch(&world, &world.stranger, &foreign, json!({})).await.is_empty());
    }

    async fn a_paused_stream_keeps_and_a_disabled_one_drops(world: World) {
        let world = sending(world).await;
        let ada = identity(&world, "ada").await;
        let made = stream(&world, &world.admin, json!({})).await;
        let told = set_status(&world, &made, "paused").await;
        assert_eq!(told, json!({"stream_id": made["stream_id"], "status": "paused", "reason": "because"}));
        revoke(&world, &ada).await;
        assert!(fetch(&world, &world.admin, &made, json!({})).await.is_empty());
        set_status(&world, &made, "enabled").await;
        assert_eq!(fetch(&world, &world.admin, &made, json!({})).await.len(), 1);
        set_status(&world, &made, "disabled").await;
        revoke(&world, &ada).await;
        as_root(&world, "revokeSessions", json!({"id": ada})).await;
        set_status(&world, &made, "enabled").await;
        collect(&world).await;
        assert!(fetch(&world, &world.admin, &made, json!({})).await.is_empty());
        revoke(&world, &ada).await;
        assert_eq!(fetch(&world, &world.admin, &made, json!({})).await.len(), 1);
    }

    async fn whom_a_receiver_does_not_want_to_hear_of_is_left_out(world: World) {
        let world = sending(world).await;
        let user = world.user("ada").await;
        let (ada, bob) = (account(&world, &user, "ada").await, identity(&world, "bob").await);
        let email = json!({"id": user, "emails": [{"value": "ada@example.org"}]});
        as_root(&world, "updateProfile", email).await;
        let made = stream(&world, &world.admin, json!({})).await;
        let id = &made["stream_id"];
        let by_user = json!({"format": "iss_sub", "iss": ISSUER, "sub": user});
        let subjects = [
            by_user.clone(),
            json!({"format": "opaque", "id": ada}),
            json!({"format": "email", "email": "Ada@Example.org"}),
            json!({"format": "complex", "user": by_user, "tenant": {"format": "opaque", "id": world.acme}}),
        ];
        for subject in subjects {
            let body = json!({"stream_id": id, "subject": subject});
            assert_eq!(send(&world, &world.admin, ("POST", "/ssf/subjects/remove"), Some(body.clone())).await.status, 204, "{subject}");
            revoke(&world, &ada).await;
            revoke(&world, &bob).await;
            let told = fetch(&world, &world.admin, &made, json!({})).await;
            assert_eq!(told.len(), 1, "{subject}");
            assert_eq!(told[0].1["sub_id"]["account"]["id"], json!(bob));
            fetch(&world, &world.admin, &made, json!({"ack": [told[0].0]})).await;
            assert_eq!(send(&world, &world.admin, ("POST", "/ssf/subjects/add"), Some(body)).await.status, 200, "{subject}");
            revoke(&world, &ada).await;
            let told = fetch(&world, &world.admin, &made, json!({})).await;
            assert_eq!(told.len(), 1, "{subject}");
            fetch(&world, &world.admin, &made, json!({"ack": [told[0].0]})).await;
        }
        let foreign = json!({"username": "eve", "kind": "USER", "organizationId": world.globex});
        let foreign = world.mutate(&world.root, "createProfile", foreign, "profile { id }").await["profile"]["id"].clone();
        for subject in [
            json!({"format": "opaque", "id": foreign}),
            json!({"format": "opaque", "id": "usr_none"}),
            json!({"format": "iss_sub", "iss": "https://example.org", "sub": user}),
            json!({"format": "email", "email": "nobody@example.org"}),
            json!({"format": "complex", "user": {"format": "complex"}}),
            json!({"format": "phone_number", "phone_number": "+1"}),
            json!({}),
        ] {
            let before = world.last_sequence().await;
            let body = json!({"stream_id": id, "subject": subject});
            assert_eq!(send(&world, &world.admin, ("POST", "/ssf/subjects/remove"), Some(body)).await.status, 404, "{subject}");
            assert_eq!(world.last_sequence().await, before);
        }
    }

    async fn a_sign_of_life_comes_when_it_is_asked_for(world: World) {
        let world = sending(world).await;
        let made = stream(&world, &world.admin, json!({})).await;
        let body = json!({"stream_id": made["stream_id"], "state": "VGhpcyBpcyBhIHN0YXRl"});
        let verify = async || send(&world, &world.admin, ("POST", "/ssf/verify"), Some(body.clone())).await;
        assert_eq!(verify().await.status, 204);
        let again = verify().await;
        assert_eq!((again.status.as_u16(), again.body["code"].as_str()), (429, Some("RATE_LIMITED")));
        world.clock.advance(TimeDelta::seconds(11));
        assert_eq!(verify().await.status, 204);
        let told = fetch(&world, &world.admin, &made, json!({})).await;
        assert_eq!(told.len(), 2);
        let claims = &told[0].1;
        assert_eq!(event(claims), ("verification".to_owned(), json!({"state": "VGhpcyBpcyBhIHN0YXRl"})));
        assert_eq!(claims["sub_id"], json!({"format": "opaque", "id": made["stream_id"]}));
    }

    async fn somebody_who_waits_is_told_at_once(world: World) {
        let world = sending(world).await;
        let ada = identity(&world, "ada").await;
        let made = stream(&world, &world.admin, json!({})).await;
        let path = format!("/ssf/poll/{}", text(&made, "stream_id"));
        let waiting = done(&world, &world.admin, ("POST", &path), Some(json!({})));
        let happening = async {
            tokio::task::yield_now().await;
            revoke(&world, &ada).await;
        };
        let (answer, ()) = tokio::time::timeout(crate::signals::PATIENCE, async { tokio::join!(waiting, happening) }).await.expect("an answer");
        assert_eq!(answer["sets"].as_object().map(serde_json::Map::len), Some(1));
    }

    async fn what_is_too_old_is_forgotten_whether_it_has_arrived_or_not(world: World) {
        let world = sending(world).await;
        let ada = identity(&world, "ada").await;
        let made = stream(&world, &world.admin, json!({})).await;
        revoke(&world, &ada).await;
        world.clock.advance(TimeDelta::days(13));
        revoke(&world, &ada).await;
        assert_eq!(world.app.forget_deliveries().await.expect("an answer"), (0, 0));
        world.clock.advance(TimeDelta::days(2));
        assert_eq!(world.app.forget_deliveries().await.expect("an answer"), (0, 1));
        assert_eq!(fetch(&world, &world.admin, &made, json!({})).await.len(), 1);
    }
}
