//! No change without its event: every mutation leaves one that says who did what, from where, and why.

use crate::support::mutations::{call, prepare, roots, tidy};
use crate::support::{World, on_each_database};
use idgraph::domain::{ErrorCode, Event, NodeId, Page, Profile, Result as DomainResult};
use idgraph::resolvers::{Command, RunOptions, Target, WriteContext};
use serde::Serialize;
use serde_json::{Value, json};

/// What records what accounts do, and leaves the records themselves as its history.
const OWN_HISTORY: [&str; 2] = ["recordAccess", "reportSessions"];

/// What must hold of every mutation: the sequence has moved on, and the newest event about what it changed tells it.
fn check(before: i64, after: i64, event: &Value) -> Result<(), String> {
    if after <= before {
        return Err(format!("the sequence stayed at {before}"));
    }
    if event.is_null() {
        return Err("there is no event".to_owned());
    }
    let sequence = event["sequence"].as_i64().unwrap_or_default();
    if sequence <= before || sequence > after {
        return Err(format!("event {sequence} is not one of those behind {before}"));
    }
    for (place, what) in
        [("/actor/name", "actor"), ("/face", "face"), ("/requestId", "request id"), ("/action", "action")]
    {
        if event.pointer(place).and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(format!("the event has no {what}"));
        }
    }
    if event["changes"].as_array().is_none_or(Vec::is_empty) {
        return Err("the event says of no change".to_owned());
    }
    if event["subjectVersion"].as_i64().is_none_or(|version| version < 1) {
        return Err("the event says of no version".to_owned());
    }
    Ok(())
}

/// The id of what a mutation changed: named by the input, or made.
fn subject(input: &Value, payload: &Value) -> String {
    // An alert is told in the history of the account that it is about.
    let about = [&input["alerts"][0]["identity"]["id"], &payload["alert"]["identity"]["id"]];
    if let Some(id) = about.into_iter().find_map(Value::as_str) {
        return id.to_owned();
    }
    let made = ["profile", "team", "group", "role", "organization", "identity"].map(|noun| &payload[noun]["id"]);
    // A grant changes who has the role, a link the account, and the end of a session the account too.
    let named = ["principalId", "identityId", "id"].map(|name| &input[name]);
    let named = named.into_iter().find(|name| !name.is_null()).unwrap_or(&Value::Null);
    let id = named.as_str().or_else(|| made.into_iter().find_map(Value::as_str));
    id.unwrap_or_else(|| panic!("nothing is named by {input} or {payload}")).to_owned()
}

/// The version of a node and the newest event about it, as GraphQL tells them; null if it is deleted.
async fn told(world: &World, id: &str) -> (Value, Value) {
    let query = "query($id: ID!) { node(id: $id) { ... on Auditable { version history(first: 1) { nodes {
        sequence action subjectId subjectVersion actor { name } face requestId reason changes { path before after }
    } } } } }";
    let answer = world.graphql(&world.root, query, json!({"id": id})).await;
    let node = &answer.data()["node"];
    (node["version"].clone(), node["history"]["nodes"][0].clone())
}

/// The newest event about a node, as it is stored.
async fn stored(world: &World, id: &str) -> Value {
    let id: NodeId = id.parse().expect("an id");
    let viewer = world.operator();
    let mut found = world.app.read(&viewer).history(&[id.uuid], &Page::first(1)).await.expect("the history");
    let newest = found.remove(&id.uuid).and_then(|slice| slice.items.into_iter().next());
    newest.map_or(Value::Null, |event| as_json(&event))
}

fn as_json(event: &Event) -> Value {
    let changes: Vec<Value> = event
        .changes
        .iter()
        .map(|change| json!({"path": change.path, "before": change.before, "after": change.after}))
        .collect();
    json!({
        "sequence": event.seq, "action": event.action, "subjectId": event.subject,
        "subjectVersion": event.subject_version, "actor": {"name": event.actor.name}, "face": event.face,
        "requestId": event.request_id, "reason": event.reason, "changes": changes,
    })
}

/// Runs one mutation, and looks at what it has left.
async fn cover(world: &World, mutation: &str) {
    let tag = mutation.to_lowercase();
    let own = world.user(&tag).await;
    let prepared = prepare(world, mutation, &tag, &own).await;
    let mut input = prepared.unwrap_or_else(|| panic!("{mutation} is not covered: say in `prepare` how it is called"));
    input["clientMutationId"] = json!(format!("once-{mutation}"));

    let acme_before = world.last_sequence().await;
    let answer = call(world, &world.root, mutation, &input).await;
    let payload = answer.data()[mutation].clone();
    assert_eq!(payload["errors"], json!([]), "{mutation}");
    let id = subject(&input, &payload);
    let event = stored(world, &id).await;
    // A new organization has a sequence of its own.
    let (before, after) = if mutation == "createOrganization" {
        (0, event["sequence"].as_i64().unwrap_or_default())
    } else {
        (acme_before, world.last_sequence().await)
    };
    check(before, after, &event).unwrap_or_else(|fault| panic!("{mutation}: {fault}: {event:#}"));

    let request_id = answer.headers.get("x-request-id").and_then(|value| value.to_str().ok());
    assert_eq!(event["actor"]["name"], "root", "{mutation}");
    assert_eq!(event["face"], "graphql", "{mutation}");
    assert_eq!(event["requestId"].as_str(), request_id, "{mutation}");
    assert_eq!(event["subjectId"], json!(id), "{mutation}");
    assert_eq!(event["reason"], input["reason"], "{mutation}");
    let (version, seen) = told(world, &id).await;
    if mutation.starts_with("delete") && !["deleteWebhook", "deleteRiskPolicy"].contains(&mutation) {
        assert!(version.is_null(), "{mutation} left it to be seen");
    } else {
        assert_eq!(seen, event, "{mutation}: what is told is not what is stored");
        assert_eq!(event["subjectVersion"], version, "{mutation}");
    }

    let acme_after = world.last_sequence().await;
    let again = call(world, &world.root, mutation, &input).await;
    assert_eq!(again.data()[mutation], payload, "{mutation} again");
    assert_eq!(world.last_sequence().await, acme_after, "{mutation} was done twice");
    assert_eq!(stored(world, &id).await, event, "{mutation} was done twice");
    tidy(world, mutation).await;
}

