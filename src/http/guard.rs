//! What no route may do to a client: hang, or say nothing.

use super::HttpState;
use super::problem::Problem;
use super::request_id::RequestId;
use crate::domain::Error;
use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

/// What is said of a request that takes too long.
pub(super) fn late() -> Error {
    let message = "The request took too long and was given up; ask for less at a time. A change may still be made: \
                   repeat it with the same clientMutationId.";
    Error { message: message.into(), ..Error::unavailable() }
}

/// Answers for a route that panics or takes longer than the configuration allows.
pub(super) async fn guard(
    State(state): State<Arc<HttpState>>,
    Extension(request_id): Extension<RequestId>,
    request: Request,
    next: Next,
) -> Response {
    let limit = Duration::from_secs(state.server.request_timeout_seconds);
    // A panic leaves nothing half done that others could see: changes are made in transactions.
    let route = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(limit, route).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            // What the panic says may hold data; its place is in the panic hook's own report.
            tracing::error!("a route panicked");
            Problem::from(Error::internal()).response(&request_id)
        }
        Err(_) => {
            tracing::warn!(
                server.request_timeout_seconds = limit.as_secs(),
                "a request took too long and was given up"
            );
            Problem::from(late()).response(&request_id)
        }
    }
}
