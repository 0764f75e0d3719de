//! The OpenAPI document: checked in as it is, complete, described throughout, and shown.

use crate::support::on_each_database;
use idgraph::rest::openapi::{document, text};
use idgraph::rest::operations;
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn the_document_that_is_checked_in_is_the_document() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    assert!(checked_in == text(), "openapi.json has drifted: run `cargo run -- schema openapi > openapi.json`");
}

#[test]
fn every_operation_is_described_and_named_once() {
    let (mut names, mut bare) = (BTreeSet::new(), Vec::new());
    for operation in operations::all() {
        assert!(names.insert(operation.id), "{operation:?}: {} is the name of another", operation.id);
        assert!(operations::TAGS.iter().any(|(tag, _)| *tag == operation.tag), "{operation:?}");
        if operation.summary.is_empty() {
            bare.push(format!("{operation:?}"));
        }
    }
    let document = document();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            for parameter in operation["parameters"].as_array().expect("parameters") {
                if parameter["description"].as_str().is_none_or(str::is_empty) {
                    bare.push(format!("{method} {path}: {}", parameter["name"]));
                }
            }
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        if schema["description"].as_str().is_none_or(str::is_empty) {
            bare.push(name.clone());
        }
        for (field, about) in schema["properties"].as_object().into_iter().flatten() {
            // What is of a type of its own may be described there.
            let is_described = about["description"].as_str().is_some_and(|text| !text.is_empty());
            if !is_described && about.get("$ref").is_none() {
                bare.push(format!("{name}.{field}"));
            }
        }
    }
    assert!(bare.is_empty(), "without a description: {bare:#?}");
}

#[test]
fn whatever_is_referred_to_is_there() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

on_each_database! {
    async fn document_and_reference_are_served_to_everybody(world: World) {
        let answer = world.get(&world.nobody, "/v1/openapi.json").await;
        assert_eq!((answer.status.as_u16(), &answer.body), (200, &document()));
        assert_eq!(answer.headers["content-type"], "application/json");
        for (path, kind) in [
            ("/v1/docs", "text/html; charset=utf-8"),
            ("/v1/docs/reference.js", "text/javascript; charset=utf-8"),
            ("/v1/docs/reference.css", "text/css; charset=utf-8"),
        ] {
            let answer = world.get(&world.nobody, path).await;
            assert_eq!((answer.status.as_u16(), &answer.headers["content-type"]), (200, &kind.parse().expect("a header")));
            let text = answer.body.as_str().expect("text");
            // Nothing is loaded from elsewhere.
            assert!(!text.contains("http://") && !text.contains("https://"), "{path}");
            let policy = answer.headers["content-security-policy"].to_str().expect("text");
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        }
        assert_eq!(world.get(&world.nobody, "/v1/docs/other.js").await.status, 404);
    }
}