/// A command that has been forgotten: it changes something, and asks nobody.
#[derive(Debug, Serialize)]
struct Forgetful {
    id: NodeId,
}

impl Command for Forgetful {
    type Output = NodeId;
    const ACTION: &'static str = "test.forgetful";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> DomainResult<NodeId> {
        let mut profile: Profile = context.load(self.id, "id").await?;
        profile.title = Some("Queen".to_owned());
        context.save(profile)?;
        Ok(self.id)
    }
}

#[test]
fn the_check_fails_for_a_mutation_that_leaves_no_event() {
    let event = json!({"sequence": 8, "action": "profile.update", "actor": {"name": "root"}, "face": "graphql",
        "requestId": "req_1", "subjectVersion": 2, "changes": [{"path": "title", "before": null, "after": "x"}]});
    assert_eq!(check(7, 8, &event), Ok(()));
    assert!(check(7, 8, &Value::Null).is_err(), "no event at all");
    assert!(check(7, 7, &event).is_err(), "a sequence that stands still");
    assert!(check(8, 9, &event).is_err(), "an old event only");
    for (place, value) in [
        ("actor", json!({"name": ""})),
        ("actor", json!(null)),
        ("face", json!("")),
        ("requestId", json!(null)),
        ("changes", json!([])),
        ("subjectVersion", json!(null)),
    ] {
        let mut poor = event.clone();
        poor[place] = value;
        assert!(check(7, 8, &poor).is_err(), "{poor}");
    }
}

on_each_database! {
    async fn every_mutation_leaves_its_event_once(world: World) {
        // Webhooks have keys that are kept under a secret.
        let world = crate::oauth::issuing(world).await;
        for mutation in roots("mutationType").await {
            if OWN_HISTORY.contains(&mutation.as_str()) {
                continue;
            }
            cover(&world, &mutation).await;
        }
    }

    async fn what_accounts_do_is_recorded_with_who_reported_it_and_in_which_request(world: World) {
        for mutation in OWN_HISTORY {
            let tag = mutation.to_lowercase();
            let own = world.user(&tag).await;
            let mut input = prepare(&world, mutation, &tag, &own).await.expect("an input");
            input["clientMutationId"] = json!(format!("once-{mutation}"));
            let answer = call(&world, &world.root, mutation, &input).await;
            let query = format!(r#"{{ profile(by: {{id: "{own}"}}) {{ linkedIdentities {{ nodes {{ accessRecords {{
                totalCount nodes {{ reportedBy source requestId }} }} }} }} }} }}"#);
            let told = |seen: &Value| seen["profile"]["linkedIdentities"]["nodes"][0]["accessRecords"].clone();
            let records = told(&world.query(&world.root, &query).await);
            let request_id = answer.headers.get("x-request-id").and_then(|value| value.to_str().ok());
            assert_eq!(records["nodes"], json!([{"reportedBy": "root", "source": "graphql", "requestId": request_id}]), "{mutation}");
            let again = call(&world, &world.root, mutation, &input).await;
            assert_eq!(again.data(), answer.data(), "{mutation} again");
            assert_eq!(told(&world.query(&world.root, &query).await)["totalCount"], 1, "{mutation} was done twice");
        }
    }

    async fn the_check_fails_for_a_mutation_that_changes_nothing(world: World) {
        let ada = world.user("ada").await;
        let before = world.last_sequence().await;
        world.mutate(&world.root, "updateProfile", json!({"id": ada, "username": "ada"}), "clientMutationId").await;
        let event = stored(&world, &ada).await;
        assert!(check(before, world.last_sequence().await, &event).is_err(), "nothing was changed: {event:#}");
    }

    async fn a_command_that_asks_nobody_changes_nothing(world: World) {
        let ada = world.user("ada").await;
        let id: NodeId = ada.parse().expect("an id");
        let before = world.last_sequence().await;
        let viewer = world.operator();
        let error = world.app.run(&viewer, Forgetful { id }, RunOptions::default()).await.expect_err("a fault");
        assert_eq!(error.code, ErrorCode::Internal);
        assert_eq!(world.last_sequence().await, before);
        let query = format!(r#"{{ profile(by: {{id: "{ada}"}}) {{ title version }} }}"#);
        let seen = world.query(&world.root, &query).await;
        assert_eq!(seen["profile"], json!({"title": null, "version": 1}));
    }
}
