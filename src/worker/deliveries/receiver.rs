//! Talking to receivers, who are strangers: whoever may name one must not get to see what is inside the operator's network.
//!
//! Only public addresses are connected to ([`PublicOnly`]), unless others are allowed. Redirects are not followed, no proxy is asked,
//! answers are read no further than they are of use.

use crate::domain::outlet::check_target;
use crate::outgoing::{self, PublicOnly, causes};
use crate::resolvers::outlets::{Answer, Prepared};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use std::time::Duration;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How much of an answer is read, in bytes.
const MAX_ANSWER: usize = 4_096;
/// How much is kept of what a receiver says about a failure, in characters.
const MAX_FAILURE: usize = 500;

/// Those to whom things are sent.
#[derive(Debug, Clone)]
pub(super) struct Receivers {
    client: Client,
    allow_private: bool,
}

impl Receivers {
    /// Receivers who have to answer within that time.
    pub(super) fn new(allow_private: bool, timeout: Duration) -> Result<Self, String> {
        let builder = outgoing::client(CONNECT_TIMEOUT.min(timeout), timeout).no_proxy();
        let client = outgoing::built(if allow_private { builder } else { builder.dns_resolver(PublicOnly) })?;
        Ok(Self { client, allow_private })
    }

    /// Sends a request, and says what has come of it.
    pub(super) async fn send(&self, prepared: &Prepared) -> Answer {
        // The rule may have become stricter since the URL was taken.
        let url = match check_target("url", &prepared.url, self.allow_private) {
            Ok(url) => url,
            Err(error) => return Answer::Away { status: None, failure: error.message.into_owned() },
        };
        let mut request = self.client.post(url).body(prepared.body.clone());
        for (name, value) in &prepared.headers {
            request = request.header(*name, value.as_slice());
        }
        match request.send().await {
            Ok(response) => answer_of(response).await,
            Err(error) => Answer::Away { status: None, failure: bounded(&causes(error.without_url())) },
        }
    }
}

async fn answer_of(response: Response) -> Answer {
    let status = response.status();
    if status.is_success() {
        return Answer::Arrived;
    }
    let said = said(response).await;
    let failure = bounded(&format!("The receiver answers {}{said}.", status.as_u16()));
    // Whoever cannot make use of one thing may be able to make use of the next.
    let is_about_this = status.is_client_error()
        && ![
            StatusCode::UNAUTHORIZED,
            StatusCode::FORBIDDEN,
            StatusCode::NOT_FOUND,
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::REQUEST_TIMEOUT,
            StatusCode::TOO_EARLY,
            StatusCode::TOO_MANY_REQUESTS,
        ]
        .contains(&status);
    let status = status.as_u16();
    if is_about_this { Answer::Refused { status, failure } } else { Answer::Away { status: Some(status), failure } }
}

/// What a receiver says about a failure, if it does so as RFC 8935 (section 2.3) has it.
async fn said(response: Response) -> String {
    let Ok(body) = outgoing::read(response, MAX_ANSWER, "the receiver").await else { return String::new() };
    let Ok(said) = serde_json::from_slice::<Value>(&body) else { return String::new() };
    let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default();
    match (text("err"), text("description")) {
        ("", _) => String::new(),
        (error, "") => format!(" ({error})"),
        (error, description) => format!(" ({error}: {description})"),
    }
}

fn bounded(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_FAILURE).collect()
}
