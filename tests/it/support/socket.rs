//! A server on a port of its own, and clients that speak to it over WebSocket.

use super::{Actor, World};
use futures::{SinkExt, StreamExt};
use idgraph::config::{Config, Sources};
use idgraph::http::{HttpState, serve};
use idgraph::resolvers::App;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::{self, ClientRequestBuilder, Message, protocol::frame::CloseFrame};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// How long anything here may take at most.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// The sub-protocol.
pub const PROTOCOL: &str = "graphql-transport-ws";
/// A subscription to everything.
pub const CHANGES: &str = "subscription($organization: String, $filter: ChangeFilter, $after: String) {
    changes(organization: $organization, filter: $filter, after: $after) {
        cursor event { sequence action subjectId subject { __typename ... on User { username } } changes { path after } } } }";

/// A configuration with these values.
pub fn config(overrides: &[(&str, &str)]) -> Config {
    let overrides = overrides.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Config::load(Sources { overrides, ..Sources::default() }).expect("a configuration")
}

/// A server that listens, until it is dropped.
pub struct Server {
    /// Where.
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves an application.
    pub async fn start(app: &Arc<App>, overrides: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let state = HttpState::new(Arc::clone(app), &config(overrides));
        let task = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            serve(listener, state, stopped).await.expect("served");
        });
        Self { address, stop: Some(stop), task }
    }

    /// Stops it, and returns when it has.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        (&mut self.task).await.expect("it ends well");
    }

    /// Reads one number of `/metrics`.
    pub async fn number(&self, name: &str) -> f64 {
        let answer = reqwest::get(format!("http://{}/metrics", self.address)).await.expect("an answer");
        let text = answer.text().await.expect("a text");
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().expect("a number")
    }

    /// Waits until a number of `/metrics` is what it should be.
    pub async fn until(&self, name: &str, wanted: f64) {
        let seen = async {
            while (self.number(name).await - wanted).abs() > 0.5 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("{name} does not become {wanted}"));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a client hears.
#[derive(Debug, PartialEq)]
pub enum Heard {
    /// A message.
    Message(Value),
    /// The connection was closed, with that code and reason.
    Closed(u16, String),
}

/// A client that is connected.
pub struct Client(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    /// Connects, and says no more than the handshake does; the status of an answer that is no WebSocket otherwise.
    pub async fn connect(server: &Server, protocol: Option<&str>, actor: &Actor) -> Result<Self, u16> {
        let uri = format!("ws://{}/graphql", server.address).parse().expect("an address");
        let mut request = ClientRequestBuilder::new(uri);
        if let Some(protocol) = protocol {
            request = request.with_sub_protocol(protocol);
        }
        if let Some(token) = &actor.token {
            request = request.with_header("Authorization", format!("Bearer {token}"));
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("no answer: {error}"),
        }
    }

    /// Connects as that actor, whose token stands in the handshake, and begins.
    pub async fn open(server: &Server, actor: &Actor) -> Self {
        let mut client = Self::connect(server, Some(PROTOCOL), actor).await.expect("a WebSocket");
        client.say(json!({"type": "connection_init"})).await;
        assert_eq!(client.hear().await, Heard::Message(json!({"type": "connection_ack"})));
        client
    }

    /// Says something.
    pub async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.expect("somebody who listens");
    }

    /// Asks for an operation.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({"query": query, "variables": variables});
        self.say(json!({"type": "subscribe", "id": id, "payload": payload})).await;
    }

    /// Follows changes under the id `1`.
    pub async fn follow(&mut self, variables: Value) {
        self.subscribe("1", CHANGES, variables).await;
    }

    /// The next thing that is heard, pings aside.
    pub async fn hear(&mut self) -> Heard {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("something is heard in time");
            match message.expect("a goodbye") {
                Ok(Message::Text(text)) => {
                    let message: Value = serde_json::from_str(&text).expect("JSON");
                    if message["type"] != "ping" {
                        return Heard::Message(message);
                    }
                }
                Ok(Message::Close(frame)) => {
                    let CloseFrame { code, reason } = frame.expect("a reason");
                    return Heard::Closed(code.into(), reason.to_string());
                }
                Ok(_) => {}
                Err(error) => panic!("the connection was lost: {error}"),
            }
        }
    }

    /// The next message, which has to be of that type.
    #[track_caller]
    pub fn message(&mut self, kind: &'static str) -> impl Future<Output = Value> {
        let place = std::panic::Location::caller();
        async move {
            match self.hear().await {
                Heard::Message(message) if message["type"] == kind => message,
                other => panic!("{place}: {kind} was expected, and not {other:?}"),
            }
        }
    }

    /// The next change.
    #[track_caller]
    pub fn change(&mut self) -> impl Future<Output = Value> {
        let message = self.message("next");
        async move {
            let message = message.await;
            assert!(message["payload"].get("errors").is_none(), "unexpected errors: {message}");
            message["payload"]["data"]["changes"].clone()
        }
    }

    /// The code and the field of the error with which an operation ends.
    #[track_caller]
    pub fn refusal(&mut self) -> impl Future<Output = (String, String)> {
        let message = self.message("error");
        async move {
            let message = message.await;
            let extensions = &message["payload"][0]["extensions"];
            assert!(extensions["requestId"].is_string(), "{message}");
            let text = |name: &str| extensions[name].as_str().unwrap_or_default().to_owned();
            (text("code"), text("field"))
        }
    }

    /// The code with which the connection is closed, whatever is heard before.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Heard::Closed(code, reason) = self.hear().await {
                return (code, reason);
            }
        }
    }
}

impl World {
    /// Serves the world on a port.
    pub async fn serve(&self, overrides: &[(&str, &str)]) -> Server {
        Server::start(&self.app, overrides).await
    }

    /// Another server on the same database.
    pub async fn another_app(&self) -> Arc<App> {
        self.another_app_at(self.database_url()).await
    }

    /// Another server on the same database, which reaches it at that URL.
    pub async fn another_app_at(&self, url: String) -> Arc<App> {
        let options = idgraph::store::StoreOptions {
            url,
            read_connections: 2,
            write_lanes: 2,
            acquire_timeout: Duration::from_secs(20),
            on_statement: None,
        };
        let store = idgraph::store::Store::connect(&options).await.expect("a connection");
        Arc::new(App::new(store, Arc::clone(&self.clock) as Arc<dyn idgraph::domain::Clock>))
    }
}
