//! Delete a risk policy.

use super::super::super::write::{WriteContext, expect};
use super::super::{Command, Target};
use super::{authorize, find, tell};
use crate::domain::{OrganizationId, Result};
use serde::Serialize;
use uuid::Uuid;

/// Deletes a policy. What it has done stays done.
#[derive(Debug, Clone, Serialize)]
pub struct DeleteRiskPolicy {
    /// Of which organization it is.
    pub organization: OrganizationId,
    /// Which.
    pub id: Uuid,
    /// The version that the client has seen: when it was changed last, in microseconds.
    pub expected_version: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

impl Command for DeleteRiskPolicy {
    type Output = Uuid;
    const ACTION: &'static str = "risk_policy.delete";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "policyId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        authorize(context).await?;
        context.because(self.reason.as_deref())?;
        let (policy, _) = find(context, self.id).await?;
        expect(policy.updated_at.timestamp_micros(), self.expected_version)?;
        tell(context, Some(&policy), None)?;
        context.facts()?.remove_risk_policy(policy.id).await?;
        Ok(policy.id)
    }
}
