//! Change a risk policy.

use super::super::super::write::{WriteContext, expect};
use super::super::{Command, Target};
use super::{authorize, check_name, find, tell};
use crate::domain::risk_policy::{PolicyAction, PolicyMode, TriggerPatch};
use crate::domain::{OrganizationId, Result};
use serde::Serialize;
use uuid::Uuid;

/// Changes a policy, or turns it on or off. What is left out stays. What has happened before is not asked about again.
#[derive(Debug, Clone, Serialize)]
pub struct UpdateRiskPolicy {
    /// Of which organization it is.
    pub organization: OrganizationId,
    /// Which.
    pub id: Uuid,
    /// The version that the client has seen: when it was changed last, in microseconds.
    pub expected_version: Option<i64>,
    /// What it is called.
    pub name: Option<String>,
    /// What sets it off.
    pub trigger: TriggerPatch,
    /// What it does.
    pub actions: Option<Vec<PolicyAction>>,
    /// Whether it is in force.
    pub mode: Option<PolicyMode>,
    /// Why.
    pub reason: Option<String>,
}

impl Command for UpdateRiskPolicy {
    type Output = Uuid;
    const ACTION: &'static str = "risk_policy.update";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "policyId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        authorize(context).await?;
        context.because(self.reason.as_deref())?;
        let (before, others) = find(context, self.id).await?;
        expect(before.updated_at.timestamp_micros(), self.expected_version)?;
        let mut policy = before.clone();
        policy.trigger = self.trigger.apply(Some(before.trigger))?;
        if let Some(name) = &self.name {
            policy.name.clone_from(name);
        }
        if let Some(actions) = &self.actions {
            policy.actions.clone_from(actions);
        }
        policy.mode = self.mode.unwrap_or(policy.mode);
        policy.check()?;
        check_name(&policy, &others)?;
        if policy == before {
            return Ok(self.id);
        }
        policy.updated_at = context.now();
        tell(context, Some(&before), Some(&policy))?;
        context.facts()?.write_risk_policy(&policy).await?;
        Ok(self.id)
    }
}
