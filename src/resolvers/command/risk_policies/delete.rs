//! Delete a risk policy.

use super::super::super::write::WriteContext;
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
        tell(context, Some(&policy), None)?;
        context.facts()?.remove_risk_policy(policy.id).await?;
        Ok(policy.id)
    }
}
