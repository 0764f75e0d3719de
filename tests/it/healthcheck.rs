//! `idgraph healthcheck` says of a running server whether it is ready.

use crate::support::program::{Ran, program, run};
use crate::support::{World, on_each_database};
use idgraph::config::{Config, Sources};
use idgraph::http::{HttpState, serve};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Serves the world at a free port, as long as the story goes on.
async fn listen(world: &World) -> SocketAddr {
    let config = Config::load(Sources::default()).expect("the defaults");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(serve(listener, HttpState::new(Arc::clone(&world.app), &config), std::future::pending()));
    address
}

async fn check(arguments: &[&str]) -> Ran {
    run(program(["healthcheck"].iter().chain(arguments))).await
}

on_each_database! {
    async fn a_server_is_ready_or_says_why_not(world: World) {
        let address = listen(&world).await;
        let listens = format!("server.listen={address}");
        let everywhere = format!("server.listen=0.0.0.0:{}", address.port());
        let url = format!("http://localhost:{}/healthz", address.port());
        for arguments in [["--set", listens.as_str()], ["--set", everywhere.as_str()], ["--url", url.as_str()]] {
            let ran = check(&arguments).await;
            assert_eq!((ran.code, ran.output.as_str()), (0, "The server is ready.\n"), "{ran:?}");
        }
        let ran = check(&["--url", &format!("http://{address}/nowhere")]).await;
        assert!(ran.code == 1 && ran.complaint.contains("There is nothing at this path"), "{ran:?}");

        let address = listen(&world).await;
        world.app.store().migrate_down(Some(1)).await.expect("a step down");
        let ran = check(&["--set", &format!("server.listen={address}")]).await;
        assert!(ran.code == 1 && ran.complaint.contains("lacks migrations"), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_no_server_is_not_ready() {
    let ran = check(&["--url", "http://127.0.0.1:1/readyz"]).await;
    assert!(ran.code == 1 && ran.complaint.contains("is not ready"), "{ran:?}");
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = silent.local_addr().expect("an address");
    let ran = check(&["--url", &format!("http://{address}/")]).await;
    assert!(ran.code == 1 && ran.complaint.contains("did not answer within 5 seconds"), "{ran:?}");
    assert_eq!(check(&["--url", "https://example.org/"]).await.code, 2);
}
