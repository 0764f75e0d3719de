//! How resources are read: a page of nodes, and what is around them, with one statement for each relation.

use super::present::{self, Membership, Reference, Shown, Surroundings};
use super::registry::Kind;
use super::session::Session;
use crate::domain::{Collective, Cursor, EdgeKind, Error, NodeId, NodeKind, Page, Profile, Result};
use crate::resolvers::query::Relation;
use crate::resolvers::query::questions::{Ask, Named, Neighbours, Reached};
use crate::resolvers::query::relation::MANAGER;
use crate::store::{Reach, Related, RelationFilter, Side, Table};
use scim_protocol::projection::Projection;
use serde_json::Value;
use std::collections::{HashMap, HashSet, VecDeque};
use std::marker::PhantomData;
use std::sync::Arc;
use uuid::Uuid;

/// How many groups of each kind are read for each of many users at once. Hardly anybody is in more.
const GROUPS: u32 = 200;
/// How many are read at a time for somebody who is.
const MORE_GROUPS: u32 = 5_000;
/// How many members of groups, or groups of users with very many, one answer about several resources shows.
const MAX_RELATED: usize = 50_000;
/// How many members of a group are read at a time.
const MEMBERS: u32 = 1_000;
/// How cursors call the order of edges.
const BY_EDGE: char = 'e';

const OWNER: Relation = (EdgeKind::Owner, Side::Out, RelationFilter::ANY);
const MEMBER_OF: Relation = (EdgeKind::Member, Side::Out, RelationFilter::ANY);
const MEMBER: Relation = (EdgeKind::Member, Side::In, RelationFilter::ANY);

