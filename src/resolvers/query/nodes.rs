//! Nodes by what identifies them.

use super::Reader;
use crate::domain::node::namespace;
use crate::domain::{Organization, OrganizationId, Page, Profile, Result, Slice, text};
use crate::store::{ProfileKey, Table};
use std::collections::HashMap;
use uuid::Uuid;

/// What identifies a profile besides its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ProfileBy {
    /// Organization and user name.
    Username(OrganizationId, String),
    /// An e-mail address.
    Email(String),
    /// A linked identity: provider, environment, account id.
    Identity(String, String, String),
}

impl Reader<'_> {
    /// Nodes of one type by id. The id of a merged node leads to the one it was merged into.
    pub async fn nodes<T: Table>(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, T>> {
        let (scope, ids) = self.name(ids)?;
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let mut found = self.store().nodes_by_ids::<T>(scope, &ids).await?;
        if T::MERGES && found.len() < ids.len() {
            let missing: Vec<Uuid> = ids.into_iter().filter(|id| !found.contains_key(id)).collect();
            found.extend(self.store().survivors::<T>(scope, &missing).await?);
        }
        Ok(found)
    }

    /// The profiles that were merged into many profiles, ordered by id.
    pub async fn merged(&self, survivors: &[Uuid], page: &Page) -> Result<HashMap<Uuid, Slice<Profile>>> {
        let (scope, survivors) = self.look(survivors)?;
        self.store().merged_pages(scope, &survivors, page).await
    }

    /// How many profiles were merged into many profiles.
    pub async fn merged_counts(&self, survivors: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        let (scope, survivors) = self.look(survivors)?;
        if survivors.is_empty() {
            return Ok(HashMap::new());
        }
        self.store().merged_counts(scope, &survivors).await
    }

    /// Nodes of one type that the viewer has reached over an edge it may follow.
    pub async fn reached_nodes<T: Table>(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, T>> {
        let (scope, _) = self.look(&[])?;
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        self.store().nodes_by_ids(scope, ids).await
    }

    /// The profile that this identifies, if there is one. More than one is a conflict, which the viewer has to resolve.
    pub async fn profile_by(&self, by: &ProfileBy) -> Result<Option<Profile>> {
        let (scope, _) = self.look(&[])?;
        let (key, field) = match by {
            ProfileBy::Username(organization, username) => {
                (ProfileKey::Username(Some(*organization), username.clone()), "username")
            }
            ProfileBy::Email(address) => (ProfileKey::Key(namespace::EMAIL, text::key(address)), "email"),
            ProfileBy::Identity(provider, environment, account) => {
                let parts = [provider, environment, account].map(|part| part.replace('\0', "\u{fffd}"));
                let [provider, environment, account] = parts;
                (ProfileKey::Identity(provider, environment, account), "identity")
            }
        };
        match self.one_by_key(scope, &key, field).await? {
            None => self.one_by_former_key(scope, &key, field).await,
            found => Ok(found),
        }
    }

    /// The organization with that slug.
    pub async fn organization_by_slug(&self, slug: &str) -> Result<Option<Organization>> {
        let (scope, _) = self.look(&[])?;
        self.store().organization_by_slug(scope, slug).await
    }
}
