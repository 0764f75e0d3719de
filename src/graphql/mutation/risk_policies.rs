//! Make, change and delete risk policies.

use super::super::failure::{Nullable, Result, present};
use super::super::inputs::patch;
use super::super::node::Node;
use super::super::organization::Organization;
use super::super::request::of;
use super::super::risk::{RiskLevel, RiskSignal};
use super::super::risk_policy::{RiskPolicy, RiskPolicyAction, RiskPolicyMode};
use super::{changed, payload, run, tenant};
use crate::domain::risk_policy::{TriggerPatch, parse_policy_id};
use crate::domain::{OrganizationId, Patch};
use crate::resolvers::command::{CreateRiskPolicy, DeleteRiskPolicy, UpdateRiskPolicy};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use uuid::Uuid;

/// A policy to make. Give a level or a signal, not both.
#[derive(Debug, Clone, InputObject)]
pub struct CreateRiskPolicyInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization; the viewer's own unless given.
    organization_id: Option<ID>,
    /// What it is to be called, unique in the organization.
    name: String,
    /// It fires when the level of an account rises to this one, or past it: `MEDIUM`, `HIGH` or `CRITICAL`.
    level: Option<RiskLevel>,
    /// It fires when there is new evidence of this signal.
    signal: Option<RiskSignal>,
    /// How strong evidence of the signal has to be at least, in percent, from 1 to 99; any will do unless given.
    minimum_strength: Option<u8>,
    /// What it does; at least one action.
    actions: Vec<RiskPolicyAction>,
    /// Whether it is in force; `OFF` unless given.
    mode: Option<RiskPolicyMode>,
}

/// Changes to a policy. What is left out stays as it is; a level or a signal takes the place of the one before.
#[derive(Debug, Clone, InputObject)]
pub struct UpdateRiskPolicyInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the policy: `pol_…`.
    policy_id: ID,
    /// What it is to be called.
    name: Option<String>,
    /// The level at which it fires.
    level: Option<RiskLevel>,
    /// The signal on whose evidence it fires.
    signal: Option<RiskSignal>,
    /// How strong evidence of the signal has to be at least, in percent; null for any.
    minimum_strength: MaybeUndefined<u8>,
    /// What it does; at least one action.
    actions: Option<Vec<RiskPolicyAction>>,
    /// Whether it is in force.
    mode: Option<RiskPolicyMode>,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

/// A policy to delete.
#[derive(Debug, Clone, InputObject)]
pub struct DeleteRiskPolicyInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the policy: `pol_…`.
    policy_id: ID,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

payload!(CreateRiskPolicyPayload, "The new policy.", {
    /// The policy.
    policy: RiskPolicy,
    /// The organization, as it is now.
    organization: Organization,
});
payload!(UpdateRiskPolicyPayload, "The changed policy.", {
    /// The policy, as it is now.
    policy: RiskPolicy,
    /// The organization, as it is now.
    organization: Organization,
});
payload!(DeleteRiskPolicyPayload, "The deleted policy.", {
    /// Public id of the policy.
    deleted_id: ID,
    /// The organization, as it is now.
    organization: Organization,
});

/// Mutations of risk policies.
#[derive(Default)]
pub struct RiskPolicyMutations;

/// Mutations of risk policies.
#[Object]
impl RiskPolicyMutations {
    /// Makes a risk policy, which is off unless a mode is given. Needs the role owner.
    async fn create_risk_policy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CreateRiskPolicyInput,
    ) -> Nullable<CreateRiskPolicyPayload> {
        present(create(context, input).await)
    }

    /// Changes a risk policy, or turns it on or off. What has happened before does not set it off. Needs the role owner.
    async fn update_risk_policy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateRiskPolicyInput,
    ) -> Nullable<UpdateRiskPolicyPayload> {
        present(update(context, input).await)
    }

    /// Deletes a risk policy. What it has done stays done. Needs the role owner.
    async fn delete_risk_policy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteRiskPolicyInput,
    ) -> Nullable<DeleteRiskPolicyPayload> {
        present(delete(context, input).await)
    }
}

