//! Bodies of requests, read as far as they may go.

use axum::body::{Body, Bytes};
use futures::StreamExt;

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
