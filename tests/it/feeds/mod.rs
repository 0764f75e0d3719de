//! Threat-intelligence feeds: fetched from a server of the test, and what comes of what they name.

mod authorisation;
mod lists;
mod program;
mod rest;
mod taxii;

use crate::support::{Actor, World};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// What the publisher answers, by the query that it is asked with, and what it was asked.
#[derive(Default)]
struct Published {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// Pages by the value of `next`, for those who ask page by page.
    pages: Vec<(&'static str, Value)>,
    asked: Vec<(String, HeaderMap)>,
}

/// Somebody who publishes feeds.
#[derive(Clone)]
pub struct Publisher {
    published: Arc<Mutex<Published>>,
    pub url: String,
}

impl Publisher {
    pub async fn start() -> Self {
        let published = Arc::new(Mutex::new(Published { status: 200, ..Published::default() }));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/feed", listener.local_addr().expect("an address"));
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&published));
        tokio::spawn(async move { axum::serve(listener, routes).await.expect("a server") });
        Self { published, url }
    }

    fn with<T>(&self, change: impl FnOnce(&mut Published) -> T) -> T {
        change(&mut self.published.lock().expect("what is published"))
    }

    /// Publishes a text.
    pub fn publish(&self, body: impl Into<Vec<u8>>) {
        self.with(|published| {
            *published = Published {
                status: 200,
                body: body.into(),
                asked: std::mem::take(&mut published.asked),
                ..Published::default()
            };
        });
    }

    /// Answers with a status, and with headers.
    pub fn answer(&self, status: u16, headers: &[(&'static str, &str)]) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.with(|published| (published.status, published.headers) = (status, headers));
    }

    /// Publishes pages of objects: each by the value of `next` with which it is asked for.
    pub fn pages(&self, pages: Vec<(&'static str, Value)>) {
        self.with(|published| (published.status, published.headers, published.pages) = (200, Vec::new(), pages));
    }

    /// What was asked for since the last time, with the headers.
    pub fn asked(&self) -> Vec<(String, HeaderMap)> {
        self.with(|published| std::mem::take(&mut published.asked))
    }
}

async fn answer(State(published): State<Arc<Mutex<Published>>>, request: Request) -> Response<Body> {
    let mut published = published.lock().expect("what is published");
    let query = request.uri().to_string();
    published.asked.push((query.clone(), request.headers().clone()));
    let mut response = Response::builder().status(published.status);
    for (name, value) in &published.headers {
        response = response.header(*name, value);
    }
    let page = published.pages.iter().find(|(next, _)| {
        if next.is_empty() { !query.contains("next=") } else { query.contains(&format!("next={next}")) }
    });
    let body = page.map_or_else(|| published.body.clone(), |(_, page)| page.to_string().into_bytes());
    response.body(Body::from(body)).expect("an answer")
}

/// Adds a feed, and returns its id.
pub async fn add(world: &World, actor: &Actor, input: Value) -> String {
    let added = world.mutate(actor, "addThreatFeed", input, "feed { id }").await;
    added["feed"]["id"].as_str().expect("an id").to_owned()
}

/// A list of acme.
pub fn list(world: &World, name: &str, url: &str) -> Value {
    json!({"organizationId": world.acme, "name": name, "url": url, "confidence": 80})
}

/// Fetches what is due.
pub async fn sync(world: &World) {
    while world.app.sync_due_feed().await.expect("synchronised") {}
}

/// How it goes with the feeds of acme.
pub async fn feeds(world: &World) -> Vec<Value> {
    let query = r#"{ threatFeeds(organization: "acme") { name failure failures entryCount skippedCount syncedAt } }"#;
    world.query(&world.owner, query).await["threatFeeds"].as_array().expect("feeds").clone()
}

/// The feeds that named the address of the latest record of an account: signal, network and confidence.
pub async fn listings(world: &World, identity: &str) -> Vec<(String, String, i64)> {
    let query = format!(
        r#"{{ node(id: "{identity}") {{ ... on LinkedIdentity {{ accessRecords(first: 1) {{ nodes {{ whereabouts {{ network {{
            listings {{ signal network confidence }} }} }} }} }} }} }} }}"#
    );
    let seen = world.query(&world.admin, &query).await;
    let network = &seen["node"]["accessRecords"]["nodes"][0]["whereabouts"]["network"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let listings = network["listings"].as_array().cloned().unwrap_or_default();
    listings
        .iter()
        .map(|listing| {
            (text(&listing["signal"]), text(&listing["network"]), listing["confidence"].as_i64().unwrap_or_default())
        })
        .collect()
}

/// How much evidence there is of a signal.
pub async fn evidence(world: &World, signal: &str) -> i64 {
    world.number_behind(&format!("SELECT COUNT(*) FROM risk_evidence WHERE signal = '{signal}'")).await
}
