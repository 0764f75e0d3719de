//! Who may do what: every path, asked by everybody.

use super::{Client, form, issuing};
use crate::support::{Actor, World, on_each_database};
use axum::body::Body;
use axum::http::Request;
use idgraph::http::oauth::{Endpoint, PLACES};
use std::collections::BTreeSet;

/// What the golden file expects of an endpoint, for each who asks.
fn expected(endpoint: Endpoint) -> Vec<String> {
    let text = include_str!("../../../docs/who-may-do-what.md");
    let text = text.split("\n## ").find_map(|text| text.strip_prefix("OAuth")).expect("the section");
    let row = text.lines().find_map(|line| line.strip_prefix(&format!("| `{endpoint:?}` | "))).expect("a row");
    row.trim_end_matches(" |").split(" | ").map(str::to_owned).collect()
}

async fn outcome(world: &World, (path, endpoint): (&str, Endpoint), actor: &Actor) -> String {
    let client = match &actor.token {
        Some(_) => Some(Client::of(world, actor).await),
        None => None,
    };
    let header = client.as_ref().map(Client::basic);
    let headers: Vec<(&str, &str)> = header.iter().map(|header| ("authorization", header.as_str())).collect();
    let answer = match endpoint {
        Endpoint::Token => form(world, path, &headers, &[("grant_type", "client_credentials")]).await,
        Endpoint::Introspect | Endpoint::Revoke => {
            form(world, path, &headers, &[("token", world.admin.token.as_deref().expect("a token"))]).await
        }
        Endpoint::Userinfo | Endpoint::Keys | Endpoint::Metadata => world.get(actor, path).await,
    };
    if endpoint == Endpoint::Introspect && answer.body["active"] == false {
        assert_eq!(answer.body.as_object().map(serde_json::Map::len), Some(1), "nothing else is told");
        return "nothing".to_owned();
    }
    match answer.body["error"].as_str() {
        Some(error) => error.to_owned(),
        None if answer.status == 200 => "yes".to_owned(),
        None => answer.status.as_u16().to_string(),
    }
}

#[test]
fn no_path_is_there_twice() {
    let paths: BTreeSet<&str> = PLACES.iter().map(|place| place.path).collect();
    assert_eq!(paths.len(), PLACES.len());
}

on_each_database! {
    async fn every_path_is_for_those_who_may(world: World) {
        let world = issuing(world).await;
        let own = world.user("own").await;
        let actors = [
            world.nobody.clone(),
            world.stranger.clone(),
            world.as_profile(&own).await,
            world.reader.clone(),
            world.owner.clone(),
            world.root.clone(),
        ];
        for place in PLACES {
            let mut outcomes = Vec::new();
            for actor in &actors {
                outcomes.push(outcome(&world, (place.path, place.endpoint), actor).await);
            }
            assert_eq!(outcomes, expected(place.endpoint), "{}", place.path);
        }
        // However often somebody else has asked for that.
        assert_eq!(world.graphql(&world.admin, "{ viewer { name } }", serde_json::json!({})).await.status, 200);
    }

    async fn other_methods_are_refused(world: World) {
        for place in PLACES {
            for method in ["GET", "POST", "PUT", "DELETE"] {
                let request = Request::builder().method(method).uri(place.path).body(Body::empty()).expect("a request");
                let status = world.send(&world.nobody, request).await.status.as_u16();
                let is_known = place.endpoint.methods().contains(&method);
                assert_eq!(status != 405, is_known, "{method} {}", place.path);
            }
        }
    }
}
