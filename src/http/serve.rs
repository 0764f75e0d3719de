//! From a socket to the routes, and a stop that loses nothing.
//!
//! Stopping has an order: take no new connection, finish the requests that were accepted, then the
//! writes that were accepted. A request has a time limit for it; a write, which its client may have
//! been told of already, has none.

use super::{HttpState, router};
use axum::serve::ListenerExt;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Answers requests until `shutdown` completes, and then finishes what has been accepted.
///
/// # Errors
///
/// When the operating system gives up the socket.
pub async fn serve(
    listener: TcpListener,
    state: HttpState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let app = Arc::clone(&state.app);
    let patience = Duration::from_secs(state.server.shutdown_timeout_seconds);
    let address = listener.local_addr()?;
    // An answer is written whole; waiting for more to send along only delays it.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(error = %error, "a connection keeps its delay");
        }
    });

    let (stopping, stopped) = oneshot::channel();
    let signal = async move {
        shutdown.await;
        tracing::info!("stopping: no new connections, finishing the requests under way");
        // Nobody listens if the server has ended by itself.
        let _ = stopping.send(());
    };
    let server = axum::serve(listener, router(state)).with_graceful_shutdown(signal);
    tracing::info!(server.address = %address, "serving HTTP");
    let result = tokio::select! {
        result = server => result,
        () = deadline(stopped, patience) => {
            tracing::warn!(
                server.shutdown_timeout_seconds = patience.as_secs(),
                "some requests did not finish in time and are given up"
            );
            Ok(())
        }
    };
    app.close().await;
    tracing::info!("every accepted change is committed; the HTTP server has stopped");
    result
}

/// Completes when stopping has taken too long. Never completes unless stopping begins.
async fn deadline(stopped: oneshot::Receiver<()>, patience: Duration) {
    if stopped.await.is_err() {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(patience).await;
}
