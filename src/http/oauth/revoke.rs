//! That a token is good no more (RFC 7009).

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
    let token = form.require("token")?;
    // Whether there was anything to revoke is told to nobody (RFC 7009 section 2.2).
    asked.state.app.revoke(&viewer, token).await?;
    Ok(private(StatusCode::OK, &json!({})))
}
