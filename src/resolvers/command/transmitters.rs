//! Take signals from others: trust a transmitter, trust it no more, take what it has sent.
//!
//! A signal ends sessions, and is told in the history of whom it is about. It changes nothing else: whether an account is barred
//! here is decided here. What is done for a signal is not signalled on, so that two servers that listen to each other do not go
//! on forever.

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::account::{revoke_sessions_of, revoke_sessions_of_profile};
use super::{Command, Target};
use crate::domain::diff::Difference;
use crate::domain::node::namespace;
use crate::domain::session::SessionEnd;
use crate::domain::signal::SignalKind;
use crate::domain::transmitter::{ReceivedSignal, Transmitter, transmitter_id};
use crate::domain::{Error, ErrorCode, LinkedIdentity, NodeId, Organization, OrganizationId, Profile, Result, text};
use crate::store::Unit;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The action under which signals are taken.
pub const RECEIVE: &str = "signal.receive";

/// Trusts somebody: its signals are taken from now on.
#[derive(Debug, Clone, Serialize)]
pub struct TrustTransmitter {
    /// The organization.
    pub organization: OrganizationId,
    /// The id of the transmitter.
    #[serde(skip)]
    pub id: Uuid,
    /// What its signals say that they are from.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_url: String,
    /// For whom its signals have to be meant.
    pub audience: String,
    /// The provider of the accounts that it knows by their ids.
    pub provider: String,
    /// The environment of those.
    pub environment: String,
}

impl Command for TrustTransmitter {
    type Output = Uuid;
    const ACTION: &'static str = "transmitter.trust";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organization")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        context.authorize_tenant(Action::Own)?;
        let transmitter = Transmitter {
            id: self.id,
            organization: self.organization,
            issuer: self.issuer.clone(),
            jwks_url: self.jwks_url.clone(),
            audience: self.audience.clone(),
            provider: self.provider.clone(),
            environment: self.environment.clone(),
            created_at: context.now(),
        };
        transmitter.check()?;
        if context.unit().transmitter_of(&self.issuer).await?.is_some() {
            return Err(Error::conflict("issuer", "The signals of this issuer are taken already."));
        }
        context.facts()?.write_transmitter(&transmitter).await?;
        tell(context, None, Some(&transmitter)).await?;
        Ok(self.id)
    }
}

/// Trusts somebody no more.
#[derive(Debug, Clone, Serialize)]
pub struct DistrustTransmitter {
    /// The organization.
    pub organization: OrganizationId,
    /// The transmitter.
    pub id: Uuid,
}

impl Command for DistrustTransmitter {
    type Output = Uuid;
    const ACTION: &'static str = "transmitter.distrust";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organization")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        context.authorize_tenant(Action::Own)?;
        let found = context.unit().transmitter(self.id).await?;
        let transmitter = found.ok_or_else(|| Error::not_found("id", "transmitter"))?;
        context.facts()?.remove_transmitter(self.id).await?;
        tell(context, Some(&transmitter), None).await?;
        Ok(self.id)
    }
}

async fn tell(context: &mut WriteContext<'_>, before: Option<&Transmitter>, after: Option<&Transmitter>) -> Result<()> {
    let Some(transmitter) = after.or(before) else { return Ok(()) };
    let organization = context.tenant().node();
    let _: Organization = context.load(organization, "organization").await?;
    let view = |transmitter: Option<&Transmitter>| {
        transmitter.map_or(Value::Null, |transmitter| {
            json!({"issuer": transmitter.issuer, "jwks_url": transmitter.jwks_url, "audience": transmitter.audience,
                "provider": transmitter.provider, "environment": transmitter.environment})
        })
    };
    let path = format!("transmitters.{}", transmitter_id(transmitter.id));
    context.tell(organization, Difference { path, before: view(before), after: view(after) })
}

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
            Some(_) => find(context.unit(), (&transmitter, self.issuer.as_deref()), &signal.subject).await?,
            None => None,
        };
        let now = context.now();
        let (jti, at) = ((signal.jti.as_str(), signal.event_type.as_str()), (whom.map(|id| id.uuid), now));
        context.facts()?.note_received(transmitter.id, jti, at).await?;
        let (Some(kind), Some(whom)) = (kind, whom) else { return Ok(false) };
        self.act(context, (kind, whom)).await?;
        let path = format!("signals.{}", name_of(&signal.event_type));
        let mut told = Map::new();
        told.insert("issuer".to_owned(), transmitter.issuer.clone().into());
        told.insert("jti".to_owned(), signal.jti.clone().into());
        told.insert("issued_at".to_owned(), signal.issued_at.timestamp().into());
        told.insert("claims".to_owned(), Value::Object(signal.claims.clone()));
        context.tell(whom, Difference { path, before: Value::Null, after: Value::Object(told) })?;
        Ok(true)
    }
}

