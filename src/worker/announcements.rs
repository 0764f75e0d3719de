//! Hears from other servers how far organizations have come, and tells them: so that whoever follows an organization
//! here is woken by what is changed there.
//!
//! On PostgreSQL the database itself carries announcements. A Redis that is configured carries them too, over a channel
//! beside the stream. An announcement only says "this organization is at number N", and one that gets lost only delays:
//! those who follow look into the database every now and then, and everybody looks when a connection is there again.

use super::Stopping;
use super::backoff::Backoff;
use super::redis_stream::connect;
use crate::config::RedisConfig;
use crate::domain::{NodeId, NodeKind, OrganizationId};
use crate::resolvers::App;
use futures::StreamExt;
use redis::{Client, ErrorKind, RedisError, RedisResult};
use std::convert::Infallible;
use std::fmt::Display;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long Redis may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// After how long a connection is one that works.
const LASTING: Duration = Duration::from_secs(30);
/// What the channel is called, behind the name of the stream.
const CHANNEL_SUFFIX: &str = ":wake";

/// Hears and tells, until it is to stop.
pub(super) fn run(app: Arc<App>, config: &RedisConfig, stopping: Stopping) -> impl Future<Output = ()> + Send + use<> {
    let redis = config.url.as_ref().map(|url| Redis {
        app: Arc::clone(&app),
        url: url.expose().to_owned(),
        channel: format!("{}{CHANNEL_SUFFIX}", config.stream),
    });
    async move {
        let over_redis = async {
            if let Some(redis) = &redis {
                let hear = insist(stopping.clone(), || redis.hear());
                let tell = insist(stopping.clone(), || redis.tell());
                tokio::join!(hear, tell);
            }
        };
        let over_database = insist(stopping.clone(), || app.listen());
        tokio::join!(over_redis, over_database);
    }
}

/// Does something that only ends when it fails, again and again.
async fn insist<E: Display, F: Future<Output = Result<Infallible, E>>>(mut stopping: Stopping, work: impl Fn() -> F) {
    let mut backoff = Backoff::of("announcements");
    while !stopping.is_set() {
        let began = Instant::now();
        let Some(Err(error)) = stopping.until(work()).await else { break };
        // What went well for so long is no part of an outage.
        if began.elapsed() > LASTING {
            backoff.succeeded();
        }
        let wait = backoff.failed(&error);
        stopping.pause(wait).await;
    }
}

/// The Redis that carries announcements.
struct Redis {
    app: Arc<App>,
    url: String,
    channel: String,
}

impl Redis {
    /// Wakes whom other servers announce something, until the connection is lost.
    async fn hear(&self) -> RedisResult<Infallible> {
        let client = Client::open(self.url.as_str())?;
        let connected = tokio::time::timeout(PATIENCE, client.get_async_pubsub()).await;
        let mut connection = connected.map_err(|_| lost("Redis does not answer"))??;
        connection.subscribe(&self.channel).await?;
        // What was announced before is not heard any more.
        self.app.wake_followers();
        let mut messages = connection.into_on_message();
        while let Some(message) = messages.next().await {
            if let Some(announcement) = message.get_payload::<String>().ok().as_deref().and_then(parse) {
                self.app.heard(announcement);
            }
        }
        Err(lost("the connection to Redis was lost"))
    }

    /// Announces what is changed here, until the connection is lost. What is lost with it is not announced again.
    async fn tell(&self) -> RedisResult<Infallible> {
        let mut connection = connect(&self.url).await?;
        loop {
            let mut pipeline = redis::pipe();
            for (organization, seq) in self.app.outgoing().await {
                pipeline.publish(&self.channel, format!("{organization} {seq}")).ignore();
            }
            pipeline.exec_async(&mut connection).await?;
        }
    }
}

fn lost(what: &'static str) -> RedisError {
    RedisError::from((ErrorKind::Io, what))
}

/// Reads `org_01… 42`.
fn parse(payload: &str) -> Option<(OrganizationId, i64)> {
    let (organization, seq) = payload.split_once(' ')?;
    let id = NodeId::parse_as(organization, &[NodeKind::Organization], "organization").ok()?;
    Some((OrganizationId(id.uuid), seq.parse().ok()?))
}
