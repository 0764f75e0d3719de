//! Lists of resources: filtered, sorted, by positions (RFC 7644 §3.4.2) or by cursors (RFC 9865).
//!
//! By cursors, and without another order, a list is walked along the ids, so that nothing is missed or seen twice that is
//! there all the time. By positions it is whatever the list is when each page is asked for; a page far behind costs what
//! lies before it.
//!
//! Where the database cannot decide a filter by itself (see [`super::filter`]), what it finds is looked at here, at most
//! [`MAX_LOOKED_AT`] nodes.

use super::error::{of_domain, of_protocol};
use super::filter::{Compiled, compile};
use super::places::Places;
use super::present::Resource;
use super::registry::Kind;
use super::session::Session;
use super::table::Home;
use crate::domain::{Collective, Cursor, Page, Profile, Result};
use crate::store::{
    CaseSense, CollectiveFilter, Condition, Listing, Order, ProfileFilter, SortField, SortPlace, Sorting,
};
use scim_protocol::filter::BoundFilter;
use scim_protocol::list::{ListResponse, Position};
use scim_protocol::projection::Projection;
use scim_protocol::query::{Query, Start};
use scim_protocol::schema::Type;
use scim_protocol::sort::Sort;
use scim_protocol::{ScimError, ScimType};
use std::sync::Arc;

/// How many resources a page has that says nothing about it.
pub const DEFAULT_COUNT: u64 = 100;
/// How many resources a page has at most.
pub const MAX_COUNT: u64 = 1_000;
/// How many nodes are looked at for a filter that the database cannot decide.
pub const MAX_LOOKED_AT: usize = 20_000;
/// How many of them are read at a time.
const LOOK: u32 = 500;

/// A question about the resources of one type.
struct Question {
    kind: Kind,
    condition: Option<Condition>,
    /// What has to be looked at, if the condition does not say it all.
    undecided: Option<BoundFilter>,
    sort: Option<Sort>,
    projection: Projection,
}

/// A node of a list.
enum Found {
    Profile(Arc<Profile>),
    Group(Arc<Collective>),
}

