//! Policies are made, changed, read and deleted, over REST and GraphQL. (Who may do so is in the matrices of authorisation.)

use super::{ALL, policy};
use crate::rest::{done, get, header_of, refusal, refused, send};
use crate::support::{each, on_each_database};
use serde_json::{Value, json};

on_each_database! {
    async fn a_policy_from_its_making_to_its_end(world: World) {
        let body = json!({"name": "Lock out", "level": "critical", "actions": ["disable", "notify", "disable"]});
        let answer = send(&world, &world.owner, ALL, &[("idempotency-key", "once")], Some(body.clone())).await;
        assert_eq!(answer.status, 201, "{:#}", answer.body);
        let made = answer.body.clone();
        let id = made["id"].as_str().expect("an id").to_owned();
        let path = format!("/v1/risk-policies/{id}");
        assert!(id.starts_with("pol_"), "{id}");
        assert_eq!(header_of(&answer, "location"), path);
        assert_eq!(made, json!({"id": id, "organization_id": made["organization_id"], "name": "Lock out", "level": "critical", "signal": null,
            "minimum_strength": null, "actions": ["notify", "disable"], "mode": "off", "created_at": "2026-01-01T12:00:00Z",
            "updated_at": "2026-01-01T12:00:00Z"}));
        let again = send(&world, &world.owner, ALL, &[("idempotency-key", "once")], Some(body)).await;
        assert_eq!(again.body, made);
        assert_eq!(get(&world, &world.admin, &path).await, made);

        let changed = done(&world, &world.owner, ("PATCH", &path), json!({"signal": "alert", "minimum_strength": 60, "mode": "enforce"})).await;
        assert_eq!((&changed["level"], &changed["signal"], &changed["minimum_strength"]), (&Value::Null, &json!("alert"), &json!(60)));
        let before = world.last_sequence().await;
        done(&world, &world.owner, ("PATCH", &path), json!({"mode": "enforce", "actions": ["disable", "notify"]})).await;
        assert_eq!(world.last_sequence().await, before);
        done(&world, &world.owner, ("PATCH", &path), json!({"minimum_strength": null})).await;

        let query = "{ riskPolicies(organization: \"acme\") { id name level signal minimumStrength actions mode } }";
        let seen = world.query(&world.admin, query).await;
        assert_eq!(seen["riskPolicies"], json!([{"id": id, "name": "Lock out", "level": null, "signal": "ALERT", "minimumStrength": null,
            "actions": ["NOTIFY", "DISABLE"], "mode": "ENFORCE"}]));
        let input = json!({"policyId": id, "level": "HIGH", "reason": "Alerts are too many."});
        let changed = world.mutate(&world.owner, "updateRiskPolicy", input, "policy { level signal }").await;
        assert_eq!(changed["policy"], json!({"level": "HIGH", "signal": null}));

        // Whoever has seen another version changes nothing.
        for (method, body) in [("PATCH", Some(json!({"mode": "off"}))), ("DELETE", None)] {
            let stale = send(&world, &world.owner, (method, &path), &[("if-match", "\"1\"")], body).await;
            assert_eq!((stale.status.as_u16(), &stale.body["code"]), (412, &json!("STALE_VERSION")), "{method}");
        }
        let seen = send(&world, &world.owner, ("GET", &path), &[], None).await;
        let tag = header_of(&seen, "etag");
        let gone = send(&world, &world.owner, ("DELETE", &path), &[("if-match", &tag)], None).await;
        assert_eq!(gone.status, 204);
        for method in ["GET", "PATCH", "DELETE"] {
            let body = (method == "PATCH").then(|| json!({"mode": "off"}));
            assert_eq!(refused(&world, &world.owner, (method, &path), body).await, refusal(404, "NOT_FOUND", "id"), "{method}");
        }
        assert_eq!(get(&world, &world.owner, "/v1/risk-policies").await["data"], json!([]));
        // All of it is in the history of the organization.
        let query = "{ organization(slug: \"acme\") { history(first: 5) { nodes { action reason changes { path before after } } } } }";
        let history = world.query(&world.admin, query).await["organization"]["history"]["nodes"].clone();
        assert_eq!(each(&history, "action"), ["risk_policy.delete", "risk_policy.update", "risk_policy.update", "risk_policy.update",
            "risk_policy.create"]);
        for place in 0..4 {
            let (after, before) = (&history[place + 1]["changes"][0], &history[place]["changes"][0]);
            assert_eq!((&after["path"], &after["after"]), (&json!(format!("risk_policies.{id}")), &before["before"]));
        }
        assert_eq!(history[1]["reason"], "Alerts are too many.");
        assert_eq!(history[0]["changes"][0]["before"], json!({"name": "Lock out", "trigger": {"level": "high"}, "actions": ["notify", "disable"], "mode": "enforce"}));
    }

    async fn what_cannot_be_is_refused_and_changes_nothing(world: World) {
        let id = policy(&world, json!({"name": "first", "signal": "mfa", "actions": ["notify"]})).await;
        let path = format!("/v1/risk-policies/{id}");
        let before = world.last_sequence().await;
        let good = json!({"name": "second", "level": "high", "actions": ["notify"]});
        let with = |field: &str, value: Value| {
            let mut body = good.clone();
            body[field] = value;
            body
        };
        for (body, status, field) in [
            (json!({}), 422, ""),
            (with("level", json!(null)), 422, "level"),
            (with("level", json!("low")), 422, "level"),
            (with("level", json!("extreme")), 422, "level"),
            (with("signal", json!("mfa")), 422, "level"),
            (with("minimum_strength", json!(50)), 422, "minimum_strength"),
            (with("actions", json!([])), 422, "actions"),
            (with("actions", json!(["explode"])), 422, "actions[0]"),
            (with("actions", Value::from(vec!["notify"; 101])), 422, "actions"),
            (with("mode", json!("sometimes")), 422, "mode"),
            (with("name", json!("")), 422, "name"),
            (with("name", json!("a\u{7}")), 422, "name"),
            (with("name", json!("x".repeat(257))), 422, "name"),
            (with("name", json!("FIRST")), 409, "name"),
            (with("id", json!("mine")), 422, "id"),
            (with("organization", json!("globex")), 404, "organization"),
        ] {
            let (found, _, named) = refused(&world, &world.owner, ALL, Some(body.clone())).await;
            assert_eq!((found, named.as_str()), (status, field), "{body}");
        }
        for strength in [json!(0), json!(100), json!(256), json!(-1), json!("x")] {
            let body = json!({"minimum_strength": strength});
            let found = refused(&world, &world.owner, ("PATCH", &path), Some(body)).await;
            assert_eq!(found, refusal(422, "BAD_USER_INPUT", "minimum_strength"), "{strength}");
        }
        for (body, field) in [(json!({"actions": []}), "actions"), (json!({"level": "low"}), "level"), (json!({"level": "high", "signal": "mfa"}), "level")] {
            assert_eq!(refused(&world, &world.owner, ("PATCH", &path), Some(body)).await, refusal(422, "BAD_USER_INPUT", field));
        }
        for path in ["/v1/risk-policies/pol_01jd8s6vq9e0v8k2m4n6p8r0t2", "/v1/risk-policies/none"] {
            assert_eq!(refused(&world, &world.owner, ("GET", path), None).await, refusal(404, "NOT_FOUND", "id"));
        }
        let named = |code: &str, field: &str| (code.to_owned(), field.to_owned());
        let update = json!({"policyId": id, "name": "x"});
        assert_eq!(world.refused(&world.stranger, "updateRiskPolicy", update.clone()).await, named("NOT_FOUND", "policyId"));
        assert_eq!(world.refused(&world.admin, "updateRiskPolicy", update).await.0, "FORBIDDEN");
        assert_eq!(world.refused(&world.owner, "deleteRiskPolicy", json!({"policyId": "fed_x"})).await, named("BAD_USER_INPUT", "policyId"));
        let both = json!({"name": "x", "level": "HIGH", "signal": "MFA", "actions": ["NOTIFY"]});
        assert_eq!(world.refused(&world.owner, "createRiskPolicy", both).await, named("BAD_USER_INPUT", "level"));
        assert_eq!(world.last_sequence().await, before);
    }

    async fn there_are_at_most_fifty_and_a_name_that_is_free_can_be_taken(world: World) {
        let mut ids = Vec::new();
        for index in 0..50 {
            ids.push(policy(&world, json!({"name": format!("policy {index}"), "level": "high", "actions": ["notify"]})).await);
        }
        let one_more = json!({"name": "one more", "level": "high", "actions": ["notify"]});
        assert_eq!(refused(&world, &world.owner, ALL, Some(one_more.clone())).await, refusal(409, "CONFLICT", "name"));
        let path = format!("/v1/risk-policies/{}", ids[0]);
        assert_eq!(send(&world, &world.owner, ("DELETE", &path), &[], None).await.status, 204);
        let mut named = one_more;
        named["name"] = json!("policy 0");
        let last = policy(&world, named).await;
        let (page, log) = world.statements(get(&world, &world.admin, "/v1/risk-policies?page%5Blimit%5D=30")).await;
        assert_eq!((each(&page["data"], "id").len(), log.len()), (30, 1), "{log:#?}");
        let next = format!("/v1/risk-policies?page%5Blimit%5D=30&page%5Bcursor%5D={}", page["page"]["next_cursor"].as_str().expect("a cursor"));
        let rest = get(&world, &world.admin, &next).await;
        let rest = each(&rest["data"], "id");
        assert_eq!((rest.len(), rest[0], rest[19]), (20, ids[31].as_str(), last.as_str()));
    }
}
