//! Risk policies: list, get, make, change, delete.

use super::RISK_POLICIES;
use crate::domain::risk_policy::{TriggerPatch, parse_policy_id};
use crate::domain::{self, Error, Patch};
use crate::resolvers::command::{CreateRiskPolicy, DeleteRiskPolicy, UpdateRiskPolicy};
use crate::rest::Call;
use crate::rest::cursors::{BY_CREATION, id_cursor};
use crate::rest::input::{IdempotencyKey, IfMatch, Json, MergePatch, Paging, Query};
use crate::rest::model::risk_policy::{NewRiskPolicy, RiskPolicy, RiskPolicyChange};
use crate::rest::operation::{Method, Operation};
use crate::rest::outcome::{Changed, Created, Entity, Found, Gone, Listed};
use crate::rest::refusal::Result;
use schemars::JsonSchema;
use serde::Deserialize;

const ADMIN: &str = "Needs the role admin.";
const OWNER: &str = "Needs the role owner.";

/// Of which organization.
#[derive(Debug, Deserialize, JsonSchema)]
struct Of {
    /// The slug or public id of the organization; that of the credential unless given.
    organization: Option<String>,
}

/// What there is to do with risk policies.
pub(super) fn operations() -> Vec<Operation> {
    const ONE: &str = "/v1/risk-policies/{id}";
    vec![
        Operation::new(Method::Get, "/v1/risk-policies", list)
            .named(RISK_POLICIES, "listRiskPolicies", "List the risk policies of an organization, the oldest first")
            .described(ADMIN),
        Operation::new(Method::Post, "/v1/risk-policies", create)
            .named(RISK_POLICIES, "createRiskPolicy", "Make a risk policy")
            .described("It is off unless a mode is given. Needs the role owner."),
        Operation::new(Method::Get, ONE, get)
            .named(RISK_POLICIES, "getRiskPolicy", "Get a risk policy")
            .described(ADMIN),
        Operation::new(Method::Patch, ONE, update)
            .named(RISK_POLICIES, "updateRiskPolicy", "Change a risk policy, or turn it on or off")
            .described("What has happened before does not set it off. Needs the role owner."),
        Operation::new(Method::Delete, ONE, delete)
            .named(RISK_POLICIES, "deleteRiskPolicy", "Delete a risk policy; what it has done stays done")
            .described(OWNER),
    ]
}

fn entity(policy: &domain::RiskPolicy) -> Entity<RiskPolicy> {
    Entity { body: policy.into(), version: policy.updated_at.timestamp_micros() }
}

/// The policy that the path names.
async fn policy(call: &Call) -> Result<domain::RiskPolicy> {
    let id = call.parameters.get("id").map_or("", String::as_str);
    let id = parse_policy_id(id, "id").map_err(|_| Error::not_found("id", "policy"))?;
    Ok(call.app.risk_policy(&call.viewer, id, "id").await?)
}

async fn list(call: Call, (Query(of), paging): (Query<Of>, Paging)) -> Result<Listed<RiskPolicy>> {
    let organization = call.tenant(of.organization.as_deref(), "organization").await?;
    let page = paging.page(BY_CREATION)?;
    // There are so few that a page is cut from all of them.
    let all = call.app.risk_policies(&call.viewer, organization).await?;
    let after = page.after.as_ref().map(|cursor| cursor.id);
    let found = all.into_iter().filter(|policy| after.is_none_or(|after| policy.id > after)).collect();
    let slice = domain::Slice::of(found, &page);
    let next = slice.items.last().filter(|_| slice.has_next).map(|last| id_cursor(BY_CREATION, last.id));
    Ok(Listed::new(&call, slice.items.iter().map(RiskPolicy::from).collect(), next))
}

async fn create(
    call: Call,
    (IdempotencyKey(key), Json(new)): (IdempotencyKey, Json<NewRiskPolicy>),
) -> Result<Created<RiskPolicy>> {
    let organization = call.tenant(new.organization.as_deref(), "organization").await?;
    let command = CreateRiskPolicy {
        organization,
        name: new.name,
        trigger: TriggerPatch {
            level: new.level.map(Into::into),
            signal: new.signal.map(Into::into),
            minimum_strength: Patch::from(new.minimum_strength),
        },
        actions: new.actions.into_iter().map(Into::into).collect(),
        mode: new.mode.map(Into::into).unwrap_or_default(),
    };
    let id = call.run(command, key).await?;
    let made = call.app.risk_policy(&call.viewer, id, "id").await.ok();
    let location = format!("/v1/risk-policies/{}", domain::risk_policy::policy_id(id));
    Ok(Created { location, entity: made.as_ref().map(entity) })
}

async fn get(call: Call, (): ()) -> Result<Found<RiskPolicy>> {
    Ok(Found(entity(&policy(&call).await?)))
}

async fn update(
    call: Call,
    (IfMatch(expected_version), MergePatch(change)): (IfMatch, MergePatch<RiskPolicyChange>),
) -> Result<Changed<RiskPolicy>> {
    let domain::RiskPolicy { organization, id, .. } = policy(&call).await?;
    let command = UpdateRiskPolicy {
        organization,
        id,
        expected_version,
        name: change.name,
        trigger: TriggerPatch {
            level: change.level.map(Into::into),
            signal: change.signal.map(Into::into),
            minimum_strength: change.minimum_strength.0,
        },
        actions: change.actions.map(|actions| actions.into_iter().map(Into::into).collect()),
        mode: change.mode.map(Into::into),
        reason: None,
    };
    call.run(command, None).await?;
    Ok(Changed(Some(entity(&policy(&call).await?))))
}

async fn delete(call: Call, IfMatch(expected_version): IfMatch) -> Result<Gone> {
    let domain::RiskPolicy { organization, id, .. } = policy(&call).await?;
    call.run(DeleteRiskPolicy { organization, id, expected_version, reason: None }, None).await?;
    Ok(Gone)
}