impl Session<'_> {
    /// A resource, with the attributes that are wanted.
    pub async fn get(&self, kind: Kind, id: &str, projection: &Projection) -> Result<Shown> {
        let id = self.node_id(kind, id)?;
        self.show(kind, id, projection).await
    }

    /// The id of a node of that type. What is no such id is the id of nothing.
    pub(super) fn node_id(&self, kind: Kind, id: &str) -> Result<NodeId> {
        let parsed = id.parse::<NodeId>().ok().filter(|id| kind.nodes().contains(&id.kind));
        parsed.ok_or_else(|| Error::not_found("id", kind.name()))
    }

    /// A resource, as it is now.
    pub(super) async fn show(&self, kind: Kind, id: NodeId, projection: &Projection) -> Result<Shown> {
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
    ) -> Result<Vec<Shown>> {
        let ids: Vec<Uuid> = profiles.iter().map(|profile| profile.id.uuid).collect();
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
                manager: managers.get(&id).map(|manager| of_profile(manager)),
                owner: owning_users
                    .get(&id)
                    .map(|user| of_profile(user))
                    .or_else(|| owning_teams.get(&id).map(|team| of_collective(team))),
                groups: groups.remove(&id).unwrap_or_default(),
                ..Surroundings::default()
            };
            self.profile(kind, profile, around, projection)
        };
        profiles.iter().map(show).collect()
    }

    fn profile(&self, kind: Kind, profile: &Profile, around: Surroundings, projection: &Projection) -> Result<Shown> {
        let around = Surroundings { organization: self.organization.slug.clone(), ..around };
        let resource = present::profile(kind, self.registry.get(kind), profile, &around, self.eye())?;
        Ok(Shown::new(projection.apply(resource), profile.id, profile.meta.version, self.eye()))
    }

    /// A profile that was made just now, with nothing around it.
    pub(super) fn show_made(&self, kind: Kind, profile: &Profile, projection: &Projection) -> Result<Shown> {
        self.reader().allow_private(self.tenant(), Some(profile.id))?;
        self.profile(kind, profile, Surroundings::default(), projection)
    }

    /// Teams and groups as resources.
    pub(super) async fn groups(&self, groups: &[Arc<Collective>], projection: &Projection) -> Result<Vec<Shown>> {
        let mut members = match groups {
            _ if !projection.wants("members") => HashMap::new(),
            [only] => HashMap::from([(only.id.uuid, self.members(only.id).await?)]),
            _ => self.members_of_many(groups).await?,
        };
        let of_type = self.registry.get(Kind::Group);
        let show = |group: &Arc<Collective>| {
            let mut resource = present::group(of_type, group, self.eye())?;
            if let Some(members) = members.remove(&group.id.uuid).filter(|members| !members.is_empty()) {
                resource.insert("members".to_owned(), Value::Array(members));
            }
            if !projection.is_chosen() {
                present::leave_out_idle_extension(&mut resource);
            }
            Ok(Shown::new(projection.apply(resource), group.id, group.meta.version, self.eye()))
        };
        groups.iter().map(show).collect()
    }

    /// The members of many groups, with one statement for each type of members, after they were counted.
    async fn members_of_many(&self, groups: &[Arc<Collective>]) -> Result<HashMap<Uuid, Vec<Value>>> {
        let ids: Vec<Uuid> = groups.iter().map(|group| group.id.uuid).collect();
        let profiles = self.reader().related_counts::<Profile>(MEMBER, &ids).await?;
        let collectives = self.reader().related_counts::<Collective>(MEMBER, &ids).await?;
        let total: i64 = profiles.values().chain(collectives.values()).sum();
        if usize::try_from(total).unwrap_or(usize::MAX) > MAX_RELATED {
            return Err(too_many("members of groups", "excludedAttributes=members, a smaller count, or one group"));
        }
        let mut members = HashMap::new();
        self.push_members_of_many::<Profile>(&profiles, &mut members, of_profile).await?;
        self.push_members_of_many::<Collective>(&collectives, &mut members, of_collective).await?;
        Ok(members)
    }

    async fn push_members_of_many<T: Table + Clone>(
        &self,
        counts: &HashMap<Uuid, i64>,
        members: &mut HashMap<Uuid, Vec<Value>>,
        reference: impl Fn(&T) -> Reference + Send,
    ) -> Result<()> {
        let ids: Vec<Uuid> = counts.iter().filter(|(_, count)| **count > 0).map(|(id, _)| *id).collect();
        // Whoever came after they were counted is read all the same.
        let page = Page::first(u32::try_from(MAX_RELATED).unwrap_or(u32::MAX));
        for (group, slice) in self.reader().related::<T>(MEMBER, &ids, &page).await? {
            let shown = slice.items.iter().map(|found| present::member(&reference(&found.node), self.eye()));
            members.entry(group).or_default().extend(shown);
        }
        Ok(())
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
            page.after = Some(Cursor::id(BY_EDGE, last.edge.id));
        }
    }

    /// The groups that profiles are in, directly or through others.
    async fn memberships(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Membership>>> {
        let direct = self.direct_groups(ids).await?;
        let mut all: HashMap<Uuid, Vec<Membership>> = HashMap::new();
        for kind in [NodeKind::Team, NodeKind::Group] {
            for (id, reached) in self.reached_groups(kind, ids).await? {
                let is_direct = |group: &Collective| direct.get(&id).is_some_and(|direct| direct.contains(&group.id));
                let membership =
                    |group: Arc<Collective>| Membership { group: of_collective(&group), direct: is_direct(&group) };
                all.entry(id).or_default().extend(reached.into_iter().map(membership));
            }
        }
        Ok(all)
    }

    /// The groups that profiles are members of themselves.
    async fn direct_groups(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, HashSet<NodeId>>> {
        let question = |page| Neighbours::<Collective> { relation: MEMBER_OF, page, of: PhantomData };
        let mut all: HashMap<Uuid, HashSet<NodeId>> = HashMap::new();
        let mut seen = 0;
        let mut waiting = VecDeque::from([(ids.to_vec(), Page::first(GROUPS))]);
        while let Some((ids, page)) = waiting.pop_front() {
            for (id, slice) in self.reader().ask(&question(page), &ids).await? {
                if let Some(last) = slice.items.last().filter(|_| slice.has_next) {
                    waiting.push_back((vec![id], more(&mut seen, last.edge.id)?));
                }
                all.entry(id).or_default().extend(slice.items.iter().map(|found| found.node.id));
            }
        }
        Ok(all)
    }

    /// The teams, or groups, that profiles are in, directly or through others.
    async fn reached_groups(&self, kind: NodeKind, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<Arc<Collective>>>> {
        let reach = Reach::EffectiveCollectives(kind);
        let question = |page| Reached::<Collective> { reach, page, of: PhantomData };
        let mut all: HashMap<Uuid, Vec<Arc<Collective>>> = HashMap::new();
        let mut seen = 0;
        let mut waiting = VecDeque::from([(ids.to_vec(), Page::first(GROUPS))]);
        while let Some((ids, page)) = waiting.pop_front() {
            for (id, slice) in self.reader().ask(&question(page), &ids).await? {
                if let Some(last) = slice.items.last().filter(|_| slice.has_next) {
                    waiting.push_back((vec![id], more(&mut seen, last.id.uuid)?));
                }
                all.entry(id).or_default().extend(slice.items);
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

/// The page behind an entry, for somebody who has more than one page, unless the answer has become too large.
fn more(seen: &mut usize, last: Uuid) -> Result<Page> {
    if *seen >= MAX_RELATED {
        return Err(too_many("groups of users", "excludedAttributes=groups, or a smaller count"));
    }
    *seen += MORE_GROUPS as usize;
    Ok(Page { after: Some(Cursor::id(BY_EDGE, last)), ..Page::first(MORE_GROUPS) })
}

fn too_many(what: &str, remedy: &str) -> Error {
    Error::too_complex(format!("One answer shows at most {MAX_RELATED} {what}; ask with {remedy}."))
}

fn of_profile(profile: &Profile) -> Reference {
    Reference { id: profile.id, name: profile.display_name() }
}

fn of_collective(collective: &Collective) -> Reference {
    Reference { id: collective.id, name: collective.name.clone() }
}
