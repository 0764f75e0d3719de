//! What others signal of risk: it becomes alerts, whatever its order, and others do not hear themselves.

use super::reception::{REVOKED, RISK, Transmitter, account};
use super::{collect, event, fetch, sending, stream};
use crate::rest::{done, get};
use crate::risk::risk;
use crate::support::issuer::with;
use crate::support::mutations::{account as account_of, as_root};
use crate::support::{World, each, on_each_database};
use chrono::TimeDelta;
use serde_json::{Value, json};

const LEAK: &str = "https://schemas.openid.net/secevent/risc/event-type/credential-compromise";
const REQUIRED: &str = "https://schemas.openid.net/secevent/risc/event-type/account-credential-change-required";
const CHANGED: &str = "https://schemas.openid.net/secevent/caep/event-type/credential-change";

/// Signals something of a time so many seconds ago, which has to be taken.
async fn tell(
    world: &World,
    transmitter: &Transmitter,
    (jti, event): (&str, &str),
    (subject, said, ago): (&str, Value, i64),
) {
    let said = with(said, json!({"event_timestamp": world.clock_seconds() - ago}));
    let claims = with(transmitter.claims(world, (jti, event), subject), json!({"events": {event: said}}));
    let answer = transmitter.push(world, &Transmitter::header(), &claims).await;
    assert_eq!(answer.status, 202, "{:#}", answer.body);
}

async fn rate(world: &World, transmitter: &Transmitter, jti: &str, (subject, level, ago): (&str, &str, i64)) {
    let said = json!({"current_level": level, "previous_level": "LOW", "principal": "USER", "risk_reason": "Somebody is at it."});
    tell(world, transmitter, (jti, RISK), (subject, said, ago)).await;
}

/// The alerts of acme about an account, the latest first.
async fn alerts(world: &World, identity: &str) -> Vec<Value> {
    let page =
        get(world, &world.editor, &format!("/v1/alerts?organization=acme&filter%5Bidentity%5D={identity}")).await;
    page["data"].as_array().expect("alerts").clone()
}

/// Everything that the state of accounts follows from comes to the same again.
async fn assert_replays(world: &World) {
    let ran = world.program(&["risk", "replay"]).await;
    assert!(ran.code == 0 && ran.complaint.contains("; 0 differ."), "{ran:?}");
}

/// The levels of risk that are told over a stream: before, and now.
async fn told(world: &World, stream: &Value) -> Vec<(String, String)> {
    collect(world).await;
    let found = fetch(world, &world.admin, stream, json!({})).await;
    let ids: Vec<&String> = found.iter().map(|(id, _)| id).collect();
    fetch(world, &world.admin, stream, json!({"ack": ids, "maxEvents": 0})).await;
    let events = found.iter().map(|(_, claims)| event(claims)).filter(|(name, _)| name == "risk-level-change");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    events.map(|(_, said)| (text(&said["previous_level"]), text(&said["current_level"]))).collect()
}

fn pair(before: &str, after: &str) -> (String, String) {
    (before.to_owned(), after.to_owned())
}

