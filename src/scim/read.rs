//! How resources are read: a page of nodes, and what is around them, with one statement for each relation.

use super::present::{self, Membership, Reference, Resource, Surroundings};
use super::registry::Kind;
use super::session::Session;
use crate::domain::{Collective, Cursor, CursorKey, EdgeKind, Error, NodeId, NodeKind, Page, Profile, Result};
use crate::resolvers::query::Relation;
use crate::resolvers::query::questions::{Ask, Named, Neighbours, Reached};
use crate::store::{Reach, Related, RelationFilter, Side, Table};
use scim_protocol::projection::Projection;
use serde_json::Value;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;
use uuid::Uuid;

/// How many groups of each kind a user shows. Nobody is in more; the group says it exactly.
const MAX_GROUPS: u32 = 200;
/// How many members of a group are read at a time.
const MEMBERS: u32 = 1_000;
/// How cursors call the order of edges.
const BY_EDGE: char = 'e';

const MANAGER: Relation = (EdgeKind::Manager, Side::Out, RelationFilter::ANY);
const OWNER: Relation = (EdgeKind::Owner, Side::Out, RelationFilter::ANY);
const MEMBER_OF: Relation = (EdgeKind::Member, Side::Out, RelationFilter::ANY);
const MEMBER: Relation = (EdgeKind::Member, Side::In, RelationFilter::ANY);

