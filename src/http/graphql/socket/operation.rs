//! One operation of a connection, in a task of its own: so that one that takes long holds up no other, and so that none
//! holds a connection to the database while a client takes its time to read.

use super::message::ServerMessage;
use super::sockets::Counted;
use crate::graphql::{self, is_executed};
use crate::http::HttpState;
use crate::http::graphql::persisted::Registration;
use crate::http::graphql::{Prepared, outcome, prepare, respond};
use crate::http::request_id::RequestId;
use crate::http::{guard, trace};
use crate::resolvers::Viewer;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::OperationType;
use async_graphql::{Request, Response, Value};
use futures::{FutureExt, StreamExt};
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tracing::Instrument;

/// Something that an operation wants to be sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// The id of the operation, as the client has it.
    pub id: Arc<str>,
    /// Which operation of the connection it is; a client may use an id again.
    pub number: u64,
    /// What is to be sent; none if the operation went down, which is a fault of the server.
    pub text: Option<String>,
    /// Whether the operation is over with this.
    pub is_last: bool,
}

/// An operation that is to be run.
pub(super) struct Operation {
    /// What the server works with.
    pub state: Arc<HttpState>,
    /// Who asks.
    pub viewer: Viewer,
    /// From where, if that is known.
    pub address: Option<IpAddr>,
    /// The id of the handshake, which all operations of the connection share.
    pub request_id: RequestId,
    /// The id of the operation, as the client has it.
    pub id: Arc<str>,
    /// Which operation of the connection it is.
    pub number: u64,
    /// Where its answers go. Waits while the client does not read.
    pub queue: mpsc::Sender<Outgoing>,
}

impl Operation {
    /// Runs it to its end.
    pub(super) async fn run(self, request: Request) {
        // A panic leaves nothing half done that others could see: changes are made in transactions.
        if AssertUnwindSafe(self.execute(request)).catch_unwind().await.is_err() {
            tracing::error!("an operation over WebSocket panicked");
            self.send(None, true).await;
        }
    }

    async fn execute(&self, request: Request) {
        let began = Instant::now();
        let name = request.operation_name.clone();
        let (kind, prepared) = prepare(&self.state, request);
        let traced = trace::operation(kind, name.as_deref());
        let response = self.answer(kind, prepared).instrument(traced).await;
        if let Some(metrics) = &self.state.metrics {
            metrics.operation(kind, outcome(&response), began.elapsed());
        }
        self.end(response, kind).await;
    }

    /// Runs what is asked for, if whoever asks may ask for as much, and returns the answer with which it ends.
    async fn answer(&self, kind: Option<OperationType>, prepared: Prepared) -> Response {
        // What is refused has cost something too.
        let cost = prepared.as_ref().map_or(1, |(operation, _)| operation.cost());
        if let Err(too_much) = self.state.charge(&self.viewer, self.address, cost).await {
            return respond::request_error(&too_much.error());
        }
        let (operation, registration) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Response::from_errors(vec![*error]),
        };
        if kind == Some(OperationType::Subscription) {
            return self.answer_again_and_again(operation, cost, registration).await;
        }
        let response = self.answer_once(operation).await;
        if let Some(registration) = registration.filter(|_| is_executed(&response)) {
            self.state.persisted_queries.keep(registration);
        }
        response
    }

    /// The answer to a query or mutation.
    async fn answer_once(&self, operation: graphql::operation::Operation) -> Response {
        let limit = Duration::from_secs(self.state.server.request_timeout_seconds);
        let (state, viewer) = (&self.state, self.viewer.clone());
        let answer = graphql::execute(&state.schema, &state.app, viewer, state.graphql.max_nodes, operation);
        tokio::time::timeout(limit, answer).await.unwrap_or_else(|_| respond::request_error(&guard::late()))
    }

    /// Sends the answers to a subscription, as long as there are any, and returns the one with which it ends.
    async fn answer_again_and_again(
        &self,
        operation: graphql::operation::Operation,
        cost: u64,
        mut registration: Option<Registration>,
    ) -> Response {
        let _counted = Counted::new(&self.state.sockets);
        let (state, viewer) = (&self.state, self.viewer.clone());
        let poll = Duration::from_secs(state.subscriptions.poll_seconds);
        let limits = (state.graphql.max_nodes, poll);
        let answers = graphql::execute_stream(&state.schema, &state.app, viewer, limits, operation);
        tokio::pin!(answers);
        while let Some(mut response) = answers.next().await {
            // Without an event there is nothing behind it either.
            if response.data == Value::Null {
                return response;
            }
            if let Some(registration) = registration.take() {
                state.persisted_queries.keep(registration);
            }
            respond::complete_all(&mut response, &self.request_id);
            let payload = respond::Document::of(&response);
            if !self.send(ServerMessage::Next { id: &self.id, payload }.text(), false).await {
                break;
            }
            self.pay(cost).await;
        }
        Response::new(Value::Object(IndexMap::default()))
    }

    /// Pays for the next answer of a subscription, when there is enough for it again. Nothing is lost meanwhile: what
    /// happens waits in the database.
    async fn pay(&self, cost: u64) {
        while let Err(too_much) = self.state.charge(&self.viewer, self.address, cost).await {
            tokio::time::sleep(Duration::from_secs(too_much.retry_after().unwrap_or(1))).await;
        }
    }

    /// Sends the last answer, and that there will be no other.
    async fn end(&self, mut response: Response, kind: Option<OperationType>) {
        respond::complete_all(&mut response, &self.request_id);
        let (id, is_subscription) = (&self.id, kind == Some(OperationType::Subscription));
        if !response.errors.is_empty() && (is_subscription || !is_executed(&response)) {
            self.send(ServerMessage::Error { id, payload: &response.errors }.text(), true).await;
            return;
        }
        if !is_subscription {
            let payload = respond::Document::of(&response);
            self.send(ServerMessage::Next { id, payload }.text(), false).await;
        }
        self.send(ServerMessage::Complete { id }.text(), true).await;
    }

    /// Has something sent, when there is room for it. False if there is nobody any more who would.
    async fn send(&self, text: Option<String>, is_last: bool) -> bool {
        let outgoing = Outgoing { id: Arc::clone(&self.id), number: self.number, text, is_last };
        self.queue.send(outgoing).await.is_ok()
    }
}