on_each_database! {
    async fn a_risk_that_others_rate_is_one_alert_until_it_is_low(world: World) {
        let world = sending(world).await;
        let transmitter = Transmitter::trusted(&world).await;
        let ada = account(&world, "ada").await;
        rate(&world, &transmitter, "1", ("ada", "HIGH", 60)).await;
        assert_eq!(risk(&world, &ada).await, (55, "high".to_owned()));
        let raised = alerts(&world, &ada).await;
        assert_eq!(raised.len(), 1);
        let source = raised[0]["source"].as_str().expect("a source");
        assert!(source.starts_with("127.0.0.1-") && source.contains("-realms-acme-"), "{source}");
        assert_eq!((&raised[0]["external_id"], &raised[0]["kind"]), (&json!(format!("risk-level-change:{ada}")), &json!("risk_level")));
        assert_eq!((&raised[0]["severity"], &raised[0]["state"]), (&json!("high"), &json!("open")));
        assert_eq!(raised[0]["details"]["risk_reason"], "Somebody is at it.");
        rate(&world, &transmitter, "2", ("ada", "MEDIUM", 30)).await;
        assert_eq!(risk(&world, &ada).await, (25, "medium".to_owned()));
        rate(&world, &transmitter, "3", ("ada", "LOW", 10)).await;
        assert_eq!(risk(&world, &ada).await, (0, "low".to_owned()));
        // What comes late, or again under another name, changes nothing.
        rate(&world, &transmitter, "4", ("ada", "HIGH", 20)).await;
        rate(&world, &transmitter, "5", ("ada", "HIGH", 120)).await;
        rate(&world, &transmitter, "6", ("ada", "LOW", 10)).await;
        let ended = alerts(&world, &ada).await;
        assert_eq!((ended.len(), &ended[0]["id"], &ended[0]["state"], &ended[0]["severity"]),
            (1, &raised[0]["id"], &json!("dismissed"), &json!("low")));
        // What begins anew counts as much as the first time.
        world.clock.advance(TimeDelta::days(60));
        rate(&world, &transmitter, "7", ("ada", "HIGH", 0)).await;
        assert_eq!(risk(&world, &ada).await, (55, "high".to_owned()));
        assert_eq!(each(&Value::from(alerts(&world, &ada).await), "state"), ["open", "dismissed"]);
        assert_replays(&world).await;
    }

    async fn the_order_of_signals_does_not_matter(world: World) {
        let world = sending(world).await;
        let transmitter = Transmitter::trusted(&world).await;
        let ratings = [("HIGH", 90), ("LOW", 60), ("MEDIUM", 30)];
        for (index, order) in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].into_iter().enumerate() {
            let name = format!("user-{index}");
            let id = account(&world, &name).await;
            for place in order {
                let (level, ago) = ratings[place];
                rate(&world, &transmitter, &format!("{index}-{place}"), (&name, level, ago)).await;
            }
            assert_eq!(risk(&world, &id).await, (25, "medium".to_owned()), "{order:?}");
        }
    }

    async fn whoever_is_meant_has_the_alert_and_nobody_else(world: World) {
        let world = sending(world).await;
        let transmitter = Transmitter::trusted(&world).await;
        let user = world.user("ada").await;
        let one = account_of(&world, &user, "ada").await;
        let two = account_of(&world, &user, "ada-2").await;
        let bob = account(&world, "bob").await;
        as_root(&world, "updateProfile", json!({"id": user, "emails": [{"value": "ada@example.org"}]})).await;
        let mail = json!({"sub_id": {"format": "email", "email": "ada@example.org"}});
        let claims = transmitter.claims(&world, ("1", RISK), "x");
        let rating = json!({"events": {RISK: {"current_level": "HIGH"}}});
        let claims = with(with(claims, mail), rating);
        assert_eq!(transmitter.push(&world, &Transmitter::header(), &claims).await.status, 202);
        let scores = (risk(&world, &one).await.0, risk(&world, &two).await.0, risk(&world, &bob).await.0);
        assert_eq!(scores, (55, 55, 0));
        // Nothing that says nothing of the account.
        for (jti, said) in [
            ("2", json!({"current_level": "HIGH", "principal": "DEVICE"})),
            ("3", json!({"current_level": "ENORMOUS"})),
            ("4", json!({"current_level": 7})),
        ] {
            tell(&world, &transmitter, (jti, RISK), ("bob", said, 0)).await;
        }
        rate(&world, &transmitter, "5", ("stranger", "HIGH", 0)).await;
        tell(&world, &transmitter, ("6", REVOKED), ("bob", json!({}), 0)).await;
        assert_eq!(alerts(&world, &bob).await, Vec::<Value>::new());
    }

    async fn a_leak_counts_until_there_is_another_password(world: World) {
        let world = sending(world).await;
        let transmitter = Transmitter::trusted(&world).await;
        let ada = account(&world, "ada").await;
        let password = json!({"credential_type": "password"});
        tell(&world, &transmitter, ("1", LEAK), ("ada", password.clone(), 100)).await;
        tell(&world, &transmitter, ("2", LEAK), ("ada", password.clone(), 100)).await;
        let leaks = "SELECT COUNT(*) FROM risk_evidence WHERE signal = 'leaked_credential' AND cancelled_at IS NULL";
        assert_eq!((alerts(&world, &ada).await.len(), world.number_behind(leaks).await), (1, 1));
        assert_eq!(alerts(&world, &ada).await[0]["kind"], "leaked_credential");
        let leaked = risk(&world, &ada).await.0;
        assert!(leaked > 0);
        // An application is no password, and what was changed before says nothing of what leaked later.
        let change = |kind: &str| json!({"credential_type": kind, "change_type": "update"});
        tell(&world, &transmitter, ("3", CHANGED), ("ada", change("app"), 0)).await;
        tell(&world, &transmitter, ("4", CHANGED), ("ada", change("password"), 200)).await;
        assert_eq!(risk(&world, &ada).await.0, leaked);
        tell(&world, &transmitter, ("5", CHANGED), ("ada", change("password"), 50)).await;
        assert_eq!((risk(&world, &ada).await.0, world.number_behind(leaks).await), (0, 0));
        tell(&world, &transmitter, ("6", LEAK), ("ada", password, 10)).await;
        assert_eq!((risk(&world, &ada).await.0, alerts(&world, &ada).await.len()), (leaked, 2));
        tell(&world, &transmitter, ("7", REQUIRED), ("ada", json!({}), 5)).await;
        let latest = alerts(&world, &ada).await[0].clone();
        assert_eq!((&latest["kind"], &latest["severity"], &latest["state"]), (&json!("credential_change_required"), &json!("medium"), &json!("open")));
        assert_replays(&world).await;
    }

    async fn others_are_told_what_is_known_here_and_not_what_they_have_said(world: World) {
        let world = sending(world).await;
        let transmitter = Transmitter::trusted(&world).await;
        let ada = account(&world, "ada").await;
        let stream = stream(&world, &world.admin, json!({})).await;
        rate(&world, &transmitter, "1", ("ada", "HIGH", 0)).await;
        assert_eq!(risk(&world, &ada).await.1, "high");
        assert_eq!(told(&world, &stream).await, []);
        // Something of our own, which together with that is worse than it is.
        let own = json!({"source": "siem", "external_id": "1", "kind": "malware", "severity": "high", "identity": {"id": ada}});
        let reported = done(&world, &world.editor, ("POST", "/v1/alerts?organization=acme"), json!([own])).await;
        assert_eq!(risk(&world, &ada).await.1, "critical");
        assert_eq!(told(&world, &stream).await, [pair("LOW", "HIGH")]);
        // What others say of it meanwhile is not told either, nor is what an analyst makes of that.
        world.clock.advance(TimeDelta::seconds(1));
        rate(&world, &transmitter, "2", ("ada", "MEDIUM", 0)).await;
        world.clock.advance(TimeDelta::seconds(1));
        rate(&world, &transmitter, "3", ("ada", "HIGH", 0)).await;
        assert_eq!(told(&world, &stream).await, []);
        // When ours is over, that is told, though the account is still at a high level for what they have said.
        let id = reported["data"][0]["id"].as_str().expect("an id");
        let path = format!("/v1/alerts/{id}/decide");
        done(&world, &world.editor, ("POST", &path), json!({"state": "dismissed"})).await;
        assert_eq!(risk(&world, &ada).await.1, "high");
        assert_eq!(told(&world, &stream).await, [pair("HIGH", "LOW")]);
        // And when what they have said fades, nothing is.
        world.clock.advance(TimeDelta::days(200));
        while world.app.settle_risk().await.expect("settled") > 0 {}
        assert_eq!(risk(&world, &ada).await.1, "low");
        assert_eq!(told(&world, &stream).await, []);
        assert_replays(&world).await;
    }

    async fn what_is_known_here_fades_for_others_too(world: World) {
        let world = sending(world).await;
        let transmitter = Transmitter::trusted(&world).await;
        let ada = account(&world, "ada").await;
        let stream = stream(&world, &world.admin, json!({})).await;
        let own = json!({"source": "siem", "external_id": "1", "kind": "malware", "severity": "high", "identity": {"id": ada}});
        done(&world, &world.editor, ("POST", "/v1/alerts?organization=acme"), json!([own])).await;
        world.clock.advance(TimeDelta::days(20));
        rate(&world, &transmitter, "1", ("ada", "HIGH", 0)).await;
        while world.app.settle_risk().await.expect("settled") > 0 {}
        // Ours is at medium by now, with theirs it is high.
        assert_eq!(risk(&world, &ada).await.1, "high");
        assert_eq!(told(&world, &stream).await, [pair("LOW", "HIGH"), pair("HIGH", "MEDIUM")]);
        world.clock.advance(TimeDelta::days(2));
        rate(&world, &transmitter, "2", ("ada", "HIGH", 0)).await;
        world.clock.advance(TimeDelta::days(300));
        while world.app.settle_risk().await.expect("settled") > 0 {}
        assert_eq!(told(&world, &stream).await, [pair("MEDIUM", "LOW")]);
    }
}
