//! Risk policies: what is done by itself about accounts whose risk has risen, when, by whom, and how it is told.

mod actions;
mod firing;
mod management;

use crate::rest::done;
use crate::support::World;
use serde_json::{Value, json};

const ALL: (&str, &str) = ("POST", "/v1/risk-policies");

/// Makes a policy of acme, and returns its id.
pub async fn policy(world: &World, body: Value) -> String {
    let made = done(world, &world.owner, ALL, body).await;
    made["id"].as_str().expect("an id").to_owned()
}

/// Makes a policy that is in force: on a level, or on a signal.
pub async fn in_force(world: &World, (on, what): (&str, &str), actions: &[&str]) -> String {
    let name = format!("{on} {what} {}", actions.join(" "));
    policy(world, json!({"name": name, on: what, "actions": actions, "mode": "enforce"})).await
}

/// The events of an account with what has become of it by itself, the last first.
pub async fn events(world: &World, identity: &str) -> Vec<Value> {
    let query = format!(
        r#"{{ node(id: "{identity}") {{ ... on LinkedIdentity {{ history {{ nodes {{ action face source reason requestId
            occurredAt actor {{ id name }} changes {{ path before after source }} }} }} }} }} }}"#
    );
    let seen = world.query(&world.admin, &query).await;
    let events = seen["node"]["history"]["nodes"].as_array().expect("events").clone();
    events.into_iter().filter(|event| event["face"] == "policy").collect()
}

/// What is told of each time that a policy has fired for an account, the last first.
pub async fn firings(world: &World, identity: &str) -> Vec<Value> {
    let events = events(world, identity).await;
    let fired = events.iter().filter(|event| event["action"] == "identity.risk_policy");
    fired.map(|event| event["changes"][0]["after"].clone()).collect()
}

/// Fields of an account.
pub async fn seen(world: &World, identity: &str, selection: &str) -> Value {
    let query = format!(r#"{{ node(id: "{identity}") {{ ... on LinkedIdentity {{ {selection} }} }} }}"#);
    world.query(&world.admin, &query).await["node"].clone()
}

/// An alert about an account, as another system reports it.
pub fn alert(identity: &str, name: &str, severity: &str, state: &str) -> Value {
    json!({"source": "siem", "external_id": name, "kind": "malware", "severity": severity, "state": state,
        "identity": {"id": identity}, "observed_at": "2026-01-01T11:50:00Z"})
}

/// Reports alerts, each of which has to be taken.
pub async fn alarm(world: &World, alerts: &[Value]) {
    let taken = done(world, &world.editor, ("POST", "/v1/alerts?organization=acme"), Value::from(alerts)).await;
    let statuses = crate::support::each(&taken["data"], "status");
    assert!(statuses.iter().all(|status| *status != "rejected"), "{taken:#}");
}
