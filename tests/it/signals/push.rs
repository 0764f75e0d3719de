//! Signals that are pushed (RFC 8935): signed, in order, again until they have arrived, and by one server at a time.

use super::{
    Receiver, assert_signed, claims, collect, done, event, let_fail, names, part, pushed, send, sending, stream, text,
    until, worker,
};
use crate::oauth::{Client, ISSUER};
use crate::risk::identity;
use crate::support::mutations::as_root;
use crate::support::{World, on_each_database};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// Revokes the sessions of an account.
async fn revoke(world: &World, identity: &str) {
    as_root(world, "revokeSessions", json!({"id": identity, "reason": "Laptop lost"})).await;
}

fn ids(signals: &[Value]) -> Vec<String> {
    signals.iter().map(|claims| text(claims, "jti").to_owned()).collect()
}

on_each_database! {
    async fn a_signal_arrives_signed_and_says_what_it_has_to(world: World) {
        let world = sending(world).await;
        let receiver = Receiver::start().await;
        let client = Client::of(&world, &world.admin).await;
        let user = world.user("ada").await;
        let ada = crate::support::mutations::account(&world, &user, "ada").await;
        let delivery = json!({"method": "urn:ietf:rfc:8935", "endpoint_url": receiver.url, "authorization_header": "Bearer s3cret"});
        stream(&world, &world.admin, json!({"delivery": delivery})).await;
        let worker = worker(&world);
        revoke(&world, &ada).await;
        let sent = receiver.wait_for(1).await.remove(0);
        worker.stop().await;
        assert_eq!(sent.header("content-type"), "application/secevent+jwt");
        assert_eq!((sent.header("accept"), sent.header("authorization")), ("application/json", "Bearer s3cret"));
        let set = std::str::from_utf8(&sent.body).expect("text");
        assert_signed(&world, set).await;
        let told = claims(set);
        let members: Vec<&str> = told.as_object().expect("claims").keys().map(String::as_str).collect();
        assert_eq!(members, ["aud", "events", "iat", "iss", "jti", "sub_id", "toe", "txn"]);
        assert_eq!((text(&told, "iss"), text(&told, "aud")), (ISSUER, client.id.as_str()));
        assert!(text(&told, "txn").starts_with("req_") && text(&told, "jti").starts_with("set_"));
        assert_eq!(told["iat"], world.clock_seconds());
        assert_eq!(told["sub_id"], json!({"format": "complex",
            "user": {"format": "iss_sub", "iss": ISSUER, "sub": user},
            "tenant": {"format": "opaque", "id": world.acme},
            "account": {"format": "opaque", "id": ada}}));
        let (name, said) = event(&told);
        assert_eq!(name, "session-revoked");
        assert_eq!(said, json!({"event_timestamp": world.clock_seconds(), "initiating_entity": "admin", "reason_admin": {"en": "Laptop lost"}}));
        assert_eq!(part(set, 0).as_object().expect("a header").len(), 3);
    }

    async fn nothing_is_lost_while_the_receiver_is_away_or_the_server_restarts(world: World) {
        let world = sending(world).await;
        let receiver = Receiver::start().await;
        let ada = identity(&world, "ada").await;
        pushed(&world, &world.admin, &receiver).await;
        receiver.answer(503, "");
        let first = worker(&world);
        for _ in 0..3 {
            revoke(&world, &ada).await;
        }
        until("an attempt", async || !receiver.refused().is_empty()).await;
        first.stop().await;
        assert_eq!(receiver.taken().len(), 0);
        let tried: Vec<String> =
            receiver.refused().iter().map(|sent| text(&claims(std::str::from_utf8(&sent.body).expect("text")), "jti").to_owned()).collect();

        // Nobody has looked at this one yet.
        revoke(&world, &ada).await;
        receiver.answer(202, "");
        let second = worker(&world);
        collect(&world).await;
        assert_eq!(receiver.taken().len(), 0, "it is not bothered before its time");
        world.clock.advance(TimeDelta::seconds(10));
        receiver.wait_for(4).await;
        second.stop().await;
        let told = receiver.claims();
        assert_eq!(names(&told), ["session-revoked"; 4]);
        let ids = ids(&told);
        assert!(ids.is_sorted(), "in the order of what has happened: {ids:?}");
        assert_eq!(ids.first(), tried.first(), "the same signal each time it is sent");
        let left = world.number_behind("SELECT COUNT(*) FROM deliveries WHERE state <> 'delivered'").await;
        assert_eq!(left, 0);
    }

    async fn a_signal_that_is_refused_does_not_hold_back_those_about_others(world: World) {
        let world = sending(world).await;
        let receiver = Receiver::start().await;
        let (ada, bob) = (identity(&world, "ada").await, identity(&world, "bob").await);
        pushed(&world, &world.admin, &receiver).await;
        receiver.answer(400, r#"{"err": "invalid_key", "description": "no such key"}"#);
        revoke(&world, &ada).await;
        revoke(&world, &ada).await;
        let sender = worker(&world);
        until("a refusal", async || {
            world.number_behind("SELECT COUNT(*) FROM deliveries WHERE failure IS NOT NULL").await == 1
        }).await;
        receiver.answer(202, "");
        revoke(&world, &bob).await;
        receiver.wait_for(1).await;
        sender.stop().await;
        let told = receiver.claims();
        assert_eq!(told[0]["sub_id"]["account"]["id"], json!(bob), "those about ada wait for the first of them");
        assert_eq!(receiver.refused().len(), 1);
        let failure = world.text_behind(
            "SELECT failure FROM deliveries WHERE failure IS NOT NULL", "SELECT failure FROM deliveries WHERE failure IS NOT NULL").await;
        assert_eq!(failure, "The receiver answers 400 (invalid_key: no such key).");
    }

    async fn two_servers_send_each_signal_once(world: World) {
        let world = sending(world).await;
        let receiver = Receiver::start().await;
        let ada = identity(&world, "ada").await;
        pushed(&world, &world.admin, &receiver).await;
        let (one, other) = (worker(&world), worker(&world));
        for _ in 0..20 {
            revoke(&world, &ada).await;
        }
        receiver.wait_for(20).await;
        one.stop().await;
        other.stop().await;
        let mut all = ids(&receiver.claims());
        assert!(all.is_sorted());
        all.dedup();
        assert_eq!((all.len(), receiver.taken().len()), (20, 20));
    }

    async fn a_receiver_that_stays_away_is_sent_nothing_until_it_says_so(world: World) {
        let world = sending(world).await;
        let receiver = Receiver::start().await;
        let ada = identity(&world, "ada").await;
        let made = pushed(&world, &world.admin, &receiver).await;
        let id = text(&made, "stream_id").to_owned();
        receiver.answer(500, "");
        revoke(&world, &ada).await;
        let sender = worker(&world);
        let status = format!("/ssf/status?stream_id={id}");
        let_fail(&world, &receiver, TimeDelta::hours(13), async || {
            done(&world, &world.admin, ("GET", &status), None).await["status"] == "paused"
        }).await;
        let told = done(&world, &world.admin, ("GET", &status), None).await;
        assert_eq!(text(&told, "reason"), "The receiver was away for too long.");
        let tried = receiver.refused().len();
        revoke(&world, &ada).await;
        world.clock.advance(TimeDelta::days(1));
        collect(&world).await;
        receiver.answer(202, "");
        assert_eq!((receiver.refused().len(), receiver.taken().len()), (tried, 0));
        done(&world, &world.admin, ("POST", "/ssf/status"), Some(json!({"stream_id": id, "status": "enabled"}))).await;
        receiver.wait_for(3).await;
        sender.stop().await;
        let mut told = names(&receiver.claims());
        told.sort();
        assert_eq!(told, ["session-revoked", "session-revoked", "stream-updated"], "{:#?}", receiver.claims());
    }

    async fn a_token_that_works_no_more_is_sent_nothing(world: World) {
        let world = sending(world).await;
        let receiver = Receiver::start().await;
        let ada = identity(&world, "ada").await;
        pushed(&world, &world.admin, &receiver).await;
        let client = Client::of(&world, &world.admin).await;
        revoke(&world, &ada).await;
        collect(&world).await;
        crate::oauth::ask(&world, &client, "/oauth/revoke", &[("token", &client.secret)]).await;
        assert_eq!(send(&world, &world.admin, ("GET", "/ssf/streams"), None).await.status, 401);
        let claimed = world.app.claim_outlet(uuid::Uuid::from_u128(1)).await.expect("an answer");
        assert!(claimed.is_none(), "{claimed:?}");
    }

    async fn collecting_takes_as_many_statements_for_many_events_as_for_few(world: World) {
        let world = sending(world).await;
        let (ada, bob) = (identity(&world, "ada").await, identity(&world, "bob").await);
        for _ in 0..2 {
            stream(&world, &world.admin, json!({})).await;
        }
        let mut counts = Vec::new();
        for rounds in [1, 8] {
            for _ in 0..rounds {
                revoke(&world, &ada).await;
                revoke(&world, &bob).await;
            }
            let (_, log) = world.statements(collect(&world)).await;
            counts.push(log.len());
        }
        assert_eq!(counts[0], counts[1]);
        assert!(counts[0] <= 16, "{counts:?}");
    }
}
