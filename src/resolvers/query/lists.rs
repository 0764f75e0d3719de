//! Lists of what organizations have.

use super::Reader;
use crate::domain::{Organization, OrganizationId, Page, Result, Slice};
use crate::resolvers::policy::Sight;
use crate::store::{Listing, Order, Scope, Sorting};
use std::collections::HashMap;
use uuid::Uuid;

impl Reader<'_> {
    /// What many organizations have of one type, page by page.
    pub async fn list<T: Listing>(
        &self,
        filter: &T::Filter,
        order: Order,
        organizations: &[Uuid],
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<T>>> {
        let Some(scope) = self.browse()? else { return Ok(HashMap::new()) };
        self.allow_filter::<T>(filter, organizations)?;
        self.store().list_pages(scope, filter, order, organizations, page).await
    }

    /// How much many organizations have of one type.
    pub async fn list_counts<T: Listing>(
        &self,
        filter: &T::Filter,
        organizations: &[Uuid],
    ) -> Result<HashMap<Uuid, i64>> {
        let Some(scope) = self.browse()? else { return Ok(HashMap::new()) };
        self.allow_filter::<T>(filter, organizations)?;
        self.store().list_counts::<T>(scope, filter, organizations).await
    }

    /// What an organization has of one type, or all that the viewer sees: behind so many, at most so many.
    pub async fn window<T: Listing>(
        &self,
        within: Option<OrganizationId>,
        filter: &T::Filter,
        sorting: &Sorting,
        window: (u64, u64),
    ) -> Result<Vec<T>> {
        let Some(scope) = self.browse()? else { return Ok(Vec::new()) };
        let scope = match within {
            Some(organization) if !scope.contains(organization) => return Ok(Vec::new()),
            Some(organization) => scope.within(organization),
            None => scope,
        };
        // Whoever sees every organization has the same role in each.
        self.allow_filter::<T>(filter, &[scope.tenant().unwrap_or(OrganizationId::INSTANCE).0])?;
        self.store().window(scope, filter, sorting, window).await
    }

    /// The providers at which accounts of an organization are: at most so many.
    pub async fn providers(&self, organization: OrganizationId, limit: u64) -> Result<Vec<String>> {
        match self.browse()? {
            Some(scope) if scope.contains(organization) => self.store().providers(organization, limit).await,
            _ => Ok(Vec::new()),
        }
    }

    /// The organizations that the viewer sees: behind so many, at most so many.
    pub async fn organization_window(&self, sorting: &Sorting, window: (u64, u64)) -> Result<Vec<Organization>> {
        self.store().window(self.tenants()?, &(), sorting, window).await
    }

    /// What a viewer may not read, it may not ask for either.
    fn allow_filter<T: Listing>(&self, filter: &T::Filter, organizations: &[Uuid]) -> Result<()> {
        if T::is_private(filter) {
            for organization in organizations {
                self.allow_private(OrganizationId(*organization), None)?;
            }
        }
        Ok(())
    }

    /// The organizations that the viewer sees.
    pub async fn organizations(&self, order: Order, page: &Page) -> Result<Slice<Organization>> {
        self.store().organizations(self.tenants()?, order, page).await
    }

    /// How many organizations the viewer sees.
    pub async fn organization_count(&self) -> Result<i64> {
        self.store().organization_count(self.tenants()?).await
    }

    fn tenants(&self) -> Result<Scope> {
        Ok(match self.sight()? {
            Sight::Directory(scope) => scope,
            Sight::Own(_, organization) => self.scope_of(organization),
        })
    }
}
