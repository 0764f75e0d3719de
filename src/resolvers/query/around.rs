//! What faces ask again and again to show a node: what is next to it, how its organization is called.

use super::Reader;
use super::questions::{Found, Named, Neighbours, OrganizationBySlug};
use super::relation::Relation;
use crate::domain::{NodeId, NodeKind, Organization, OrganizationId, Page, Result};
use crate::store::{Related, Table};
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;
use uuid::Uuid;

impl Reader<'_> {
    /// What is next to many nodes, so many for each.
    pub async fn next_to<T: Table + Clone>(
        &self,
        relation: Relation,
        ids: &[Uuid],
        limit: u32,
    ) -> Result<HashMap<Uuid, Vec<Related<Arc<T>>>>> {
        let question = Neighbours::<T> { relation, page: Page::first(limit), of: PhantomData };
        let found = self.ask(&question, ids).await?;
        Ok(found.into_iter().map(|(id, slice)| (id, slice.items)).collect())
    }

    /// The slugs of organizations.
    pub async fn slugs(&self, ids: impl Iterator<Item = OrganizationId> + Send) -> Result<HashMap<Uuid, String>> {
        let mut ids: Vec<Uuid> = ids.map(|id| id.0).collect();
        ids.sort_unstable();
        ids.dedup();
        let found = self.ask(&Found::<Organization> { of: PhantomData }, &ids).await?;
        Ok(found.into_iter().map(|(id, organization)| (id, organization.slug.clone())).collect())
    }

    /// The organization of that slug or public id.
    pub async fn organization_called(&self, name: &str) -> Result<Option<Arc<Organization>>> {
        Ok(match name.parse::<NodeId>() {
            Ok(id) if id.kind == NodeKind::Organization => {
                self.ask(&Named::<Organization> { of: PhantomData }, &[id.uuid]).await?.remove(&id.uuid)
            }
            _ => self.ask(&OrganizationBySlug { slug: name.to_owned() }, &[()]).await?.remove(&()),
        })
    }
}
