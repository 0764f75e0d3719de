//! Alerts count against whom they are about, as long as they do, and say so.

use super::{CHROME, at_level, identity, mornings, prompts, report, risk, sign_in, told};
use crate::rest::{done, get, refusal, refused};
use crate::support::mutations::{account, as_root};
use crate::support::{World, each, id_of, on_each_database};
use chrono::TimeDelta;
use serde_json::{Value, json};

const ALERTS: &str = "/v1/alerts?organization=acme";

/// An alert about an account, as a SIEM reports it.
fn alert(identity: &str, severity: &str) -> Value {
    json!({"source": "siem", "external_id": format!("{identity}-1"), "kind": "malware", "severity": severity, "title": "Malware was found",
        "identity": {"id": identity}, "observed_at": "2026-01-01T10:00:00Z"})
}

/// The same with something else in it.
fn with(alert: &Value, change: Value) -> Value {
    let mut alert = alert.clone();
    let (Value::Object(all), Value::Object(change)) = (&mut alert, change) else { panic!("objects") };
    all.extend(change);
    alert
}

/// Reports alerts, as an editor, and says what has become of each.
async fn raise(world: &World, alerts: &[Value]) -> Vec<String> {
    let taken = done(world, &world.editor, ("POST", ALERTS), Value::from(alerts)).await;
    each(&taken["data"], "status").into_iter().map(str::to_owned).collect()
}

/// The only alert of acme, as REST shows it.
async fn only(world: &World) -> Value {
    let page = get(world, &world.editor, ALERTS).await;
    assert_eq!(page["data"].as_array().map(Vec::len), Some(1), "{page:#}");
    page["data"][0].clone()
}

/// Decides about an alert, as an editor.
async fn decide(world: &World, id: &str, state: &str) -> Value {
    done(
        world,
        &world.editor,
        ("POST", &format!("/v1/alerts/{id}/decide")),
        json!({"state": state, "reason": "I looked."}),
    )
    .await
}

/// Everything that the state of accounts follows from comes to the same again.
async fn assert_replays(world: &World) {
    let ran = world.program(&["risk", "replay"]).await;
    assert!(ran.code == 0 && ran.complaint.contains("; 0 differ."), "{ran:?}");
}

