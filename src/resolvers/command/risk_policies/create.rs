//! Make a risk policy.

use super::super::super::write::WriteContext;
use super::super::{Command, Target};
use super::{authorize, check_name, tell};
use crate::domain::risk_policy::{MAX_POLICIES, PolicyAction, PolicyMode, RiskPolicy, TriggerPatch};
use crate::domain::{Error, OrganizationId, Result};
use serde::Serialize;
use uuid::Uuid;

/// Makes a policy, which is asked about what happens from now on, if it is in force.
#[derive(Debug, Clone, Serialize)]
pub struct CreateRiskPolicy {
    /// Of which organization.
    pub organization: OrganizationId,
    /// What it is called.
    pub name: String,
    /// What sets it off.
    pub trigger: TriggerPatch,
    /// What it does.
    pub actions: Vec<PolicyAction>,
    /// Whether it is in force.
    pub mode: PolicyMode,
}

impl Command for CreateRiskPolicy {
    type Output = Uuid;
    const ACTION: &'static str = "risk_policy.create";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organizationId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        authorize(context).await?;
        let mut policy = RiskPolicy {
            id: context.unit().new_id(),
            organization: context.tenant(),
            name: self.name.clone(),
            trigger: self.trigger.apply(None)?,
            actions: self.actions.clone(),
            mode: self.mode,
            created_at: context.now(),
            created_by: context.viewer().actor.clone(),
            updated_at: context.now(),
        };
        policy.check()?;
        let known = context.unit().risk_policies().await?;
        if known.len() >= MAX_POLICIES {
            return Err(Error::conflict(
                "name",
                format!("There are {MAX_POLICIES} policies, as many as there can be; delete one."),
            ));
        }
        check_name(&policy, &known)?;
        tell(context, None, Some(&policy))?;
        context.facts()?.write_risk_policy(&policy).await?;
        Ok(policy.id)
    }
}
