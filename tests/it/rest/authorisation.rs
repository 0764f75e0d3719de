//! Who may do what: every operation, asked by everybody.

use super::send;
use crate::support::matrix::{self, Operations};
use crate::support::mutations::{account, as_root};
use crate::support::{Actor, Answer, World, on_each_database};
use idgraph::rest::{Method, Operation, operations};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The operations of REST.
struct Rest;

impl Operations for Rest {
    type Operation = Operation;
    type Request = (String, Option<Value>);
    const SECTION: (&'static str, &'static str) = ("REST", "Operation");

    fn all() -> Vec<&'static Operation> {
        operations::all().iter().collect()
    }

    async fn prepare(world: &World, operation: &Operation, tag: &str, own: &str) -> (String, Option<Value>) {
        prepare(world, operation, tag, own).await
    }

    async fn send(world: &World, operation: &Operation, who: &Actor, (path, body): (String, Option<Value>)) -> Answer {
        send(world, who, (operation.method.name(), &path), &[], body).await
    }

    fn outcome(operation: &Operation, answer: &Answer) -> String {
        matrix::outcome(answer, operation.method == Method::Get)
    }

    fn leaves_event(operation: &Operation) -> bool {
        operation.method != Method::Get && !is_fact(operation)
    }

    async fn tidy(world: &World, operation: &Operation) {
        if operation.path.starts_with("/v1/webhooks") {
            world.tamper("DELETE FROM outlets").await;
        }
        if operation.path.starts_with("/v1/feeds") {
            world.tamper("DELETE FROM threat_feeds").await;
        }
        if operation.id == "deleteOrganization" {
            as_root(world, "restoreOrganization", json!({"id": world.acme})).await;
        }
    }
}

/// The path and the body with which an operation works, about things that were made for it, or about the profile `own`.
async fn prepare(world: &World, operation: &Operation, tag: &str, own: &str) -> (String, Option<Value>) {
    let name = operation.id;
    let about = |id: &str| operation.path.replace("{id}", id);
    if operation.path.starts_with("/v1/organizations") {
        let body = match name {
            "createOrganization" => Some(json!({"slug": format!("new-{tag}")})),
            "updateOrganization" => Some(json!({"description": tag})),
            "setParentOfOrganization" => Some(json!({"parent_id": world.globex})),
            _ => None,
        };
        return (about("acme"), body);
    }
    match operation.path.split('/').nth(2) {
        Some("teams" | "groups") => return about_collectives(world, operation, tag, own).await,
        Some("feeds") => return about_feeds(world, operation, tag).await,
        Some("webhooks") => return about_webhooks(world, operation, tag).await,
        Some("risk-policies") => return about_risk_policies(world, operation, tag).await,
        Some("alerts") => return about_alerts(world, operation, tag, own).await,
        _ => {}
    }
    if operation.path.starts_with("/v1/identity") || is_fact(operation) {
        return about_accounts(world, operation, tag, own).await;
    }
    about_profiles(world, operation, tag, own).await
}

async fn about_profiles(world: &World, operation: &Operation, tag: &str, own: &str) -> (String, Option<Value>) {
    let about = |id: &str| operation.path.replace("{id}", id);
    match operation.id {
        "listProfiles" => ("/v1/profiles?organization=acme".to_owned(), None),
        "resolve" => (format!("/v1/resolve?id={own}"), None),
        "createProfile" => {
            let body = json!({"username": format!("acme-new-{tag}"), "organization": world.acme});
            (operation.path.to_owned(), Some(body))
        }
        "updateProfile" => (about(own), Some(json!({"title": "Engineer"}))),
        "disableProfile" => (about(own), Some(json!({"reason": "because"}))),
        "enableProfile" => {
            as_root(world, "suspendProfile", json!({"id": own, "reason": "away"})).await;
            (about(own), Some(json!({"reason": "because"})))
        }
        "linkIdentity" => (about(own), Some(json!({"provider": "github", "external_id": tag}))),
        "unlinkIdentity" => {
            let identity = account(world, own, tag).await;
            (about(own).replace("{identity_id}", &identity), None)
        }
        "listLinkedIdentities" => {
            account(world, own, &format!("acme-{tag}")).await;
            (about(own), None)
        }
        "listTeamsOfProfile" => {
            let team = world.team(&format!("acme-{tag}"), None).await;
            world.join(&team, &[own]).await;
            (about(own), None)
        }
        "listGroupsOfProfile" => {
            let group = world.group(&format!("acme-{tag}")).await;
            world.join(&group, &[own]).await;
            (about(own), None)
        }
        _ => (about(own), None),
    }
}

