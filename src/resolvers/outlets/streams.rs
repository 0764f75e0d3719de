//! Streams of signals, as their receivers manage them (SSF 1.0 section 8.1).

use super::super::command::{
    ChangeStream, CreateStream, DeleteStream, SetStreamStatus, SetStreamSubject, StreamChange, VerifyStream,
};
use super::super::oauth::Settings;
use super::super::{App, RunOptions, Viewer};
use super::{Receiver, receiver, secrets};
use crate::domain::outlet::{OutletKind, OutletStatus, check_target, parse_stream_id};
use crate::domain::signal::SubjectFormat;
use crate::domain::{Error, Outlet, Patch, Result};
use crate::store::{OutletOwner, Scope};
use serde_json::Value;
use uuid::Uuid;

/// How long a header may be, in bytes.
const MAX_HEADER: usize = 4_096;
/// How many streams are listed; nobody has more.
const MAX_STREAMS: u64 = 100;

/// How signals reach the receiver of a stream.
#[derive(Debug, Clone)]
pub struct StreamDelivery {
    /// Whether they are pushed or fetched.
    pub kind: OutletKind,
    /// Where they are pushed to.
    pub url: Option<String>,
    /// What the header `Authorization` says when they are.
    pub authorization: Option<String>,
}

/// What the receiver of a stream says about it. What is null is as in a stream of which nothing is said.
#[derive(Debug, Clone, Default)]
pub struct StreamSettings {
    /// How signals reach it.
    pub delivery: Patch<StreamDelivery>,
    /// The types of event that it wants.
    pub events: Patch<Vec<String>>,
    /// How it wants to be told whom they are about.
    pub format: Patch<SubjectFormat>,
    /// What the stream is for.
    pub description: Patch<String>,
}

impl App {
    /// The streams of a receiver.
    pub async fn streams(&self, viewer: &Viewer) -> Result<Vec<Outlet>> {
        let owner = receiver(viewer)?;
        self.sending()?;
        let scope = Scope::organization(owner.organization);
        self.store().outlets(scope, OutletOwner::Token(owner.token.uuid), (None, MAX_STREAMS)).await
    }

    /// One of them.
    pub async fn stream(&self, viewer: &Viewer, id: &str) -> Result<Outlet> {
        let owner = receiver(viewer)?;
        self.sending()?;
        self.own_stream(owner, stream_id(id)?).await
    }

    pub(super) async fn own_stream(&self, owner: Receiver, id: Uuid) -> Result<Outlet> {
        let scope = Scope::organization(owner.organization);
        let found = self.store().outlet(scope, OutletOwner::Token(owner.token.uuid), id).await?;
        found.ok_or_else(|| Error::not_found("stream_id", "stream"))
    }

    /// Makes a stream for a receiver.
    pub async fn create_stream(&self, viewer: &Viewer, settings: StreamSettings) -> Result<Outlet> {
        let Receiver { organization, token } = receiver(viewer)?;
        let id = self.clock().new_id();
        let change = self.stream_change(id, settings)?;
        self.ready_to_sign(self.sending()?, &self.server()).await?;
        self.run(viewer, CreateStream { organization, token, id, change }, RunOptions::default()).await?;
        self.own_stream(receiver(viewer)?, id).await
    }

    /// Changes what a receiver says about a stream of its own.
    pub async fn change_stream(&self, viewer: &Viewer, id: &str, settings: StreamSettings) -> Result<Outlet> {
        let Receiver { organization, token } = receiver(viewer)?;
        let id = stream_id(id)?;
        let change = self.stream_change(id, settings)?;
        self.run(viewer, ChangeStream { organization, token, id, change }, RunOptions::default()).await?;
        self.own_stream(receiver(viewer)?, id).await
    }

    fn stream_change(&self, id: Uuid, settings: StreamSettings) -> Result<StreamChange> {
        let sending = self.sending()?;
        let StreamSettings { delivery, events, format, description } = settings;
        let (mut kind, mut url, mut secret) = (Patch::Absent, Patch::Absent, None);
        match delivery {
            Patch::Absent => {}
            Patch::Null => (kind, url) = (Patch::Value(OutletKind::Poll), Patch::Null),
            Patch::Value(delivery) => {
                kind = Patch::Value(delivery.kind);
                url = target(sending, &delivery)?;
                let header = delivery.authorization.as_deref().map(check_header).transpose()?;
                secret = header.map(|header| secrets::sealed(sending, id, header.as_bytes())).transpose()?;
            }
        }
        Ok(StreamChange { kind, url, secret, events, format, description })
    }

    /// Removes a stream of a receiver's own.
    pub async fn delete_stream(&self, viewer: &Viewer, id: &str) -> Result<()> {
        let Receiver { organization, token } = receiver(viewer)?;
        self.sending()?;
        self.run(viewer, DeleteStream { organization, token, id: stream_id(id)? }, RunOptions::default()).await
    }

    /// Sets the status of a stream of a receiver's own.
    pub async fn set_stream_status(
        &self,
        viewer: &Viewer,
        id: &str,
        (status, reason): (OutletStatus, Option<String>),
    ) -> Result<Outlet> {
        let Receiver { organization, token } = receiver(viewer)?;
        self.sending()?;
        let id = stream_id(id)?;
        let command = SetStreamStatus { organization, token, id, status, reason };
        self.run(viewer, command, RunOptions::default()).await?;
        self.announce_deliveries();
        self.own_stream(receiver(viewer)?, id).await
    }

    /// Says whether the receiver of a stream wants to hear of somebody.
    pub async fn set_stream_subject(
        &self,
        viewer: &Viewer,
        id: &str,
        (subject, is_wanted): (Value, bool),
    ) -> Result<()> {
        let Receiver { organization, token } = receiver(viewer)?;
        let issuer = self.sending()?.issuer.clone();
        let command = SetStreamSubject { organization, token, id: stream_id(id)?, subject, is_wanted, issuer };
        self.run(viewer, command, RunOptions::default()).await
    }

    /// Has a sign of life sent over a stream of a receiver's own.
    pub async fn verify_stream(&self, viewer: &Viewer, id: &str, state: Option<String>) -> Result<()> {
        let Receiver { organization, token } = receiver(viewer)?;
        let sending = self.sending()?.clone();
        let command = VerifyStream { organization, token, id: stream_id(id)?, state, sending };
        self.run(viewer, command, RunOptions::default()).await?;
        self.announce_deliveries();
        Ok(())
    }
}

fn stream_id(text: &str) -> Result<Uuid> {
    parse_stream_id(text).ok_or_else(|| Error::not_found("stream_id", "stream"))
}

/// Where signals are pushed to.
fn target(settings: &Settings, delivery: &StreamDelivery) -> Result<Patch<String>> {
    const FIELD: &str = "delivery.endpoint_url";
    match (delivery.kind, &delivery.url) {
        (OutletKind::Push, Some(url)) => {
            check_target(FIELD, url, settings.outlets.allow_private_networks)?;
            Ok(Patch::Value(url.clone()))
        }
        (OutletKind::Push, None) => Err(Error::invalid(FIELD, "Say where signals are to be pushed to.")),
        // Where they are fetched is for the transmitter to say.
        _ => Ok(Patch::Null),
    }
}

fn check_header(header: &str) -> Result<&str> {
    let is_sound = !header.is_empty()
        && header.len() <= MAX_HEADER
        && header.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
        && header.trim() == header;
    if is_sound {
        return Ok(header);
    }
    Err(Error::invalid(
        "delivery.authorization_header",
        format!("This is no header; send visible ASCII characters, at most {MAX_HEADER}."),
    ))
}
