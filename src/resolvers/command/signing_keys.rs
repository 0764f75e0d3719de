//! The keys that sign tokens: add one, and withdraw one.

use super::super::policy::Action;
use super::{Command, Target, WriteContext};
use crate::domain::signing::key_id;
use crate::domain::{Error, OrganizationId, Result, SigningAlgorithm, SigningKey};
use chrono::TimeDelta;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Adds a key, which signs from now on. The one that did so far is retired. The caller makes the pair, and seals its private
/// part.
#[derive(Debug, Clone, Serialize)]
pub struct AddSigningKey {
    /// The id of the key.
    pub id: Uuid,
    /// By which algorithm it signs.
    pub algorithm: SigningAlgorithm,
    /// Its public part.
    pub public: Map<String, Value>,
    /// Its private part, sealed.
    #[serde(skip)]
    pub sealed: Vec<u8>,
    /// For how many seconds what the retired key has signed can be good; none if there is to be a new key only where there
    /// is none.
    pub retire_for: Option<i64>,
}

impl Command for AddSigningKey {
    /// The key that signs now.
    type Output = Uuid;
    const ACTION: &'static str = "signing_key.add";

    fn target(&self) -> Target {
        Target::Organization(OrganizationId::INSTANCE, "key")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        context.authorize_tenant(Action::OwnServer)?;
        // Whoever comes second finds what the first has made: the tenant is locked.
        if let Some(current) = context.unit().current_signing_key(self.algorithm).await? {
            let Some(seconds) = self.retire_for else { return Ok(current.id) };
            let until = context.now() + TimeDelta::seconds(seconds);
            context.facts()?.retire_signing_key(current.id, until).await?;
        }
        let key = SigningKey {
            id: self.id,
            algorithm: self.algorithm,
            public: self.public.clone(),
            sealed: self.sealed.clone(),
            created_at: context.now(),
            created_by: context.viewer().actor.clone(),
            retired_at: None,
            verifies_until: None,
            withdrawn_at: None,
        };
        context.facts()?.write_signing_key(&key).await?;
        Ok(key.id)
    }
}

/// Withdraws a key: whatever it has signed is worthless from now on.
#[derive(Debug, Clone, Serialize)]
pub struct WithdrawSigningKey {
    /// Which.
    pub id: Uuid,
    /// Why.
    pub reason: Option<String>,
}

impl Command for WithdrawSigningKey {
    type Output = String;
    const ACTION: &'static str = "signing_key.withdraw";

    fn target(&self) -> Target {
        Target::Organization(OrganizationId::INSTANCE, "key")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<String> {
        context.authorize_tenant(Action::OwnServer)?;
        context.because(self.reason.as_deref())?;
        let found = context.unit().signing_key(self.id).await?;
        let key = found.ok_or_else(|| Error::not_found("id", "signing key"))?;
        if key.withdrawn_at.is_none() {
            let actor = context.viewer().actor.clone();
            context.facts()?.withdraw_signing_key(key.id, &actor, self.reason.as_deref()).await?;
        }
        Ok(key_id(key.id))
    }
}
