//! The questions that faces ask of many ids at once, each with its answer as a type.
//!
//! A face says [`Reader::ask`]; questions whose answers may be [kept](crate::resolvers::answers) are answered from there, if
//! nothing has changed since, and all others by one call of the [`Reader`], and so by one statement.

pub mod accounts;
mod weight;

pub use weight::Weigh;
use weight::not_kept;

use super::{Reader, Relation};
use crate::domain::{Edge, Event, Organization, OrganizationId, Page, Profile, Result, Slice};
use crate::store::{EffectiveRole, Listing, Order, Reach, Realm, Related, Table};
use std::collections::HashMap;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::Arc;
use uuid::Uuid;

/// A question that is asked about many ids at once.
pub trait Ask: Clone + Eq + Hash + Send + Sync + 'static {
    /// What it is asked about.
    type Id: Copy + Eq + Hash + Send + Sync + 'static;
    /// The answer for one id.
    type Answer: Weigh + Clone + Send + Sync + 'static;

    /// Whether answers may be kept: they follow from the directory alone, and from what the viewer may see of it.
    fn is_kept(&self) -> bool {
        true
    }

    /// What the answers follow from: what changes farther out leaves them as they are.
    fn realm(&self) -> Realm {
        Realm::Directory
    }

    /// Answers for all of them.
    fn answer(
        &self,
        reader: Reader<'_>,
        ids: &[Self::Id],
    ) -> impl Future<Output = Result<HashMap<Self::Id, Self::Answer>>> + Send;
}

/// Makes two questions the same when their fields are, whatever the type of node they are about. (A derive would ask the
/// same of that type.)
macro_rules! same_by_fields {
    ($($name:ident<$type:ident: $bound:ident> { $($field:ident),* })+) => {$(
        impl<$type: $bound> Clone for $name<$type> {
            fn clone(&self) -> Self {
                Self { $($field: self.$field.clone(),)* of: PhantomData }
            }
        }

        impl<$type: $bound> PartialEq for $name<$type> {
            fn eq(&self, other: &Self) -> bool {
                self.of == other.of $(&& self.$field == other.$field)*
            }
        }

        impl<$type: $bound> Eq for $name<$type> {}

        impl<$type: $bound> Hash for $name<$type> {
            fn hash<S: std::hash::Hasher>(&self, state: &mut S) {
                self.of.hash(state);
                $(self.$field.hash(state);)*
            }
        }
    )+};
}

/// The type of node a question is about.
pub type Of<T> = PhantomData<fn() -> T>;

/// The nodes that a client has named.
pub struct Named<T: Table> {
    /// Their type.
    pub of: Of<T>,
}

/// The nodes that a client has reached.
pub struct Found<T: Table> {
    /// Their type.
    pub of: Of<T>,
}

/// A page of neighbours.
pub struct Neighbours<T: Table> {
    /// Over which edges.
    pub relation: Relation,
    /// Which page.
    pub page: Page,
    /// The type of the neighbours.
    pub of: Of<T>,
}

/// The number of neighbours.
pub struct NeighbourCount<T: Table> {
    /// Over which edges.
    pub relation: Relation,
    /// The type of the neighbours.
    pub of: Of<T>,
}

/// A page of what is reached over more than one edge.
pub struct Reached<T: Table> {
    /// What is meant by reached.
    pub reach: Reach,
    /// Which page.
    pub page: Page,
    /// The type of what is reached.
    pub of: Of<T>,
}

/// The number of what is reached over more than one edge.
pub struct ReachedCount<T: Table> {
    /// What is meant by reached.
    pub reach: Reach,
    /// The type of what is reached.
    pub of: Of<T>,
}

/// A page of what an organization has.
pub struct Listed<T: Listing> {
    /// Which of them.
    pub filter: T::Filter,
    /// In which order.
    pub order: Order,
    /// Which page.
    pub page: Page,
    /// The type of what is listed.
    pub of: Of<T>,
}

/// The number of what an organization has.
pub struct ListedCount<T: Listing> {
    /// Which of them.
    pub filter: T::Filter,
    /// The type of what is counted.
    pub of: Of<T>,
}

/// The chain of parents.
pub struct Ancestors<T: Table> {
    /// The type of the parents.
    pub of: Of<T>,
}

same_by_fields! {
    Named<T: Table> {}
    Found<T: Table> {}
    Neighbours<T: Table> { relation, page }
    NeighbourCount<T: Table> { relation }
    Reached<T: Table> { reach, page }
    ReachedCount<T: Table> { reach }
    Listed<T: Listing> { filter, order, page }
    ListedCount<T: Listing> { filter }
    Ancestors<T: Table> {}
}

/// The organization with a slug.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrganizationBySlug {
    /// The slug. Case does not count.
    pub slug: String,
}

/// A page of the roles that a profile has, directly or through groups.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EffectiveRoles {
    /// Which page.
    pub page: Page,
}

/// The edges over which a profile comes by its roles.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ascent;

/// A page of the profiles that were merged into a profile.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Merged {
    /// Which page.
    pub page: Page,
}

/// The number of the profiles that were merged into a profile.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MergedCount;

/// A page of the events about a node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct History {
    /// Which page.
    pub page: Page,
}

/// The number of the events about a node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HistoryCount;

/// The numbers of the last events of organizations.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LastChange;

/// Events by tenant and number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Events;

impl<T: Table> Ask for Named<T> {
    type Id = Uuid;
    type Answer = Arc<T>;

