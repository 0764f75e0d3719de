//! A proxy before PostgreSQL whose connections can fall silent: they stay open, and nothing is delivered over them any more.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

/// The proxy, until it is dropped.
pub struct Proxy {
    /// Where the database is, through the proxy.
    pub url: String,
    silences: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// A proxy before the database at that URL.
    pub async fn before(url: &str) -> Self {
        let mut url = Url::parse(url).expect("a URL");
        let target = format!("{}:{}", url.host_str().expect("a host"), url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let SocketAddr::V4(address) = listener.local_addr().expect("an address") else { panic!("not IPv4") };
        url.set_ip_host((*address.ip()).into()).expect("a host");
        url.set_port(Some(address.port())).expect("a port");
        let silences = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&silences);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&target).await.expect("PostgreSQL");
                tokio::spawn(serve(client, server, Arc::clone(&count)));
            }
        });
        Self { url: url.into(), silences, task }
    }

    /// Delivers nothing more to those who listen over a connection that is open now.
    pub fn silence_listeners(&self) {
        self.silences.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(client: TcpStream, server: TcpStream, silences: Arc<AtomicUsize>) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (listens, before) = (AtomicBool::new(false), silences.load(Ordering::SeqCst));
    let is_listen = |bytes: &[u8]| bytes.windows(6).any(|word| word == b"LISTEN");
    let there = carry(from_client, to_server, |bytes| {
        listens.fetch_or(is_listen(bytes), Ordering::SeqCst);
        true
    });
    let back =
        carry(from_server, to_client, |_| !listens.load(Ordering::SeqCst) || silences.load(Ordering::SeqCst) == before);
    // When one side has gone, the other one loses its connection.
    tokio::select! {
        () = there => {}
        () = back => {}
    }
}

/// Carries bytes from one side to the other, as far as they are to be delivered.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, is_delivered: impl Fn(&[u8]) -> bool) {
    let mut buffer = vec![0; 16_384];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..length];
        if is_delivered(bytes) && to.write_all(bytes).await.is_err() {
            break;
        }
    }
}
