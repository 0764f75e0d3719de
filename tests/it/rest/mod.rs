//! REST: profiles, directories and resolution under `/v1`. Every answer is held against the OpenAPI document.

mod authorisation;
mod conformance;
mod directory;
mod document;
mod identities;
mod linked_identities;
mod profiles;
mod protocol;
mod resolution;
mod statements;

use crate::support::{Actor, Answer, World};
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::Value;

/// Sends a request with these headers, and holds the answer against the document.
pub async fn send(
    world: &World,
    actor: &Actor,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let answer = world.send(actor, request.body(body).expect("a request")).await;
    conformance::check((method, path), &answer);
    answer
}

/// Gets something that has to be there, and returns it.
pub async fn get(world: &World, actor: &Actor, path: &str) -> Value {
    let answer = send(world, actor, ("GET", path), &[], None).await;
    assert_eq!(answer.status, 200, "{path} as {}: {:#}", actor.name, answer.body);
    answer.body
}

/// Does something that has to succeed, and returns what is answered.
pub async fn done(world: &World, actor: &Actor, (method, path): (&str, &str), body: Value) -> Value {
    let answer = send(world, actor, (method, path), &[], Some(body)).await;
    assert!(answer.status.is_success(), "{method} {path} as {}: {:#}", actor.name, answer.body);
    answer.body
}

/// Does something that has to be refused, and returns status, code and field.
pub async fn refused(
    world: &World,
    actor: &Actor,
    (method, path): (&str, &str),
    body: Option<Value>,
) -> (u16, String, String) {
    let answer = send(world, actor, (method, path), &[], body).await;
    let text = |field: &str| answer.body[field].as_str().unwrap_or_default().to_owned();
    assert!(!answer.status.is_success(), "{method} {path} was not refused: {:#}", answer.body);
    assert!(!text("request_id").is_empty() && !text("detail").is_empty(), "{:#}", answer.body);
    (answer.status.as_u16(), text("code"), text("field"))
}

/// What a refusal is compared with.
pub fn refusal(status: u16, code: &str, field: &str) -> (u16, String, String) {
    (status, code.to_owned(), field.to_owned())
}

/// A header of an answer.
#[track_caller]
pub fn header_of(answer: &Answer, name: &str) -> String {
    let value = answer.headers.get(name).unwrap_or_else(|| panic!("no {name}: {:#}", answer.body));
    value.to_str().expect("text").to_owned()
}
