//! Fetching signals (RFC 8936).

use super::body::{object, read};
use super::{Asked, Refused, private};
use crate::domain::Error;
use crate::domain::outlet::SetRefusal;
use crate::domain::signal::parse_set_id;
use crate::resolvers::Viewer;
use crate::resolvers::outlets::Polled;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::time::Duration;

/// How many signals are handed out unless somebody asks for another number.
const DEFAULT_EVENTS: u64 = 50;
/// The most signals that are handed out at a time.
const MAX_EVENTS: u64 = 200;
/// How many signals may be acknowledged, or refused, at a time.
const MAX_NAMED: usize = 1_000;
/// How long somebody may wait for a signal at most.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// How often there is a look whether another server has written one down.
const LOOK: Duration = Duration::from_secs(1);
/// How long the reason of a refusal may be that is kept, in characters.
const MAX_REASON: usize = 500;

/// What a receiver says (section 2.4).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    max_events: Option<u64>,
    #[serde(default)]
    return_immediately: bool,
    #[serde(default)]
    ack: Vec<String>,
    #[serde(default)]
    set_errs: HashMap<String, SetError>,
}

#[derive(Deserialize)]
struct SetError {
    err: String,
    #[serde(default)]
    description: String,
}

impl Request {
    fn polled(&self) -> Result<Polled, Error> {
        if self.ack.len() > MAX_NAMED || self.set_errs.len() > MAX_NAMED {
            let message = format!("At most {MAX_NAMED} signals can be acknowledged or refused at a time.");
            return Err(Error::invalid(if self.ack.len() > MAX_NAMED { "ack" } else { "setErrs" }, message));
        }
        let refusal = |(name, error): (&String, &SetError)| {
            let reason = format!("{}: {}", error.err, error.description);
            let failure = reason.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect();
            Some(SetRefusal { id: parse_set_id(name)?, failure })
        };
        Ok(Polled {
            max: self.max_events.unwrap_or(DEFAULT_EVENTS).min(MAX_EVENTS),
            // What is none of ours was never handed out.
            acknowledged: self.ack.iter().filter_map(|name| parse_set_id(name)).collect(),
            refused: self.set_errs.iter().filter_map(refusal).collect(),
        })
    }
}

pub(super) async fn answer(asked: &Asked<'_>, viewer: &Viewer, body: Body) -> Result<Response, Refused> {
    let request: Request = read(object(asked, body).await?)?;
    let app = &asked.state.app;
    let mut polled = request.polled()?;
    let patience = LONGEST_WAIT.min(Duration::from_secs(asked.state.server.request_timeout_seconds) / 2);
    let until = tokio::time::Instant::now() + patience;
    let fetched = loop {
        let announced = app.deliveries_announced();
        let fetched = app.poll_stream(viewer, &asked.id, &polled).await?;
        let is_done = request.return_immediately || polled.max == 0 || !fetched.sets.is_empty();
        if is_done || tokio::time::Instant::now() >= until {
            break fetched;
        }
        (polled.acknowledged, polled.refused) = (Vec::new(), Vec::new());
        let _ = tokio::time::timeout(LOOK, announced).await;
    };
    let sets: Map<String, Value> = fetched.sets.into_iter().map(|(id, set)| (id, set.into())).collect();
    Ok(private(StatusCode::OK, &json!({"sets": sets, "moreAvailable": fetched.has_more})))
}
