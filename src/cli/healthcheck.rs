//! `idgraph healthcheck`: whether a server is ready, for those who supervise one and have nothing to ask it with.
//!
//! A container has no curl. One request of HTTP/1.1 that asks for the connection to be closed needs no client: it is two
//! lines, and the answer is whatever comes until the end.

use super::failure::Failure;
use super::settings::Settings;
use super::{logging, output};
use clap::Args;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::{Position, Url};

/// How long the server may take, which itself gives up on its database after two seconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// How much of an answer is read. What is longer does not come from a server of ours.
const LONGEST_ANSWER: u64 = 65_536;

/// Ask a server whether it is ready; the exit code tells
#[derive(Debug, Args)]
pub(super) struct Healthcheck {
    /// What to ask, over plain HTTP [default: /readyz at server.listen]
    #[arg(long, value_name = "URL", value_parser = http_url)]
    url: Option<Url>,
}

impl Healthcheck {
    pub(super) async fn run(self, settings: Settings) -> Result<(), Failure> {
        logging::start_quietly();
        let url = match self.url {
            Some(url) => url,
            None => readiness(settings.load()?.server.listen)?,
        };
        let not_ready = |why: String| Failure::new(format!("The server at {url} is not ready: {why}"));
        match tokio::time::timeout(PATIENCE, ask(&url)).await {
            Ok(Ok(Answer { status: 200, .. })) => output::line("The server is ready."),
            Ok(Ok(answer)) => Err(not_ready(answer.reason())),
            Ok(Err(error)) => Err(not_ready(format!("{error}."))),
            Err(_) => Err(not_ready(format!("it did not answer within {} seconds.", PATIENCE.as_secs()))),
        }
    }
}

/// What a server has answered.
struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    /// Why the server is not ready, in its own words if it has some.
    fn reason(&self) -> String {
        let problem: Option<Value> = serde_json::from_str(&self.body).ok();
        let detail = problem.as_ref().and_then(|problem| problem["detail"].as_str());
        detail.map_or_else(|| format!("it answers with status {}.", self.status), str::to_owned)
    }
}

/// Where a server that listens there says whether it is ready.
fn readiness(mut address: SocketAddr) -> Result<Url, Failure> {
    // Nobody can be reached at the address that stands for every one.
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Url::parse(&format!("http://{address}/readyz"))
        .map_err(|error| Failure::because("server.listen makes no URL", &error))
}

fn http_url(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "http" && url.host().is_some());
    url.ok_or("expected a URL that starts with http://")
}

async fn ask(url: &Url) -> std::io::Result<Answer> {
    let addresses = url.socket_addrs(|| Some(80))?;
    let mut stream = TcpStream::connect(&*addresses).await?;
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let path = &url[Position::BeforePath..Position::AfterQuery];
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.take(LONGEST_ANSWER).read_to_end(&mut bytes).await?;
    parse(&String::from_utf8_lossy(&bytes)).ok_or_else(|| std::io::Error::other("what it answers is not HTTP"))
}

/// Reads an answer of HTTP/1.1.
fn parse(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_this_machine() {
        for (listen, url) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080/readyz"),
            ("0.0.0.0:80", "http://127.0.0.1/readyz"),
            ("[::]:8080", "http://[::1]:8080/readyz"),
        ] {
            let found = readiness(listen.parse().expect("an address")).map(String::from);
            assert_eq!(found.map_err(|failure| failure.message().map(str::to_owned)), Ok(url.to_owned()));
        }
    }

    #[test]
    fn what_is_no_answer_is_told_apart() {
        let reason = |text| parse(text).map(|answer| (answer.status, answer.reason()));
        let problem = "HTTP/1.1 503 Service Unavailable\r\na: b\r\n\r\n{\"detail\": \"No database.\"}";
        assert_eq!(reason(problem), Some((503, "No database.".to_owned())));
        let plain = reason("HTTP/1.1 404 Not Found\r\n\r\nnothing");
        assert_eq!(plain, Some((404, "it answers with status 404.".to_owned())));
        for text in ["", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 x\r\n\r\n", "HTTP/1.1 200 OK\r\n"] {
            assert_eq!(reason(text), None, "{text:?}");
        }
    }
}
