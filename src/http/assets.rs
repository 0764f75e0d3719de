//! The GraphiQL page: files that are built into the server.
//!
//! They are answered with a policy under which a browser loads nothing from elsewhere and runs
//! nothing inline, so that not even a hostile query result can reach the token in the page. A
//! browser keeps the files and asks each time whether they still hold, so that a page never meets
//! the scripts of another release.

use super::HttpState;
use super::problem;
use super::request_id::RequestId;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Json};
use rust_embed::RustEmbed;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

/// What the page may load. The hash is that of the one style sheet that GraphiQL writes inline.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; \
     style-src 'self' 'sha256-Y/huXlwoYkVyQlxwSVcCi1RCDGDCSVBzDt0hYP9qlTc='; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

#[derive(Debug, RustEmbed)]
#[folder = "assets/graphiql/"]
struct Files;

#[derive(Debug, RustEmbed)]
#[folder = "assets/reference/"]
struct Reference;

/// What the reference may load: nothing from elsewhere, and nothing inline.
const REFERENCE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'",
);

/// The way in: to the page, or to the endpoint where there is no page.
pub(super) async fn root(State(state): State<Arc<HttpState>>) -> Response {
    if state.graphql.graphiql {
        return Redirect::temporary("/graphiql").into_response();
    }
    Json(json!({ "name": "idgraph", "graphql": "/graphql" })).into_response()
}

/// The page itself.
pub(super) async fn page(request_id: Extension<RequestId>, headers: HeaderMap) -> Response {
    send("index.html", embedded::<Files>("index.html"), CONTENT_SECURITY_POLICY, (request_id, &headers)).await
}

/// One file of the page.
pub(super) async fn file(uri: Uri, request_id: Extension<RequestId>, headers: HeaderMap) -> Response {
    let name = uri.path().trim_start_matches("/graphiql/");
    send(name, embedded::<Files>(name), CONTENT_SECURITY_POLICY, (request_id, &headers)).await
}

/// The reference of REST.
pub(super) async fn reference(request_id: Extension<RequestId>, headers: HeaderMap) -> Response {
    send("index.html", embedded::<Reference>("index.html"), REFERENCE_POLICY, (request_id, &headers)).await
}

/// One file of the reference.
pub(super) async fn reference_file(uri: Uri, request_id: Extension<RequestId>, headers: HeaderMap) -> Response {
    let name = uri.path().trim_start_matches("/v1/docs/");
    send(name, embedded::<Reference>(name), REFERENCE_POLICY, (request_id, &headers)).await
}

/// A document that the server makes itself and never changes.
pub(super) async fn document(text: &'static str, request_id: Extension<RequestId>, headers: HeaderMap) -> Response {
    let hash = Sha256::digest(text.as_bytes()).into();
    send("openapi.json", Some((text.as_bytes().into(), hash)), REFERENCE_POLICY, (request_id, &headers)).await
}

/// A file of a page, and its hash.
fn embedded<F: RustEmbed>(name: &str) -> Option<(Cow<'static, [u8]>, [u8; 32])> {
    F::get(name).map(|file| (file.data, file.metadata.sha256_hash()))
}

async fn send(
    name: &str,
    file: Option<(Cow<'static, [u8]>, [u8; 32])>,
    policy: HeaderValue,
    (request_id, headers): (Extension<RequestId>, &HeaderMap),
) -> Response {
    let Some((data, hash)) = file else {
        return problem::unknown_path(request_id).await;
    };
    let tag = entity_tag(hash);
    let common = [
        (header::ETAG, tag.clone()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    if is_current(headers, &tag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let content_type = [(header::CONTENT_TYPE, content_type(name))];
    (common, content_type, data).into_response()
}

/// A weak tag: the same file may be sent packed or not.
fn entity_tag(hash: [u8; 32]) -> HeaderValue {
    let mut tag = String::from("W/\"");
    for byte in &hash[..16] {
        // Writing to a String cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("W/\"\""))
}

/// Whether the client has the file already.
fn is_current(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let current = tag.to_str().map(opaque).unwrap_or_default();
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || opaque(known) == current)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
