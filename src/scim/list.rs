//! Lists of resources: filtered, sorted, by positions (RFC 7644 §3.4.2) or by cursors (RFC 9865).
//!
//! By cursors, and without another order, a list is walked along the ids, so that nothing is missed or seen twice that is
//! there all the time. By positions it is whatever the list is when each page is asked for; a page far behind costs what
//! lies before it.
//!
//! Where the database cannot decide a filter by itself (see [`super::filter`]), what it finds is looked at here, at most
//! [`MAX_LOOKED_AT`] nodes.

use super::error::of_domain;
use super::filter::{Compiled, compile};
use super::order::{keyset_order, sorting, text_key};
use super::present::Resource;
use super::registry::Kind;
use super::session::{Session, Toll};
use super::walk::Walk;
use crate::domain::{Collective, Cursor, NodeId, Page, Profile, Result};
use crate::resolvers::query::questions::Named;
use crate::store::{CollectiveFilter, Condition, Listing, Order, ProfileFilter, Sorting};
use scim_protocol::filter::{AttributePath, BoundFilter};
use scim_protocol::list::{ListResponse, Position};
use scim_protocol::projection::Projection;
use scim_protocol::query::{Query, Start};
use scim_protocol::sort::Sort;
use scim_protocol::{ScimError, ScimType};
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;
use uuid::Uuid;

/// How many resources a page has that says nothing about it.
pub const DEFAULT_COUNT: u64 = 100;
/// How many resources a page has at most.
pub const MAX_COUNT: u64 = 1_000;
/// How many nodes are looked at for a filter that the database cannot decide.
pub const MAX_LOOKED_AT: usize = 20_000;
/// How many of them are read at a time.
const LOOK: u32 = 500;
/// How many of them cost as much as one resource that is shown.
const LOOKS_PER_RESOURCE: u64 = 10;

/// A question about the resources of one type.
pub(super) struct Question {
    pub(super) kind: Kind,
    condition: Option<Condition>,
    /// What has to be looked at, if the condition does not say it all.
    undecided: Option<Undecided>,
    pub(super) sort: Option<Sort>,
    projection: Projection,
}

/// A filter that the database cannot decide.
struct Undecided {
    filter: BoundFilter,
    /// What the filter looks at, and what the list is sorted by: the rest need not be loaded.
    looks: Projection,
    /// What the list is sorted by.
    keys: Projection,
}

/// A node of a list.
enum Found {
    Profile(Arc<Profile>),
    Group(Arc<Collective>),
}

/// What is kept of a node that was looked at and fits: which it is, and by what it is sorted.
struct Fitting {
    id: NodeId,
    keys: Resource,
}