impl ReceiveSignal {
    /// Ends the sessions of whom a signal is about, if it asks for that.
    async fn act(&self, context: &mut WriteContext<'_>, (kind, whom): (SignalKind, NodeId)) -> Result<()> {
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
}

/// The last part of the URI of a type of event.
fn name_of(event_type: &str) -> &str {
    event_type.rsplit('/').next().unwrap_or_default()
}

/// Whom of the tenant a transmitter means; nobody, if it is not clear.
async fn find(
    unit: &Unit,
    (transmitter, own): (&Transmitter, Option<&str>),
    subject: &Value,
) -> Result<Option<NodeId>> {
    let text_of = |name: &str| subject.get(name).and_then(Value::as_str).filter(|text| !text.contains('\0'));
    match text_of("format") {
        Some("complex") => {
            // More than two levels say nothing that anybody would understand.
            let parts = ["account", "user"].into_iter().filter_map(|part| subject.get(part));
            for part in parts.filter(|part| part.get("format").and_then(Value::as_str) != Some("complex")) {
                let found = Box::pin(find(unit, (transmitter, own), part)).await?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            Ok(None)
        }
        Some("email") => {
            let Some(email) = text_of("email") else { return Ok(None) };
            let found = unit.nodes_by_key(namespace::EMAIL, &text::key(email)).await?;
            // Of several none is the one that is meant.
            Ok(if let [one] = found[..] { Some(one) } else { None })
        }
        Some("iss_sub") if own.is_some() && text_of("iss") == own => own_node(unit, text_of("sub")).await,
        Some("iss_sub") if text_of("iss") == Some(transmitter.issuer.as_str()) => {
            account(unit, transmitter, text_of("sub")).await
        }
        Some("opaque") => account(unit, transmitter, text_of("id")).await,
        _ => Ok(None),
    }
}

/// The account that the transmitter knows by that id.
async fn account(unit: &Unit, transmitter: &Transmitter, id: Option<&str>) -> Result<Option<NodeId>> {
    let Some(id) = id else { return Ok(None) };
    let key = (transmitter.provider.clone(), transmitter.environment.clone(), id.to_owned());
    let found = unit.identities_by_accounts(&[key]).await?;
    Ok(found.into_iter().find(|identity| identity.meta.deleted_at.is_none()).map(|identity| identity.id))
}

/// The profile or account that this server calls so.
async fn own_node(unit: &Unit, id: Option<&str>) -> Result<Option<NodeId>> {
    let is_told_of = |id: &NodeId| id.kind == crate::domain::NodeKind::LinkedIdentity || id.kind.is_profile();
    let Some(id) = id.and_then(|id| id.parse::<NodeId>().ok()).filter(is_told_of) else { return Ok(None) };
    Ok(unit.nodes(&[id], false).await?.first().map(crate::domain::Node::id).filter(|found| *found == id))
}

/// Whether an error says that a signal was taken before.
#[must_use]
pub fn is_replay(error: &Error) -> bool {
    error.code == ErrorCode::Conflict && error.field.as_deref() == Some("jti")
}
