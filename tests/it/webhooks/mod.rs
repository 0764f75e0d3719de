//! Webhooks: every change of an organization as a signed CloudEvent, again until it has arrived, and once more if somebody wants.

use crate::rest::{done, get, refusal, refused, send};
use crate::signals::{Receiver, Sent, collect, let_fail, sending, text, until, worker};
use crate::support::{World, each, on_each_database};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use ring::hmac;
use serde_json::{Value, json};

const ALL: (&str, &str) = ("POST", "/v1/webhooks");

/// Makes a webhook of acme: it, and its key.
async fn webhook(world: &World, receiver: &Receiver, events: &[&str]) -> (String, String) {
    let body = json!({"url": receiver.url, "events": events, "description": "acme's SIEM"});
    let answer = send(world, &world.owner, ALL, &[], Some(body)).await;
    assert_eq!(answer.status, 201, "{:#}", answer.body);
    let (id, secret) = (text(&answer.body["webhook"], "id").to_owned(), text(&answer.body, "secret").to_owned());
    assert!(id.starts_with("whk_") && secret.starts_with("whsec_"));
    assert_eq!(answer.headers["location"], format!("/v1/webhooks/{id}"));
    (id, secret)
}

/// Whether a key has signed a request, as Standard Webhooks has it.
fn is_signed(sent: &Sent, secret: &str) -> bool {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a key")).expect("base64");
    let signed = format!("{}.{}.", sent.header("webhook-id"), sent.header("webhook-timestamp"));
    let message = [signed.as_bytes(), &sent.body[..]].concat();
    let tag = STANDARD.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &message).as_ref());
    sent.header("webhook-signature").split(' ').any(|signature| signature == format!("v1,{tag}"))
}

fn body(sent: &Sent) -> Value {
    serde_json::from_slice(&sent.body).expect("JSON")
}

fn types(sent: &[Sent]) -> Vec<String> {
    sent.iter().map(|sent| text(&body(sent), "type").to_owned()).collect()
}

async fn deliveries(world: &World, id: &str, query: &str) -> Value {
    get(world, &world.owner, &format!("/v1/webhooks/{id}/deliveries{query}")).await["data"].clone()
}

