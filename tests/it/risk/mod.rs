//! How risky accounts are: from what is reported of them, to the score, its level, and what is told of it.

mod alerts;
mod live;
mod networks;
mod replay;
mod why;

use crate::rest::{done, get};
use crate::support::World;
use crate::support::mutations::account;
use serde_json::{Value, json};

/// The client of those who are where they always are.
pub const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
/// Another one.
const CHROME: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36";

/// An account of a new user of acme.
pub async fn identity(world: &World, name: &str) -> String {
    let user = world.user(name).await;
    account(world, &user, name).await
}

/// A sign-in, as the IAM reports it.
pub fn sign_in(identity: &str, at: &str, (address, country, agent): (&str, &str, &str)) -> Value {
    json!({"event_id": format!("{identity} {at} {address}"), "identity": {"id": identity}, "kind": "sign_in", "method": "password",
        "ip": address, "country": country, "user_agent": agent, "occurred_at": at})
}

/// Sign-ins on eight mornings, always the same.
pub fn mornings(identity: &str) -> Vec<Value> {
    let at = |day: u8| format!("2025-12-{day}T09:00:00Z");
    (20..28).map(|day| sign_in(identity, &at(day), ("192.0.2.1", "AT", FIREFOX))).collect()
}

/// A sign-in of somebody else, half an hour ago.
pub fn stranger(identity: &str) -> Value {
    sign_in(identity, "2026-01-01T11:30:00Z", ("203.0.113.9", "NG", CHROME))
}

/// Prompts for a second factor that nobody answers, a few minutes ago: a score of 55.
pub fn prompts(identity: &str) -> Vec<Value> {
    let prompt = |minute: u8| {
        json!({"event_id": format!("{identity} prompt {minute}"), "identity": {"id": identity}, "kind": "mfa", "outcome": "failure",
            "method": "push", "occurred_at": format!("2026-01-01T11:5{minute}:00Z")})
    };
    [4, 5, 6].map(prompt).to_vec()
}

/// Reports records, each of which has to be taken.
pub async fn report(world: &World, records: &[Value]) {
    let path = "/v1/access-records?organization=acme";
    let taken = done(world, &world.editor, ("POST", path), Value::from(records)).await;
    let statuses = crate::support::each(&taken["data"], "status");
    assert!(statuses.iter().all(|status| *status == "recorded"), "{taken:#}");
}

/// Score and level of an account.
pub async fn risk(world: &World, identity: &str) -> (i64, String) {
    let found = get(world, &world.editor, &format!("/v1/identity/{identity}")).await;
    (found["risk_score"].as_i64().expect("a score"), found["risk_level"].as_str().expect("a level").to_owned())
}

/// The accounts of acme that are at a level.
pub async fn at_level(world: &World, level: &str) -> Vec<String> {
    let page = get(world, &world.editor, &format!("/v1/identity?filter%5Brisk_level%5D={level}")).await;
    crate::support::each(&page["data"], "id").into_iter().map(str::to_owned).collect()
}

/// The levels of an account that were told in its history, the last first: by whom, from what, to what.
pub async fn told(world: &World, identity: &str) -> Vec<(String, String, String)> {
    let query = format!(
        r#"{{ node(id: "{identity}") {{ ... on LinkedIdentity {{ history {{ nodes {{ action actor {{ name }}
            changes {{ path before after }} }} }} }} }} }}"#
    );
    let seen = world.query(&world.admin, &query).await;
    let events = seen["node"]["history"]["nodes"].as_array().expect("events").clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of_risk = events.iter().filter(|event| event["action"] == "identity.risk_level");
    let told = of_risk.map(|event| {
        let change = &event["changes"][0];
        assert_eq!(change["path"], "risk_level");
        (text(&event["actor"]["name"]), text(&change["before"]), text(&change["after"]))
    });
    told.collect()
}
