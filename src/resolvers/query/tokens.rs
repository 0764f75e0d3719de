//! API tokens: who may come, as those may know who manage an organization.

use super::Reader;
use crate::domain::{ApiToken, NodeId, NodeKind, OrganizationId, Result};
use crate::resolvers::policy;
use crate::store::{Scope, TokenFilter};

impl Reader<'_> {
    /// The API tokens of one organization, or of all, that work or have not begun to be of no use by being revoked: behind so
    /// many, at most so many. Whoever may not know of the others sees the one that it has come with.
    pub async fn tokens(
        &self,
        within: Option<OrganizationId>,
        filter: TokenFilter,
        window: (u64, u64),
    ) -> Result<Vec<ApiToken>> {
        match self.narrowed(within, filter)? {
            Some((scope, filter)) => self.store().token_window(scope, &filter, window).await,
            None => Ok(Vec::new()),
        }
    }

    /// How many there are.
    pub async fn token_count(&self, within: Option<OrganizationId>, filter: TokenFilter) -> Result<i64> {
        match self.narrowed(within, filter)? {
            Some((scope, filter)) => self.store().token_count(scope, &filter).await,
            None => Ok(0),
        }
    }

    /// What is looked for, as far as the viewer may know of it; none if that is nothing.
    fn narrowed(&self, within: Option<OrganizationId>, filter: TokenFilter) -> Result<Option<(Scope, TokenFilter)>> {
        let own = self.own_organization();
        let scope = match within.or(own) {
            Some(organization) if own.is_some_and(|own| own != organization) => return Ok(None),
            Some(organization) => Scope::organization(organization),
            None => Scope::EVERYTHING,
        };
        if policy::allow_credentials(self.viewer, within.or(own))? {
            return Ok(Some((scope, filter)));
        }
        let token = self.viewer.actor.id.filter(|id: &NodeId| id.kind == NodeKind::Token);
        Ok(token
            .filter(|token| filter.id.is_none_or(|id| id == token.uuid))
            .map(|token| (scope, TokenFilter { id: Some(token.uuid), ..filter })))
    }
}
