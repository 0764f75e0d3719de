//! The policies of an organization, for those who may know of them.

use super::super::policy::{self, Action, Resource};
use super::super::{App, Viewer};
use crate::domain::{Error, OrganizationId, Result, RiskPolicy};
use crate::store::Scope;
use uuid::Uuid;

impl App {
    /// The policies of an organization, the oldest first.
    pub async fn risk_policies(&self, viewer: &Viewer, organization: OrganizationId) -> Result<Vec<RiskPolicy>> {
        policy::allow(viewer, Action::ReadPolicies, Resource::of(organization).seen())?;
        self.store().risk_policies(Scope::organization(organization)).await
    }

    /// A policy that the viewer may know of.
    pub async fn risk_policy(&self, viewer: &Viewer, id: Uuid, field: &str) -> Result<RiskPolicy> {
        let access = viewer.access.as_ref().ok_or_else(Error::unauthenticated)?;
        let scope = access.organization.map_or(Scope::EVERYTHING, Scope::organization);
        let found = self.store().risk_policy(scope, id).await?.ok_or_else(|| Error::not_found(field, "policy"))?;
        policy::allow(viewer, Action::ReadPolicies, Resource::of(found.organization).seen())?;
        Ok(found)
    }

    /// Which organization a policy is of, even if it was removed.
    pub async fn tenant_of_risk_policy(&self, viewer: &Viewer, id: Uuid, field: &str) -> Result<OrganizationId> {
        let missing = || Error::not_found(field, "policy");
        let organization = self.store().tenant_of_risk_policy(id).await?.ok_or_else(missing)?;
        policy::allow_tenant(viewer, organization, field).map(|()| organization)
    }
}
