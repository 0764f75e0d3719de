//! Take signals from others: trust a transmitter, trust it no more, take what it has sent.
//!
//! A signal ends sessions, becomes an [alert](alerts), and is told in the history of whom it is about. It changes nothing else:
//! whether an account is barred here is decided here. What is done for a signal is not signalled on, so that two servers that
//! listen to each other do not go on forever.

mod alerts;
mod receive;
mod subject;

pub use receive::{RECEIVE, ReceiveSignal, is_replay};

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::{Command, Target};
use crate::domain::diff::Difference;
use crate::domain::transmitter::{PollState, Polling, Transmitter, transmitter_id};
use crate::domain::{Error, Organization, OrganizationId, Result};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

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
    /// Where its signals are fetched; none if it pushes them.
    pub poll_url: Option<String>,
    /// The token that is shown there, sealed.
    #[serde(skip)]
    pub sealed: Option<Vec<u8>>,
}

impl Command for TrustTransmitter {
    type Output = Uuid;
    const ACTION: &'static str = "transmitter.trust";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organization")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        context.authorize_tenant(Action::Own)?;
        let state =
            PollState { next_at: context.now(), attempted_at: None, succeeded_at: None, failures: 0, failure: None };
        let polling = self.poll_url.clone().zip(self.sealed.clone());
        let polling = polling.map(|(url, sealed)| Polling { url, sealed, state });
        let transmitter = Transmitter {
            id: self.id,
            organization: self.organization,
            issuer: self.issuer.clone(),
            jwks_url: self.jwks_url.clone(),
            audience: self.audience.clone(),
            provider: self.provider.clone(),
            environment: self.environment.clone(),
            created_at: context.now(),
            polling,
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
                "provider": transmitter.provider, "environment": transmitter.environment,
                "poll_url": transmitter.polling.as_ref().map(|polling| &polling.url)})
        })
    };
    let path = format!("transmitters.{}", transmitter_id(transmitter.id));
    context.tell(organization, Difference { path, before: view(before), after: view(after) })
}
