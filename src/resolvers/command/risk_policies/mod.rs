//! Make a risk policy, change one, delete one; and what one does when it fires.
//!
//! What is done to the policies of an organization is told in the history of the organization, and what they do in that of the
//! accounts to which they do it.

mod create;
mod delete;
mod fire;
mod situation;
mod update;

pub use create::CreateRiskPolicy;
pub use delete::DeleteRiskPolicy;
pub use fire::{FirePolicy, Firing};
pub use update::UpdateRiskPolicy;

use super::super::policy::Action;
use super::super::write::WriteContext;
use crate::domain::diff::Difference;
use crate::domain::{Error, Organization, Result, RiskPolicy, text};
use serde_json::Value;
use uuid::Uuid;

/// Asks the policy of this server, and loads the organization whose policies they are.
async fn authorize(context: &mut WriteContext<'_>) -> Result<()> {
    let tenant = context.tenant();
    context.load::<Organization>(tenant.node(), "organizationId").await?;
    context.authorize_tenant(Action::ManagePolicies)
}

/// A policy, and the others of the organization.
async fn find(context: &WriteContext<'_>, id: Uuid) -> Result<(RiskPolicy, Vec<RiskPolicy>)> {
    let mut known = context.unit().risk_policies().await?;
    let place = known.iter().position(|policy| policy.id == id);
    let policy = known.remove(place.ok_or_else(|| Error::not_found("policyId", "policy"))?);
    Ok((policy, known))
}

/// Requires that no other one is called so.
fn check_name(policy: &RiskPolicy, others: &[RiskPolicy]) -> Result<()> {
    if others.iter().any(|other| text::key(&other.name) == text::key(&policy.name)) {
        return Err(Error::conflict("name", "There is a policy of this name; take another, or change that one."));
    }
    Ok(())
}

/// Tells what has become of a policy in the history of its organization.
fn tell(context: &mut WriteContext<'_>, before: Option<&RiskPolicy>, after: Option<&RiskPolicy>) -> Result<()> {
    let Some(policy) = after.or(before) else { return Ok(()) };
    let told = |policy: Option<&RiskPolicy>| policy.map_or(Value::Null, RiskPolicy::view);
    let path = format!("risk_policies.{}", policy.public_id());
    let tenant = context.tenant().node();
    context.tell(tenant, Difference { path, before: told(before), after: told(after) })
}
