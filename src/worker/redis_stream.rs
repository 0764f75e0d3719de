//! Events as entries of a Redis stream.
//!
//! An entry holds what a reader may want to choose by (`organization`, `seq`, `id`, `action`,
//! `subject`) and the whole event as JSON in `event`. The stream is cut to about its configured
//! length: a reader that was away for longer reads the history over GraphQL instead.

use crate::config::RedisConfig;
use crate::domain::{Event, FieldChange, id::event_id};
use chrono::SecondsFormat;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, Pipeline, RedisError, RedisResult};
use serde::Serialize;
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
            let json = serde_json::to_vec(&Document::from(event))
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

/// An event as JSON: the names of GraphQL, public ids, times of RFC 3339.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    id: String,
    organization: String,
    seq: i64,
    occurred_at: String,
    action: &'a str,
    subject: String,
    subject_version: i64,
    actor: ActorDocument<'a>,
    face: &'a str,
    request_id: &'a str,
    reason: Option<&'a str>,
    source: &'a str,
    changes: &'a [FieldChange],
}

#[derive(Serialize)]
struct ActorDocument<'a> {
    id: Option<String>,
    profile: Option<String>,
    name: &'a str,
}

impl<'a> From<&'a Event> for Document<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            id: event_id(event.id),
            organization: event.organization.to_string(),
            seq: event.seq,
            occurred_at: event.occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true),
            action: &event.action,
            subject: event.subject.to_string(),
            subject_version: event.subject_version,
            actor: ActorDocument {
                id: event.actor.id.map(|id| id.to_string()),
                profile: event.actor.profile.map(|id| id.to_string()),
                name: &event.actor.name,
            },
            face: &event.face,
            request_id: &event.request_id,
            reason: event.reason.as_deref(),
            source: &event.source,
            changes: &event.changes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Actor, NodeId, NodeKind, OrganizationId, time::from_micros};
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn an_event_has_public_ids_and_rfc_3339_times() {
        let uuid = Uuid::from_u128(1);
        let event = Event {
            id: uuid,
            organization: OrganizationId(uuid),
            seq: 7,
            occurred_at: from_micros(1_000_001),
            action: "profile.disable".to_owned(),
            subject: NodeId::new(NodeKind::User, uuid),
            subject_version: 3,
            actor: Actor { id: Some(NodeId::new(NodeKind::Token, uuid)), profile: None, name: "sync".to_owned() },
            face: "graphql".to_owned(),
            request_id: "req_x".to_owned(),
            reason: None,
            source: "graphql".to_owned(),
            changes: vec![FieldChange {
                path: "status".to_owned(),
                before: json!("active"),
                after: json!("disabled"),
                source: "graphql".to_owned(),
            }],
        };
        let document = serde_json::to_value(Document::from(&event)).expect("JSON");
        assert_eq!(
            document,
            json!({
                "id": "evt_00000000000000000000000001",
                "organization": "org_00000000000000000000000001",
                "seq": 7,
                "occurredAt": "1970-01-01T00:00:01.000001Z",
                "action": "profile.disable",
                "subject": "usr_00000000000000000000000001",
                "subjectVersion": 3,
                "actor": {
                    "id": "tok_00000000000000000000000001", "profile": null, "name": "sync"
                },
                "face": "graphql",
                "requestId": "req_x",
                "reason": null,
                "source": "graphql",
                "changes": [{
                    "path": "status", "before": "active", "after": "disabled", "source": "graphql"
                }]
            })
        );
    }
}
