//! Events as entries of a Redis stream.
//!
//! An entry holds what a reader may want to choose by (`organization`, `seq`, `id`, `action`,
//! `subject`) and the whole event as JSON in `event`. The stream is cut to about its configured
//! length: a reader that was away for longer reads the history over GraphQL instead.

use crate::config::RedisConfig;
use crate::domain::event_document::EventDocument;
use crate::domain::{Event, id::event_id};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, Pipeline, RedisError, RedisResult};
use std::time::Duration;

/// How long Redis may take to accept a connection, and to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The stream, and the connection to it while there is one.
pub(super) struct RedisStream {
    url: String,
    key: String,
    max_length: usize,
    connection: Option<MultiplexedConnection>,
}

impl RedisStream {
    /// The stream that is configured, if one is. Connects only when there is something to append.
    pub(super) fn of(config: &RedisConfig) -> Option<Self> {
        config.url.as_ref().map(|url| Self {
            url: url.expose().to_owned(),
            key: config.stream.clone(),
            max_length: config.stream_max_length,
            connection: None,
        })
    }

    /// Appends events in their order: all of them, or none if Redis refuses one.
    ///
    /// After a failure that leaves this open, such as a lost connection, they may have been
    /// appended all the same.
    pub(super) async fn append(&mut self, events: &[Event]) -> RedisResult<()> {
        // A connection that failed is not used again: a late answer would be taken for another's.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(&self.url).await?,
        };
        let entries = self.entries(events)?;
        entries.exec_async(&mut connection).await?;
        self.connection = Some(connection);
        Ok(())
    }

    /// One transaction of Redis that appends the events.
    fn entries(&self, events: &[Event]) -> RedisResult<Pipeline> {
        let mut pipeline = redis::pipe();
        pipeline.atomic();
        for event in events {
            let json = serde_json::to_vec(&EventDocument::from(event))
                .map_err(|error| RedisError::from((ErrorKind::Client, "an event has no JSON", error.to_string())))?;
            pipeline
                .cmd("XADD")
                .arg(&self.key)
                .arg("MAXLEN")
                .arg("~")
                .arg(self.max_length)
                .arg("*")
                .arg("organization")
                .arg(event.organization.to_string())
                .arg("seq")
                .arg(event.seq)
                .arg("id")
                .arg(event_id(event.id))
                .arg("action")
                .arg(&event.action)
                .arg("subject")
                .arg(event.subject.to_string())
                .arg("event")
                .arg(json)
                .ignore();
        }
        Ok(pipeline)
    }
}

/// Asks the Redis that is configured to answer. Says whether one is.
pub(super) async fn ping(config: &RedisConfig) -> RedisResult<bool> {
    let Some(url) = &config.url else { return Ok(false) };
    let mut connection = connect(url.expose()).await?;
    redis::cmd("PING").exec_async(&mut connection).await?;
    Ok(true)
}

pub(super) async fn connect(url: &str) -> RedisResult<MultiplexedConnection> {
    let config =
        AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(Some(PATIENCE));
    Client::open(url)?.get_multiplexed_async_connection_with_config(&config).await
}
