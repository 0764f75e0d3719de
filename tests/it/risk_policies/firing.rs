//! When policies fire, and how it is told.

use super::{ALL, alarm, alert, events, firings, in_force, policy, seen};
use crate::rest::done;
use crate::risk::{identity, mornings, prompts, report, risk, sign_in, told};
use crate::support::mutations::as_root;
use crate::support::{each, id_of, on_each_database};
use chrono::TimeDelta;
use idgraph::domain::{Clock, NodeId};
use idgraph::resolvers::command::ConfirmCompromised;
use serde_json::{Value, json};

/// The same prompts as ever, so many hours later.
fn later(identity: &str, hours: i64) -> Vec<Value> {
    let mut later = prompts(identity);
    for prompt in &mut later {
        let at =
            prompt["occurred_at"].as_str().expect("a time").parse::<chrono::DateTime<chrono::Utc>>().expect("a time");
        prompt["occurred_at"] = json!(at + TimeDelta::hours(hours));
        prompt["event_id"] = json!(format!("{} {hours}", prompt["event_id"].as_str().expect("an id")));
    }
    later
}

on_each_database! {
    async fn a_level_that_is_reached_sets_a_policy_off_and_the_event_says_all_of_it(world: World) {
        let ada = identity(&world, "ada").await;
        let high = in_force(&world, ("level", "high"), &["notify"]).await;
        let medium = in_force(&world, ("level", "medium"), &["notify"]).await;
        in_force(&world, ("level", "critical"), &["notify"]).await;
        report(&world, &mornings(&ada)).await;
        assert_eq!(events(&world, &ada).await, [] as [Value; 0]);
        let answer = crate::rest::send(&world, &world.editor, ("POST", "/v1/access-records"), &[], Some(Value::from(prompts(&ada)))).await;
        assert_eq!((answer.status.as_u16(), risk(&world, &ada).await), (200, (55, "high".to_owned())));
        let events = events(&world, &ada).await;
        assert_eq!(each(&Value::from(events.clone()), "action"), ["identity.risk_policy"; 2]);
        for (event, policy, level) in [(&events[0], &medium, "medium"), (&events[1], &high, "high")] {
            assert_eq!(event["actor"], json!({"id": null, "name": "server"}));
            assert_eq!(event["source"], format!("policy:{policy}"));
            let reason = format!("Policy level {level} notify ({policy}): the risk has risen to {level} or above.");
            assert_eq!(event["reason"], reason);
            assert_eq!(event["requestId"].as_str(), answer.headers["x-request-id"].to_str().ok());
            let change = &event["changes"][0];
            let path = change["path"].as_str().expect("a path");
            assert!(path.starts_with(&format!("risk_policies.{policy}.fir_")), "{path}");
            assert_eq!(change["before"], Value::Null);
            assert_eq!(change["after"], json!({"name": format!("level {level} notify"), "mode": "enforce", "trigger": {"level": level},
                "level": {"before": "low", "after": "high"}, "actions": {"notify": "done"}}));
        }
        // It is on its way to whoever follows, with the event that tells the level.
        let outbox = "SELECT COUNT(*) FROM outbox o JOIN events e ON e.org_id = o.org_id AND e.seq = o.seq
            WHERE e.action IN ('identity.risk_policy', 'identity.risk_level')";
        assert_eq!(world.number_behind(outbox).await, 3);
    }

    async fn it_is_not_set_off_again_while_the_level_stays_but_when_it_is_reached_anew(world: World) {
        let ada = identity(&world, "ada").await;
        in_force(&world, ("level", "high"), &["notify"]).await;
        report(&world, &prompts(&ada)).await;
        assert_eq!(firings(&world, &ada).await.len(), 1);
        // Once more, late, and more of it.
        done(&world, &world.editor, ("POST", "/v1/access-records"), Value::from(prompts(&ada))).await;
        report(&world, &later(&ada, -1)).await;
        assert!(["high", "critical"].contains(&risk(&world, &ada).await.1.as_str()));
        assert_eq!(firings(&world, &ada).await.len(), 1);
        // It drops, which sets nothing off, whether it is told or not.
        world.clock.advance(TimeDelta::days(12));
        assert_eq!(risk(&world, &ada).await.1, "low");
        report(&world, &later(&ada, 12 * 24)).await;
        assert_eq!(firings(&world, &ada).await.len(), 2);
        assert_eq!(firings(&world, &ada).await[0]["level"], json!({"before": "low", "after": "high"}));
        world.clock.advance(TimeDelta::days(12));
        assert_eq!(world.app.settle_risk().await.expect("settled"), 1);
        assert_eq!(told(&world, &ada).await[0].2, "low");
        assert_eq!(firings(&world, &ada).await.len(), 2);
    }

    async fn evidence_of_a_signal_sets_a_policy_off_once(world: World) {
        let (ada, bob) = (identity(&world, "ada").await, identity(&world, "bob").await);
        in_force(&world, ("signal", "mfa"), &["notify"]).await;
        report(&world, &mornings(&ada)).await;
        report(&world, &prompts(&ada)).await;
        let fired = firings(&world, &ada).await;
        assert_eq!((fired.len(), &fired[0]["trigger"], &fired[0]["level"]), (1, &json!({"signal": "mfa"}), &Value::Null));
        let query = format!(r#"{{ node(id: "{ada}") {{ ... on LinkedIdentity {{ risk {{ factors {{ evidence {{ id }} }} }} }} }} }}"#);
        let known = world.query(&world.admin, &query).await["node"]["risk"]["factors"][0]["evidence"].clone();
        assert_eq!(fired[0]["evidence"], json!([id_of(&known[0])]));
        done(&world, &world.editor, ("POST", "/v1/access-records"), Value::from(prompts(&ada))).await;
        assert_eq!(firings(&world, &ada).await.len(), 1);
        // Late, and the last first: it is found when the third is known, and not before.
        world.clock.advance(TimeDelta::minutes(30));
        for (prompt, count) in prompts(&bob).into_iter().rev().zip([0, 0, 1]) {
            report(&world, &[prompt]).await;
            assert_eq!(firings(&world, &bob).await.len(), count);
        }
        assert_eq!(firings(&world, &ada).await.len(), 1);
    }

    async fn an_alert_sets_a_policy_off_when_it_is_strong_enough_and_not_again(world: World) {
        let ada = identity(&world, "ada").await;
        in_force(&world, ("signal", "alert"), &["notify"]).await;
        let strong = json!({"name": "strong", "signal": "alert", "minimum_strength": 55, "actions": ["notify"], "mode": "enforce"});
        policy(&world, strong).await;
        let count = async || {
            let fired = firings(&world, &ada).await;
            let of_strong = fired.iter().filter(|fired| fired["name"] == "strong").count();
            (fired.len() - of_strong, of_strong)
        };
        for (severity, state, expected) in [
            ("low", "open", (1, 0)),
            ("medium", "open", (1, 0)),
            ("high", "open", (1, 1)),
            ("critical", "confirmed", (1, 1)),
            ("critical", "dismissed", (1, 1)),
            ("critical", "open", (2, 2)),
        ] {
            world.clock.advance(TimeDelta::minutes(1));
            let mut reported = alert(&ada, "a-1", severity, state);
            reported["updated_at"] = json!(world.clock.now());
            alarm(&world, &[reported.clone()]).await;
            assert_eq!(count().await, expected, "{severity} {state}");
            alarm(&world, &[reported]).await;
            assert_eq!(count().await, expected, "{severity} {state} again");
        }
        // What is dismissed from the beginning is nothing.
        alarm(&world, &[alert(&ada, "a-2", "critical", "dismissed")]).await;
        assert_eq!(count().await, (2, 2));
    }

    async fn off_does_nothing_and_a_dry_run_tells_and_changes_nothing(world: World) {
        let (ada, bob) = (identity(&world, "ada").await, identity(&world, "bob").await);
        let actions = ["disable", "revoke_sessions", "notify", "force_password_reset"];
        let id = policy(&world, json!({"name": "all", "level": "high", "actions": actions})).await;
        let session = |identity: &str| json!([{"external_id": identity, "identity": {"id": identity}}]);
        for identity in [&ada, &bob] {
            done(&world, &world.editor, ("POST", "/v1/sessions"), session(identity)).await;
        }
        report(&world, &prompts(&ada)).await;
        assert_eq!(events(&world, &ada).await, [] as [Value; 0]);
        let path = format!("/v1/risk-policies/{id}");
        done(&world, &world.owner, ("PATCH", &path), json!({"mode": "dry_run"})).await;
        // What was before does not count.
        assert_eq!(events(&world, &ada).await, [] as [Value; 0]);
        report(&world, &prompts(&bob)).await;
        let events = events(&world, &bob).await;
        assert_eq!(each(&Value::from(events.clone()), "action"), ["identity.risk_policy"]);
        let after = &events[0]["changes"][0]["after"];
        assert_eq!(after["actions"], json!({"notify": "would_be_done", "revoke_sessions": "would_be_done",
            "force_password_reset": "would_be_done", "disable": "would_be_done"}));
        assert_eq!(after["mode"], "dry_run");
        let selection = "status sessions { nodes { live } } actions { totalCount } profile { status }";
        for identity in [&ada, &bob] {
            assert_eq!(seen(&world, identity, selection).await, json!({"status": "ACTIVE", "sessions": {"nodes": [{"live": true}]},
                "actions": {"totalCount": 0}, "profile": {"status": "ACTIVE"}}));
        }
        // What is done already would not be done again.
        as_root(&world, "disableIdentity", json!({"id": ada, "reason": "gone"})).await;
        as_root(&world, "forcePasswordReset", json!({"id": ada})).await;
        as_root(&world, "confirmCompromised", json!({"id": bob})).await;
        world.clock.advance(TimeDelta::days(12));
        report(&world, &later(&ada, 12 * 24)).await;
        assert_eq!(firings(&world, &ada).await[0]["actions"], json!({"notify": "would_be_done", "revoke_sessions": "already_done",
            "force_password_reset": "already_done", "disable": "already_done"}));
        assert_eq!(firings(&world, &bob).await.len(), 1);
    }

    async fn a_policy_fires_in_the_transaction_that_sets_it_off(world: World) {
        let ada = identity(&world, "ada").await;
        in_force(&world, ("level", "critical"), &["disable"]).await;
        let id: NodeId = ada.parse().expect("an id");
        let before = world.last_sequence().await;
        let verdict = || ConfirmCompromised { id, reason: None };
        let mut rehearsal = world.app.rehearse(&world.operator(), world.acme).await.expect("a rehearsal");
        rehearsal.run(&world.operator(), verdict()).await.expect("a verdict");
        rehearsal.end().await.expect("the end");
        assert_eq!((world.last_sequence().await, events(&world, &ada).await.len()), (before, 0));
        as_root(&world, "confirmCompromised", json!({"id": ada, "reason": "seen"})).await;
        // The verdict; the profile is disabled, and the sessions of its account end; the account is; and a policy has fired.
        assert_eq!(world.last_sequence().await, before + 5);
        let events = events(&world, &ada).await;
        let actions = each(&Value::from(events.clone()), "action").into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(actions, ["identity.risk_policy", "identity.disable", "profile.disable"], "{events:#?}");
        assert!(events.iter().all(|event| event["occurredAt"] == events[0]["occurredAt"] && event["requestId"] == events[0]["requestId"]));
    }

    async fn a_replay_comes_to_the_same_with_policies_in_force_and_sets_nothing_off(world: World) {
        let mut identities = Vec::new();
        in_force(&world, ("level", "high"), &["revoke_sessions", "force_password_reset"]).await;
        in_force(&world, ("signal", "mfa"), &["notify", "disable"]).await;
        for name in ["ada", "bob"] {
            let id = identity(&world, name).await;
            report(&world, &mornings(&id)).await;
            done(&world, &world.editor, ("POST", "/v1/sessions"), json!([{"external_id": name, "identity": {"id": id}}])).await;
            report(&world, &prompts(&id)).await;
            report(&world, &later(&id, -2)).await;
            identities.push(id);
        }
        as_root(&world, "confirmCompromised", json!({"id": identities[0]})).await;
        let (before, fired) = (world.last_sequence().await, firings(&world, &identities[1]).await.len());
        assert!(fired >= 2, "{fired}");
        let replayed = world.app.replay_risk(&world.operator(), None).await.expect("a replay");
        assert_eq!((replayed.accounts, replayed.different), (2, 0), "{replayed:?}");
        let ran = world.program(&["risk", "replay"]).await;
        assert_eq!((ran.code, ran.output.as_str()), (0, ""), "{ran:?}");
        assert_eq!(world.last_sequence().await, before);
    }

    async fn policies_are_those_of_the_own_organization(world: World) {
        let ada = identity(&world, "ada").await;
        let theirs = json!({"name": "theirs", "level": "medium", "actions": ["disable"], "mode": "enforce"});
        done(&world, &world.stranger, ALL, theirs).await;
        report(&world, &prompts(&ada)).await;
        assert_eq!((risk(&world, &ada).await.1.as_str(), events(&world, &ada).await.len()), ("high", 0));
    }

    async fn policies_are_read_once_for_a_request_and_only_if_something_has_happened(world: World) {
        let mut identities = Vec::new();
        for index in 0..20 {
            identities.push(identity(&world, &format!("user-{index}")).await);
        }
        let calm = |hour: u8| -> Vec<Value> {
            let of = |id: &String| sign_in(id, &format!("2026-01-01T0{hour}:00:00Z"), ("192.0.2.1", "AT", crate::risk::FIREFOX));
            identities.iter().map(of).collect()
        };
        report(&world, &calm(1)).await;
        let (_, without) = world.statements(report(&world, &calm(2))).await;
        let body = json!({"name": "all", "signal": "mfa", "actions": ["revoke_sessions", "disable"], "mode": "dry_run"});
        policy(&world, body).await;
        let (_, with) = world.statements(report(&world, &calm(3))).await;
        assert_eq!(with.len(), without.len(), "{with:#?}");
        let reading = |log: &[String], table: &str| {
            log.iter().filter(|sql| sql.trim_start().starts_with("SELECT") && sql.contains(&format!("FROM {table} "))).count()
        };
        assert_eq!(reading(&with, "risk_policies"), 0);
        let attacked: Vec<Value> = identities.iter().flat_map(|id| prompts(id)).collect();
        let (_, log) = world.statements(report(&world, &attacked)).await;
        // However many accounts it is about.
        for table in ["risk_policies", "identity_standings", "sessions", "edges", "tokens", "profiles"] {
            assert_eq!(reading(&log, table), 1, "{table}: {log:#?}");
        }
        for identity in &identities {
            assert_eq!(firings(&world, identity).await.len(), 1);
        }
    }
}
