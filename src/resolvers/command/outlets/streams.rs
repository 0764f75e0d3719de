//! Streams of signals: made, changed, stopped and removed by their receivers.

use super::super::super::oauth::Settings;
use super::super::super::outlets::{MIN_VERIFICATION_INTERVAL, find_subject, verification};
use super::super::super::policy::Action;
use super::super::super::write::WriteContext;
use super::super::{Command, Target};
use super::tell;
use crate::domain::outlet::{Exclusion, OutletKind, OutletStatus};
use crate::domain::signal::SubjectFormat;
use crate::domain::{ApiToken, Error, ErrorCode, NodeId, OrganizationId, Outlet, Patch, Result, text};
use crate::store::OutletOwner;
use chrono::TimeDelta;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// How many streams a receiver may have.
const MAX_STREAMS: i64 = 10;
/// How long the state of a verification may be, in characters.
const MAX_STATE: usize = 1_024;

/// What a receiver says about a stream. What is null is as in a stream of which nothing is said.
#[derive(Debug, Clone, Serialize)]
pub struct StreamChange {
    /// Whether signals are pushed or fetched.
    pub kind: Patch<OutletKind>,
    /// Where they are pushed to.
    pub url: Patch<String>,
    /// What the header `Authorization` says when they are, sealed. What was said before is kept as long as the place is the same.
    #[serde(skip)]
    pub secret: Option<Vec<u8>>,
    /// The types of event that are wanted.
    pub events: Patch<Vec<String>>,
    /// How it is told whom they are about.
    pub format: Patch<SubjectFormat>,
    /// What the stream is for.
    pub description: Patch<String>,
}

impl StreamChange {
    fn apply(&self, stream: &mut Outlet) -> Result<()> {
        let url = match &self.url {
            Patch::Absent => stream.url.clone(),
            Patch::Null => None,
            Patch::Value(url) => Some(url.clone()),
        };
        match self.kind {
            Patch::Absent => {}
            Patch::Null => stream.kind = OutletKind::Poll,
            Patch::Value(kind) => stream.kind = kind,
        }
        // Who is to be shown a secret is not to be shown that of another.
        if url != stream.url {
            (stream.url, stream.secret) = (url, None);
        }
        if let Some(secret) = &self.secret {
            stream.secret = Some(secret.clone());
        }
        match &self.events {
            Patch::Absent => {}
            Patch::Null => stream.events = Vec::new(),
            Patch::Value(events) if events.is_empty() => {
                let message = "Ask for one type of event at least, or leave this out to get all that there are.";
                return Err(Error::invalid("events_requested", message));
            }
            Patch::Value(events) => stream.events.clone_from(events),
        }
        match self.format {
            Patch::Absent => {}
            Patch::Null => stream.format = None,
            Patch::Value(format) => stream.format = Some(format),
        }
        match &self.description {
            Patch::Absent => {}
            Patch::Null => stream.description = None,
            Patch::Value(description) => stream.description = Some(description.clone()),
        }
        stream.check()
    }
}

macro_rules! stream_target {
    () => {
        fn target(&self) -> Target {
            Target::Organization(self.organization, "stream_id")
        }
    };
}

/// A stream that belongs to the API token.
async fn own_stream(context: &mut WriteContext<'_>, token: NodeId, id: Uuid) -> Result<Outlet> {
    context.authorize_tenant(Action::ReceiveSignals)?;
    let found = context.unit().outlet(id).await?.filter(|stream| stream.token == Some(token.uuid));
    found.ok_or_else(|| Error::not_found("stream_id", "stream"))
}

/// Makes a stream. It begins with what happens from now on.
#[derive(Debug, Clone, Serialize)]
pub struct CreateStream {
    /// The organization whose signals are sent.
    pub organization: OrganizationId,
    /// The API token that receives them.
    pub token: NodeId,
    /// The id of the stream.
    pub id: Uuid,
    /// What the receiver says about it.
    pub change: StreamChange,
}

impl Command for CreateStream {
    type Output = Uuid;
    const ACTION: &'static str = "signal_stream.create";

    stream_target!();

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        context.authorize_tenant(Action::ReceiveSignals)?;
        let _: ApiToken = context.load(self.token, "token").await?;
        if context.unit().outlet_count(OutletOwner::Token(self.token.uuid)).await? >= MAX_STREAMS {
            let message = format!("This receiver has {MAX_STREAMS} streams; delete one first.");
            return Err(Error::conflict("stream_id", message));
        }
        let now = context.now();
        let mut stream = Outlet {
            id: self.id,
            organization: self.organization,
            kind: OutletKind::Poll,
            token: Some(self.token.uuid),
            status: OutletStatus::Enabled,
            status_reason: None,
            description: None,
            url: None,
            events: Vec::new(),
            format: None,
            secret: None,
            former_secret: None,
            former_until: None,
            collected_seq: context.unit().last_event(),
            created_at: now,
            updated_at: now,
            verified_at: None,
            failures: 0,
            failing_since: None,
            retry_at: None,
            last_failure: None,
        };
        self.change.apply(&mut stream)?;
        context.facts()?.write_outlet(&stream).await?;
        tell(context, None, Some(&stream)).await?;
        Ok(self.id)
    }
}

/// Changes a stream. What is still to be sent is sent by what is said now.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeStream {
    /// The organization.
    pub organization: OrganizationId,
    /// The API token that it belongs to.
    pub token: NodeId,
    /// The stream.
    pub id: Uuid,
    /// What changes.
    pub change: StreamChange,
}

impl Command for ChangeStream {
    type Output = Uuid;
    const ACTION: &'static str = "signal_stream.update";