impl Session<'_> {
    /// The resources of a type that a query asks for.
    pub async fn list(&self, kind: Kind, query: &Query, toll: &dyn Toll) -> Result<ListResponse, ScimError> {
        self.allow_reading().map_err(of_domain)?;
        let question = self.question(kind, query, &|_| false)?;
        let count = query.page_size(DEFAULT_COUNT, MAX_COUNT);
        let walk = |cursor| Walk::new(kind, query, cursor);
        match &query.start {
            Start::Unsaid | Start::Index(_) => self.by_position(&question, query.start.index(), count, toll).await,
            Start::FirstByCursor => self.by_cursor(&question, walk(None), count, toll).await,
            Start::Cursor(cursor) => self.by_cursor(&question, walk(Some(cursor.as_str())), count, toll).await,
        }
    }

    /// The resources of all types that a query asks for, type by type. What a type does not have, has no value there.
    pub async fn list_all(&self, query: &Query, toll: &dyn Toll) -> Result<ListResponse, ScimError> {
        self.allow_reading().map_err(of_domain)?;
        let start = match &query.start {
            Start::Unsaid | Start::Index(_) => query.start.index(),
            _ => {
                let detail = "Resources of several types have no cursors; ask one type, or use startIndex.";
                return Err(ScimError::new(ScimType::InvalidCursor, detail));
            }
        };
        if query.sort_by.is_some() {
            let detail = "Resources of several types come type by type, and are not sorted; ask one type.";
            return Err(ScimError::new(ScimType::InvalidValue, detail));
        }
        let mut left = query.page_size(DEFAULT_COUNT, MAX_COUNT);
        let mut list = ListResponse { position: Position::Index(start), ..ListResponse::default() };
        for kind in Kind::ALL {
            // What no type has is a mistake.
            let is_known = |kind: Kind, path: &AttributePath| self.registry.get(kind).knows(path.as_str());
            let lacks = |path: &AttributePath| {
                !is_known(kind, path) && Kind::ALL.into_iter().any(|other| is_known(other, path))
            };
            let question = self.question(kind, query, &lacks)?;
            let skip = (start - 1).saturating_sub(list.total_results);
            let of_type = self.by_position(&question, skip + 1, left, toll).await?;
            list.total_results += of_type.total_results;
            left -= u64::try_from(of_type.resources.len()).unwrap_or(left).min(left);
            list.resources.extend(of_type.resources);
        }
        Ok(list)
    }

    fn question(
        &self,
        kind: Kind,
        query: &Query,
        lacks: &dyn Fn(&AttributePath) -> bool,
    ) -> Result<Question, ScimError> {
        let of_type = self.registry.get(kind);
        let bound = query.filter.as_ref().map(|filter| of_type.bind(&filter.without(lacks))).transpose()?;
        let compiled =
            bound.as_ref().map(|bound| compile(kind, bound, self.eye(), &self.organization.slug)).transpose()?;
        let is_decided = compiled.as_ref().is_none_or(|compiled| compiled.exact);
        let sort = query.sort(of_type)?;
        let undecided = match bound.filter(|_| !is_decided) {
            Some(filter) => Some(self.undecided(kind, filter, sort.as_ref())?),
            None => None,
        };
        Ok(Question {
            kind,
            condition: compiled.map(|Compiled { condition, .. }| condition),
            undecided,
            sort,
            projection: query.projection(of_type)?,
        })
    }

    fn undecided(&self, kind: Kind, filter: BoundFilter, sort: Option<&Sort>) -> Result<Undecided, ScimError> {
        let of_type = self.registry.get(kind);
        let names = |target: &scim_protocol::schema::Target| {
            let whole = scim_protocol::schema::Target { sub_attribute: None, ..target.clone() };
            [whole.qualified_path(), target.qualified_path()]
        };
        let keys: Vec<String> = sort.into_iter().flat_map(|sort| names(&sort.target)).collect();
        let looks = [filter.targets().into_iter().flat_map(names).collect(), keys.clone()].concat();
        let nothing = || vec!["id".to_owned()];
        let only =
            |names: Vec<String>| Projection::new(of_type, &if names.is_empty() { nothing() } else { names }, &[]);
        Ok(Undecided { filter, looks: only(looks)?, keys: only(keys)? })
    }

    async fn by_position(
        &self,
        question: &Question,
        start: u64,
        count: u64,
        toll: &dyn Toll,
    ) -> Result<ListResponse, ScimError> {
        let position = Position::Index(start);
        let sorting = sorting(question)?;
        if question.undecided.is_some() {
            let mut all = self.look_at_all(question, toll).await?;
            sort(question, &sorting, &mut all);
            let total_results = all.len() as u64;
            let page = all.into_iter().skip(usize::try_from(start - 1).unwrap_or(usize::MAX));
            let ids: Vec<NodeId> =
                page.take(usize::try_from(count).unwrap_or(usize::MAX)).map(|fitting| fitting.id).collect();
            let found = self.loaded(question, &ids).await.map_err(of_domain)?;
            let resources = self.shown(question, found).await.map_err(of_domain)?;
            return Ok(ListResponse { total_results, position, resources });
        }
        let total_results = self.count(question).await.map_err(of_domain)?;
        let found = if count == 0 || start > total_results {
            Vec::new()
        } else {
            self.window(question, &sorting, (start - 1, count)).await.map_err(of_domain)?
        };
        let resources = self.shown(question, found).await.map_err(of_domain)?;
        Ok(ListResponse { total_results, position, resources })
    }

    async fn by_cursor(
        &self,
        question: &Question,
        walk: Walk<'_>,
        count: u64,
        toll: &dyn Toll,
    ) -> Result<ListResponse, ScimError> {
        let order = keyset_order(question)?;
        let (after, known) = walk.place(order)?;
        let limit = u32::try_from(count).unwrap_or(u32::MAX);
        let page = Page { limit: limit.max(1), from_end: false, after, before: None };
        // To count what has to be looked at costs as much as to see it all, so it is counted once in a walk.
        let total_results = match (&question.undecided, known) {
            (None, _) => self.count(question).await.map_err(of_domain)?,
            (Some(_), Some(total)) => total,
            (Some(_), None) => self.look_at_all(question, toll).await?.len() as u64,
        };
        let (found, last) = match &question.undecided {
            _ if count == 0 => (Vec::new(), None),
            Some(undecided) => self.look_on((question, undecided), order, page, count, toll).await?,
            None => {
                let (found, more) = self.page(question, order, &page).await.map_err(of_domain)?;
                let last = found.last().filter(|_| more).map(|found| found.cursor(order));
                (found, last)
            }
        };
        let resources = self.shown(question, found).await.map_err(of_domain)?;
        let total = question.undecided.is_some().then_some(total_results);
        let next = last.map(|last| walk.cursor(&last, total));
        Ok(ListResponse { total_results, position: Position::Cursor { next, previous: None }, resources })
    }

    /// The next nodes that a filter finds which the database cannot decide, and how far that was looked, if there may be more.
    async fn look_on(
        &self,
        (question, undecided): (&Question, &Undecided),
        order: Order,
        mut page: Page,
        count: u64,
        toll: &dyn Toll,
    ) -> Result<(Vec<Found>, Option<Cursor>), ScimError> {
        page.limit = page.limit.max(LOOK);
        let (mut kept, mut looked_at) = (Vec::new(), 0);
        loop {
            toll.charge(u64::from(page.limit) / LOOKS_PER_RESOURCE).await?;
            let (found, more) = self.page(question, order, &page).await.map_err(of_domain)?;
            looked_at += found.len();
            for (found, resource) in self.with_looks(question.kind, undecided, found).await.map_err(of_domain)? {
                if kept.len() as u64 == count {
                    return Ok((kept, page.after));
                }
                page.after = Some(found.cursor(order));
                if undecided.filter.matches(&resource) {
                    kept.push(found);
                }
            }
            if !more {
                return Ok((kept, None));
            }
            if kept.len() as u64 == count || looked_at > MAX_LOOKED_AT {
                return Ok((kept, page.after));
            }
        }
    }

    /// Everything that a filter finds which the database cannot decide.
    async fn look_at_all(&self, question: &Question, toll: &dyn Toll) -> Result<Vec<Fitting>, ScimError> {
        let Some(undecided) = &question.undecided else { return Ok(Vec::new()) };
        let order = Order::default();
        let mut page = Page::first(LOOK);
        let (mut all, mut looked_at) = (Vec::new(), 0);
        loop {
            toll.charge(u64::from(LOOK) / LOOKS_PER_RESOURCE).await?;
            let (found, more) = self.page(question, order, &page).await.map_err(of_domain)?;
            looked_at += found.len();
            if looked_at > MAX_LOOKED_AT {
                let detail = format!(
                    "This filter needs a look at more than {MAX_LOOKED_AT} resources; narrow it by another condition."
                );
                return Err(ScimError::new(ScimType::TooMany, detail));
            }
            page.after = found.last().map(|found| found.cursor(order));
            let looks = self.with_looks(question.kind, undecided, found).await.map_err(of_domain)?;
            let fitting = looks.into_iter().filter(|(_, resource)| undecided.filter.matches(resource));
            all.extend(
                fitting.map(|(found, resource)| Fitting { id: found.id(), keys: undecided.keys.apply(resource) }),
            );
            if !more {
                return Ok(all);
            }
        }
    }

    /// Nodes with how they look, as far as that decides anything.
    async fn with_looks(&self, kind: Kind, undecided: &Undecided, found: Vec<Found>) -> Result<Vec<(Found, Resource)>> {
        let looks = self.resources(kind, &found, &undecided.looks).await?;
        Ok(found.into_iter().zip(looks).collect())
    }

    /// The nodes with these ids, in their order, as far as they are still there.
    async fn loaded(&self, question: &Question, ids: &[NodeId]) -> Result<Vec<Found>> {
        let uuids: Vec<Uuid> = ids.iter().map(|id| id.uuid).collect();
        let mut found: HashMap<NodeId, Found> = if question.kind == Kind::Group {
            let groups = self.reader().ask(&Named::<Collective> { of: PhantomData }, &uuids).await?;
            groups.into_values().map(|group| (group.id, Found::Group(group))).collect()
        } else {
            let profiles = self.reader().ask(&Named::<Profile> { of: PhantomData }, &uuids).await?;
            profiles.into_values().map(|profile| (profile.id, Found::Profile(profile))).collect()
        };
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    async fn shown(&self, question: &Question, found: Vec<Found>) -> Result<Vec<Resource>> {
        self.resources(question.kind, &found, &question.projection).await
    }

    async fn resources(&self, kind: Kind, found: &[Found], projection: &Projection) -> Result<Vec<Resource>> {
        let profiles: Vec<Arc<Profile>> = found.iter().filter_map(Found::profile).collect();
        let groups: Vec<Arc<Collective>> = found.iter().filter_map(Found::group).collect();
        let shown = if kind == Kind::Group {
            self.groups(&groups, projection).await?
        } else {
            self.profiles(kind, &profiles, projection).await?
        };
        Ok(shown.into_iter().map(|shown| shown.resource).collect())
    }

    async fn count(&self, question: &Question) -> Result<u64> {
        let ids = [self.tenant().0];
        let counts = if question.kind == Kind::Group {
            self.reader().list_counts::<Collective>(&question.groups(), &ids).await?
        } else {
            self.reader().list_counts::<Profile>(&question.profiles(), &ids).await?
        };
        Ok(counts.get(&self.tenant().0).map_or(0, |count| count.unsigned_abs()))
    }

    async fn window(&self, question: &Question, sorting: &Sorting, window: (u64, u64)) -> Result<Vec<Found>> {
        let (reader, tenant) = (self.reader(), self.tenant());
        Ok(if question.kind == Kind::Group {
            let groups = reader.window::<Collective>(Some(tenant), &question.groups(), sorting, window).await?;
            groups.into_iter().map(|group| Found::Group(Arc::new(group))).collect()
        } else {
            let profiles = reader.window::<Profile>(Some(tenant), &question.profiles(), sorting, window).await?;
            profiles.into_iter().map(|profile| Found::Profile(Arc::new(profile))).collect()
        })
    }

    /// A page of nodes, and whether there are more.
    async fn page(&self, question: &Question, order: Order, page: &Page) -> Result<(Vec<Found>, bool)> {
        let (reader, tenant) = (self.reader(), self.tenant().0);
        if question.kind == Kind::Group {
            let slice = reader.list::<Collective>(&question.groups(), order, &[tenant], page).await?.remove(&tenant);
            return Ok(slice.map_or((Vec::new(), false), |slice| {
                (slice.items.into_iter().map(|group| Found::Group(Arc::new(group))).collect(), slice.has_next)
            }));
        }
        let slice = reader.list::<Profile>(&question.profiles(), order, &[tenant], page).await?.remove(&tenant);
        Ok(slice.map_or((Vec::new(), false), |slice| {
            (slice.items.into_iter().map(|profile| Found::Profile(Arc::new(profile))).collect(), slice.has_next)
        }))
    }
}

