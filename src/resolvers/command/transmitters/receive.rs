//! Take a signal that was verified.

use super::super::super::policy::Action;
use super::super::super::write::WriteContext;
use super::super::account::{revoke_session, revoke_sessions_of, revoke_sessions_of_profile};
use super::super::{Command, Target};
use super::{alerts, subject};
use crate::domain::diff::Difference;
use crate::domain::session::SessionEnd;
use crate::domain::signal::SignalKind;
use crate::domain::transmitter::{ReceivedSignal, Transmitter};
use crate::domain::{Error, ErrorCode, LinkedIdentity, NodeId, OrganizationId, Profile, Result};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// The action under which signals are taken.
pub const RECEIVE: &str = "signal.receive";

/// Takes a signal that was verified: once.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiveSignal {
    /// The organization.
    pub organization: OrganizationId,
    /// Who has sent it.
    pub transmitter: Uuid,
    /// What it says.
    #[serde(skip)]
    pub signal: ReceivedSignal,
    /// What this server calls itself.
    #[serde(skip)]
    pub issuer: Option<String>,
}

impl Command for ReceiveSignal {
    /// Whether somebody of the organization is meant.
    type Output = bool;
    const ACTION: &'static str = RECEIVE;

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organization")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<bool> {
        context.authorize_tenant(Action::Administer)?;
        let found = context.unit().transmitter(self.transmitter).await?;
        let transmitter = found.ok_or_else(|| Error::not_found("id", "transmitter"))?;
        let signal = &self.signal;
        if context.unit().was_received(transmitter.id, &signal.jti).await? {
            return Err(Error::conflict("jti", "A signal with this jti was taken before."));
        }
        let kind = SignalKind::from_uri(&signal.event_type);
        let whom = match kind {
            Some(_) => subject::find(context.unit(), (&transmitter, self.issuer.as_deref()), &signal.subject).await?,
            None => None,
        };
        let now = context.now();
        let (jti, at) = ((signal.jti.as_str(), signal.event_type.as_str()), (whom.map(|id| id.uuid), now));
        context.facts()?.note_received(transmitter.id, jti, at).await?;
        let (Some(kind), Some(whom)) = (kind, whom) else { return Ok(false) };
        // What it says of risk comes first: it is told by events of its own.
        alerts::raise(context, (&transmitter, signal), (kind, whom)).await?;
        act(context, (kind, whom), &signal.subject).await?;
        tell(context, (&transmitter, signal), whom)?;
        Ok(true)
    }
}

/// Ends the sessions of whom a signal is about, if it asks for that: the one that it names, if that is known here, else all of them.
async fn act(context: &mut WriteContext<'_>, (kind, whom): (SignalKind, NodeId), subject: &Value) -> Result<()> {
    if kind == SignalKind::SessionRevoked
        && let Some(session) = subject::session(context.unit(), whom, subject).await?
    {
        let _: LinkedIdentity = context.load(session.identity, "subject").await?;
        return revoke_session(context, session).await;
    }
    let ends = matches!(kind, SignalKind::SessionRevoked | SignalKind::AccountDisabled);
    if whom.kind.is_profile() {
        let _: Profile = context.load(whom, "subject").await?;
        if ends {
            revoke_sessions_of_profile(context, whom, SessionEnd::Revoked).await?;
        }
    } else {
        let _: LinkedIdentity = context.load(whom, "subject").await?;
        if ends {
            revoke_sessions_of(context, whom, SessionEnd::Revoked).await?;
        }
    }
    Ok(())
}

/// Tells of a signal in the history of whom it is about.
fn tell(
    context: &mut WriteContext<'_>,
    (transmitter, signal): (&Transmitter, &ReceivedSignal),
    whom: NodeId,
) -> Result<()> {
    let path = format!("signals.{}", name_of(&signal.event_type));
    let mut told = Map::new();
    told.insert("issuer".to_owned(), transmitter.issuer.clone().into());
    told.insert("jti".to_owned(), signal.jti.clone().into());
    told.insert("issued_at".to_owned(), signal.issued_at.timestamp().into());
    told.insert("claims".to_owned(), Value::Object(signal.claims.clone()));
    context.tell(whom, Difference { path, before: Value::Null, after: Value::Object(told) })
}

/// The last part of the URI of a type of event.
pub(super) fn name_of(event_type: &str) -> &str {
    event_type.rsplit('/').next().unwrap_or_default()
}

/// Whether an error says that a signal was taken before.
#[must_use]
pub fn is_replay(error: &Error) -> bool {
    error.code == ErrorCode::Conflict && error.field.as_deref() == Some("jti")
}
