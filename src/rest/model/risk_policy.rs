//! Risk policies.

use super::change::Change;
use super::choice::RiskLevel;
use super::moment::Moment;
use super::risk::RiskSignal;
use crate::domain;
use crate::domain::risk_policy::{self, PolicyTrigger};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

choice! {
    /// Something that a policy does about an account.
    RiskPolicyAction = risk_policy::PolicyAction {
        /// Tells that it has fired, which it does anyway: for a policy that does nothing else.
        Notify,
        /// Ends its sessions, and makes worthless what was issued for it.
        RevokeSessions,
        /// Requires a new password at the next sign-in.
        ForcePasswordReset,
        /// Bars it, and the profile that it belongs to.
        Disable,
    }
}

choice! {
    /// Whether a policy is in force.
    RiskPolicyMode = risk_policy::PolicyMode {
        /// It is not looked at.
        Off,
        /// It tells what it would do, and does nothing.
        DryRun,
        /// It does it.
        Enforce,
    }
}

/// A rule of an organization: what is done by itself about an account whose risk has risen, or about which something was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RiskPolicy {
    /// Public id: `pol_…`.
    pub id: String,
    /// Public id of the organization.
    pub organization_id: String,
    /// What it is called, unique in the organization.
    pub name: String,
    /// It fires when the level of an account rises to this one, or past it; null if it is about a signal.
    pub level: Option<RiskLevel>,
    /// It fires when there is new evidence of this signal; null if it is about a level.
    pub signal: Option<RiskSignal>,
    /// How strong evidence of the signal has to be at least, in percent; null for any.
    #[schemars(range(min = 1, max = 99))]
    pub minimum_strength: Option<u8>,
    /// What it does, in the order in which that is done.
    pub actions: Vec<RiskPolicyAction>,
    /// Whether it is in force.
    pub mode: RiskPolicyMode,
    /// Since when there is this policy.
    pub created_at: Moment,
    /// When it was last changed.
    pub updated_at: Moment,
}

impl From<&domain::RiskPolicy> for RiskPolicy {
    fn from(policy: &domain::RiskPolicy) -> Self {
        let (level, signal, minimum_strength) = match policy.trigger {
            PolicyTrigger::Level(level) => (Some(level.into()), None, None),
            PolicyTrigger::Signal { signal, minimum_strength } => (None, Some(signal.into()), minimum_strength),
        };
        Self {
            id: policy.public_id(),
            organization_id: policy.organization.to_string(),
            name: policy.name.clone(),
            level,
            signal,
            minimum_strength,
            actions: policy.actions.iter().map(|action| (*action).into()).collect(),
            mode: policy.mode.into(),
            created_at: policy.created_at.into(),
            updated_at: policy.updated_at.into(),
        }
    }
}

/// A policy to make. Give a level or a signal, not both.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRiskPolicy {
    /// Of which organization: its slug or id; that of the credential unless given.
    pub organization: Option<String>,
    /// What it is to be called, unique in the organization.
    #[schemars(length(min = 1, max = 256))]
    pub name: String,
    /// It fires when the level of an account rises to this one, or past it: `medium`, `high` or `critical`.
    pub level: Option<RiskLevel>,
    /// It fires when there is new evidence of this signal.
    pub signal: Option<RiskSignal>,
    /// How strong evidence of the signal has to be at least, in percent; any will do unless given.
    #[schemars(range(min = 1, max = 99))]
    pub minimum_strength: Option<u8>,
    /// What it does.
    #[schemars(length(min = 1))]
    pub actions: Vec<RiskPolicyAction>,
    /// Whether it is in force; `off` unless given.
    pub mode: Option<RiskPolicyMode>,
}

/// Changes to a policy. What is left out stays; a level or a signal takes the place of the one before.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskPolicyChange {
    /// What it is to be called.
    #[serde(default, deserialize_with = "super::change::value")]
    #[schemars(transform = super::change::not_null)]
    pub name: Option<String>,
    /// The level at which it fires.
    #[serde(default, deserialize_with = "super::change::value")]
    #[schemars(transform = super::change::not_null)]
    pub level: Option<RiskLevel>,
    /// The signal on whose evidence it fires.
    #[serde(default, deserialize_with = "super::change::value")]
    #[schemars(transform = super::change::not_null)]
    pub signal: Option<RiskSignal>,
    /// How strong evidence of the signal has to be at least, in percent; null for any.
    #[serde(default)]
    pub minimum_strength: Change<u8>,
    /// What it does; at least one action.
    #[serde(default, deserialize_with = "super::change::value")]
    #[schemars(transform = super::change::not_null)]
    pub actions: Option<Vec<RiskPolicyAction>>,
    /// Whether it is in force.
    #[serde(default, deserialize_with = "super::change::value")]
    #[schemars(transform = super::change::not_null)]
    pub mode: Option<RiskPolicyMode>,
}
