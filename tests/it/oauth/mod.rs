//! OAuth: how clients get tokens, what those are good for, and when they cease to be.

mod abuse;
mod clients;
mod keys;
mod matrix;
mod metadata;
mod passwords;
mod program;
mod revocation;
mod secrecy;

use crate::support::issuer::bearer;
use crate::support::{Actor, Answer, World};
use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// What `iss` says.
pub const ISSUER: &str = "https://directory.example.org";

/// A client: the id of an API token, and its secret.
#[derive(Clone, Debug)]
pub struct Client {
    pub id: String,
    pub secret: String,
}

impl Client {
    /// The client that is an actor's API token.
    pub async fn of(world: &World, actor: &Actor) -> Self {
        let seen = world.query(actor, "{ viewer { tokenId } }").await;
        let id = seen["viewer"]["tokenId"].as_str().expect("an id").to_owned();
        Self { id, secret: actor.token.clone().expect("a token") }
    }

    /// The header in which it says who it is.
    pub fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.id, self.secret)))
    }
}

/// The same world, which issues tokens.
pub async fn issuing(world: World) -> World {
    issuing_with(world, &[]).await
}

/// The same, with other settings besides.
pub async fn issuing_with(world: World, keys: &[(&str, &str)]) -> World {
    let mut settings = vec![("oauth.key_secret", "0123456789abcdef0123456789abcdef"), ("oauth.issuer", ISSUER)];
    settings.extend_from_slice(keys);
    world.issuing(&settings).await
}

/// Sends a form with these headers.
pub async fn form(world: &World, path: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = serde_urlencoded::to_string(form).expect("a form");
    world.send(&world.nobody, request.body(Body::from(body)).expect("a request")).await
}

/// Sends a form as a client.
pub async fn ask(world: &World, client: &Client, path: &str, fields: &[(&str, &str)]) -> Answer {
    form(world, path, &[("authorization", &client.basic())], fields).await
}

/// The bearer of a token that was issued to a client.
pub async fn token(world: &World, client: &Client) -> Actor {
    let answer = ask(world, client, "/oauth/token", &[("grant_type", "client_credentials")]).await;
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    bearer(answer.body["access_token"].as_str().expect("a token").to_owned())
}

/// What a client hears of a credential.
pub async fn introspect(world: &World, client: &Client, credential: &Actor) -> Value {
    let sent = credential.token.as_deref().expect("a token");
    let answer = ask(world, client, "/oauth/introspect", &[("token", sent)]).await;
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    answer.body
}

/// The claims of a token, or its header.
pub fn part(actor: &Actor, index: usize) -> Value {
    let token = actor.token.as_deref().expect("a token");
    let part = token.split('.').nth(index).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
}

/// Whether somebody is let in, wherever a credential is taken.
pub async fn statuses(world: &World, actor: &Actor) -> Vec<u16> {
    let graphql = world.graphql(actor, "{ viewer { name } }", json!({})).await.status;
    let rest = world.get(actor, "/v1/profiles?organization=acme").await.status;
    let scim = world.get(actor, "/scim/v2/ServiceProviderConfig").await.status;
    let userinfo = world.get(actor, "/oauth/userinfo").await.status;
    [graphql, rest, scim, userinfo].iter().map(StatusCode::as_u16).collect()
}

/// Requires that nobody lets somebody in.
pub async fn assert_refused(world: &World, actor: &Actor, why: &str) {
    assert_eq!(statuses(world, actor).await, [401; 4], "{why}");
}

/// What an answer refuses with: status and error, in the form of OAuth.
#[track_caller]
pub fn refusal(answer: &Answer) -> (u16, &str) {
    let text = |name: &str| answer.body[name].as_str().unwrap_or_default();
    assert!(!text("error_description").is_empty() && !text("request_id").is_empty(), "{:#}", answer.body);
    assert_eq!(answer.headers.get("cache-control").map(HeaderValue::as_bytes), Some(b"no-store".as_slice()));
    assert_eq!(answer.status == 401, answer.headers.contains_key("www-authenticate"), "{:#}", answer.body);
    (answer.status.as_u16(), text("error"))
}
