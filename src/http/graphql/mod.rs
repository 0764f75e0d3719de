//! GraphQL over HTTP, by the [specification][1], in the order in which a request is looked at:
//!
//! 1. [`accept`]: in which form the client wants the answer, else 406.
//! 2. [`request`]: what it asks, from a JSON body (else 415) or from a query string. A form, which
//!    another site could make a browser send, is never read.
//! 3. [`persisted`]: the document, if the client has only named it by its hash.
//! 4. [`operation`](crate::graphql::operation): which operation that is, and whether it may be run.
//! 5. [`rate_limit`]: whether whoever asks may ask for as much just now, else 429.
//! 6. [`respond`]: what came of it, with the status that the form of the answer wants.
//!
//! What HTTP itself refuses is a [problem](super::problem), as everywhere. From the moment the
//! client is known to speak GraphQL, every answer has the shape of a GraphQL response, so that a
//! GraphQL client can show it.
//!
//! Nothing here waits for anything but the execution: when a client goes away the future is
//! dropped, and a query with it. A change that was accepted is finished all the same.
//!
//! [1]: https://graphql.github.io/graphql-over-http/draft/

mod accept;
pub(super) mod persisted;
mod request;
mod respond;
mod socket;
mod trusted;

pub(super) use socket::Sockets;
pub use trusted::TrustedDocuments;

use self::accept::ResponseType;
use super::HttpState;
use super::auth::{self, Denied};
use super::metrics::Outcome;
use super::problem::Problem;
use super::rate_limit::{self, TooMuch};
use super::request_id::RequestId;
use super::trace;
use crate::domain::{Error, ErrorCode};
use crate::graphql::is_executed;
use crate::graphql::operation::{self, Operation, Refused};
use crate::resolvers::Viewer;
use async_graphql::parser::types::OperationType;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use persisted::Registration;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;

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
    /// Enough was asked for.
    TooMuch(TooMuch),
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Credential(error) => Self::Domain(error),
            Denied::TooMuch(too_much) => Self::TooMuch(too_much),
        }
    }
}

/// Runs a query that is written in the query string.
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
    let address = rate_limit::address(request.extensions());
    let viewer = auth::admit(state, request.headers(), (address, request_id.origin(FACE))).await?;
    let request = if by_get {
        request::from_query_string(request.uri().query().unwrap_or_default())?
    } else {
        request::from_body(request).await?
    };
    let began = Instant::now();
    let (kind, response) = run(state, Asker { viewer, address }, request, by_get).await?;
    if let Some(metrics) = &state.metrics {
        metrics.operation(kind, outcome(&response), began.elapsed());
    }
    Ok(response)
}

/// Who asks, and from where.
struct Asker {
    viewer: Viewer,
    address: Option<IpAddr>,
}

/// Runs what is asked for. Says of which type the operation is, if it is of any.
async fn run(
    state: &HttpState,
    Asker { viewer, address }: Asker,
    request: async_graphql::Request,
    by_get: bool,
) -> Result<(Option<OperationType>, async_graphql::Response), Refusal> {
    let name = request.operation_name.clone();
    let (kind, prepared) = prepare(state, request);
    if by_get && kind.is_some_and(|kind| kind != OperationType::Query) {
        return Err(Refusal::ChangeByGet);
    }
    let prepared = if kind == Some(OperationType::Subscription) { Err(over_websocket()) } else { prepared };
    // What is refused has cost something too.
    let cost = prepared.as_ref().map_or(1, |(operation, _)| operation.cost());
    let allowance = match state.charge(&viewer, address, cost).await {
        Ok(allowance) => allowance,
        Err(never @ TooMuch::Ever { .. }) => return Ok((kind, respond::request_error(&never.error()))),
        Err(now) => return Err(Refusal::TooMuch(now)),
    };
    let (operation, registration) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return Ok((kind, async_graphql::Response::from_errors(vec![*error]))),
    };
    let max_nodes = state.graphql.max_nodes;
    let executed = crate::graphql::execute(&state.schema, &state.app, viewer, max_nodes, operation);
    let mut response = executed.instrument(trace::operation(kind, name.as_deref())).await;
    if let Some(registration) = registration.filter(|_| is_executed(&response)) {
        state.persisted_queries.keep(registration);
    }
    if let Some(allowance) = allowance {
        allowance.tell(&mut response.http_headers);
    }
    Ok((kind, response))
}

/// An operation that may be run, with its document if that is to be kept; or why it may not.
type Prepared = Result<(Operation, Option<Registration>), Refused>;

/// Finds out what is asked for, and of which type that is.
fn prepare(state: &HttpState, mut request: async_graphql::Request) -> (Option<OperationType>, Prepared) {
    let registration = match state.persisted_queries.complete(&mut request) {
        Ok(registration) => registration,
        Err(error) => return (None, Err(Box::new(error))),
    };
    let opened = match operation::open(&state.schema, request) {
        Ok(opened) => opened,
        Err(error) => return (None, Err(error)),
    };
    (opened.kind(), opened.price(&state.schema).map(|operation| (operation, registration)))
}

/// What is said to a subscription that cannot be answered again and again.
fn over_websocket() -> Refused {
    let message = "Subscriptions run over WebSocket, with the sub-protocol graphql-transport-ws, at the same path.";
    Box::new(respond::told(&Error {
        code: ErrorCode::InvalidInput,
        field: None,
        keyword: None,
        message: message.into(),
    }))
}

/// What came of an operation.
fn outcome(response: &async_graphql::Response) -> Outcome {
    match (is_executed(response), response.errors.is_empty()) {
        (true, true) => Outcome::Ok,
        (true, false) => Outcome::Errors,
        (false, _) => Outcome::Refused,
    }
}

impl Refusal {
    fn response(self, form: ResponseType, request_id: &RequestId) -> Response {
        match self {
            Self::Http(problem) => problem.response(request_id),
            Self::Malformed(message) => {
                let error =
                    Error { code: ErrorCode::InvalidInput, field: None, keyword: None, message: message.into() };
                respond::refusal(StatusCode::BAD_REQUEST, &error, form, request_id)
            }
            Self::Domain(error) => {
                let status = super::problem::status_of(error.code);
                respond::refusal(status, &error, form, request_id)
            }
            Self::TooMuch(too_much) => {
                let status = StatusCode::TOO_MANY_REQUESTS;
                let mut response = respond::refusal(status, &too_much.error(), form, request_id);
                too_much.tell(response.headers_mut());
                response
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