async fn create(context: &Context<'_>, input: CreateRiskPolicyInput) -> Result<CreateRiskPolicyPayload> {
    let client_mutation_id = input.client_mutation_id;
    let organization = tenant(context, input.organization_id.as_ref());
    let named = organization.as_ref().ok().copied();
    let command = organization.map(|organization| CreateRiskPolicy {
        organization,
        name: input.name,
        trigger: TriggerPatch {
            level: input.level.map(Into::into),
            signal: input.signal.map(Into::into),
            minimum_strength: Patch::from(input.minimum_strength),
        },
        actions: input.actions.into_iter().map(Into::into).collect(),
        mode: input.mode.map(Into::into).unwrap_or_default(),
    });
    Ok(match run(context, client_mutation_id.as_ref(), command).await? {
        Ok(id) => CreateRiskPolicyPayload {
            client_mutation_id,
            policy: policy(context, id).await,
            organization: organization_of(context, named).await?,
            errors: Vec::new(),
        },
        Err(error) => CreateRiskPolicyPayload { client_mutation_id, errors: vec![error], ..Default::default() },
    })
}

async fn update(context: &Context<'_>, input: UpdateRiskPolicyInput) -> Result<UpdateRiskPolicyPayload> {
    let client_mutation_id = input.client_mutation_id;
    let named = named(context, &input.policy_id).await;
    let organization = named.as_ref().ok().map(|(organization, _)| *organization);
    let command = named.map(|(organization, id)| UpdateRiskPolicy {
        organization,
        id,
        expected_version: None,
        name: input.name,
        trigger: TriggerPatch {
            level: input.level.map(Into::into),
            signal: input.signal.map(Into::into),
            minimum_strength: patch(input.minimum_strength),
        },
        actions: input.actions.map(|actions| actions.into_iter().map(Into::into).collect()),
        mode: input.mode.map(Into::into),
        reason: input.reason,
    });
    Ok(match run(context, client_mutation_id.as_ref(), command).await? {
        Ok(id) => UpdateRiskPolicyPayload {
            client_mutation_id,
            policy: policy(context, id).await,
            organization: organization_of(context, organization).await?,
            errors: Vec::new(),
        },
        Err(error) => UpdateRiskPolicyPayload { client_mutation_id, errors: vec![error], ..Default::default() },
    })
}

async fn delete(context: &Context<'_>, input: DeleteRiskPolicyInput) -> Result<DeleteRiskPolicyPayload> {
    let client_mutation_id = input.client_mutation_id;
    let named = named(context, &input.policy_id).await;
    let organization = named.as_ref().ok().map(|(organization, _)| *organization);
    let command = named.map(|(organization, id)| DeleteRiskPolicy {
        organization,
        id,
        expected_version: None,
        reason: input.reason,
    });
    Ok(match run(context, client_mutation_id.as_ref(), command).await? {
        Ok(_) => DeleteRiskPolicyPayload {
            client_mutation_id,
            deleted_id: Some(input.policy_id),
            organization: organization_of(context, organization).await?,
            errors: Vec::new(),
        },
        Err(error) => DeleteRiskPolicyPayload { client_mutation_id, errors: vec![error], ..Default::default() },
    })
}

/// The policy that an input names, deleted or not, and its organization.
async fn named(context: &Context<'_>, id: &ID) -> crate::domain::Result<(OrganizationId, Uuid)> {
    let request = of(context);
    let uuid = parse_policy_id(id, "policyId")?;
    let organization = request.app.tenant_of_risk_policy(&request.viewer, uuid, "policyId").await?;
    Ok((organization, uuid))
}

/// The policy, as it is now; none for a viewer that may change it but not read it.
async fn policy(context: &Context<'_>, id: Uuid) -> Option<RiskPolicy> {
    let request = of(context);
    request.app.risk_policy(&request.viewer, id, "policyId").await.ok().map(Into::into)
}

async fn organization_of(context: &Context<'_>, id: Option<OrganizationId>) -> Result<Option<Organization>> {
    let Some(id) = id else { return Ok(None) };
    Ok(match changed(context, id.node()).await? {
        Some(Node::Organization(organization)) => Some(organization),
        _ => None,
    })
}
