//! Who may do what: every path, by every method, asked by everybody.

use super::{send, sending, text};
use crate::support::{Actor, World, on_each_database};
use chrono::TimeDelta;
use idgraph::http::signals::{Endpoint, PLACES};
use serde_json::json;
use std::collections::BTreeSet;

/// What the golden file expects of a method of an endpoint, for each who asks.
fn expected(row: &str) -> Vec<String> {
    let text = include_str!("../../../docs/who-may-do-what.md");
    let text = text.split("\n## ").find_map(|text| text.strip_prefix("Shared signals")).expect("the section");
    let row = text.lines().find_map(|line| line.strip_prefix(&format!("| `{row}` | "))).expect("a row");
    row.trim_end_matches(" |").split(" | ").map(str::to_owned).collect()
}

async fn outcome(world: &World, (endpoint, method): (Endpoint, &str), actor: &Actor, own: &str) -> String {
    let stream = send(world, actor, ("POST", "/ssf/streams"), Some(json!({}))).await;
    let id = match stream.status.as_u16() {
        201 => text(&stream.body, "stream_id").to_owned(),
        _ => "str_01jd8s6vq9e0v8k2m4n6p8r0t2".to_owned(),
    };
    let about = json!({"stream_id": id, "status": "paused", "subject": {"format": "opaque", "id": own}});
    let named = |path: &str| format!("{path}?stream_id={id}");
    let (path, body) = match (endpoint, method) {
        (Endpoint::Metadata, _) => ("/.well-known/ssf-configuration".to_owned(), None),
        (Endpoint::Streams, "GET" | "DELETE") => (named("/ssf/streams"), None),
        (Endpoint::Streams, _) => ("/ssf/streams".to_owned(), Some(about)),
        (Endpoint::Status, "GET") => (named("/ssf/status"), None),
        (Endpoint::Status, _) => ("/ssf/status".to_owned(), Some(about)),
        (Endpoint::AddSubject, _) => ("/ssf/subjects/add".to_owned(), Some(about)),
        (Endpoint::RemoveSubject, _) => ("/ssf/subjects/remove".to_owned(), Some(about)),
        (Endpoint::Verify, _) => ("/ssf/verify".to_owned(), Some(about)),
        (Endpoint::Receive, _) => ("/ssf/receive/trx_01jd8s6vq9e0v8k2m4n6p8r0t2".to_owned(), Some(json!({}))),
        (Endpoint::Poll, _) => (format!("/ssf/poll/{id}"), Some(json!({"returnImmediately": true}))),
    };
    let before = world.last_sequence().await;
    let answer = send(world, actor, (method, &path), body).await;
    let outcome = match answer.body["code"].as_str().or(answer.body["err"].as_str()) {
        Some(code) => code.to_owned(),
        None if answer.status.is_success() => "yes".to_owned(),
        None => answer.status.as_u16().to_string(),
    };
    if outcome != "yes" {
        assert_eq!(world.last_sequence().await, before, "{method} {path} as {}", actor.name);
    }
    send(world, actor, ("DELETE", &named("/ssf/streams")), None).await;
    world.clock.advance(TimeDelta::seconds(1));
    outcome
}

#[test]
fn the_golden_file_is_about_every_path() {
    let named: BTreeSet<String> = PLACES
        .iter()
        .flat_map(|place| place.endpoint.methods().iter().map(|method| format!("{method} {}", place.path)))
        .collect();
    for row in &named {
        assert_eq!(expected(row).len(), 7, "{row}");
    }
}

on_each_database! {
    async fn every_path_is_for_those_who_may(world: World) {
        let world = sending(world).await;
        let own = world.user("own").await;
        // What the stranger says is about somebody of its own.
        let foreign = json!({"username": "eve", "kind": "USER", "organizationId": world.globex});
        let foreign = world.mutate(&world.root, "createProfile", foreign, "profile { id }").await["profile"]["id"].clone();
        let foreign = foreign.as_str().expect("an id").to_owned();
        let actors = [
            world.nobody.clone(),
            world.stranger.clone(),
            world.as_profile(&own).await,
            world.reader.clone(),
            world.editor.clone(),
            world.admin.clone(),
            world.owner.clone(),
        ];
        let mut faults = Vec::new();
        for place in PLACES {
            for method in place.endpoint.methods() {
                let mut outcomes = Vec::new();
                for actor in &actors {
                    let whom = if actor.name == "stranger" { &foreign } else { &own };
                    outcomes.push(outcome(&world, (place.endpoint, method), actor, whom).await);
                }
                let row = format!("{method} {}", place.path);
                if outcomes != expected(&row) {
                    faults.push(format!("| `{row}` | {} |", outcomes.join(" | ")));
                }
            }
        }
        assert!(faults.is_empty(), "these come out otherwise:\n{}", faults.join("\n"));
    }
}
