//! GraphQL over WebSocket, by the sub-protocol [`graphql-transport-ws`][1], at the path of GraphQL over HTTP.
//!
//! | File | What it knows |
//! |---|---|
//! | [`sockets`] | every connection: how many there are, that the server stops |
//! | [`connection`] | one connection: what comes in, what goes out, when it ends |
//! | [`credential`] | who is at its other end, and whether that still holds |
//! | [`operation`] | one operation of it: a query, a mutation, or a subscription |
//! | [`message`], [`close`] | how the protocol writes all that |
//!
//! Who asks is told by the header `Authorization` of the handshake, or, since browsers cannot set headers, by
//! `{"Authorization": "Bearer …"}` in the payload of `connection_init`. There are no cookies, so that a page of another
//! site has nothing that it could make a browser send along, and the `Origin` of a handshake needs no check.
//!
//! Nothing piles up for a client that does not read. A connection has one short queue. While it is full, operations wait
//! with the answer that they have; a subscription that waits reads no further event. A client that takes nothing for too
//! long is disconnected, comes back when it can, and goes on with the last cursor it has seen.
//!
//! [1]: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md

mod close;
mod connection;
mod credential;
mod message;
mod operation;
mod sockets;

pub(in crate::http) use sockets::Sockets;

use super::FACE;
use crate::http::HttpState;
use crate::http::problem::{Problem, RETRY_AFTER};
use crate::http::rate_limit;
use crate::http::request_id::RequestId;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use connection::Connection;
use credential::Credential;
use std::sync::Arc;
use tracing::Instrument;

/// The sub-protocol.
const PROTOCOL: &str = "graphql-transport-ws";

/// Whether a request wants to go on as a WebSocket.
pub(super) fn is_upgrade(headers: &HeaderMap) -> bool {
    headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Answers the handshake, and serves the connection from then on.
pub(super) async fn open(state: &Arc<HttpState>, request_id: &RequestId, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await else {
        let detail = "This is no handshake of a WebSocket of version 13 (RFC 6455), or nothing that can become one.";
        return Problem::refusal(StatusCode::BAD_REQUEST, "BAD_REQUEST", detail).response(request_id);
    };
    let address = rate_limit::address(&parts.extensions);
    let credential = match Credential::of_headers(state, &parts.headers, (address, request_id.origin(FACE))).await {
        Ok(credential) => credential,
        Err(denied) => return denied.response(request_id),
    };
    let Some(mut place) = state.sockets.admit() else {
        let detail = "The server has as many WebSocket connections as it may; try again in a moment.";
        return Problem::refusal(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", detail).response(request_id);
    };
    if credential.is_known() && !place.count_as(credential.viewer()) {
        let detail = "This credential has as many WebSocket connections as it may; close one of them.";
        let refusal = Problem::refusal(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", detail);
        let mut response = refusal.response(request_id);
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        return response;
    }
    let max_bytes = state.server.max_body_bytes;
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(max_bytes).max_frame_size(max_bytes);
    let connection = Connection::new(Arc::clone(state), request_id.clone(), (credential, address), place);
    let span = tracing::Span::current();
    upgrade.on_upgrade(move |socket| connection.serve(socket).instrument(span))
}