impl Session<'_> {
    /// The resources of a type that a query asks for.
    pub async fn list(&self, kind: Kind, query: &Query) -> Result<ListResponse, ScimError> {
        self.allow_reading().map_err(of_domain)?;
        let question = self.question(kind, query)?;
        let count = query.page_size(DEFAULT_COUNT, MAX_COUNT);
        match &query.start {
            Start::Unsaid | Start::Index(_) => self.by_position(&question, query.start.index(), count).await,
            Start::FirstByCursor => self.by_cursor(&question, None, count).await,
            Start::Cursor(cursor) => self.by_cursor(&question, Some(cursor), count).await,
        }
    }

    /// The resources of all types that a query asks for, type by type. A type that does not have what is asked for has no
    /// such resources.
    pub async fn list_all(&self, query: &Query) -> Result<ListResponse, ScimError> {
        self.allow_reading().map_err(of_domain)?;
        let start = match &query.start {
            Start::Unsaid | Start::Index(_) => query.start.index(),
            _ => {
                let detail = "Resources of several types have no cursors; ask one type, or use startIndex.";
                return Err(ScimError::new(ScimType::InvalidCursor, detail));
            }
        };
        let mut left = query.page_size(DEFAULT_COUNT, MAX_COUNT);
        let mut list = ListResponse { position: Position::Index(start), ..ListResponse::default() };
        let mut refused = None;
        for kind in Kind::ALL {
            let question = match self.question(kind, query) {
                Ok(question) => question,
                Err(error) => {
                    refused = refused.or(Some(error));
                    continue;
                }
            };
            let skip = (start - 1).saturating_sub(list.total_results);
            let of_type = self.by_position(&question, skip + 1, left).await?;
            list.total_results += of_type.total_results;
            left -= u64::try_from(of_type.resources.len()).unwrap_or(left).min(left);
            list.resources.extend(of_type.resources);
        }
        match refused {
            // Nobody has what is asked for.
            Some(error) if list.total_results == 0 && query.filter.is_some() && self.nobody_understands(query) => {
                Err(error)
            }
            _ => Ok(list),
        }
    }

    fn nobody_understands(&self, query: &Query) -> bool {
        Kind::ALL.into_iter().all(|kind| self.question(kind, query).is_err())
    }

    fn question(&self, kind: Kind, query: &Query) -> Result<Question, ScimError> {
        let of_type = self.registry.get(kind);
        let bound = query.filter.as_ref().map(|filter| of_type.bind(filter)).transpose()?;
        let compiled =
            bound.as_ref().map(|bound| compile(kind, bound, self.client(), &self.organization.slug)).transpose()?;
        let is_decided = compiled.as_ref().is_none_or(|compiled| compiled.exact);
        Ok(Question {
            kind,
            condition: compiled.map(|Compiled { condition, .. }| condition),
            undecided: bound.filter(|_| !is_decided),
            sort: query.sort(of_type)?,
            projection: query.projection(of_type)?,
        })
    }

    async fn by_position(&self, question: &Question, start: u64, count: u64) -> Result<ListResponse, ScimError> {
        let position = Position::Index(start);
        if question.undecided.is_some() {
            let mut all = self.look_at_all(question).await?;
            if let Some(sort) = &question.sort {
                all.sort_by(|(_, left), (_, right)| sort.compare(left, right));
            }
            let total_results = all.len() as u64;
            let page = all.into_iter().skip(usize::try_from(start - 1).unwrap_or(usize::MAX));
            let page = page.take(usize::try_from(count).unwrap_or(usize::MAX)).map(|(found, _)| found).collect();
            let resources = self.shown(question, page).await.map_err(of_domain)?;
            return Ok(ListResponse { total_results, position, resources });
        }
        let total_results = self.count(question).await.map_err(of_domain)?;
        let found = if count == 0 || start > total_results {
            Vec::new()
        } else {
            self.window(question, &sorting(question)?, (start - 1, count)).await.map_err(of_domain)?
        };
        let resources = self.shown(question, found).await.map_err(of_domain)?;
        Ok(ListResponse { total_results, position, resources })
    }

    async fn by_cursor(
        &self,
        question: &Question,
        cursor: Option<&str>,
        count: u64,
    ) -> Result<ListResponse, ScimError> {
        let order = keyset_order(question)?;
        let after = cursor.map(|cursor| Cursor::decode(cursor, order.tag(), "cursor")).transpose().map_err(|_| {
            let detail = "This cursor is none of this list; begin again, with cursor= and nothing behind it.";
            ScimError::new(ScimType::InvalidCursor, detail)
        })?;
        let limit = u32::try_from(count).unwrap_or(u32::MAX);
        let mut page = Page { limit: limit.max(1), from_end: false, after, before: None };
        let mut kept = Vec::new();
        let mut looked_at = 0;
        let next = loop {
            let (found, more) = self.page(question, order, &page).await.map_err(of_domain)?;
            looked_at += found.len();
            let last = found.last().map(|found| found.cursor(order));
            for (found, resource) in self.with_looks(question, found).await.map_err(of_domain)? {
                let fits = question.undecided.as_ref().is_none_or(|filter| filter.matches(&resource));
                if fits && (kept.len() as u64) < count {
                    kept.push(found);
                }
            }
            let is_over = !more || question.undecided.is_none() || !kept.is_empty() || count == 0;
            if is_over || looked_at > MAX_LOOKED_AT {
                break last.filter(|_| more);
            }
            page.after = last;
        };
        let total_results = match question.undecided {
            Some(_) => self.look_at_all(question).await?.len() as u64,
            None => self.count(question).await.map_err(of_domain)?,
        };
        let resources = self.shown(question, kept).await.map_err(of_domain)?;
        let next = next.filter(|_| count > 0).map(|cursor| cursor.encode());
        Ok(ListResponse { total_results, position: Position::Cursor { next, previous: None }, resources })
    }

    /// Everything that a filter finds which the database cannot decide, with how it looks.
    async fn look_at_all(&self, question: &Question) -> Result<Vec<(Found, Resource)>, ScimError> {
        let order = Order::default();
        let mut page = Page::first(LOOK);
        let (mut all, mut looked_at) = (Vec::new(), 0);
        loop {
            let (found, more) = self.page(question, order, &page).await.map_err(of_domain)?;
            looked_at += found.len();
            if looked_at > MAX_LOOKED_AT {
                let detail = format!(
                    "This filter needs a look at more than {MAX_LOOKED_AT} resources; narrow it by another condition."
                );
                return Err(ScimError::new(ScimType::TooMany, detail));
            }
            page.after = found.last().map(|found| found.cursor(order));
            let looks = self.with_looks(question, found).await.map_err(of_domain)?;
            let filter = question.undecided.as_ref();
            all.extend(looks.into_iter().filter(|(_, resource)| filter.is_none_or(|filter| filter.matches(resource))));
            if !more {
                return Ok(all);
            }
        }
    }

    /// Nodes with how they look, if that decides anything.
    async fn with_looks(&self, question: &Question, found: Vec<Found>) -> Result<Vec<(Found, Resource)>> {
        if question.undecided.is_none() {
            return Ok(found.into_iter().map(|found| (found, Resource::new())).collect());
        }
        let whole = Projection::new(self.registry.get(question.kind), &[], &[]).map_err(of_protocol)?;
        let looks = self.resources(question.kind, &found, &whole).await?;
        Ok(found.into_iter().zip(looks).collect())
    }

    async fn shown(&self, question: &Question, found: Vec<Found>) -> Result<Vec<Resource>> {
        self.resources(question.kind, &found, &question.projection).await
    }

    async fn resources(&self, kind: Kind, found: &[Found], projection: &Projection) -> Result<Vec<Resource>> {
        let profiles: Vec<Arc<Profile>> = found.iter().filter_map(Found::profile).collect();
        let groups: Vec<Arc<Collective>> = found.iter().filter_map(Found::group).collect();
        if kind == Kind::Group {
            self.groups(&groups, projection).await
        } else {
            self.profiles(kind, &profiles, projection).await
        }
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
            let groups = reader.window::<Collective>(tenant, &question.groups(), sorting, window).await?;
            groups.into_iter().map(|group| Found::Group(Arc::new(group))).collect()
        } else {
            let profiles = reader.window::<Profile>(tenant, &question.profiles(), sorting, window).await?;
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

    fn cursor(&self, order: Order) -> Cursor {
        match self {
            Self::Profile(profile) => Listing::cursor(&**profile, order),
            Self::Group(group) => Listing::cursor(&**group, order),
        }
    }
}