    stream_target!();

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        let before = own_stream(context, self.token, self.id).await?;
        let mut stream = before.clone();
        self.change.apply(&mut stream)?;
        if stream == before {
            return Ok(self.id);
        }
        stream.updated_at = context.now();
        // Whoever has changed the place does not want to wait for it.
        (stream.failures, stream.failing_since, stream.retry_at) = (0, None, None);
        context.facts()?.write_outlet(&stream).await?;
        tell(context, Some(&before), Some(&stream)).await?;
        Ok(self.id)
    }
}

/// Removes a stream, with everything that was still to be sent.
#[derive(Debug, Clone, Serialize)]
pub struct DeleteStream {
    /// The organization.
    pub organization: OrganizationId,
    /// The API token that it belongs to.
    pub token: NodeId,
    /// The stream.
    pub id: Uuid,
}

impl Command for DeleteStream {
    type Output = ();
    const ACTION: &'static str = "signal_stream.delete";

    stream_target!();

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<()> {
        let stream = own_stream(context, self.token, self.id).await?;
        context.facts()?.remove_outlet(self.id).await?;
        tell(context, Some(&stream), None).await
    }
}

/// Sets the status of a stream. While it is paused, signals are kept; while it is disabled, they are not.
#[derive(Debug, Clone, Serialize)]
pub struct SetStreamStatus {
    /// The organization.
    pub organization: OrganizationId,
    /// The API token that it belongs to.
    pub token: NodeId,
    /// The stream.
    pub id: Uuid,
    /// The status that it is to have.
    pub status: OutletStatus,
    /// Why.
    pub reason: Option<String>,
}

impl Command for SetStreamStatus {
    type Output = ();
    const ACTION: &'static str = "signal_stream.set_status";

    stream_target!();

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<()> {
        let before = own_stream(context, self.token, self.id).await?;
        let mut stream = Outlet { status: self.status, status_reason: self.reason.clone(), ..before.clone() };
        stream.check()?;
        if stream == before {
            return Ok(());
        }
        stream.updated_at = context.now();
        (stream.failures, stream.failing_since, stream.retry_at) = (0, None, None);
        if before.status == OutletStatus::Disabled {
            // What has happened meanwhile is not told, whether it was looked at or not.
            stream.collected_seq = context.unit().last_event();
        }
        if self.status == OutletStatus::Disabled {
            context.facts()?.remove_pending(self.id).await?;
        }
        context.facts()?.write_outlet(&stream).await?;
        tell(context, Some(&before), Some(&stream)).await
    }
}

/// Says whether the receiver of a stream wants to hear of somebody. It does of everybody unless it says otherwise.
#[derive(Debug, Clone, Serialize)]
pub struct SetStreamSubject {
    /// The organization.
    pub organization: OrganizationId,
    /// The API token that it belongs to.
    pub token: NodeId,
    /// The stream.
    pub id: Uuid,
    /// Whom it is about (RFC 9493).
    pub subject: Value,
    /// Whether it wants to hear of it.
    pub is_wanted: bool,
    /// Whose names of subjects are known.
    pub issuer: String,
}

impl Command for SetStreamSubject {
    type Output = ();
    const ACTION: &'static str = "signal_stream.set_subject";

    stream_target!();

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<()> {
        let stream = own_stream(context, self.token, self.id).await?;
        let found = find_subject(context.unit(), &self.issuer, &self.subject).await?;
        let node = found.ok_or_else(|| Error::not_found("subject", "subject"))?;
        let exclusion = Exclusion { outlet: stream.id, node: node.uuid };
        let is_news = if self.is_wanted {
            context.facts()?.include(exclusion).await?
        } else {
            context.facts()?.exclude(exclusion).await?
        };
        if !is_news {
            return Ok(());
        }
        let _: ApiToken = context.load(self.token, "token").await?;
        let path = format!("signal_streams.{}.subjects.{node}", stream.public_id());
        let (before, after) = if self.is_wanted { ("removed", "added") } else { ("added", "removed") };
        context.tell(self.token, crate::domain::diff::Difference { path, before: before.into(), after: after.into() })
    }
}

/// Has a sign of life sent over a stream. It changes nothing, so it has no event.
#[derive(Debug, Clone, Serialize)]
pub struct VerifyStream {
    /// The organization.
    pub organization: OrganizationId,
    /// The API token that it belongs to.
    pub token: NodeId,
    /// The stream.
    pub id: Uuid,
    /// What it says, for whoever has asked.
    pub state: Option<String>,
    /// By whom it is signed.
    #[serde(skip)]
    pub sending: Settings,
}

impl Command for VerifyStream {
    type Output = ();
    const ACTION: &'static str = "signal_stream.verify";

    stream_target!();

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<()> {
        let mut stream = own_stream(context, self.token, self.id).await?;
        if let Some(state) = &self.state {
            text::check_paragraph("state", state, MAX_STATE)?;
        }
        let now = context.now();
        let interval = TimeDelta::seconds(MIN_VERIFICATION_INTERVAL);
        if stream.verified_at.is_some_and(|before| now - before < interval) {
            let message = format!("This can be asked for every {MIN_VERIFICATION_INTERVAL} seconds.");
            return Err(Error { code: ErrorCode::RateLimited, field: None, keyword: None, message: message.into() });
        }
        stream.verified_at = Some(now);
        let sign = verification(&self.sending, &stream, self.state.as_deref(), (context.unit().new_id(), now));
        let facts = context.facts()?;
        facts.write_outlet(&stream).await?;
        if stream.status != OutletStatus::Disabled {
            facts.write_deliveries(&[sign]).await?;
        }
        Ok(())
    }
}
