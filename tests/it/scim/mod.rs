//! SCIM 2.0, as its clients meet it.

mod access;
mod agents;
mod asynchronous;
mod bulk;
mod changes;
mod checklist;
mod conditions;
mod discovery;
mod entra;
mod extensions;
mod groups;
mod lifecycle;
mod lists;
mod looks;
mod okta;
mod protocol;
mod relations;
mod schema_rules;
mod users;

use crate::support::{Actor, Answer, World};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use idgraph::domain::token::{OrganizationRole, ScimOptions};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Sends a request of SCIM.
async fn send(world: &World, actor: &Actor, (method, path): (&str, &str), body: Option<&Value>) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "directory.example.org");
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/scim+json");
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    world.send(actor, request.body(body).expect("a request")).await
}

async fn get(world: &World, actor: &Actor, path: &str) -> Answer {
    send(world, actor, ("GET", path), None).await
}

async fn post(world: &World, actor: &Actor, path: &str, body: &Value) -> Answer {
    send(world, actor, ("POST", path), Some(body)).await
}

/// PATCHes a resource with these operations.
async fn patch(world: &World, actor: &Actor, path: &str, operations: Value) -> Answer {
    send(world, actor, ("PATCH", path), Some(&json!({"schemas": [PATCH], "Operations": operations}))).await
}

/// Makes a user, and returns it as it is answered.
async fn user(world: &World, username: &str) -> Value {
    let answer = post(world, &world.admin, "/scim/v2/Users", &json!({"schemas": [USER], "userName": username})).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body
}

/// Makes a group with these members, and returns it as it is answered.
async fn group(world: &World, name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    let body = json!({"schemas": [GROUP], "displayName": name, "members": members});
    let answer = post(world, &world.admin, "/scim/v2/Groups", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body
}

fn id(resource: &Value) -> &str {
    resource["id"].as_str().expect("an id")
}

/// The ids of a list, sorted.
fn ids(list: &Value) -> Vec<String> {
    let resources = list["Resources"].as_array().expect("a list");
    let mut ids: Vec<String> = resources.iter().map(|resource| id(resource).to_owned()).collect();
    ids.sort();
    ids
}

/// Requires an error as RFC 7644 §3.12 writes it.
#[track_caller]
fn refused(answer: &Answer, status: u16, scim_type: Option<&str>) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/scim+json");
    assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(answer.body["status"], status.to_string());
    assert_eq!(answer.body["scimType"].as_str(), scim_type, "{}", answer.body);
    assert!(answer.body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{}", answer.body);
}

/// An administrator's token of a client that wants to be understood in some way.
async fn client(world: &World, name: &'static str, options: ScimOptions) -> Actor {
    world.scim_client(name, Some(world.acme), OrganizationRole::Admin, options).await
}
