//! From a socket to the routes, and a stop that loses nothing.
//!
//! Stopping has an order: take no new connection, tell those who follow changes to come back
//! elsewhere, finish the requests that were accepted, then the writes that were accepted. A request
//! has a time limit for it; a write, which its client may have been told of already, has none.

use super::{HttpState, router};
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

/// How long a client may take to send the head of a request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait for a free file descriptor when there is none for another connection.
const BREATHER: Duration = Duration::from_millis(50);

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
    let (app, sockets) = (Arc::clone(&state.app), Arc::clone(&state.sockets));
    let patience = Duration::from_secs(state.server.shutdown_timeout_seconds);
    tracing::info!(server.address = %listener.local_addr()?, "serving HTTP");
    let routes = router(state);
    let mut http = auto::Builder::new(TokioExecutor::new()).http1_only();
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    let connections = GracefulShutdown::new();
    tokio::pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = &mut shutdown => break,
        };
        // Each request carries along who is at the other end of its connection.
        let service = routes.clone().map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
        let service = TowerToHyperService::new(service);
        let connection = http.serve_connection_with_upgrades(TokioIo::new(stream), service);
        let connection = connections.watch(connection.into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = %error, "a connection ended badly");
            }
        });
    }
    drop(listener);
    tracing::info!("stopping: no new connections, finishing the requests under way");
    let finished = async { tokio::join!(connections.shutdown(), sockets.close()) };
    if tokio::time::timeout(patience, finished).await.is_err() {
        tracing::warn!(
            server.shutdown_timeout_seconds = patience.as_secs(),
            "some requests did not finish in time and are given up"
        );
    }
    app.close().await;
    tracing::info!("every accepted change is committed; the HTTP server has stopped");
    Ok(())
}

/// The next connection. What keeps one client from connecting is no reason to stop serving the others.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // An answer is written whole; waiting for more to send along only delays it.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(error = %error, "a connection keeps its delay");
                }
                return (stream, peer);
            }
            Err(error) => {
                tracing::warn!(error = %error, "a connection could not be accepted");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
}
