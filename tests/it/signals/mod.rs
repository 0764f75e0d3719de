//! Shared signals: what receivers are told of the security of accounts, how they get it, and that nothing gets lost.

mod heard;
mod kinds;
mod matrix;
mod poll;
mod polled;
mod push;
mod reception;
mod streams;

use crate::oauth::issuing_with;
use crate::support::{Actor, Answer, World};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use idgraph::config::{Config, Sources};
use idgraph::worker::Worker;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How long anything here may take at most.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Receivers of the tests are on this machine.
const SETTINGS: [(&str, &str); 2] =
    [("deliveries.allow_private_networks", "true"), ("deliveries.poll_milliseconds", "10")];

/// The same world, which sends to receivers on this machine.
pub async fn sending(world: World) -> World {
    issuing_with(world, &SETTINGS).await
}

/// A worker of that world.
pub fn worker(world: &World) -> Worker {
    let overrides = SETTINGS.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let config = Config::load(Sources { overrides, ..Sources::default() }).expect("a configuration");
    Worker::start(Arc::clone(&world.app), &config)
}

/// Waits until something holds.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waited = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waited).await.unwrap_or_else(|_| panic!("{what} never came to be"));
}

/// Lets so much time pass after each attempt that fails, until something holds. Never in the middle of one, which would take so long.
pub async fn let_fail(world: &World, receiver: &Receiver, step: TimeDelta, mut holds: impl AsyncFnMut() -> bool) {
    let is_idle = async || world.number_behind("SELECT COUNT(*) FROM outlets WHERE lease IS NOT NULL").await == 0;
    let mut seen = 0;
    until("an end of the attempts", async || {
        let refused = receiver.refused().len();
        if refused > seen && is_idle().await {
            seen = refused;
            world.clock.advance(step);
        }
        holds().await
    })
    .await;
}

/// What a receiver was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Sent {
    /// A header of the request.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A receiver on this machine.
pub struct Receiver {
    /// Where it is.
    pub url: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    taken: Mutex<Vec<Sent>>,
    refused: Mutex<Vec<Sent>>,
    answer: Mutex<(StatusCode, String)>,
}

impl Receiver {
    /// A receiver who takes everything.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/events", listener.local_addr().expect("an address"));
        let shared = Arc::new(Shared {
            taken: Mutex::default(),
            refused: Mutex::default(),
            answer: Mutex::new((StatusCode::ACCEPTED, String::new())),
        });
        let routes = Router::new().route("/events", post(receive)).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.expect("a server") });
        Self { url, shared, server }
    }

    /// Answers like that from now on.
    pub fn answer(&self, status: u16, body: &str) {
        let status = StatusCode::from_u16(status).expect("a status");
        *self.shared.answer.lock().expect("the answer") = (status, body.to_owned());
    }

    /// What it has taken.
    pub fn taken(&self) -> Vec<Sent> {
        self.shared.taken.lock().expect("what was taken").clone()
    }

    /// What it was sent and has not taken.
    pub fn refused(&self) -> Vec<Sent> {
        self.shared.refused.lock().expect("what was refused").clone()
    }

    /// Waits until it has taken so many.
    pub async fn wait_for(&self, count: usize) -> Vec<Sent> {
        until(&format!("{count} deliveries"), async || self.taken().len() >= count).await;
        self.taken()
    }

    /// The claims of the signals that it has taken.
    pub fn claims(&self) -> Vec<Value> {
        self.taken().iter().map(|sent| claims(std::str::from_utf8(&sent.body).expect("text"))).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn receive(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let answer = shared.answer.lock().expect("the answer").clone();
    let log = if answer.0.is_success() { &shared.taken } else { &shared.refused };
    log.lock().expect("the log").push(Sent { headers, body });
    answer
}

/// Sends a request with a body of JSON.
pub async fn send(world: &World, actor: &Actor, (method, path): (&str, &str), body: Option<Value>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    world.send(actor, request.body(body).expect("a request")).await
}

/// The same, which has to succeed.
pub async fn done(world: &World, actor: &Actor, place: (&str, &str), body: Option<Value>) -> Value {
    let answer = send(world, actor, place, body).await;
    assert!(answer.status.is_success(), "{place:?} as {}: {:#}", actor.name, answer.body);
    answer.body
}

/// Makes a stream, and returns it.
pub async fn stream(world: &World, actor: &Actor, settings: Value) -> Value {
    let answer = send(world, actor, ("POST", "/ssf/streams"), Some(settings)).await;
    assert_eq!(answer.status, 201, "{:#}", answer.body);
    answer.body
}

/// Makes a stream that is pushed to a receiver.
pub async fn pushed(world: &World, actor: &Actor, receiver: &Receiver) -> Value {
    let delivery = json!({"method": "urn:ietf:rfc:8935", "endpoint_url": receiver.url});
    stream(world, actor, json!({"delivery": delivery})).await
}

/// Has written down what is to be sent.
pub async fn collect(world: &World) {
    while world.app.collect_deliveries().await.expect("collected") {}
}

/// Fetches signals of a stream, acknowledging some: the claims, by `jti`.
pub async fn fetch(world: &World, actor: &Actor, stream: &Value, said: Value) -> Vec<(String, Value)> {
    let mut body = json!({"returnImmediately": true});
    body.as_object_mut().expect("an object").extend(said.as_object().expect("an object").clone());
    let path = format!("/ssf/poll/{}", text(stream, "stream_id"));
    let answer = done(world, actor, ("POST", &path), Some(body)).await;
    let sets = answer["sets"].as_object().expect("signals").clone();
    let mut found: Vec<(String, Value)> =
        sets.into_iter().map(|(id, set)| (id, claims(set.as_str().expect("a signal")))).collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// A member that is a text.
#[track_caller]
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value:#}"))
}

/// A part of a token.
pub fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
}

/// The claims of a signal.
pub fn claims(set: &str) -> Value {
    part(set, 1)
}

/// The type of the one event of a signal, and what it says.
#[track_caller]
pub fn event(claims: &Value) -> (String, Value) {
    let events = claims["events"].as_object().expect("events");
    assert_eq!(events.len(), 1, "{claims:#}");
    let (uri, said) = events.iter().next().expect("an event");
    (uri.rsplit('/').next().expect("a name").to_owned(), said.clone())
}

/// The names of the events of signals.
pub fn names(signals: &[Value]) -> Vec<String> {
    signals.iter().map(|claims| event(claims).0).collect()
}

/// Requires that a key that the server publishes has signed a token, by RS256.
pub async fn assert_signed(world: &World, token: &str) {
    let header = part(token, 0);
    assert_eq!((text(&header, "typ"), text(&header, "alg")), ("secevent+jwt", "RS256"));
    let keys = world.get(&world.nobody, "/.well-known/jwks.json").await.body;
    let keys = keys["keys"].as_array().expect("keys");
    let key = keys.iter().find(|key| key["kid"] == header["kid"]).expect("the key");
    let number = |name| URL_SAFE_NO_PAD.decode(text(key, name)).expect("base64");
    let (message, signature) = token.rsplit_once('.').expect("a signature");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
    let key = RsaPublicKeyComponents { n: number("n"), e: number("e") };
    key.verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &signature).expect("a signature that is good");
}
