//! What a token is good for (RFC 7662).

use super::client::viewer;
use super::form::Form;
use super::refusal::Refusal;
use super::{Asked, private};
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

pub(super) async fn answer(asked: &Asked<'_>, body: Body) -> Result<Response, Refusal> {
    let form = Form::read(asked, body).await?;
    let viewer = viewer(asked, &form).await?;
    // The hint is none: what a token is can be seen.
    let token = form.require("token")?;
    let told = asked.state.app.introspect(&viewer, token).await?;
    Ok(told.map_or_else(|| private(StatusCode::OK, &json!({"active": false})), |told| private(StatusCode::OK, &told)))
}
