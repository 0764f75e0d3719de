//! What has become of requests that are done later.

use super::Reader;
use crate::domain::deferred::DeferredRequest;
use crate::domain::{OrganizationId, Result};
use crate::resolvers::policy::{self, Action, Resource};
use crate::store::Scope;
use uuid::Uuid;

impl Reader<'_> {
    /// A request that was accepted in an organization: for the credential that asked, and for those who may read the history
    /// of the organization. There is none for anybody else.
    pub async fn deferred_request(&self, organization: OrganizationId, id: Uuid) -> Result<Option<DeferredRequest>> {
        policy::allow_tenant(self.viewer, organization, "id")?;
        let found = self.store().deferred_request(Scope::organization(organization), id).await?;
        let may_know = |request: &DeferredRequest| {
            self.viewer.actor.id == Some(request.token)
                || policy::allow(self.viewer, Action::ReadHistory, Resource::of(organization).seen()).is_ok()
        };
        Ok(found.filter(may_know))
    }
}
