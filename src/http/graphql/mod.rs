//! GraphQL over HTTP, by the [specification][1], in the order in which a request is looked at:
//!
//! 1. [`accept`]: in which form the client wants the answer, else 406.
//! 2. [`request`]: what it asks, from a JSON body (else 415) or from a query string. A form, which
//!    another site could make a browser send, is never read.
//! 3. [`nesting`]: whether the document can be followed down without running out of stack.
//! 4. [`respond`]: what came of it, with the status that the form of the answer wants.
//!
//! What HTTP itself refuses is a [problem](super::problem), as everywhere. From the moment the
//! client is known to speak GraphQL, every answer has the shape of a GraphQL response, so that a
//! GraphQL client can show it.
//!
//! A GET that wants to be a WebSocket becomes one: see [`socket`].
//!
//! Nothing here waits for anything but the execution: when a client goes away the future is
//! dropped, and a query with it. A change that was accepted is finished all the same.
//!
//! [1]: https://graphql.github.io/graphql-over-http/draft/

mod accept;
mod nesting;
mod request;
mod respond;
mod socket;

pub(super) use socket::Sockets;

use self::accept::ResponseType;
use super::HttpState;
use super::auth;
use super::metrics::Outcome;
use super::problem::Problem;
use super::request_id::RequestId;
use crate::domain::{Error, ErrorCode};
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType};
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use std::sync::Arc;
use std::time::Instant;

/// What this face is called in events.
const FACE: &str = "graphql";

/// Why a request is not executed.
enum Refusal {
    /// HTTP has a status for it.
    Http(Problem),
    /// It is no request of GraphQL over HTTP.
    Malformed(&'static str),
    /// The credential is of no use, or cannot be looked up.
    Domain(Error),
    /// GET is for reading.
    ChangeByGet,
}

/// Runs a query that is written in the query string, or opens a WebSocket.
pub(super) async fn get(
    State(state): State<Arc<HttpState>>,
    Extension(request_id): Extension<RequestId>,
    request: Request,
) -> Response {
    if socket::is_upgrade(request.headers()) {
        return socket::open(&state, &request_id, request).await;
    }
    answer(&state, &request_id, request, true).await
}

/// Runs an operation that is written in a JSON body.
pub(super) async fn post(
    State(state): State<Arc<HttpState>>,
    Extension(request_id): Extension<RequestId>,
    request: Request,
) -> Response {
    answer(&state, &request_id, request, false).await
}

async fn answer(state: &HttpState, request_id: &RequestId, request: Request, by_get: bool) -> Response {
    let Some(form) = accept::negotiate(request.headers()) else {
        return Problem::refusal(
            StatusCode::NOT_ACCEPTABLE,
            "NOT_ACCEPTABLE",
            "GraphQL is answered as application/graphql-response+json or application/json.",
        )
        .response(request_id);
    };
    match execute(state, request_id, request, by_get).await {
        Ok(response) => respond::with(response, form, request_id),
        Err(refusal) => refusal.response(form, request_id),
    }
}

async fn execute(
    state: &HttpState,
    request_id: &RequestId,
    request: Request,
    by_get: bool,
) -> Result<async_graphql::Response, Refusal> {
    if !by_get && !request::is_json(request.headers()) {
        return Err(Refusal::Http(Problem::refusal(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
            "Send the request as application/json, in UTF-8.",
        )));
    }
    let origin = request_id.origin(FACE);
    let viewer = auth::viewer(&state.app, request.headers(), origin).await;
    let viewer = viewer.map_err(Refusal::Domain)?;
    let mut request = if by_get {
        request::from_query_string(request.uri().query().unwrap_or_default())?
    } else {
        request::from_body(request).await?
    };
    let began = Instant::now();
    let (operation, response) = match examine(state, &mut request) {
        Err(refusal) => (None, respond::of_error(refusal)),
        Ok(Some(operation)) if by_get && operation != OperationType::Query => return Err(Refusal::ChangeByGet),
        Ok(Some(OperationType::Subscription)) => {
            let message =
                "Subscriptions run over WebSocket, with the sub-protocol graphql-transport-ws, at the same path.";
            let refusal = Error { code: ErrorCode::InvalidInput, field: None, message: message.into() };
            (Some(OperationType::Subscription), respond::of_error(refusal))
        }
        Ok(operation) => {
            let max_nodes = state.graphql.max_nodes;
            (operation, crate::graphql::execute(&state.schema, &state.app, viewer, max_nodes, request).await)
        }
    };
    if let Some(metrics) = &state.metrics {
        metrics.operation(operation, outcome(&response), began.elapsed());
    }
    Ok(response)
}

/// The type of the operation that is to be executed, of a document that is fit to be looked at. A document that does not
/// parse is of no type; it is left to the executor, which says what is wrong with it.
fn examine(state: &HttpState, request: &mut async_graphql::Request) -> Result<Option<OperationType>, Error> {
    nesting::check(&request.query, state.graphql.max_tokens)?;
    let name = request.operation_name.clone();
    let document = request.parsed_query().ok();
    Ok(document.and_then(|document| operation_type(document, name.as_deref())))
}

/// What came of an operation.
fn outcome(response: &async_graphql::Response) -> Outcome {
    match (respond::is_executed(response), response.errors.is_empty()) {
        (true, true) => Outcome::Ok,
        (true, false) => Outcome::Errors,
        (false, _) => Outcome::Refused,
    }
}

/// The type of that operation of the document, if there is such an operation.
fn operation_type(document: &ExecutableDocument, name: Option<&str>) -> Option<OperationType> {
    let operation = match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        // Without a name only a document of one operation is executed.
        (DocumentOperations::Multiple(operations), None) => operations.values().next(),
    };
    operation.map(|operation| operation.node.ty)
}

impl Refusal {
    fn response(self, form: ResponseType, request_id: &RequestId) -> Response {
        match self {
            Self::Http(problem) => problem.response(request_id),
            Self::Malformed(message) => {
                let error = Error { code: ErrorCode::InvalidInput, field: None, message: message.into() };
                respond::refusal(StatusCode::BAD_REQUEST, &error, form, request_id)
            }
            Self::Domain(error) => {
                let status = super::problem::status_of(error.code);
                respond::refusal(status, &error, form, request_id)
            }
            Self::ChangeByGet => {
                let mut response = Problem::refusal(
                    StatusCode::METHOD_NOT_ALLOWED,
                    "METHOD_NOT_ALLOWED",
                    "GET is for queries; send any other operation with POST.",
                )
                .response(request_id);
                let headers = response.headers_mut();
                headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
                response
            }
        }
    }
}
