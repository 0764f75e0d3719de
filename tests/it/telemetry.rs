//! Traces: what a collector is told of requests, and what it is not.

use crate::support::program::program;
use crate::support::{World, client, on_each_database};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// The trace in which a client asks, and its span (W3C Trace Context).
const TRACE: [u8; 16] = [0xAB; 16];
const PARENT: [u8; 8] = [0xCD; 8];

/// What a collector was sent.
type Received = Arc<Mutex<Vec<Span>>>;

/// A collector, and where it is.
async fn collector() -> (Received, String) {
    async fn receive(State(received): State<Received>, headers: HeaderMap, body: Bytes) {
        assert_eq!(headers["content-type"], "application/x-protobuf");
        let request = ExportTraceServiceRequest::decode(body).expect("OTLP");
        let spans = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        received.lock().expect("the spans").extend(spans.flat_map(|scope| scope.spans));
    }
    let received = Received::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let routes = Router::new().route("/v1/traces", post(receive)).with_state(Arc::clone(&received));
    tokio::spawn(async move { axum::serve(listener, routes).await.expect("a server") });
    (received, url)
}

/// The program, serving the world's database.
struct Served {
    child: Child,
    output: BufReader<ChildStdout>,
    graphql: String,
}

impl Served {
    async fn start(world: &World, settings: &[String]) -> Self {
        let mut command = program(["serve", "--listen", "127.0.0.1:0", "--database-url", &world.database_url()]);
        for setting in settings {
            command.args(["--set", setting]);
        }
        let started = tokio::task::spawn_blocking(move || {
            let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a program");
            let mut output = BufReader::new(child.stdout.take().expect("its output"));
            let mut line = String::new();
            output.read_line(&mut line).expect("a line");
            let graphql = line.trim().strip_prefix("GraphQL").expect("where GraphQL is").trim().to_owned();
            Self { child, output, graphql }
        });
        started.await.expect("a server")
    }

    async fn ask(&self, token: &str, body: &Value) -> Value {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let request = client()
            .post(&self.graphql)
            .bearer_auth(token)
            .header("traceparent", format!("00-{}-{}-01", hex(&TRACE), hex(&PARENT)))
            .json(body);
        request.send().await.expect("an answer").json().await.expect("JSON")
    }

    /// Asks the server to stop, and waits until it has.
    async fn stop(mut self) {
        let stopped = tokio::task::spawn_blocking(move || {
            let killed = std::process::Command::new("kill").arg(self.child.id().to_string()).status();
            assert!(killed.expect("kill").success());
            drop(self.output);
            self.child.wait().expect("an end")
        });
        assert!(stopped.await.expect("a task").success());
    }
}

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name} among {names:?}"))
}

on_each_database! {
    async fn a_request_is_traced_from_the_client_to_the_database(world: World) {
        let (received, url) = collector().await;
        let served = Served::start(&world, &[format!("telemetry.endpoint={url}")]).await;
        let token = world.editor.token.clone().expect("a token");
        let query = "mutation Rename($input: CreateTeamInput!) { createTeam(input: $input) { team { id } errors { code } } }";
        let variables = json!({"input": {"organizationId": world.acme, "slug": "s3cret-slug", "name": "s3cret-name"}});
        let answer = served.ask(&token, &json!({"query": query, "variables": variables, "operationName": "Rename"})).await;
        assert!(answer["data"]["createTeam"]["team"].is_object(), "{answer}");
        served.stop().await;

        let spans = received.lock().expect("the spans").clone();
        let (spans, of_others): (Vec<Span>, Vec<Span>) = spans.into_iter().partition(|span| span.trace_id == TRACE);
        let request = named(&spans, "POST /graphql");
        assert_eq!((request.trace_id.as_slice(), request.parent_span_id.as_slice()), (&TRACE[..], &PARENT[..]));
        let operation = named(&spans, "mutation");
        assert_eq!(operation.parent_span_id, request.span_id);
        let command = named(&spans, "collective.create");
        assert_eq!(command.parent_span_id, operation.span_id);
        let insert = named(&spans, "INSERT");
        assert_eq!(insert.parent_span_id, command.span_id);
        assert!(insert.end_time_unix_nano >= insert.start_time_unix_nano);
        // What the server does on its own is in traces of its own.
        let mut roots = of_others.iter().filter(|span| span.parent_span_id.is_empty());
        assert!(roots.all(|span| span.name == "risk.tidy"), "{of_others:#?}");
        let told = format!("{spans:?}");
        assert!(told.contains("Rename") && told.contains("IntValue(200)"), "{told}");
        for secret in ["s3cret", token.as_str()] {
            assert!(!told.contains(secret), "{secret} in {told}");
        }
    }

    async fn who_wants_no_traces_gets_none(world: World) {
        let (received, url) = collector().await;
        let token = world.reader.token.clone().expect("a token");
        let served = Served::start(&world, &[]).await;
        served.ask(&token, &json!({"query": "{ viewer { name } }"})).await;
        served.stop().await;
        // A client that has its trace kept is listened to, whatever the share here.
        let served = Served::start(&world, &[format!("telemetry.endpoint={url}"), "telemetry.sample_percent=0".to_owned()]).await;
        served.ask("unknown", &json!({"query": "{ viewer { name } }"})).await;
        served.stop().await;
        let spans = received.lock().expect("the spans").clone();
        assert!(spans.iter().all(|span| span.trace_id == TRACE), "{spans:#?}");
        assert_eq!(spans.iter().map(|span| span.name.as_str()).collect::<Vec<_>>(), ["POST /graphql"]);
    }
}
