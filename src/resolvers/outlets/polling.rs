//! Signals that their receiver fetches (RFC 8936).

use super::super::{App, Viewer};
use super::receiver;
use crate::domain::outlet::{OutletKind, OutletStatus, SetRefusal, parse_stream_id};
use crate::domain::signal::set_id;
use crate::domain::{Error, Result};
use uuid::Uuid;

/// What a receiver says when it fetches.
#[derive(Debug, Clone, Default)]
pub struct Polled {
    /// How many signals it takes at most.
    pub max: u64,
    /// Those that it has.
    pub acknowledged: Vec<Uuid>,
    /// Those that it cannot make use of, and why.
    pub refused: Vec<SetRefusal>,
}

/// What it gets.
#[derive(Debug, Clone, Default)]
pub struct Fetched {
    /// What each is known by, and the signal, signed.
    pub sets: Vec<(String, String)>,
    /// Whether there are more.
    pub has_more: bool,
}

impl App {
    /// Takes note of what the receiver of a stream has, and hands out what it has not, the oldest first.
    pub async fn poll_stream(&self, viewer: &Viewer, id: &str, polled: &Polled) -> Result<Fetched> {
        let owner = receiver(viewer)?;
        let settings = self.sending()?;
        let missing = || Error::not_found("stream_id", "stream");
        let stream = self.own_stream(owner, parse_stream_id(id).ok_or_else(missing)?).await?;
        if stream.kind != OutletKind::Poll {
            return Err(missing());
        }
        let now = self.clock().now();
        self.store().have_arrived(stream.id, &polled.acknowledged, now).await?;
        self.store().are_refused(stream.id, &polled.refused, now).await?;
        if stream.status != OutletStatus::Enabled || polled.max == 0 {
            return Ok(Fetched::default());
        }
        let mut due = self.store().due_deliveries(stream.id, now, polled.max + 1).await?;
        let limit = usize::try_from(polled.max).unwrap_or(usize::MAX);
        let has_more = due.len() > limit;
        due.truncate(limit);
        let mut sets = Vec::with_capacity(due.len());
        let server = self.server();
        for delivery in due {
            sets.push((set_id(delivery.id), self.sign_set(settings, &delivery.body, &server).await?));
        }
        Ok(Fetched { sets, has_more })
    }
}
