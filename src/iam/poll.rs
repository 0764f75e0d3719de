//! Fetching signals from transmitters (RFC 8936), over HTTP.
//!
//! A transmitter is a stranger: it is reached at public addresses only, unless others are allowed. Redirects are not followed, no
//! proxy is asked, and an answer is no larger than so many signals can be. Nothing of what it is asked with gets into a reason.

use crate::domain::outlet::check_target;
use crate::outgoing::{self, PublicOnly};
use crate::resolvers::reception::{Poll, PolledSignals};
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;
use std::time::Duration;

/// How many bytes an answer may have.
const MAX_BYTES: usize = 8_388_608;
/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How a transmitter is called in reasons.
const WHO: &str = "it";

/// Those who ask transmitters: one for public addresses, one for any.
#[derive(Debug, Default)]
pub(super) struct Pollers {
    outside: OnceLock<Result<Client, String>>,
    anywhere: OnceLock<Result<Client, String>>,
}

/// What a transmitter answers. Whether there is more is seen when it is asked again.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    sets: Map<String, Value>,
}

impl Pollers {
    fn client(&self, allow_private: bool) -> Result<&Client, String> {
        let client = if allow_private { &self.anywhere } else { &self.outside };
        let client = client.get_or_init(|| {
            let builder = outgoing::client(CONNECT_TIMEOUT, TIMEOUT).no_proxy();
            outgoing::built(if allow_private { builder } else { builder.dns_resolver(PublicOnly) })
        });
        client.as_ref().map_err(Clone::clone)
    }

    /// Asks a transmitter, and says what it answers.
    pub(super) async fn fetch(&self, poll: &Poll) -> Result<PolledSignals, String> {
        // The rule may have become stricter since the URL was taken.
        let url = check_target("poll_url", &poll.url, poll.allow_private_networks)
            .map_err(|_| "it is not at an address that is public, or not to be spoken to by https".to_owned())?;
        let client = self.client(poll.allow_private_networks)?;
        let request = client
            .post(url)
            .bearer_auth(&poll.token)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .body(body(poll).to_string());
        let response = request.send().await.map_err(|error| outgoing::silence(WHO, error))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(format!("it answers {status}; redirects are not followed, so name where it leads"));
        }
        if !status.is_success() {
            return Err(format!("it answers {status}"));
        }
        let body = outgoing::read(response, MAX_BYTES, WHO).await?;
        // Whoever was only told something may have nothing to say.
        if body.is_empty() && poll.max_events == 0 {
            return Ok(PolledSignals::default());
        }
        let answer: Answer =
            serde_json::from_slice(&body).map_err(|_| "it does not answer as RFC 8936 has it".to_owned())?;
        let signal = |(name, set): (String, Value)| match set {
            Value::String(set) => Ok((name, set)),
            _ => Err("it sends something else than signed signals".to_owned()),
        };
        Ok(PolledSignals { signals: answer.sets.into_iter().map(signal).collect::<Result<_, _>>()? })
    }
}

/// What a transmitter is asked, and told (sections 2.2 and 2.4).
fn body(poll: &Poll) -> Value {
    let mut body = json!({"maxEvents": poll.max_events, "returnImmediately": true});
    if !poll.unsaid.taken.is_empty() {
        body["ack"] = json!(poll.unsaid.taken);
    }
    if !poll.unsaid.refused.is_empty() {
        let refused = poll.unsaid.refused.iter().map(|(name, refusal)| {
            (name.clone(), json!({"err": refusal.fault.code(), "description": refusal.description}))
        });
        body["setErrs"] = Value::Object(refused.collect());
    }
    body
}