    fn realm(&self) -> Realm {
        T::REALM
    }

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<T>>> {
        Ok(shared(reader.nodes::<T>(ids).await?))
    }
}

impl<T: Table> Ask for Found<T> {
    type Id = Uuid;
    type Answer = Arc<T>;

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<T>>> {
        Ok(shared(reader.reached_nodes::<T>(ids).await?))
    }
}

impl<T: Table + Clone> Ask for Neighbours<T> {
    type Id = Uuid;
    type Answer = Slice<Related<Arc<T>>>;

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Self::Answer>> {
        let pages = reader.related::<T>(self.relation, ids, &self.page).await?;
        let share = |related: Related<T>| Related { edge: related.edge, node: Arc::new(related.node) };
        Ok(pages.into_iter().map(|(id, slice)| (id, slice.map(share))).collect())
    }
}

impl<T: Table> Ask for NeighbourCount<T> {
    type Id = Uuid;
    type Answer = i64;

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        reader.related_counts::<T>(self.relation, ids).await
    }
}

impl<T: Table> Ask for Reached<T> {
    type Id = Uuid;
    type Answer = Slice<Arc<T>>;

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Self::Answer>> {
        let pages = reader.reached::<T>(self.reach, ids, &self.page).await?;
        Ok(pages.into_iter().map(|(id, slice)| (id, slice.map(Arc::new))).collect())
    }
}

impl<T: Table> Ask for ReachedCount<T> {
    type Id = Uuid;
    type Answer = i64;

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        reader.reached_counts::<T>(self.reach, ids).await
    }
}

impl<T: Listing> Ask for Listed<T> {
    type Id = Uuid;
    type Answer = Slice<Arc<T>>;

    fn is_kept(&self) -> bool {
        !T::is_private(&self.filter)
    }

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Self::Answer>> {
        let pages = reader.list::<T>(&self.filter, self.order, ids, &self.page).await?;
        Ok(pages.into_iter().map(|(id, slice)| (id, slice.map(Arc::new))).collect())
    }
}

impl<T: Listing> Ask for ListedCount<T> {
    type Id = Uuid;
    type Answer = i64;

    fn is_kept(&self) -> bool {
        !T::is_private(&self.filter)
    }

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        reader.list_counts::<T>(&self.filter, ids).await
    }
}

impl<T: Table> Ask for Ancestors<T> {
    type Id = Uuid;
    type Answer = Vec<Arc<T>>;

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Self::Answer>> {
        let chains = reader.ancestors::<T>(ids).await?;
        Ok(chains.into_iter().map(|(id, chain)| (id, chain.into_iter().map(Arc::new).collect())).collect())
    }
}

impl Ask for OrganizationBySlug {
    type Id = ();
    type Answer = Arc<Organization>;

    fn realm(&self) -> Realm {
        Organization::REALM
    }

    async fn answer(&self, reader: Reader<'_>, _: &[()]) -> Result<HashMap<(), Self::Answer>> {
        let found = reader.organization_by_slug(&self.slug).await?;
        Ok(found.map(|organization| ((), Arc::new(organization))).into_iter().collect())
    }
}

impl Ask for EffectiveRoles {
    type Id = Uuid;
    type Answer = Slice<Arc<EffectiveRole>>;

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Self::Answer>> {
        let pages = reader.effective_roles(ids, &self.page).await?;
        Ok(pages.into_iter().map(|(id, slice)| (id, slice.map(Arc::new))).collect())
    }
}

impl Ask for Ascent {
    type Id = Uuid;
    type Answer = Arc<Vec<Edge>>;

    fn is_kept(&self) -> bool {
        false
    }

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Self::Answer>> {
        Ok(shared(reader.ascents(ids).await?))
    }
}

impl Ask for Merged {
    type Id = Uuid;
    type Answer = Slice<Arc<Profile>>;

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Self::Answer>> {
        let pages = reader.merged(ids, &self.page).await?;
        Ok(pages.into_iter().map(|(id, slice)| (id, slice.map(Arc::new))).collect())
    }
}

impl Ask for MergedCount {
    type Id = Uuid;
    type Answer = i64;

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        reader.merged_counts(ids).await
    }
}

impl Ask for History {
    type Id = Uuid;
    type Answer = Slice<Arc<Event>>;

    fn is_kept(&self) -> bool {
        false
    }

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, Self::Answer>> {
        let pages = reader.history(ids, &self.page).await?;
        Ok(pages.into_iter().map(|(id, slice)| (id, slice.map(Arc::new))).collect())
    }
}

impl Ask for HistoryCount {
    type Id = Uuid;
    type Answer = i64;

    fn is_kept(&self) -> bool {
        false
    }

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        reader.history_counts(ids).await
    }
}

impl Ask for LastChange {
    type Id = Uuid;
    type Answer = i64;

    fn is_kept(&self) -> bool {
        false
    }

    async fn answer(&self, reader: Reader<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        reader.last_changes(ids).await
    }
}

impl Ask for Events {
    type Id = (OrganizationId, i64);
    type Answer = Arc<Event>;

    fn is_kept(&self) -> bool {
        false
    }

    async fn answer(&self, reader: Reader<'_>, ids: &[Self::Id]) -> Result<HashMap<Self::Id, Arc<Event>>> {
        Ok(shared(reader.events(ids).await?))
    }
}

fn shared<K: Eq + Hash, T>(nodes: HashMap<K, T>) -> HashMap<K, Arc<T>> {
    nodes.into_iter().map(|(id, node)| (id, Arc::new(node))).collect()
}
