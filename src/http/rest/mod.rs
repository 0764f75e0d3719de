//! REST over HTTP: the routes of the table of operations, and the pages that describe them.
//!
//! What every operation needs is done here, once: who asks, what it costs, the body, and how a refusal is told.

use super::HttpState;
use super::assets;
use super::auth::{self, Denied};
use super::body::{self, Unreadable};
use super::problem::Problem;
use super::rate_limit::{self, TooMuch};
use super::request_id::RequestId;
use crate::domain::Error;
use crate::rest::{Call, Method, Operation, Refusal, Reply, openapi, operations};
use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, get, on};
use axum::{Extension, Router};
use std::sync::Arc;

/// What this face is called in events.
const FACE: &str = "rest";

/// The routes.
pub(super) fn routes() -> Router<Arc<HttpState>> {
    let describing = Router::new()
        .route(
            "/v1/openapi.json",
            get(|request_id, headers: HeaderMap| assets::document(openapi::text(), request_id, headers)),
        )
        .route("/v1/docs", get(assets::reference))
        .route("/v1/docs/{file}", get(assets::reference_file));
    operations::all().iter().fold(describing, |router, operation| {
        let handler = move |State(state): State<Arc<HttpState>>,
                            Extension(request_id): Extension<RequestId>,
                            path: Result<RawPathParams, RawPathParamsRejection>,
                            request: Request| async move {
            match answer(operation, (&state, &request_id), path.ok(), request).await {
                Ok(reply) => sent(reply),
                Err(refused) => refused.response(&request_id),
            }
        };
        router.route(operation.path, on(filter(operation.method), handler))
    })
}

const fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
        Method::Patch => MethodFilter::PATCH,
        Method::Delete => MethodFilter::DELETE,
    }
}

/// Why a request is not answered as it was meant.
enum Refused {
    Denied(Denied),
    TooMuch(TooMuch),
    Body(Unreadable, usize),
    Operation(Refusal),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Operation(refusal)
    }
}

impl Refused {
    fn response(self, request_id: &RequestId) -> Response {
        let problem = match self {
            Self::Denied(denied) => return denied.response(request_id),
            Self::TooMuch(too_much) => return Denied::TooMuch(too_much).response(request_id),
            Self::Body(unreadable, limit) => Problem::of_body(unreadable, limit),
            Self::Operation(Refusal::Error(error)) => Problem::from(error),
            Self::Operation(Refusal::Malformed { field, detail }) => {
                Problem::refusal(StatusCode::BAD_REQUEST, "BAD_REQUEST", "").saying(detail).about(field)
            }
            Self::Operation(Refusal::MediaType(detail)) => {
                let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
                Problem::refusal(status, "UNSUPPORTED_MEDIA_TYPE", "").saying(detail)
            }
        };
        problem.response(request_id)
    }
}

async fn answer(
    operation: &Operation,
    (state, request_id): (&HttpState, &RequestId),
    path: Option<RawPathParams>,
    request: Request,
) -> Result<Reply, Refused> {
    let address = rate_limit::address(request.extensions());
    let origin = request_id.origin(FACE);
    let (parts, body) = request.into_parts();
    let viewer = match auth::admit(state, &parts.headers, (address, origin)).await {
        Ok(viewer) => viewer,
        Err(denied) => {
            body::discard(body).await;
            return Err(Refused::Denied(denied));
        }
    };
    let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let mut call = Call {
        app: Arc::clone(&state.app),
        viewer,
        path: parts.uri.path().to_owned(),
        // What is no text names nothing that there is.
        parameters: path.iter().flatten().map(text).collect(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: axum::body::Bytes::new(),
    };
    let allowance = state.charge(&call.viewer, address, operation.price(&call)).await.map_err(Refused::TooMuch)?;
    if call.viewer.access.is_none() {
        body::discard(body).await;
        return Err(Refusal::from(Error::unauthenticated()).into());
    }
    call.body = read(body, state.server.max_body_bytes).await?;
    let mut reply = operation.answer(call).await?;
    if let Some(allowance) = allowance {
        allowance.tell(&mut reply.headers);
    }
    Ok(reply)
}

async fn read(body: Body, limit: usize) -> Result<axum::body::Bytes, Refused> {
    body::read(body, limit).await.map_err(|unreadable| Refused::Body(unreadable, limit))
}

fn sent(Reply { status, mut headers, body }: Reply) -> Response {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let Some(body) = body else { return (status, headers).into_response() };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    (status, headers, body).into_response()
}
