//! The SDKs of IAMs: what their packages send, in both spellings.

mod applications;
mod authorisation;
mod groups;
mod organizations;
mod passwords;
mod protocol;
mod roles;
mod statements;
mod users;

use crate::support::{Actor, Answer, World};
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::Value;

/// Sends a request. A body is JSON that does not say so, as most packages send it.
pub async fn send(world: &World, actor: &Actor, (method, path): (&str, &str), body: Option<Value>) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let answer = world.send(actor, request.body(body).expect("a request")).await;
    let is_problem = !answer.status.is_success() && !path.starts_with("/api/");
    let expected = if is_problem { "application/problem+json" } else { "application/json" };
    assert_eq!(
        answer.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()),
        Some(expected),
        "{path}"
    );
    answer
}

/// The data of an envelope in which all is well.
#[track_caller]
pub fn data(answer: &Answer) -> Value {
    let body = &answer.body;
    assert_eq!((answer.status.as_u16(), &body["status"], &body["msg"]), (200, &"ok".into(), &"".into()), "{body:#}");
    assert!(body.get("data2").is_some(), "{body:#}");
    body["data"].clone()
}

/// Gets something in an envelope.
pub async fn get(world: &World, actor: &Actor, path: &str) -> Value {
    data(&send(world, actor, ("GET", path), None).await)
}

/// Gets something by itself.
pub async fn native(world: &World, actor: &Actor, path: &str) -> Value {
    let answer = send(world, actor, ("GET", path), None).await;
    assert_eq!(answer.status, 200, "{path}: {:#}", answer.body);
    answer.body
}

/// Does something that has to succeed, and returns what is told of it.
pub async fn done(world: &World, actor: &Actor, path: &str, body: Value) -> Value {
    let answer = send(world, actor, ("POST", path), Some(body)).await;
    if path.starts_with("/api/") {
        return data(&answer);
    }
    assert_eq!(answer.status, 200, "{path}: {:#}", answer.body);
    answer.body
}

/// What an answer refuses with: status, code and field, whatever the spelling.
#[track_caller]
pub fn refusal(answer: &Answer) -> (u16, String, String) {
    let text = |field: &str| answer.body[field].as_str().unwrap_or_default().to_owned();
    assert!(!answer.status.is_success(), "not refused: {:#}", answer.body);
    assert!(!text("request_id").is_empty(), "{:#}", answer.body);
    if answer.body["status"] == "error" {
        assert!(!text("msg").is_empty() && answer.body["data"].is_null(), "{:#}", answer.body);
        assert!(answer.body.get("data2").is_some(), "{:#}", answer.body);
    } else {
        assert!(!text("detail").is_empty(), "{:#}", answer.body);
    }
    (answer.status.as_u16(), text("code"), text("field"))
}

/// Does something that has to be refused, and returns status, code and field.
pub async fn refused(
    world: &World,
    actor: &Actor,
    (method, path): (&str, &str),
    body: Option<Value>,
) -> (u16, String, String) {
    refusal(&send(world, actor, (method, path), body).await)
}

/// What a refusal is compared with.
pub fn expected(status: u16, code: &str, field: &str) -> (u16, String, String) {
    (status, code.to_owned(), field.to_owned())
}
