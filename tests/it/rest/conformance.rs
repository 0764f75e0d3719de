//! Whether an answer is one that the OpenAPI document tells of: its status, its media type, and what its body says.

use crate::support::Answer;
use idgraph::rest::openapi::document;
use serde_json::Value;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

/// Holds the answer to a request against the document.
#[track_caller]
pub fn check((method, path): (&str, &str), answer: &Answer) {
    let Some(operation) = operation(method, path) else { return };
    let status = answer.status.as_u16().to_string();
    let response = &operation["responses"][&status];
    assert!(!response.is_null(), "{method} {path} does not tell of {status}: {:#}", answer.body);
    let response = resolved(response);
    let Some((media_type, content)) = response["content"].as_object().and_then(|content| content.iter().next()) else {
        assert_eq!(answer.body, Value::String(String::new()), "{method} {path} says something");
        return;
    };
    let sent = answer.headers.get("content-type").and_then(|value| value.to_str().ok());
    assert_eq!(sent, Some(media_type.as_str()), "{method} {path}");
    let mut faults = Vec::new();
    find_faults(&content["schema"], &answer.body, "", &mut faults);
    assert!(faults.is_empty(), "{method} {path} {status}: {faults:#?}\n{:#}", answer.body);
}

/// The operation that a request means, if its path is one of the document.
pub fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next().unwrap_or_default();
    let steps: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let places: Vec<&str> = template.split('/').collect();
        places.len() == steps.len()
            && places.iter().zip(&steps).all(|(place, step)| place.starts_with('{') || place == step)
    };
    let found = DOCUMENT["paths"].as_object()?.iter().find(|(template, _)| fits(template));
    found.and_then(|(_, item)| item.get(method.to_lowercase()))
}

fn resolved(part: &'static Value) -> &'static Value {
    match part["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(reference.trim_start_matches('#')).expect("what is referred to"),
        None => part,
    }
}

/// Appends what a value has that its schema does not allow. As much of JSON Schema as the document makes use of.
pub fn find_faults(schema: &'static Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let schema = resolved(schema);
    let is = |schema: &'static Value| {
        let mut faults = Vec::new();
        find_faults(schema, value, at, &mut faults);
        faults.is_empty()
    };
    for word in ["anyOf", "oneOf"] {
        let choices = schema[word].as_array().map(Vec::as_slice).unwrap_or_default();
        if !choices.is_empty() && choices.iter().filter(|choice| is(choice)).count() == 0 {
            faults.push(format!("{at}: {value} is none of {word}"));
        }
    }
    if schema.get("const").is_some_and(|only| only != value) {
        faults.push(format!("{at}: {value} is not {}", schema["const"]));
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        faults.push(format!("{at}: {value} is none of {}", schema["enum"]));
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let is_of = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("a type that nobody knows: {other}"),
    };
    if !types.is_empty() && !types.iter().any(|name| is_of(name)) {
        faults.push(format!("{at}: {value} is no {types:?}"));
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        if schema.get("items").is_some() {
            find_faults(&schema["items"], item, &format!("{at}/{index}"), faults);
        }
    }
    let Some(object) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(name) {
            faults.push(format!("{at}: {name} is missing"));
        }
    }
    for (name, inner) in object {
        match schema["properties"].get(name) {
            Some(property) => find_faults(property, inner, &format!("{at}/{name}"), faults),
            // What the document does not tell of is a fault too, unless anything goes.
            None if schema.get("properties").is_some() => faults.push(format!("{at}: {name} is not described")),
            None => {}
        }
    }
}