/// How the database is to sort.
fn sorting(question: &Question) -> Result<Sorting, ScimError> {
    let Some(sort) = &question.sort else { return Ok(Sorting { place: None, descending: false }) };
    let target = &sort.target;
    let places = Places { kind: question.kind };
    let leaf = target.leaf();
    let case = if leaf.compares_case() { CaseSense::Exact } else { CaseSense::Folded };
    let home = places.row(target).map(|row| row.home);
    let place = match (target.is_extension, target.path().as_str(), home) {
        (false, "id" | "meta.created", _) => None,
        (false, "meta.lastModified", _) => Some(SortPlace::Column("updated_at")),
        (_, _, Some(Home::Column("username"))) => Some(SortPlace::Column("username_key")),
        (_, _, Some(Home::Column("name"))) => Some(SortPlace::Column("name_key")),
        (_, _, Some(Home::Computed)) | (false, _, None) => return Err(unsortable(sort)),
        _ => match (places.list(target), leaf.kind) {
            (Some(list), _) => {
                let names = target.sub_attribute.iter().map(|part| {
                    places
                        .row(target)
                        .and_then(|row| super::registry::key_of(row, &part.name))
                        .unwrap_or(&part.name)
                        .to_owned()
                });
                Some(SortPlace::First(list, names.collect(), case))
            }
            (None, Type::Boolean | Type::Integer | Type::Decimal) => Some(SortPlace::Plain(places.place(target))),
            (None, _) => Some(SortPlace::Text(places.place(target), case)),
        },
    };
    Ok(Sorting { place, descending: sort.descending })
}

/// The order of a walk by cursors.
fn keyset_order(question: &Question) -> Result<Order, ScimError> {
    let Some(sort) = &question.sort else { return Ok(Order::default()) };
    let field = match sort.target.path().as_str() {
        "id" | "meta.created" => SortField::CreatedAt,
        "meta.lastModified" => SortField::UpdatedAt,
        "userName" => SortField::Username,
        "displayName" if question.kind == Kind::Group => SortField::Name,
        _ => {
            let detail = "A walk by cursors is sorted by id, userName, meta.created, meta.lastModified, or the displayName of groups; use startIndex for other orders.";
            return Err(ScimError::new(ScimType::InvalidCursor, detail));
        }
    };
    Ok(Order { field, descending: sort.descending })
}

fn unsortable(sort: &Sort) -> ScimError {
    ScimError::new(ScimType::InvalidPath, format!("{} cannot be sorted by.", sort.target.qualified_path()))
}
