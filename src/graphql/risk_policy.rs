//! Risk policies: what is done by itself about accounts whose risk has risen.

use super::failure::{Nullable, Result, present};
use super::query::tenant;
use super::request::of;
use super::risk::{RiskLevel, RiskSignal};
use super::scalars;
use crate::domain;
use crate::domain::risk_policy::{self, PolicyTrigger};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

/// Something that a policy does about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "risk_policy::PolicyAction")]
pub enum RiskPolicyAction {
    /// Tells that it has fired, which it does anyway: for a policy that does nothing else.
    Notify,
    /// Ends its sessions, and makes worthless what was issued for it, as `revokeSessions` does.
    RevokeSessions,
    /// Requires a new password at the next sign-in, as `forcePasswordReset` does.
    ForcePasswordReset,
    /// Bars it, and the profile that it belongs to, as `disableIdentity` does.
    Disable,
}

/// Whether a policy is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "risk_policy::PolicyMode")]
pub enum RiskPolicyMode {
    /// It is not looked at.
    Off,
    /// It tells what it would do, and does nothing.
    DryRun,
    /// It does it.
    Enforce,
}

/// A rule of an organization: what is done by itself about an account whose risk has risen, or about which something was found. Each time
/// that it fires is an event of the account, `identity.risk_policy`.
#[derive(Debug, Clone, SimpleObject)]
pub struct RiskPolicy {
    /// Public id: `pol_…`.
    id: ID,
    /// Public id of the organization.
    organization_id: ID,
    /// What it is called, unique in the organization.
    name: String,
    /// It fires when the level of an account rises to this one, or past it; null if it is about a signal.
    level: Option<RiskLevel>,
    /// It fires when there is new evidence of this signal; null if it is about a level.
    signal: Option<RiskSignal>,
    /// How strong evidence of the signal has to be at least, in percent; null for any.
    minimum_strength: Option<u8>,
    /// What it does, in the order in which that is done.
    actions: Vec<RiskPolicyAction>,
    /// Whether it is in force.
    mode: RiskPolicyMode,
    /// Since when there is this policy.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl From<domain::RiskPolicy> for RiskPolicy {
    fn from(policy: domain::RiskPolicy) -> Self {
        let (level, signal, minimum_strength) = match policy.trigger {
            PolicyTrigger::Level(level) => (Some(level.into()), None, None),
            PolicyTrigger::Signal { signal, minimum_strength } => (None, Some(signal.into()), minimum_strength),
        };
        Self {
            id: ID(policy.public_id()),
            organization_id: scalars::id(policy.organization.node()),
            name: policy.name,
            level,
            signal,
            minimum_strength,
            actions: policy.actions.into_iter().map(Into::into).collect(),
            mode: policy.mode.into(),
            created_at: policy.created_at,
            updated_at: policy.updated_at,
        }
    }
}

/// The root that reads policies.
#[derive(Default)]
pub struct RiskPolicies;

/// The root that reads policies.
#[Object]
impl RiskPolicies {
    /// The risk policies of an organization, the oldest first; at most 50. Needs the role admin.
    async fn risk_policies(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The slug or public id of the organization; the viewer's own unless given.")]
        organization: Option<String>,
    ) -> Nullable<Vec<RiskPolicy>> {
        present(list(context, organization).await)
    }
}

async fn list(context: &Context<'_>, organization: Option<String>) -> Result<Vec<RiskPolicy>> {
    let organization = tenant(context, organization, None).await?;
    let request = of(context);
    let policies = request.app.risk_policies(&request.viewer, organization).await?;
    Ok(policies.into_iter().map(Into::into).collect())
}
