//! Whether the server lives, and whether it can be of use: for those who start, stop and balance it.

use super::HttpState;
use super::problem::Problem;
use super::request_id::RequestId;
use crate::domain::{Error, Result};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long a check may take. An answer that comes later is of no use to a prober.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process lives. This asks nothing else, so that a restart is never the answer to a database
/// that is away.
pub(super) async fn live() -> Response {
    ok()
}

/// The server can answer requests: the database answers, and its schema is the server's.
pub(super) async fn ready(
    State(state): State<Arc<HttpState>>,
    Extension(request_id): Extension<RequestId>,
) -> Response {
    let failure = match database(&state).await {
        Ok(()) => migrations(&state).await.err().map(|error| (error, "migrations")),
        Err(error) => Some((error, "database")),
    };
    match failure {
        None => ok(),
        Some((error, check)) => {
            tracing::warn!(health.check = check, "the server is not ready");
            Problem::from(error).found_by(check).response(&request_id)
        }
    }
}

async fn database(state: &HttpState) -> Result<()> {
    in_time(state.app.store().ping()).await.map_err(|_| not_ready("The database does not answer."))
}

async fn migrations(state: &HttpState) -> Result<()> {
    if state.migrated.load(Ordering::Relaxed) {
        return Ok(());
    }
    let status = in_time(state.app.store().migration_status())
        .await
        .map_err(|_| not_ready("The database does not say which migrations it has."))?;
    if status.iter().any(|(_, applied)| !applied) {
        return Err(not_ready("The database lacks migrations; apply them."));
    }
    state.migrated.store(true, Ordering::Relaxed);
    Ok(())
}

async fn in_time<T>(check: impl Future<Output = Result<T>>) -> Result<T> {
    let in_time = tokio::time::timeout(PATIENCE, check).await;
    in_time.unwrap_or_else(|_| Err(Error::unavailable()))
}

fn not_ready(detail: &'static str) -> Error {
    Error { message: detail.into(), ..Error::unavailable() }
}

fn ok() -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store")];
    (headers, Json(json!({ "status": "ok" }))).into_response()
}