on_each_database! {
    async fn every_change_is_a_cloud_event_that_is_signed(world: World) {
        let world = sending(world).await;
        let receiver = Receiver::start().await;
        let (id, secret) = webhook(&world, &receiver, &[]).await;
        let worker = worker(&world);
        let ada = world.user("ada").await;
        let sent = receiver.wait_for(2).await;
        worker.stop().await;
        assert_eq!(types(&sent), ["idgraph.webhook.create", "idgraph.profile.create"]);
        let sent = &sent[1];
        assert!(is_signed(sent, &secret) && !is_signed(sent, "whsec_AAAA"));
        assert_eq!(sent.header("content-type"), "application/cloudevents+json; charset=utf-8");
        assert_eq!(sent.header("webhook-timestamp"), world.clock_seconds().to_string());
        let event = body(sent);
        assert_eq!((text(&event, "specversion"), text(&event, "id")), ("1.0", sent.header("webhook-id")));
        assert_eq!((text(&event, "subject"), text(&event, "datacontenttype")), (ada.as_str(), "application/json"));
        assert_eq!(text(&event, "source"), format!("{}/v1/organizations/{}", crate::oauth::ISSUER, world.acme));
        assert_eq!(text(&event, "time"), "2026-01-01T12:00:00.000000Z");
        assert_eq!((&event["data"]["action"], &event["data"]["subject"]), (&json!("profile.create"), &json!(ada)));
        let seq = event["data"]["seq"].as_i64().expect("a number");
        assert_eq!(text(&event, "sequence"), format!("{seq:020}"));
        let listed = deliveries(&world, &id, "").await;
        assert_eq!(each(&listed, "state"), ["delivered", "delivered"]);
        assert_eq!(listed[0]["event"], event);
        assert_eq!(listed[0]["attempts"], 1);
        // The key is in no answer after that, and not in the database as it is.
        let shown = get(&world, &world.owner, &format!("/v1/webhooks/{id}")).await;
        assert!(!shown.to_string().contains("whsec_"));
        let stored = world.text_behind("SELECT hex(secret) FROM outlets", "SELECT encode(secret, 'hex') FROM outlets").await;
        let plain: String = STANDARD.decode(secret.strip_prefix("whsec_").expect("a key")).expect("base64")
            .iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!stored.to_lowercase().contains(&plain));
    }

    async fn only_what_is_wanted_is_sent_and_only_of_the_own_organization(world: World) {
        let world = sending(world).await;
        let receiver = Receiver::start().await;
        webhook(&world, &receiver, &["profile.*", "collective.create"]).await;
        let worker = worker(&world);
        let spy = json!({"kind": "BOT", "username": "spy"});
        world.mutate(&world.stranger, "createProfile", spy, "clientMutationId").await;
        let ada = world.user("ada").await;
        let team = world.team("core", None).await;
        world.join(&team, &[&ada]).await;
        world.mutate(&world.admin, "disableProfile", json!({"id": ada, "reason": "left"}), "clientMutationId").await;
        receiver.wait_for(3).await;
        collect(&world).await;
        worker.stop().await;
        let sent = receiver.taken();
        let mut types = types(&sent);
        types.sort();
        assert_eq!(types, ["idgraph.collective.create", "idgraph.profile.create", "idgraph.profile.disable"]);
        assert!(sent.iter().all(|sent| body(sent)["data"]["organization"] == json!(world.acme)));
    }

    async fn a_new_key_signs_beside_the_one_before_for_a_day(world: World) {
        let world = sending(world).await;
        let receiver = Receiver::start().await;
        let (id, first) = webhook(&world, &receiver, &["profile.create"]).await;
        let path = format!("/v1/webhooks/{id}/rotate-secret");
        let second = text(&done(&world, &world.owner, ("POST", &path), json!({})).await, "secret").to_owned();
        assert_ne!(first, second);
        let worker = worker(&world);
        world.user("ada").await;
        receiver.wait_for(1).await;
        world.clock.advance(TimeDelta::hours(25));
        world.user("bob").await;
        let sent = receiver.wait_for(2).await;
        worker.stop().await;
        assert_eq!([&first, &second].map(|key| is_signed(&sent[0], key)), [true, true]);
        assert_eq!([&first, &second].map(|key| is_signed(&sent[1], key)), [false, true]);
    }

    async fn what_is_refused_again_and_again_is_given_up_and_can_be_sent_again(world: World) {
        let world = sending(world).await;
        let receiver = Receiver::start().await;
        let (id, _) = webhook(&world, &receiver, &["profile.create"]).await;
        receiver.answer(422, "");
        world.user("ada").await;
        let worker = worker(&world);
        let_fail(&world, &receiver, TimeDelta::minutes(61), async || {
            deliveries(&world, &id, "?filter%5Bstate%5D=dead").await != json!([])
        }).await;
        let dead = deliveries(&world, &id, "").await[0].clone();
        assert_eq!((&dead["attempts"], &dead["answer_status"]), (&json!(20), &json!(422)));
        assert_eq!(text(&dead, "failure"), "The receiver answers 422.");
        assert_eq!(receiver.refused().len(), 20);
        receiver.answer(204, "");
        let path = format!("/v1/webhooks/{id}/deliveries/{}/replay", text(&dead, "id"));
        done(&world, &world.owner, ("POST", &path), json!({})).await;
        let sent = receiver.wait_for(1).await;
        worker.stop().await;
        assert_eq!(sent[0].header("webhook-id"), text(&dead, "id"));
        let unknown = format!("/v1/webhooks/{id}/deliveries/evt_01jd8s6vq9e0v8k2m4n6p8r0t2/replay");
        assert_eq!(refused(&world, &world.owner, ("POST", &unknown), None).await, refusal(404, "NOT_FOUND", "delivery_id"));
    }

    async fn a_receiver_that_stays_away_is_switched_off_and_what_it_has_missed_is_replayed(world: World) {
        let world = sending(world).await;
        let receiver = Receiver::start().await;
        let (id, _) = webhook(&world, &receiver, &["profile.create"]).await;
        let path = format!("/v1/webhooks/{id}");
        receiver.answer(503, "");
        let since = "2026-01-01T12:00:00Z";
        let ada = world.user("ada").await;
        let worker = worker(&world);
        let_fail(&world, &receiver, TimeDelta::hours(7), async || {
            get(&world, &world.owner, &path).await["enabled"] == false
        }).await;
        let shown = get(&world, &world.owner, &path).await;
        assert_eq!(text(&shown, "disabled_reason"), "The receiver was away for too long.");
        assert!(!shown["failing_since"].is_null() && !shown["last_failure"].is_null(), "{shown:#}");
        let bob = world.user("bob").await;
        collect(&world).await;
        receiver.answer(200, "");
        let replay = format!("{path}/replay");
        let body_of_replay = json!({"since": since});
        assert_eq!(refused(&world, &world.owner, ("POST", &replay), Some(body_of_replay.clone())).await, refusal(409, "CONFLICT", "id"));
        let stale = send(&world, &world.owner, ("PATCH", &path), &[("if-match", "\"1\"")], Some(json!({"enabled": true}))).await;
        assert_eq!((stale.status.as_u16(), &stale.body["code"]), (412, &json!("STALE_VERSION")));
        done(&world, &world.owner, ("PATCH", &path), json!({"enabled": true})).await;
        collect(&world).await;
        done(&world, &world.owner, ("POST", &replay), body_of_replay).await;
        // What was to be sent when it was switched off may have come by itself.
        until("both", async || {
            let subjects: Vec<Value> = receiver.taken().iter().map(|sent| body(sent)["subject"].clone()).collect();
            subjects.contains(&json!(ada)) && subjects.contains(&json!(bob))
        }).await;
        worker.stop().await;
    }

    async fn what_cannot_be_is_refused_and_changes_nothing(world: World) {
        let strict = crate::oauth::issuing(world).await;
        let before = strict.last_sequence().await;
        let url = "https://receiver.example.org/";
        for (body, field) in [
            (json!({}), ""),
            (json!({"url": "http://receiver.example.org/"}), "url"),
            (json!({"url": "https://10.0.0.1/"}), "url"),
            (json!({"url": "https://localhost/"}), "url"),
            (json!({"url": "x"}), "url"),
            (json!({"url": url, "events": [""]}), "events"),
            (json!({"url": url, "events": vec!["x"; 101]}), "events"),
            (json!({"url": url, "description": "a\u{7}"}), "description"),
            (json!({"url": url, "secret": "mine"}), "secret"),
        ] {
            let (status, code, named) = refused(&strict, &strict.owner, ALL, Some(body.clone())).await;
            assert_eq!((status, code.as_str(), named.as_str()), (422, "BAD_USER_INPUT", field), "{body}");
        }
        assert_eq!(strict.last_sequence().await, before);
        for path in ["/v1/webhooks/whk_01jd8s6vq9e0v8k2m4n6p8r0t2", "/v1/webhooks/none"] {
            assert_eq!(refused(&strict, &strict.owner, ("GET", path), None).await, refusal(404, "NOT_FOUND", "id"));
        }
    }

    async fn a_list_takes_one_statement_and_has_pages(world: World) {
        let world = sending(world).await;
        let receiver = Receiver::start().await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(webhook(&world, &receiver, &[]).await.0);
        }
        let (page, log) = world.statements(get(&world, &world.owner, "/v1/webhooks?page%5Blimit%5D=2")).await;
        assert_eq!((each(&page["data"], "id"), log.len()), (vec![ids[0].as_str(), ids[1].as_str()], 1));
        let next = format!("/v1/webhooks?page%5Blimit%5D=2&page%5Bcursor%5D={}", text(&page["page"], "next_cursor"));
        let rest = get(&world, &world.owner, &next).await;
        assert_eq!((each(&rest["data"], "id"), &rest["page"]["has_more"]), (vec![ids[2].as_str()], &json!(false)));
        world.user("ada").await;
        collect(&world).await;
        let path = format!("/v1/webhooks/{}/deliveries?page%5Blimit%5D=2", ids[0]);
        let (page, log) = world.statements(get(&world, &world.owner, &path)).await;
        assert_eq!(log.len(), 2, "{log:#?}");
        let actions = each(&page["data"], "action");
        assert_eq!(actions, ["profile.create", "webhook.create"]);
        let next = format!("{path}&page%5Bcursor%5D={}", text(&page["page"], "next_cursor"));
        assert_eq!(get(&world, &world.owner, &next).await["data"].as_array().map(Vec::len), Some(2));
    }
}