async fn about_accounts(world: &World, operation: &Operation, tag: &str, own: &str) -> (String, Option<Value>) {
    let id = account(world, own, &format!("acme-{tag}")).await;
    let session = json!([{"externalId": format!("acme-{tag}"), "identity": {"id": id}}]);
    let input = json!({"organizationId": world.acme, "sessions": session});
    let reported = world.mutate(&world.root, "reportSessions", input, "reports { id }").await;
    let session = reported["reports"][0]["id"].as_str().expect("an id").to_owned();
    let path = operation.path.replace("{id}", &id).replace("{session_id}", &session);
    let reason = json!({"reason": "acme"});
    match operation.id {
        "listIdentities" => (format!("{path}?filter%5Btenant_id%5D=acme"), None),
        "listActionsOfIdentity" => {
            as_root(world, "forcePasswordReset", json!({"id": id, "reason": "acme"})).await;
            (path, None)
        }
        "listAccessRecordsOfIdentity" => {
            let record = json!({"eventId": format!("acme-{tag}"), "identity": {"id": id}, "kind": "SIGN_IN"});
            as_root(world, "recordAccess", json!({"organizationId": world.acme, "records": [record]})).await;
            (path, None)
        }
        "reportSessions" => {
            let body = json!({"external_id": tag, "identity": {"id": id}});
            (format!("{path}?organization={}", world.acme), Some(body))
        }
        "recordAccess" => {
            let body = json!([{"event_id": tag, "identity": {"id": id}, "kind": "mfa"}]);
            (format!("{path}?organization={}", world.acme), Some(body))
        }
        "enableIdentity" => {
            as_root(world, "disableIdentity", json!({"id": id, "reason": "away"})).await;
            (path, Some(reason))
        }
        _ if operation.method == Method::Post => (path, Some(reason)),
        _ => (path, None),
    }
}

async fn about_webhooks(world: &World, operation: &Operation, tag: &str) -> (String, Option<Value>) {
    let new =
        json!({"organization": "acme", "url": "https://receiver.example.org/", "description": format!("acme-{tag}")});
    if operation.id == "createWebhook" {
        return (operation.path.to_owned(), Some(new));
    }
    let made = send(world, &world.root, ("POST", "/v1/webhooks"), &[], Some(new)).await.body["webhook"].clone();
    let path = operation.path.replace("{id}", made["id"].as_str().expect("an id"));
    match operation.id {
        "listWebhooks" => (format!("{path}?organization=acme"), None),
        "updateWebhook" => (path, Some(json!({"events": ["profile.*"]}))),
        "replayWebhook" => (path, Some(json!({"since": "2026-01-01T00:00:00Z"}))),
        "listDeliveriesOfWebhook" | "replayDelivery" => {
            world.user(&format!("acme-sent-{tag}")).await;
            while world.app.collect_deliveries().await.expect("collected") {}
            let listed = format!("/v1/webhooks/{}/deliveries", made["id"].as_str().expect("an id"));
            let sent = send(world, &world.root, ("GET", &listed), &[], None).await.body["data"][0]["id"].clone();
            (path.replace("{delivery_id}", sent.as_str().expect("an id")), None)
        }
        _ => (path, None),
    }
}

async fn about_feeds(world: &World, operation: &Operation, tag: &str) -> (String, Option<Value>) {
    let new = json!({"organization": "acme", "name": format!("acme-{tag}"), "url": "https://feeds.example/", "confidence": 80});
    if operation.id == "addFeed" {
        return (operation.path.to_owned(), Some(new));
    }
    let made = send(world, &world.root, ("POST", "/v1/feeds"), &[], Some(new)).await.body;
    let path = operation.path.replace("{id}", made["id"].as_str().expect("an id"));
    if operation.id == "listFeeds" { (format!("{path}?organization=acme"), None) } else { (path, None) }
}