on_each_database! {
    async fn an_alert_counts_until_it_is_dismissed(world: World) {
        let ada = identity(&world, "ada").await;
        assert_eq!(raise(&world, &[alert(&ada, "high")]).await, ["recorded"]);
        // It is two hours old, of a half-life of a fortnight.
        assert_eq!(risk(&world, &ada).await, (55, "high".to_owned()));
        assert_eq!(told(&world, &ada).await, [("editor".to_owned(), "low".to_owned(), "high".to_owned())]);
        let shown = only(&world).await;
        assert_eq!((&shown["identity_id"], &shown["state"], &shown["severity"], &shown["changed_by"]),
            (&json!(ada), &json!("open"), &json!("high"), &json!("editor")));
        let why = get(&world, &world.editor, &format!("/v1/identity/{ada}/risk")).await;
        assert_eq!((each(&why["factors"], "signal"), &why["factors"][0]["evidence"][0]["source"]), (vec!["alert"], &shown["id"]));
        assert_eq!(why["factors"][0]["evidence"][0]["reason"], json!({"kind": "alert", "severity": "high", "status": "open"}));

        let id = id_of(&shown);
        assert_eq!(decide(&world, &id, "confirmed").await["state"], "confirmed");
        assert_eq!(risk(&world, &ada).await.0, 55);
        assert_eq!(decide(&world, &id, "dismissed").await["state"], "dismissed");
        assert_eq!(risk(&world, &ada).await, (0, "low".to_owned()));
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM risk_evidence WHERE cancelled_at IS NULL").await, 0);
        let before = world.last_sequence().await;
        decide(&world, &id, "dismissed").await;
        assert_eq!(world.last_sequence().await, before);
        decide(&world, &id, "open").await;
        assert_eq!(risk(&world, &ada).await, (55, "high".to_owned()));

        let query = format!(r#"{{ node(id: "{ada}") {{ ... on LinkedIdentity {{ history {{ nodes {{ action reason actor {{ name }} changes {{ path before after }} }} }} }} }} }}"#);
        let seen = world.query(&world.admin, &query).await;
        let events: Vec<&Value> = seen["node"]["history"]["nodes"].as_array().expect("events").iter()
            .filter(|event| event["action"].as_str().is_some_and(|action| action.starts_with("alert."))).collect();
        assert_eq!(events.len(), 4, "{events:#?}");
        let change = &events[1]["changes"][0];
        assert_eq!((&events[1]["action"], &events[1]["reason"], &events[1]["actor"]["name"]), (&json!("alert.set_state"), &json!("I looked."), &json!("editor")));
        assert_eq!((&change["path"], &change["before"]["state"], &change["after"]["state"]), (&json!(format!("alerts.{id}")), &json!("confirmed"), &json!("dismissed")));
        assert_eq!(events[3]["changes"][0]["before"], Value::Null);
        assert_replays(&world).await;
    }

    async fn twice_late_or_out_of_order_an_alert_comes_to_the_same(world: World) {
        let reports = |identity: &str| {
            let first = alert(identity, "medium");
            let worse = with(&first, json!({"severity": "critical", "updated_at": "2026-01-01T10:30:00Z"}));
            let less = with(&first, json!({"severity": "high", "state": "confirmed", "updated_at": "2026-01-01T11:00:00Z"}));
            [first, worse, less]
        };
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let mut seen = Vec::new();
        for (index, order) in orders.into_iter().enumerate() {
            let id = identity(&world, &format!("user-{index}")).await;
            report(&world, &mornings(&id)).await;
            let reports = reports(&id);
            for place in order {
                raise(&world, &[reports[place].clone()]).await;
            }
            assert_eq!(raise(&world, &reports).await, ["known"; 3]);
            seen.push(risk(&world, &id).await);
        }
        // All at once, the last first.
        let id = identity(&world, "all").await;
        report(&world, &mornings(&id)).await;
        let mut all = reports(&id).to_vec();
        all.reverse();
        assert_eq!(raise(&world, &all).await, ["recorded", "known", "known"]);
        seen.push(risk(&world, &id).await);
        assert_eq!(seen, vec![(55, "high".to_owned()); 7]);
        // Of the same time, what decides most holds.
        let bob = identity(&world, "bob").await;
        let nothing = with(&alert(&bob, "critical"), json!({"state": "dismissed"}));
        assert_eq!(raise(&world, &[nothing, alert(&bob, "critical")]).await, ["recorded", "known"]);
        assert_eq!(risk(&world, &bob).await.0, 0);
        // What somebody decides here holds, until the source says something later.
        let cleo = identity(&world, "cleo").await;
        raise(&world, &[alert(&cleo, "high")]).await;
        let page = get(&world, &world.editor, &format!("{ALERTS}&filter%5Bidentity%5D={cleo}")).await;
        decide(&world, &id_of(&page["data"][0]), "dismissed").await;
        let worse = |at: &str| with(&alert(&cleo, "critical"), json!({"updated_at": at}));
        assert_eq!(raise(&world, &[worse("2026-01-01T11:59:59Z")]).await, ["known"]);
        world.clock.advance(TimeDelta::minutes(2));
        assert_eq!(raise(&world, &[worse("2026-01-01T12:01:00Z")]).await, ["updated"]);
        assert_eq!(risk(&world, &cleo).await, (80, "critical".to_owned()));
        assert_replays(&world).await;
    }

    async fn an_alert_about_an_address_counts_against_those_who_came_from_it(world: World) {
        let names = ["before", "after", "other", "late", "failed"];
        let mut ids = Vec::new();
        for name in names {
            ids.push(identity(&world, name).await);
        }
        let from = |identity: &str, at: &str| sign_in(identity, at, ("203.0.113.9", "AT", CHROME));
        report(&world, &[from(&ids[0], "2025-12-31T23:00:00Z"), from(&ids[3], "2025-12-30T23:59:59Z")]).await;
        report(&world, &[sign_in(&ids[2], "2025-12-31T23:00:00Z", ("203.0.113.10", "AT", CHROME))]).await;
        let mut failed = from(&ids[4], "2025-12-31T23:00:00Z");
        failed["outcome"] = json!("failure");
        report(&world, &[failed]).await;
        let about = json!({"source": "ids", "external_id": "a-1", "kind": "scanner", "severity": "medium", "address": "203.0.113.9",
            "observed_at": "2026-01-01T10:00:00Z"});
        assert_eq!(raise(&world, std::slice::from_ref(&about)).await, ["recorded"]);
        // Who comes from there afterwards is found as well.
        report(&world, &[from(&ids[1], "2026-01-01T11:00:00Z")]).await;
        let scores = async || {
            let mut scores = Vec::new();
            for id in &ids {
                scores.push(risk(&world, id).await.0);
            }
            scores
        };
        assert_eq!(scores().await, [25, 25, 0, 0, 0]);
        assert_eq!(at_level(&world, "medium").await, [ids[0].as_str(), &ids[1]]);
        let query = format!(r#"{{ node(id: "{}") {{ ... on LinkedIdentity {{ alerts {{ totalCount nodes {{ externalId address identity {{ id }} }} }} }} }} }}"#, ids[1]);
        let alerts = world.query(&world.editor, &query).await["node"]["alerts"].clone();
        assert_eq!(alerts, json!({"totalCount": 1, "nodes": [{"externalId": "a-1", "address": "203.0.113.9", "identity": null}]}));

        let id = id_of(&only(&world).await);
        decide(&world, &id, "dismissed").await;
        assert_eq!(scores().await, [0; 5]);
        // Nobody is looked for while it is nothing; when it is something again, they all are.
        report(&world, &[from(&ids[3], "2026-01-01T11:30:00Z")]).await;
        assert_eq!(scores().await, [0; 5]);
        decide(&world, &id, "confirmed").await;
        assert_eq!(scores().await, [25, 25, 0, 25, 0]);
        world.clock.advance(TimeDelta::days(2));
        report(&world, &[from(&ids[2], "2026-01-03T11:30:00Z")]).await;
        assert_eq!(risk(&world, &ids[2]).await.0, 0);
        // One that nobody came from is told of all the same.
        let nobody = with(&about, json!({"external_id": "a-2", "address": "2001:db8::7"}));
        let before = world.last_sequence().await;
        assert_eq!(raise(&world, &[nobody]).await, ["recorded"]);
        assert_eq!(world.last_sequence().await, before + 1);
        assert_replays(&world).await;
    }

    async fn a_leaked_credential_counts_until_it_is_changed(world: World) {
        let ada = identity(&world, "ada").await;
        let leak = with(&alert(&ada, "low"), json!({"kind": "leaked_credential", "observed_at": "2025-06-01T00:00:00Z"}));
        raise(&world, std::slice::from_ref(&leak)).await;
        // However long ago, and however bad the source thinks that is.
        assert_eq!(risk(&world, &ada).await, (80, "critical".to_owned()));
        let id = id_of(&only(&world).await);
        decide(&world, &id, "dismissed").await;
        assert_eq!(risk(&world, &ada).await.0, 0);
        decide(&world, &id, "confirmed").await;
        assert_eq!(risk(&world, &ada).await.0, 80);
        as_root(&world, "confirmSafe", json!({"id": ada})).await;
        assert_eq!(risk(&world, &ada).await.0, 80);
        let changed = |at: &str| json!({"event_id": format!("changed {at}"), "identity": {"id": ada}, "kind": "credential_change", "occurred_at": at});
        report(&world, &[changed("2025-05-01T00:00:00Z")]).await;
        assert_eq!(risk(&world, &ada).await.0, 80);
        report(&world, &[changed("2026-01-01T11:00:00Z")]).await;
        let counting = "SELECT COUNT(*) FROM risk_evidence WHERE cancelled_at IS NULL";
        assert_eq!((risk(&world, &ada).await.0, world.number_behind(counting).await), (0, 0));
        // A leak of before that is told of late, or told of again, is of a credential that is none any more.
        let late = with(&leak, json!({"external_id": "late", "observed_at": "2026-01-01T10:59:00Z"}));
        raise(&world, &[late, with(&leak, json!({"updated_at": "2026-01-01T11:30:00Z"}))]).await;
        assert_eq!((risk(&world, &ada).await.0, world.number_behind(counting).await), (0, 0));
        let new = with(&leak, json!({"external_id": "new", "observed_at": "2026-01-01T11:01:00Z"}));
        raise(&world, &[new]).await;
        assert_eq!(risk(&world, &ada).await.0, 80);
        assert_replays(&world).await;
    }

    async fn a_password_that_is_set_here_is_another_credential(world: World) {
        let user = world.user("ada").await;
        as_root(&world, "setPassword", json!({"id": user, "password": "correct horse battery"})).await;
        let query = format!(r#"{{ profile(by: {{id: "{user}"}}) {{ linkedIdentities {{ nodes {{ id }} }} }} }}"#);
        let own = id_of(&world.query(&world.root, &query).await["profile"]["linkedIdentities"]["nodes"][0]);
        world.clock.advance(TimeDelta::hours(1));
        let leak = with(&alert(&own, "high"), json!({"kind": "leaked_credential", "observed_at": "2026-01-01T12:30:00Z"}));
        raise(&world, &[leak]).await;
        assert_eq!(risk(&world, &own).await, (80, "critical".to_owned()));
        as_root(&world, "setPassword", json!({"id": user, "password": "battery horse correct"})).await;
        assert_eq!(risk(&world, &own).await, (0, "low".to_owned()));
        assert_eq!(told(&world, &own).await.len(), 2);
        assert_replays(&world).await;
    }

    async fn bad_alerts_are_refused_and_change_nothing(world: World) {
        let ada = identity(&world, "ada").await;
        let theirs = {
            let input = json!({"organizationId": world.globex, "kind": "USER", "username": "zoe"});
            let zoe = id_of(&world.mutate(&world.root, "createProfile", input, "profile { id }").await["profile"]);
            account(&world, &zoe, "zoe").await
        };
        let good = alert(&ada, "high");
        let before = world.last_sequence().await;
        for (change, status, code, field) in [
            (json!({"severity": "fatal"}), 422, "BAD_USER_INPUT", "severity"),
            (json!({"severity": 101}), 422, "BAD_USER_INPUT", "severity"),
            (json!({"state": "gone"}), 422, "BAD_USER_INPUT", "state"),
            (json!({"observed_at": "2026-01-01T12:06:00Z"}), 422, "BAD_USER_INPUT", "observed_at"),
            (json!({"updated_at": "2026-01-02T12:00:00Z"}), 422, "BAD_USER_INPUT", "updated_at"),
            (json!({"updated_at": "2025-12-31T12:00:00Z"}), 422, "BAD_USER_INPUT", "updated_at"),
            (json!({"address": "300.1.1.1"}), 422, "BAD_USER_INPUT", "address"),
            (json!({"address": "0.0.0.0"}), 422, "BAD_USER_INPUT", "address"),
            (json!({"source": "two words"}), 422, "BAD_USER_INPUT", "source"),
            (json!({"external_id": ""}), 422, "BAD_USER_INPUT", "external_id"),
            (json!({"kind": "*"}), 422, "BAD_USER_INPUT", "kind"),
            (json!({"title": "a\u{0}b"}), 422, "BAD_USER_INPUT", "title"),
            (json!({"details": {"text": "x".repeat(9_000)}}), 422, "BAD_USER_INPUT", "details"),
            (json!({"identity": null}), 422, "BAD_USER_INPUT", "identity"),
            (json!({"identity": null, "address": "192.0.2.1", "kind": "leaked_credential"}), 422, "BAD_USER_INPUT", "identity"),
            (json!({"identity": {"id": theirs}}), 404, "NOT_FOUND", "identity"),
            (json!({"identity": {"provider": "github", "provider_id": "nobody"}}), 404, "NOT_FOUND", "identity"),
        ] {
            let sent = with(&good, change);
            let found = refused(&world, &world.editor, ("POST", ALERTS), Some(sent.clone())).await;
            assert_eq!(found, refusal(status, code, field), "{sent:#}");
        }
        assert_eq!(world.last_sequence().await, before);
        assert_eq!(world.number_behind("SELECT COUNT(*) FROM alerts").await, 0);
        // In a list, the others are taken.
        let wrong = with(&good, json!({"external_id": "wrong", "address": "224.0.0.1"}));
        assert_eq!(raise(&world, &[wrong, good.clone()]).await, ["rejected", "recorded"]);
        // What an alert is about does not change.
        for (change, field) in [
            (json!({"kind": "phishing"}), "kind"), (json!({"address": "192.0.2.1"}), "address"),
            (json!({"observed_at": "2026-01-01T09:00:00Z"}), "observed_at"),
        ] {
            let found = refused(&world, &world.editor, ("POST", ALERTS), Some(with(&good, change))).await;
            assert_eq!(found, refusal(409, "CONFLICT", field));
        }
        assert_eq!(risk(&world, &ada).await.0, 55);
    }

    async fn alerts_are_for_the_eyes_of_editors_of_their_own_organization(world: World) {
        let ada = identity(&world, "ada").await;
        raise(&world, &[alert(&ada, "high")]).await;
        let id = id_of(&only(&world).await);
        let path = format!("/v1/alerts/{id}");
        let decide = format!("{path}/decide");
        let decision = json!({"state": "dismissed"});
        for (actor, status, code) in [(&world.reader, 403, "FORBIDDEN"), (&world.stranger, 404, "NOT_FOUND")] {
            let field = if status == 404 { "id" } else { "" };
            assert_eq!(refused(&world, actor, ("GET", &path), None).await, refusal(status, code, field));
            assert_eq!(refused(&world, actor, ("POST", &decide), Some(decision.clone())).await, refusal(status, code, field));
            let query = format!(r#"{{ node(id: "{ada}") {{ ... on LinkedIdentity {{ alerts {{ totalCount }} }} }} }}"#);
            let answer = world.graphql(actor, &query, json!({})).await;
            assert_eq!(answer.error_code(), (status == 403).then_some("FORBIDDEN"), "{:#}", answer.body);
        }
        let theirs = get(&world, &world.stranger, "/v1/alerts").await;
        assert_eq!(theirs["data"], json!([]));
        assert_eq!(risk(&world, &ada).await.0, 55);
        let missing = refused(&world, &world.editor, ("GET", "/v1/alerts/alr_00000000000000000000000007"), None).await;
        assert_eq!(missing, refusal(404, "NOT_FOUND", "id"));
    }

    async fn alerts_are_listed_page_by_page_and_filtered(world: World) {
        let (ada, bob) = (identity(&world, "ada").await, identity(&world, "bob").await);
        let mut all = Vec::new();
        for minute in 0..5 {
            let of = if minute == 4 { &bob } else { &ada };
            let change = json!({"external_id": format!("a-{minute}"), "observed_at": format!("2026-01-01T10:0{minute}:00Z"),
                "source": if minute == 0 { "edr" } else { "siem" }, "state": if minute == 1 { "dismissed" } else { "open" },
                "severity": if minute == 2 { "low" } else { "high" }});
            all.push(with(&alert(of, "high"), change));
        }
        raise(&world, &all).await;
        let (mut path, mut seen) = (format!("{ALERTS}&page%5Blimit%5D=2"), Vec::new());
        loop {
            let page = get(&world, &world.editor, &path).await;
            seen.extend(each(&page["data"], "external_id").into_iter().map(str::to_owned));
            let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
            path = format!("{ALERTS}&page%5Blimit%5D=2&page%5Bcursor%5D={cursor}");
        }
        assert_eq!(seen, ["a-4", "a-3", "a-2", "a-1", "a-0"]);
        for (filter, expected) in [
            (format!("identity%5D={bob}"), vec!["a-4"]), ("state%5D=dismissed".to_owned(), vec!["a-1"]),
            ("severity%5D=low".to_owned(), vec!["a-2"]), ("source%5D=edr".to_owned(), vec!["a-0"]),
        ] {
            let page = get(&world, &world.editor, &format!("{ALERTS}&filter%5B{filter}")).await;
            assert_eq!(each(&page["data"], "external_id"), expected, "{filter}");
        }
        let query = format!(r#"{{ alerts(organization: "acme", filter: {{identityId: "{ada}", severity: HIGH, state: OPEN}}, first: 1) {{
            totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ externalId source kind state identity {{ id }} details observedAt }} }} }}"#);
        let page = world.query(&world.editor, &query).await["alerts"].clone();
        assert_eq!((&page["totalCount"], &page["nodes"][0]["externalId"], &page["pageInfo"]["hasNextPage"]), (&json!(2), &json!("a-3"), &json!(true)));
        let after = page["pageInfo"]["endCursor"].as_str().expect("a cursor");
        let page = world.query(&world.editor, &query.replace("first: 1", &format!(r#"first: 5, after: "{after}""#))).await["alerts"].clone();
        assert_eq!(each(&page["nodes"], "externalId"), ["a-0"]);
        let id = id_of(&get(&world, &world.editor, &format!("{ALERTS}&page%5Blimit%5D=1")).await["data"][0]);
        let seen = world.query(&world.editor, &format!(r#"{{ alert(id: "{id}") {{ id externalId }} }}"#)).await;
        assert_eq!(seen["alert"]["externalId"], "a-4");

        // One statement for the alerts of a page of accounts.
        let query = r#"{ identities(organization: "acme", first: 50) { nodes { alerts { nodes { externalId } } } } }"#;
        let (_, log) = world.statements(world.query(&world.editor, query)).await;
        assert_eq!(log.len(), 3, "{log:#?}");
    }

    async fn many_alerts_cost_as_many_statements_as_one(world: World) {
        let mut ids = Vec::new();
        for index in 0..40 {
            ids.push(identity(&world, &format!("user-{index}")).await);
        }
        let of = |id: &String, name: &str| with(&alert(id, "high"), json!({"external_id": format!("{id} {name}")}));
        let (_, few) = world.statements(raise(&world, &ids[..2].iter().map(|id| of(id, "one")).collect::<Vec<_>>())).await;
        let (_, many) = world.statements(raise(&world, &ids.iter().map(|id| of(id, "two")).collect::<Vec<_>>())).await;
        // But for the new version of each account in whose history it is told.
        let others = |log: &[String]| log.iter().filter(|sql| !sql.starts_with("UPDATE linked_identities ")).count();
        assert!(others(&many) <= others(&few), "{} and {}: {many:#?}", others(&few), others(&many));
    }

    async fn evidence_of_an_alert_can_be_dismissed_by_itself(world: World) {
        let (ada, bob) = (identity(&world, "ada").await, identity(&world, "bob").await);
        report(&world, &prompts(&ada)).await;
        let from = |identity: &str| sign_in(identity, "2026-01-01T11:00:00Z", ("203.0.113.9", "AT", CHROME));
        report(&world, &[from(&ada), from(&bob)]).await;
        let about = json!({"source": "ids", "external_id": "a-1", "kind": "scanner", "severity": "high", "address": "203.0.113.9"});
        raise(&world, &[about]).await;
        let why = get(&world, &world.editor, &format!("/v1/identity/{ada}/risk")).await;
        let evidence = why["factors"].as_array().expect("factors").iter().find(|factor| factor["signal"] == "alert").expect("the alert")["evidence"][0]["id"].clone();
        as_root(&world, "dismissEvidence", json!({"id": ada, "evidenceIds": [evidence]})).await;
        assert_eq!((risk(&world, &ada).await.0, risk(&world, &bob).await.0), (55, 55));
        let id = id_of(&only(&world).await);
        // To confirm the alert is to say that it is true of everybody.
        decide(&world, &id, "confirmed").await;
        assert_eq!((risk(&world, &ada).await.0, risk(&world, &bob).await.0), (80, 55));
        decide(&world, &id, "dismissed").await;
        assert_eq!((risk(&world, &ada).await.0, risk(&world, &bob).await.0), (55, 0));
        assert_replays(&world).await;
    }
}