impl Question {
    fn groups(&self) -> CollectiveFilter {
        CollectiveFilter { condition: self.condition.clone(), ..CollectiveFilter::default() }
    }

    fn profiles(&self) -> ProfileFilter {
        let kinds = ProfileFilter::Kinds(self.kind.nodes().to_vec());
        let condition = self.condition.clone().map(ProfileFilter::Field);
        ProfileFilter::And(std::iter::once(kinds).chain(condition).collect())
    }
}

impl Found {
    fn profile(&self) -> Option<Arc<Profile>> {
        if let Self::Profile(profile) = self { Some(Arc::clone(profile)) } else { None }
    }

    fn group(&self) -> Option<Arc<Collective>> {
        if let Self::Group(group) = self { Some(Arc::clone(group)) } else { None }
    }

    fn id(&self) -> NodeId {
        match self {
            Self::Profile(profile) => profile.id,
            Self::Group(group) => group.id,
        }
    }

    fn cursor(&self, order: Order) -> Cursor {
        match self {
            Self::Profile(profile) => Listing::cursor(&**profile, order),
            Self::Group(group) => Listing::cursor(&**group, order),
        }
    }
}

/// Sorts as the database does, by which windows of the same list without such a filter are sorted.
fn sort(question: &Question, sorting: &Sorting, all: &mut [Fitting]) {
    let key_of = text_key(question);
    all.sort_by(|left, right| {
        let by_value = match &question.sort {
            Some(sort) if sorting.place.is_some() => sort.compare_by(&left.keys, &right.keys, &key_of),
            _ => std::cmp::Ordering::Equal,
        };
        let by_id = left.id.uuid.cmp(&right.id.uuid);
        by_value.then(if sorting.descending { by_id.reverse() } else { by_id })
    });
}