impl Session<'_> {
    /// A resource, with the attributes that are wanted.
    pub async fn get(&self, kind: Kind, id: &str, projection: &Projection) -> Result<Resource> {
        let id = self.node_id(kind, id)?;
        self.show(kind, id, projection).await
    }

    /// The id of a node of that type. What is no such id is the id of nothing.
    pub(super) fn node_id(&self, kind: Kind, id: &str) -> Result<NodeId> {
        let parsed = id.parse::<NodeId>().ok().filter(|id| kind.nodes().contains(&id.kind));
        parsed.ok_or_else(|| Error::not_found("id", kind.name()))
    }

    /// A resource, as it is now.
    pub(super) async fn show(&self, kind: Kind, id: NodeId, projection: &Projection) -> Result<Resource> {
        let missing = || Error::not_found("id", kind.name());
        if kind == Kind::Group {
            self.allow_reading()?;
            let found = self.reader().ask(&Named::<Collective> { of: PhantomData }, &[id.uuid]).await?;
            let group = found.get(&id.uuid).filter(|group| group.id == id && group.organization == self.tenant());
            return Ok(self.groups(&[Arc::clone(group.ok_or_else(missing)?)], projection).await?.remove(0));
        }
        self.reader().allow_private(self.tenant(), Some(id))?;
        let found = self.reader().ask(&Named::<Profile> { of: PhantomData }, &[id.uuid]).await?;
        // The id of a merged profile leads to another, which has a place of its own.
        let profile = found.get(&id.uuid).filter(|profile| profile.id == id && profile.organization == self.tenant());
        Ok(self.profiles(kind, &[Arc::clone(profile.ok_or_else(missing)?)], projection).await?.remove(0))
    }

    /// Profiles of one type as resources.
    pub(super) async fn profiles(
        &self,
        kind: Kind,
        profiles: &[Arc<Profile>],
        projection: &Projection,
    ) -> Result<Vec<Resource>> {
        let ids: Vec<Uuid> = profiles.iter().map(|profile| profile.id.uuid).collect();
        let of_type = self.registry.get(kind);
        let mut groups = if projection.wants("groups") { self.memberships(&ids).await? } else { HashMap::new() };
        let manager = format!("{}:manager", super::registry::ENTERPRISE);
        let managers = if kind == Kind::User && projection.wants(&manager) {
            self.one::<Profile>(MANAGER, &ids).await?
        } else {
            HashMap::new()
        };
        let (owning_users, owning_teams) = if kind != Kind::User && projection.wants("owners") {
            (self.one::<Profile>(OWNER, &ids).await?, self.one::<Collective>(OWNER, &ids).await?)
        } else {
            (HashMap::new(), HashMap::new())
        };
        let show = |profile: &Arc<Profile>| {
            let id = profile.id.uuid;
            let around = Surroundings {
                organization: self.organization.slug.clone(),
                manager: managers.get(&id).map(|manager| of_profile(manager)),
                owner: owning_users
                    .get(&id)
                    .map(|user| of_profile(user))
                    .or_else(|| owning_teams.get(&id).map(|team| of_collective(team))),
                groups: groups.remove(&id).unwrap_or_default(),
            };
            present::profile(kind, of_type, profile, &around, self.eye()).map(|resource| projection.apply(resource))
        };
        profiles.iter().map(show).collect()
    }

    /// Teams and groups as resources.
    pub(super) async fn groups(&self, groups: &[Arc<Collective>], projection: &Projection) -> Result<Vec<Resource>> {
        let of_type = self.registry.get(Kind::Group);
        let mut shown = Vec::with_capacity(groups.len());
        for group in groups {
            let mut resource = present::group(of_type, group, self.eye())?;
            if projection.wants("members") {
                let members = self.members(group.id).await?;
                if !members.is_empty() {
                    resource.insert("members".to_owned(), Value::Array(members));
                }
            }
            shown.push(projection.apply(resource));
        }
        Ok(shown)
    }

    /// How many members a group has.
    pub(super) async fn member_count(&self, group: NodeId) -> Result<i64> {
        let profiles = self.reader().related_counts::<Profile>(MEMBER, &[group.uuid]).await?;
        Ok(profiles.get(&group.uuid).copied().unwrap_or_default())
    }

    /// All members of a group, page by page.
    async fn members(&self, group: NodeId) -> Result<Vec<Value>> {
        let mut members = Vec::new();
        self.push_members::<Profile>(group, &mut members, of_profile).await?;
        self.push_members::<Collective>(group, &mut members, of_collective).await?;
        Ok(members)
    }

    async fn push_members<T: Table + Clone>(
        &self,
        group: NodeId,
        members: &mut Vec<Value>,
        reference: impl Fn(&T) -> Reference + Send,
    ) -> Result<()> {
        let mut page = Page::first(MEMBERS);
        loop {
            let mut found = self.reader().related::<T>(MEMBER, &[group.uuid], &page).await?;
            let Some(slice) = found.remove(&group.uuid) else { return Ok(()) };
            members.extend(slice.items.iter().map(|found| present::member(&reference(&found.node), self.eye())));
            let last = slice.items.last().filter(|_| slice.has_next);
            let Some(last) = last else { return Ok(()) };
            page.after = Some(Cursor { order: BY_EDGE, key: CursorKey::Id, id: last.edge.id });
        }
    }

    /// The groups that profiles are in, directly or through others.
    async fn memberships(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Membership>>> {
        let page = Page::first(MAX_GROUPS);
        let direct = Neighbours::<Collective> { relation: MEMBER_OF, page: page.clone(), of: PhantomData };
        let direct = self.reader().ask(&direct, ids).await?;
        let mut all: HashMap<Uuid, Vec<Membership>> = HashMap::new();
        for kind in [NodeKind::Team, NodeKind::Group] {
            let reached =
                Reached::<Collective> { reach: Reach::EffectiveCollectives(kind), page: page.clone(), of: PhantomData };
            for (id, reached) in self.reader().ask(&reached, ids).await? {
                let is_direct = |group: &Collective| {
                    direct.get(&id).is_some_and(|direct| direct.items.iter().any(|found| found.node.id == group.id))
                };
                let membership =
                    |group: Arc<Collective>| Membership { group: of_collective(&group), direct: is_direct(&group) };
                all.entry(id).or_default().extend(reached.items.into_iter().map(membership));
            }
        }
        Ok(all)
    }

    /// The one neighbour of each over edges of which there is one at most.
    async fn one<T: Table + Clone>(&self, relation: Relation, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<T>>>
    where
        Neighbours<T>: Ask<Id = Uuid, Answer = crate::domain::Slice<Related<Arc<T>>>>,
    {
        let question = Neighbours::<T> { relation, page: Page::first(1), of: PhantomData };
        let found = self.reader().ask(&question, ids).await?;
        Ok(found.into_iter().filter_map(|(id, slice)| Some((id, slice.items.into_iter().next()?.node))).collect())
    }
}

fn of_profile(profile: &Profile) -> Reference {
    Reference { id: profile.id, name: profile.display_name() }
}

fn of_collective(collective: &Collective) -> Reference {
    Reference { id: collective.id, name: collective.name.clone() }
}
