//! Bodies of requests, read as far as they may go.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use futures::StreamExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

/// How much of what a body has too much is read, so that the client gets to see why it is refused.
const MAX_THROWN_AWAY: usize = 16 << 20;

/// Why a body cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It ends before its end.
    Broken,
    /// It has more bytes than are read.
    TooLarge,
}

/// Reads a body and throws it away, as far as one goes that is too large: whoever is still sending when the answer comes may
/// lose the connection, and with it the next request.
pub(super) async fn discard(body: Body) {
    // What becomes of it is nobody's business.
    drop(read(body, 0).await);
}

/// Reads a body of at most so many bytes. What goes beyond is read and thrown away, up to a limit, because whoever is still
/// sending when the connection is closed does not get to see the answer.
pub(super) async fn read(body: Body, limit: usize) -> Result<Bytes, Unreadable> {
    let mut stream = body.into_data_stream();
    let (mut kept, mut total) = (Vec::new(), 0_usize);
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_| Unreadable::Broken)?;
        total = total.saturating_add(piece.len());
        if total <= limit {
            kept.extend_from_slice(&piece);
        } else if total > limit.saturating_add(MAX_THROWN_AWAY) {
            break;
        } else {
            kept.clear();
        }
    }
    if total <= limit { Ok(Bytes::from(kept)) } else { Err(Unreadable::TooLarge) }
}

/// Says that the connection ends where a body was not read to its end, as when there is nothing at the path that it was sent to.
/// The server closes such a connection; a client that is not told (RFC 9112 §9.6) would send its next request into it.
pub(super) async fn close_unread(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() || request.version() > Version::HTTP_11 {
        return next.run(request).await;
    }
    let is_read = Arc::new(AtomicBool::new(false));
    let note = Arc::clone(&is_read);
    let request = request.map(|body| {
        let mut pieces = body.into_data_stream();
        Body::from_stream(futures::stream::poll_fn(move |context| {
            let piece = pieces.poll_next_unpin(context);
            if matches!(piece, Poll::Ready(None)) {
                note.store(true, Ordering::Relaxed);
            }
            piece
        }))
    });
    let mut response = next.run(request).await;
    // What a connection is upgraded to has no body that anybody could leave.
    if !is_read.load(Ordering::Relaxed) && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
