//! Every score says why, down to the events, and what somebody decides about it holds.

use super::{CHROME, FIREFOX, at_level, identity, mornings, prompts, report, risk, sign_in, stranger};
use crate::rest::{get, refusal, refused};
use crate::support::mutations::{account, as_root};
use crate::support::{World, each, id_of, on_each_database};
use chrono::TimeDelta;
use serde_json::{Value, json};

const RISK: &str = "risk { score level compromised trend nextChange { at level } factors { signal contribution cap scoreWithout
    halfLifeSeconds firstSeen lastSeen older evidence { id strength happenedAt source reason accessRecord { eventId } } }
    history { totalCount nodes { at score level } } }";

/// What is asked of an account.
async fn asked(world: &World, id: &str, selection: &str) -> Value {
    let query = format!(r#"{{ node(id: "{id}") {{ ... on LinkedIdentity {{ {selection} }} }} }}"#);
    world.query(&world.admin, &query).await["node"].clone()
}

/// Everything about the risk of an account.
async fn why(world: &World, id: &str) -> Value {
    let query = format!(r#"{{ node(id: "{id}") {{ ... on LinkedIdentity {{ {RISK} }} }} }}"#);
    world.query(&world.admin, &query).await["node"]["risk"].clone()
}

/// The score that factors make: 100 less what each leaves.
fn score_of(factors: &Value) -> f64 {
    let left: f64 = factors
        .as_array()
        .expect("factors")
        .iter()
        .map(|factor| 1.0 - factor["contribution"].as_f64().expect("a number"))
        .product();
    (100.0 * (1.0 - left)).round()
}

on_each_database! {
    async fn a_score_is_explained_down_to_the_events(world: World) {
        let ada = identity(&world, "ada").await;
        let nothing = why(&world, &ada).await;
        assert_eq!(nothing, json!({"score": 0, "level": "LOW", "compromised": false, "trend": "STEADY", "nextChange": null, "factors": [],
            "history": {"totalCount": 0, "nodes": []}}));
        report(&world, &mornings(&ada)).await;
        report(&world, &[stranger(&ada)]).await;
        world.clock.advance(TimeDelta::seconds(1));
        report(&world, &prompts(&ada)).await;
        let risk = why(&world, &ada).await;
        assert_eq!((&risk["level"], &risk["compromised"], &risk["trend"]), (&json!("HIGH"), &json!(false), &json!("RISING")));
        let factors = &risk["factors"];
        assert_eq!(each(factors, "signal"), ["MFA", "UNFAMILIAR_SIGN_IN"]);
        assert!((score_of(factors) - risk["score"].as_f64().expect("a score")).abs() < 0.5, "{risk:#}");
        assert_eq!((&factors[0]["scoreWithout"], &factors[1]["cap"], &factors[1]["halfLifeSeconds"]), (&json!(45), &json!(0.7), &json!(86_400)));
        let found = &factors[1]["evidence"][0];
        assert_eq!(found["accessRecord"]["eventId"], json!(format!("{ada} 2026-01-01T11:30:00Z 203.0.113.9")));
        assert_eq!((&found["happenedAt"], &factors[1]["firstSeen"]), (&json!("2026-01-01T11:30:00+00:00"), &json!("2026-01-01T11:30:00+00:00")));
        assert_eq!((&found["reason"]["kind"], &found["reason"]["sign_ins"]), (&json!("unfamiliar_sign_in"), &json!(8.0)));
        assert_eq!((&risk["history"]["totalCount"], &risk["history"]["nodes"][1]["score"]), (&json!(2), &json!(45)));

        let first = asked(&world, &ada, "risk { history(first: 1) { nodes { score } pageInfo { hasNextPage endCursor } } }").await["risk"]["history"].clone();
        assert_eq!((&first["nodes"][0]["score"], &first["pageInfo"]["hasNextPage"]), (&risk["score"], &json!(true)));
        let after = first["pageInfo"]["endCursor"].as_str().expect("a cursor");
        let rest = asked(&world, &ada, &format!(r#"risk {{ history(first: 5, after: "{after}") {{ nodes {{ score }} }} }}"#)).await;
        assert_eq!(rest["risk"]["history"]["nodes"], json!([{"score": 45}]));

        // The level is what it was said to be, from the very moment on.
        let next: chrono::DateTime<chrono::Utc> = risk["nextChange"]["at"].as_str().expect("a time").parse().expect("a time");
        let now = idgraph::domain::Clock::now(&*world.clock);
        world.clock.advance(next - now - TimeDelta::milliseconds(1));
        assert_eq!(asked(&world, &ada, "risk { level }").await["risk"]["level"], "HIGH");
        world.clock.advance(TimeDelta::milliseconds(1));
        assert_eq!(asked(&world, &ada, "risk { level }").await["risk"]["level"], risk["nextChange"]["level"]);
        assert_eq!(risk["nextChange"]["level"], "MEDIUM");

        let shown = get(&world, &world.editor, &format!("/v1/identity/{ada}/risk")).await;
        assert_eq!((&shown["level"], each(&shown["factors"], "signal")), (&json!("medium"), vec!["mfa", "unfamiliar_sign_in"]));
        assert_eq!(shown["factors"][1]["evidence"][0]["source"], found["source"]);
        assert_eq!(shown["history"].as_array().map(Vec::len), Some(2));
        world.clock.advance(TimeDelta::days(2));
        assert_eq!(asked(&world, &ada, "risk { trend }").await["risk"]["trend"], "FALLING");
    }

    async fn risk_is_for_the_eyes_of_editors(world: World) {
        let user = world.user("ada").await;
        let ada = account(&world, &user, "ada").await;
        report(&world, &prompts(&ada)).await;
        let me = world.as_profile(&user).await;
        for actor in [&world.reader, &me] {
            let query = format!(r#"{{ profile(by: {{id: "{user}"}}) {{ risk {{ score }} linkedIdentities {{ nodes {{ risk {{ score }} }} }} }} }}"#);
            let answer = world.graphql(actor, &query, json!({})).await;
            let codes: Vec<&Value> = answer.body["errors"].as_array().expect("errors").iter().map(|error| &error["extensions"]["code"]).collect();
            assert_eq!(codes, ["FORBIDDEN"; 2], "{:#}", answer.body);
            let found = refused(&world, actor, ("GET", &format!("/v1/identity/{ada}/risk")), None).await;
            assert_eq!(found, refusal(403, "FORBIDDEN", ""));
        }
        let query = r#"{ organization(slug: "acme") { riskOverview { levels { level } } } }"#;
        assert_eq!(world.graphql(&world.reader, query, json!({})).await.error_code(), Some("FORBIDDEN"));
        let query = r#"{ identities(organization: "acme", filter: {riskLevel: {eq: HIGH}}) { nodes { id } } }"#;
        assert_eq!(world.graphql(&world.reader, query, json!({})).await.error_code(), Some("FORBIDDEN"));
        let theirs = refused(&world, &world.stranger, ("GET", &format!("/v1/identity/{ada}/risk")), None).await;
        assert_eq!(theirs, refusal(404, "NOT_FOUND", "id"));
    }

    async fn a_profile_is_as_risky_as_its_accounts_together(world: World) {
        let user = world.user("ada").await;
        let (one, other) = (account(&world, &user, "one").await, account(&world, &user, "other").await);
        let none = account(&world, &user, "none").await;
        report(&world, &prompts(&one)).await;
        report(&world, &prompts(&other)).await;
        let selection = "risk { score level compromised factors { signal contribution } nextChange { level } identities { id } }";
        let query = format!(r#"{{ node(id: "{user}") {{ ... on User {{ {selection} }} }} }}"#);
        let risk = world.query(&world.editor, &query).await["node"]["risk"].clone();
        // The same signal of two accounts of one person is no independent evidence.
        assert_eq!((&risk["score"], &risk["level"], each(&risk["factors"], "signal")), (&json!(55), &json!("HIGH"), vec!["MFA"]));
        assert_eq!((&risk["nextChange"]["level"], each(&risk["identities"], "id")), (&json!("MEDIUM"), vec![one.as_str(), &other, &none]));
        report(&world, &mornings(&one)).await;
        report(&world, &[stranger(&one)]).await;
        let risk = world.query(&world.editor, &query).await["node"]["risk"].clone();
        assert_eq!((&risk["level"], each(&risk["factors"], "signal")), (&json!("HIGH"), vec!["MFA", "UNFAMILIAR_SIGN_IN"]));
    }

    async fn an_organization_sees_where_it_stands(world: World) {
        let (ada, bob, _cleo) = (identity(&world, "ada").await, identity(&world, "bob").await, identity(&world, "cleo").await);
        report(&world, &mornings(&ada)).await;
        report(&world, &[stranger(&ada)]).await;
        report(&world, &prompts(&bob)).await;
        let query = r#"{ organization(slug: "acme") { riskOverview { levels { level identities }
            movers { identity { id } score level scoreBefore } topSignals { signal identities evidence } } } }"#;
        let overview = world.query(&world.editor, query).await["organization"]["riskOverview"].clone();
        let count = |level: &str, identities: i64| json!({"level": level, "identities": identities});
        assert_eq!(overview["levels"], json!([count("LOW", 1), count("MEDIUM", 1), count("HIGH", 1), count("CRITICAL", 0)]));
        assert_eq!(overview["movers"], json!([
            {"identity": {"id": bob}, "score": 55, "level": "HIGH", "scoreBefore": 0},
            {"identity": {"id": ada}, "score": 45, "level": "MEDIUM", "scoreBefore": 0},
        ]));
        let signal = |signal: &str| json!({"signal": signal, "identities": 1, "evidence": 1});
        assert_eq!(overview["topSignals"], json!([signal("MFA"), signal("UNFAMILIAR_SIGN_IN")]));
        let theirs = world.query(&world.stranger, &query.replace("acme", "globex")).await["organization"]["riskOverview"].clone();
        assert_eq!((&theirs["movers"], &theirs["topSignals"]), (&json!([]), &json!([])));

        // What has risen and has faded since below what it was is left out, whatever was written down last.
        world.clock.advance(TimeDelta::hours(1));
        let at = |minute: u8| sign_in(&ada, &format!("2026-01-01T12:5{minute}:00Z"), ("192.0.2.1", "AT", FIREFOX));
        let mut tries: Vec<Value> = (0..6).map(at).collect();
        for failed in &mut tries[..5] {
            failed["outcome"] = json!("failure");
        }
        report(&world, &tries).await;
        let overview = world.query(&world.editor, query).await["organization"]["riskOverview"].clone();
        assert_eq!(each(&overview["topSignals"], "signal"), ["FAILURES_THEN_SUCCESS", "MFA", "UNFAMILIAR_SIGN_IN"]);
        assert!(risk(&world, &ada).await.0 > 45, "{overview:#}");
        world.clock.advance(TimeDelta::minutes(23 * 60 + 30));
        let overview = world.query(&world.editor, query).await["organization"]["riskOverview"].clone();
        assert_eq!(overview["movers"], json!([]), "{overview:#}");

        world.clock.advance(TimeDelta::days(8));
        let overview = world.query(&world.editor, query).await["organization"]["riskOverview"].clone();
        assert_eq!(overview["levels"][0], count("LOW", 3));
        assert_eq!((&overview["movers"], &overview["topSignals"]), (&json!([]), &json!([])));
    }

    async fn identities_are_filtered_by_level(world: World) {
        let (ada, bob, cleo) = (identity(&world, "ada").await, identity(&world, "bob").await, identity(&world, "cleo").await);
        report(&world, &prompts(&ada)).await;
        let mut reported = prompts(&bob)[0].clone();
        reported["reason"] = json!("reported");
        report(&world, &[reported]).await;
        for (filter, expected) in [
            ("eq: HIGH", vec![&ada]), ("eq: CRITICAL", vec![&bob]), ("eq: LOW", vec![&cleo]), ("eq: MEDIUM", vec![]),
            ("in: [HIGH, CRITICAL]", vec![&ada, &bob]), ("in: [LOW, HIGH]", vec![&ada, &cleo]), ("in: []", vec![]),
        ] {
            let query = format!(r#"{{ identities(organization: "acme", filter: {{riskLevel: {{{filter}}}}}) {{ totalCount nodes {{ id }} }} }}"#);
            let page = world.query(&world.editor, &query).await["identities"].clone();
            assert_eq!(each(&page["nodes"], "id"), expected, "{filter}");
            assert_eq!(page["totalCount"], json!(expected.len()), "{filter}");
        }
        let query = r#"{ identities(organization: "acme", filter: {riskLevel: {eq: HIGH, in: [LOW]}}) { totalCount } }"#;
        assert_eq!(world.graphql(&world.editor, query, json!({})).await.error_code(), Some("BAD_USER_INPUT"));
    }

    async fn a_confirmed_compromise_holds_until_it_is_safe(world: World) {
        let ada = identity(&world, "ada").await;
        report(&world, &mornings(&ada)).await;
        report(&world, &[stranger(&ada)]).await;
        as_root(&world, "confirmCompromised", json!({"id": ada, "reason": "The user says so."})).await;
        let confirmed = why(&world, &ada).await;
        assert_eq!((&confirmed["score"], &confirmed["compromised"], &confirmed["nextChange"]), (&json!(95), &json!(true), &Value::Null));
        world.clock.advance(TimeDelta::days(300));
        assert_eq!(risk(&world, &ada).await, (95, "critical".to_owned()));
        assert_eq!(at_level(&world, "critical").await, [ada.as_str()]);
        let before = world.last_sequence().await;
        as_root(&world, "confirmCompromised", json!({"id": ada})).await;
        assert_eq!(world.last_sequence().await, before);

        as_root(&world, "confirmSafe", json!({"id": ada, "reason": "It was a trip."})).await;
        assert_eq!(risk(&world, &ada).await, (0, "low".to_owned()));
        let history = asked(&world, &ada, "history(first: 1) { nodes { action reason changes { path before after } } }").await;
        let event = &history["history"]["nodes"][0];
        assert_eq!((&event["action"], &event["reason"]), (&json!("identity.confirm_safe"), &json!("It was a trip.")));
        let paths = each(&event["changes"], "path");
        assert!(paths.contains(&"compromised") && paths.contains(&"risk_level"), "{event:#}");
        assert!(paths.iter().any(|path| path.starts_with("risk_evidence.evd_") && path.ends_with(":unfamiliar_sign_in")), "{event:#}");
        // Once more, in the same millisecond.
        as_root(&world, "confirmCompromised", json!({"id": ada})).await;
        assert_eq!(risk(&world, &ada).await.0, 95);
    }

    async fn what_was_safe_is_usual_from_then_on(world: World) {
        let ada = identity(&world, "ada").await;
        report(&world, &mornings(&ada)).await;
        report(&world, &[stranger(&ada)]).await;
        as_root(&world, "confirmSafe", json!({"id": ada})).await;
        assert_eq!(risk(&world, &ada).await, (0, "low".to_owned()));
        let found = "SELECT COUNT(*) FROM risk_evidence WHERE cancelled_at IS NULL";
        assert_eq!(world.number_behind(found).await, 0);
        world.clock.advance(TimeDelta::days(2));
        report(&world, &[sign_in(&ada, "2026-01-03T11:30:00Z", ("203.0.113.9", "NG", CHROME))]).await;
        assert_eq!((world.number_behind(found).await, risk(&world, &ada).await.0), (0, 0));
        // What comes late from before that is over, and is no evidence of anything.
        report(&world, &prompts(&ada)).await;
        assert_eq!((world.number_behind(found).await, risk(&world, &ada).await.0), (0, 0));
        let before = world.last_sequence().await;
        as_root(&world, "confirmSafe", json!({"id": ada})).await;
        assert_eq!(world.last_sequence().await, before);
    }

    async fn dismissed_evidence_counts_no_more_and_is_named_rightly(world: World) {
        let ada = identity(&world, "ada").await;
        report(&world, &mornings(&ada)).await;
        report(&world, &[stranger(&ada)]).await;
        report(&world, &prompts(&ada)).await;
        let factors = why(&world, &ada).await["factors"].clone();
        let id = id_of(&factors[1]["evidence"][0]);
        let before = world.last_sequence().await;
        for (ids, code, field) in [
            (json!([]), "BAD_USER_INPUT", "evidenceIds"),
            (json!(["x"]), "BAD_USER_INPUT", "evidenceIds[0]"),
            (json!([id, id.replace(":unfamiliar_sign_in", ":mfa")]), "NOT_FOUND", "evidenceIds[1]"),
        ] {
            let found = world.refused(&world.editor, "dismissEvidence", json!({"id": ada, "evidenceIds": ids})).await;
            assert_eq!(found, (code.to_owned(), field.to_owned()), "{ids}");
        }
        let input = json!({"id": ada, "evidenceIds": [id], "reason": "Known."});
        for (actor, code) in [(&world.reader, "FORBIDDEN"), (&world.stranger, "NOT_FOUND")] {
            assert_eq!(world.refused(actor, "dismissEvidence", input.clone()).await.0, code);
        }
        assert_eq!(world.last_sequence().await, before);
        world.mutate(&world.editor, "dismissEvidence", input.clone(), "identity { id }").await;
        let left = why(&world, &ada).await;
        assert_eq!((&left["score"], each(&left["factors"], "signal")), (&json!(55), vec!["MFA"]));
        let after = world.last_sequence().await;
        world.mutate(&world.editor, "dismissEvidence", input, "identity { id }").await;
        assert_eq!((world.last_sequence().await, risk(&world, &ada).await.0), (after, 55));
    }

    async fn a_page_of_accounts_costs_one_statement_for_their_risk(world: World) {
        let query = r#"{ identities(organization: "acme", first: 50) { nodes { risk { score level trend factors { signal evidence { source } } } } } }"#;
        let mut counts = Vec::new();
        for round in 0..2 {
            for index in 0..4 {
                let id = identity(&world, &format!("user-{round}-{index}")).await;
                report(&world, &prompts(&id)).await;
            }
            let (_, log) = world.statements(world.query(&world.editor, query)).await;
            counts.push(log.len());
        }
        // The organization, the page, the states, the scores of the day before, the evidence.
        assert_eq!(counts, [5, 5]);

        let query = r#"{ profiles(organization: "acme", first: 50) { nodes { risk { score level factors { signal } identities { id } } } } }"#;
        let (_, log) = world.statements(world.query(&world.admin, query)).await;
        // The organization, the page, the accounts, their states.
        assert_eq!(log.len(), 4, "{log:#?}");
        let query = r#"{ organization(slug: "acme") { riskOverview { levels { level identities } movers { identity { id } } topSignals { signal } } } }"#;
        let (_, log) = world.statements(world.query(&world.admin, query)).await;
        // The organization, the levels, those that have risen, the signals, the accounts of those.
        assert_eq!(log.len(), 5, "{log:#?}");
    }
}
