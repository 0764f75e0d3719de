//! What is next to a node, and what is reached from it.

use super::Reader;
use super::relation::Relation;
use crate::domain::{EdgeKind, Page, Result, Slice};
use crate::store::{EffectiveRole, Reach, Related, Side, Table};
use std::collections::HashMap;
use uuid::Uuid;

impl Reader<'_> {
    /// The neighbours of many nodes, page by page.
    pub async fn related<T: Table>(
        &self,
        relation: Relation,
        from: &[Uuid],
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<Related<T>>>> {
        let (scope, from) = self.look(from)?;
        self.store().related_pages(scope, relation, &from, page).await
    }

    /// How many neighbours many nodes have.
    pub async fn related_counts<T: Table>(&self, relation: Relation, from: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        let (scope, from) = self.look(from)?;
        if from.is_empty() {
            return Ok(HashMap::new());
        }
        self.store().related_counts::<T>(scope, relation, &from).await
    }

    /// Whether a node has more than so many edges of a kind. See [`Store::has_more_edges`](crate::store::Store).
    pub async fn has_more_edges(&self, kind: EdgeKind, side: Side, node: Uuid, than: u32) -> Result<bool> {
        let (scope, found) = self.look(&[node])?;
        if found.is_empty() {
            return Ok(false);
        }
        self.store().has_more_edges(scope, (kind, side), node, than).await
    }

    /// What is reached from many nodes over more than one edge, page by page.
    pub async fn reached<T: Table>(&self, reach: Reach, from: &[Uuid], page: &Page) -> Result<HashMap<Uuid, Slice<T>>> {
        let (scope, from) = self.look(from)?;
        if from.is_empty() {
            return Ok(HashMap::new());
        }
        self.store().reached_pages(scope, reach, &from, page).await
    }

    /// How much is reached from many nodes over more than one edge.
    pub async fn reached_counts<T: Table>(&self, reach: Reach, from: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        let (scope, from) = self.look(from)?;
        if from.is_empty() {
            return Ok(HashMap::new());
        }
        self.store().reached_counts::<T>(scope, reach, &from).await
    }

    /// The parents of many nodes and theirs, the nearest first.
    pub async fn ancestors<T: Table>(&self, from: &[Uuid]) -> Result<HashMap<Uuid, Vec<T>>> {
        let (scope, from) = self.look(from)?;
        if from.is_empty() {
            return Ok(HashMap::new());
        }
        self.store().ancestors(scope, &from).await
    }

    /// The roles that many profiles have, directly or through groups, page by page.
    pub async fn effective_roles(&self, from: &[Uuid], page: &Page) -> Result<HashMap<Uuid, Slice<EffectiveRole>>> {
        let (scope, from) = self.look(from)?;
        if from.is_empty() {
            return Ok(HashMap::new());
        }
        self.store().effective_roles(scope, &from, page).await
    }
}