async fn about_alerts(world: &World, operation: &Operation, tag: &str, own: &str) -> (String, Option<Value>) {
    let id = account(world, own, &format!("acme-{tag}")).await;
    let name = format!("acme-{tag}");
    let alert =
        json!({"source": "siem", "external_id": name, "kind": "malware", "severity": "low", "identity": {"id": id}});
    if operation.id == "reportAlerts" {
        return (format!("{}?organization={}", operation.path, world.acme), Some(alert));
    }
    let alert =
        json!({"source": "siem", "externalId": name, "kind": "malware", "severity": "LOW", "identity": {"id": id}});
    let input = json!({"organizationId": world.acme, "alerts": [alert]});
    let reported = world.mutate(&world.root, "reportAlerts", input, "reports { id }").await;
    let path = operation.path.replace("{id}", reported["reports"][0]["id"].as_str().expect("an id"));
    match operation.id {
        "listAlerts" => (format!("{path}?organization=acme"), None),
        "setAlertState" => (path, Some(json!({"state": "dismissed", "reason": "acme"}))),
        _ => (path, None),
    }
}

async fn about_risk_policies(world: &World, operation: &Operation, tag: &str) -> (String, Option<Value>) {
    if operation.id == "createRiskPolicy" {
        let body =
            json!({"organization": "acme", "name": format!("acme-{tag}"), "level": "high", "actions": ["notify"]});
        return (operation.path.to_owned(), Some(body));
    }
    let input =
        json!({"organizationId": world.acme, "name": format!("acme-{tag}"), "signal": "MFA", "actions": ["NOTIFY"]});
    let made = world.mutate(&world.root, "createRiskPolicy", input, "policy { id }").await;
    let path = operation.path.replace("{id}", made["policy"]["id"].as_str().expect("an id"));
    match operation.id {
        "listRiskPolicies" => (format!("{path}?organization=acme"), None),
        "updateRiskPolicy" => (path, Some(json!({"minimum_strength": 50}))),
        _ => (path, None),
    }
}

async fn about_collectives(world: &World, operation: &Operation, tag: &str, own: &str) -> (String, Option<Value>) {
    let is_team = operation.path.starts_with("/v1/teams");
    let make = async |slug: String| if is_team { world.team(&slug, None).await } else { world.group(&slug).await };
    let id = make(format!("acme-{tag}")).await;
    let below = make(format!("acme-below-{tag}")).await;
    let set = if is_team { "setTeamParent" } else { "setGroupParent" };
    as_root(world, set, json!({"id": below, "parentId": id})).await;
    world.join(&id, &[own]).await;
    let path = operation.path.replace("{id}", if operation.path.ends_with("ancestors") { &below } else { &id });
    match (operation.method, operation.path.rsplit('/').next().unwrap_or_default()) {
        (Method::Post, "members") => {
            let other = world.user(&format!("other-{tag}")).await;
            (path, Some(json!({"members": [{"id": other}]})))
        }
        (Method::Get, "member-collectives") => {
            let inside = world.team(&format!("acme-inside-{tag}"), None).await;
            world.join(&id, &[&inside]).await;
            (path, None)
        }
        (Method::Post, _) => (path, Some(json!({"slug": format!("acme-new-{tag}"), "organization": world.acme}))),
        (Method::Get, "teams" | "groups") => (format!("{path}?organization=acme"), None),
        (Method::Put, _) => {
            let above = make(format!("acme-above-{tag}")).await;
            (path, Some(json!({"parent_id": above})))
        }
        (Method::Patch, _) => (path, Some(json!({"name": "Renamed"}))),
        (Method::Delete, _) => (path.replace("{member_id}", own), None),
        _ => (path, None),
    }
}

#[test]
fn the_golden_file_is_about_every_operation() {
    let named: BTreeSet<String> = operations::all().iter().map(|operation| format!("{operation:?}")).collect();
    matrix::assert_complete(Rest::SECTION, &named);
}

on_each_database! {
    async fn every_operation_is_for_those_who_may_and_changes_nothing_for_others(world: World) {
        // Webhooks have keys that are kept under a secret.
        let world = crate::oauth::issuing(world).await;
        matrix::check::<Rest>(&world).await;
    }
}

/// Whether an operation reports what accounts do: that is its own history, and moves no sequence on.
fn is_fact(operation: &Operation) -> bool {
    ["reportSessions", "recordAccess"].contains(&operation.id)
}
