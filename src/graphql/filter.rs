//! Filters and orders: input objects with the same operators everywhere, and only what an index serves.

use super::failure::Result;
use super::moment::Moment;
use super::risk::RiskLevel;
use super::scalars::{ChangeKind, OrderDirection, ProfileKind, ProfileStatus};
use crate::domain::node::{external_id_key, namespace};
use crate::domain::{Error, NodeId, NodeKind, Timestamp, text};
use crate::resolvers::query;
use crate::store::{self, Comparison, Order, RiskFilter, SortField};
use async_graphql::{Enum, ID, InputObject};
use chrono::{DateTime, Utc};

/// The most conditions and values of one filter.
const MAX_TERMS: usize = 200;

/// Compares ids. Give exactly one operator.
#[derive(Debug, Clone, InputObject)]
pub struct IdFilter {
    /// This id.
    eq: Option<ID>,
    /// One of these ids.
    #[graphql(name = "in")]
    any: Option<Vec<ID>>,
}

/// Compares texts; case does not count. Give exactly one operator.
#[derive(Debug, Clone, InputObject)]
pub struct StringFilter {
    /// This text.
    eq: Option<String>,
    /// One of these texts.
    #[graphql(name = "in")]
    any: Option<Vec<String>>,
    /// A text that begins so.
    prefix: Option<String>,
}

/// Looks a value up; case does not count. Give exactly one operator.
#[derive(Debug, Clone, InputObject)]
pub struct ValueFilter {
    /// This value.
    eq: Option<String>,
    /// One of these values.
    #[graphql(name = "in")]
    any: Option<Vec<String>>,
}

/// Compares kinds. Give exactly one operator.
#[derive(Debug, Clone, InputObject)]
pub struct ProfileKindFilter {
    /// This kind.
    eq: Option<ProfileKind>,
    /// One of these kinds.
    #[graphql(name = "in")]
    any: Option<Vec<ProfileKind>>,
}

/// Compares statuses. Give exactly one operator.
#[derive(Debug, Clone, InputObject)]
pub struct ProfileStatusFilter {
    /// This status.
    eq: Option<ProfileStatus>,
    /// One of these statuses.
    #[graphql(name = "in")]
    any: Option<Vec<ProfileStatus>>,
}

/// Compares times. Both operators may be given.
#[derive(Debug, Clone, InputObject)]
pub struct TimeFilter {
    /// At this time or after it.
    after: Option<DateTime<Utc>>,
    /// Before this time.
    before: Option<DateTime<Utc>>,
}

/// Looks up the id by which a client of the directory knows a profile.
#[derive(Debug, Clone, InputObject)]
pub struct ExternalIdFilter {
    /// The client, such as `entra`.
    client: String,
    /// Its id for the profile. Case counts.
    eq: String,
}

/// Which profiles are wanted. Everything that is given must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct ProfileFilter {
    /// All of these hold.
    and: Option<Vec<Self>>,
    /// One of these holds.
    or: Option<Vec<Self>>,
    /// This does not hold.
    not: Option<Box<Self>>,
    /// Public id.
    id: Option<IdFilter>,
    /// User, service account or bot.
    kind: Option<ProfileKindFilter>,
    /// Status.
    status: Option<ProfileStatusFilter>,
    /// User name.
    username: Option<StringFilter>,
    /// Display name. Accents do not count.
    display_name: Option<StringFilter>,
    /// One of the e-mail addresses.
    email: Option<ValueFilter>,
    /// One of the telephone numbers; spaces and punctuation do not count.
    phone: Option<ValueFilter>,
    /// One of the tags.
    tag: Option<ValueFilter>,
    /// Department.
    department: Option<ValueFilter>,
    /// Job title.
    title: Option<ValueFilter>,
    /// Employee number.
    employee_number: Option<ValueFilter>,
    /// The id by which a client knows the profile.
    external_id: Option<ExternalIdFilter>,
    /// When it was created.
    created_at: Option<TimeFilter>,
    /// When it last changed.
    updated_at: Option<TimeFilter>,
}

/// Which teams or groups are wanted. Everything that is given must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct CollectiveFilter {
    /// Slug.
    slug: Option<StringFilter>,
    /// Name. Accents do not count.
    name: Option<StringFilter>,
    /// Only those at the top of the hierarchy, if true.
    #[graphql(default)]
    is_root: bool,
}

/// Which roles are wanted. Everything that is given must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct RoleFilter {
    /// Slug.
    slug: Option<StringFilter>,
    /// Only privileged roles, or only others.
    privileged: Option<bool>,
}

/// Compares the kinds of what has changed. Give exactly one operator.
#[derive(Debug, Clone, InputObject)]
pub struct ChangeKindFilter {
    /// This kind.
    eq: Option<ChangeKind>,
    /// One of these kinds.
    #[graphql(name = "in")]
    any: Option<Vec<ChangeKind>>,
}

/// Which changes are wanted. Everything that is given must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct ChangeFilter {
    /// Public id of the node that has changed, of any kind. A membership belongs to the team or group, a role that is
    /// granted to the profile or group that has it.
    subject: Option<IdFilter>,
    /// The kind of the node that has changed.
    kind: Option<ChangeKindFilter>,
    /// What was done, such as `profile.disable`; with the prefix `profile.`, whatever was done to profiles.
    action: Option<StringFilter>,
    /// Public id of the API token that did it, or of the profile on whose behalf it did.
    actor: Option<IdFilter>,
}

/// Looks a value up exactly.
#[derive(Debug, Clone, InputObject)]
pub struct ExactFilter {
    /// This value.
    eq: String,
}

/// Which linked identities are wanted. Everything that is given must hold.
#[derive(Debug, Clone, Default, InputObject)]
pub struct IdentityFilter {
    /// Provider.
    provider: Option<ExactFilter>,
    /// Environment.
    environment: Option<ExactFilter>,
    /// The provider's id of the account.
    account_id: Option<ExactFilter>,
    /// The e-mail address of the account; case does not count.
    email: Option<ExactFilter>,
    /// How risky it is at the moment; not together with `asOf`. Needs the role editor.
    risk_level: Option<RiskLevelFilter>,
}

/// Compares levels of risk. Give exactly one operator.
#[derive(Debug, Clone, InputObject)]
pub struct RiskLevelFilter {
    /// This level.
    eq: Option<RiskLevel>,
    /// One of these levels.
    #[graphql(name = "in")]
    any: Option<Vec<RiskLevel>>,
}

/// By what profiles are sorted. The id breaks ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ProfileOrderField {
    /// By creation.
    CreatedAt,
    /// By the last change.
    UpdatedAt,
    /// By display name, without case and accents.
    DisplayName,
    /// By user name, without case.
    Username,
}

/// By what named things are sorted. The id breaks ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum NameOrderField {
    /// By creation.
    CreatedAt,
    /// By the last change.
    UpdatedAt,
    /// By name, without case and accents.
    Name,
}

/// By what things without a name are sorted. The id breaks ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum TimeOrderField {
    /// By creation.
    CreatedAt,
    /// By the last change.
    UpdatedAt,
}

/// The order of a list of profiles.
#[derive(Debug, Clone, InputObject)]
pub struct ProfileOrder {
    /// By what.
    field: ProfileOrderField,
    /// In which direction.
    #[graphql(default)]
    direction: OrderDirection,
}

/// The order of a list of named things.
#[derive(Debug, Clone, InputObject)]
pub struct NameOrder {
    /// By what.
    field: NameOrderField,
    /// In which direction.
    #[graphql(default)]
    direction: OrderDirection,
}

/// The order of a list of things without a name.
#[derive(Debug, Clone, InputObject)]
pub struct TimeOrder {
    /// By what.
    field: TimeOrderField,
    /// In which direction.
    #[graphql(default)]
    direction: OrderDirection,
}

impl From<ProfileOrder> for Order {
    fn from(order: ProfileOrder) -> Self {
        let field = match order.field {
            ProfileOrderField::CreatedAt => SortField::CreatedAt,
            ProfileOrderField::UpdatedAt => SortField::UpdatedAt,
            ProfileOrderField::DisplayName => SortField::Name,
            ProfileOrderField::Username => SortField::Username,
        };
        Self { field, descending: order.direction == OrderDirection::Desc }
    }
}

impl From<NameOrder> for Order {
    fn from(order: NameOrder) -> Self {
        let field = match order.field {
            NameOrderField::CreatedAt => SortField::CreatedAt,
            NameOrderField::UpdatedAt => SortField::UpdatedAt,
            NameOrderField::Name => SortField::Name,
        };
        Self { field, descending: order.direction == OrderDirection::Desc }
    }
}

impl From<TimeOrder> for Order {
    fn from(order: TimeOrder) -> Self {
        let field = match order.field {
            TimeOrderField::CreatedAt => SortField::CreatedAt,
            TimeOrderField::UpdatedAt => SortField::UpdatedAt,
        };
        Self { field, descending: order.direction == OrderDirection::Desc }
    }
}

/// How many conditions and values a filter may still have.
struct Budget(usize);

impl Budget {
    fn spend(&mut self, terms: usize) -> Result<()> {
        self.0 = self.0.checked_sub(terms).ok_or_else(|| {
            Error::invalid(
                "filter",
                format!("A filter has at most {MAX_TERMS} conditions and values; make it simpler."),
            )
        })?;
        Ok(())
    }

    fn one_of<T>(&mut self, eq: Option<T>, any: Option<Vec<T>>, field: &str) -> Result<Vec<T>> {
        let values = match (eq, any) {
            (Some(value), None) => vec![value],
            (None, Some(values)) => values,
            _ => return Err(Error::invalid(field, "Give exactly one operator.").into()),
        };
        self.spend(values.len() + 1)?;
        Ok(values)
    }

    fn comparison(&mut self, filter: StringFilter, field: &str) -> Result<Comparison> {
        match filter.prefix {
            Some(prefix) if filter.eq.is_none() && filter.any.is_none() => {
                self.spend(1)?;
                Ok(Comparison::Prefix(prefix))
            }
            Some(_) => Err(Error::invalid(field, "Give exactly one operator.").into()),
            None => Ok(Comparison::In(self.one_of(filter.eq, filter.any, field)?)),
        }
    }
}

impl ProfileFilter {
    /// The filter as the store has it.
    pub fn compile(self) -> Result<store::ProfileFilter> {
        self.parts(&mut Budget(MAX_TERMS))
    }

    fn parts(self, budget: &mut Budget) -> Result<store::ProfileFilter> {
        use store::ProfileFilter as Filter;
        let mut parts = Vec::new();
        if let Some(all) = self.and {
            budget.spend(1)?;
            parts.push(Filter::And(all.into_iter().map(|part| part.parts(budget)).collect::<Result<_>>()?));
        }
        if let Some(any) = self.or {
            budget.spend(1)?;
            parts.push(Filter::Or(any.into_iter().map(|part| part.parts(budget)).collect::<Result<_>>()?));
        }
        if let Some(part) = self.not {
            budget.spend(1)?;
            parts.push(Filter::Not(Box::new(part.parts(budget)?)));
        }
        if let Some(filter) = self.id {
            let ids = budget.one_of(filter.eq, filter.any, "filter.id")?;
            let uuid = |id: ID| NodeId::parse_as(&id, &NodeKind::PROFILES, "filter.id").map(|id| id.uuid);
            parts.push(Filter::Ids(ids.into_iter().map(uuid).collect::<Result<_, _>>()?));
        }
        if let Some(filter) = self.kind {
            let kinds = budget.one_of(filter.eq, filter.any, "filter.kind")?;
            parts.push(Filter::Kinds(kinds.into_iter().map(Into::into).collect()));
        }
        if let Some(filter) = self.status {
            let statuses = budget.one_of(filter.eq, filter.any, "filter.status")?;
            parts.push(Filter::Statuses(statuses.into_iter().map(Into::into).collect()));
        }
        if let Some(filter) = self.username {
            parts.push(Filter::Username(budget.comparison(filter, "filter.username")?));
        }
        if let Some(filter) = self.display_name {
            parts.push(Filter::DisplayName(budget.comparison(filter, "filter.displayName")?));
        }
        let looked_up = [
            (namespace::EMAIL, "filter.email", self.email),
            (namespace::PHONE, "filter.phone", self.phone),
            (namespace::TAG, "filter.tag", self.tag),
            (namespace::DEPARTMENT, "filter.department", self.department),
            (namespace::TITLE, "filter.title", self.title),
            (namespace::EMPLOYEE_NUMBER, "filter.employeeNumber", self.employee_number),
        ];
        for (space, field, filter) in looked_up {
            let Some(filter) = filter else { continue };
            let key = if space == namespace::PHONE { text::phone_key } else { text::key };
            let values = budget.one_of(filter.eq, filter.any, field)?;
            parts.push(Filter::Key(space, values.iter().map(|value| key(value)).collect()));
        }
        if let Some(filter) = self.external_id {
            budget.spend(1)?;
            parts.push(Filter::Key(namespace::EXTERNAL_ID, vec![external_id_key(&filter.client, &filter.eq)]));
        }
        for (created, filter) in [(true, self.created_at), (false, self.updated_at)] {
            let Some(filter) = filter else { continue };
            budget.spend(2)?;
            parts.push(Filter::Time(created, filter.after, filter.before));
        }
        Ok(Filter::And(parts))
    }
}

impl ChangeFilter {
    /// The filter as the resolvers have it.
    pub fn compile(self) -> Result<query::ChangeFilter> {
        let budget = &mut Budget(MAX_TERMS);
        let ids = |filter: Option<IdFilter>, field: &str, budget: &mut Budget| -> Result<Option<Vec<NodeId>>> {
            let Some(filter) = filter else { return Ok(None) };
            let ids = budget.one_of(filter.eq, filter.any, field)?;
            let parse = |id: ID| id.parse::<NodeId>().map_err(|error| error.at(field));
            Ok(Some(ids.into_iter().map(parse).collect::<Result<_, _>>()?))
        };
        let kinds = self.kind.map(|kind| budget.one_of(kind.eq, kind.any, "filter.kind")).transpose()?;
        Ok(query::ChangeFilter {
            subjects: ids(self.subject, "filter.subject", budget)?,
            kinds: kinds.map(|kinds| kinds.into_iter().map(NodeKind::from).collect()),
            actions: self.action.map(|action| budget.comparison(action, "filter.action")).transpose()?,
            actors: ids(self.actor, "filter.actor", budget)?,
        })
    }
}

impl CollectiveFilter {
    /// The filter as the store has it, for teams or for groups.
    pub fn compile(self, kind: NodeKind) -> Result<store::CollectiveFilter> {
        let budget = &mut Budget(MAX_TERMS);
        Ok(store::CollectiveFilter {
            kind: Some(kind),
            condition: None,
            slug: self.slug.map(|slug| budget.comparison(slug, "filter.slug")).transpose()?,
            name: self.name.map(|name| budget.comparison(name, "filter.name")).transpose()?,
            roots: self.is_root,
        })
    }
}

impl RoleFilter {
    /// The filter as the store has it.
    pub fn compile(self) -> Result<store::RoleFilter> {
        let slug = self.slug.map(|slug| Budget(MAX_TERMS).comparison(slug, "filter.slug")).transpose()?;
        Ok(store::RoleFilter { slug, privileged: self.privileged })
    }
}

impl IdentityFilter {
    /// The filter as the store has it, for whoever asks at that time about that moment.
    pub fn compile(self, now: Timestamp, moment: Moment) -> Result<store::IdentityFilter> {
        let value = |filter: Option<ExactFilter>| filter.map(|filter| filter.eq);
        let levels = |filter: RiskLevelFilter| Budget(MAX_TERMS).one_of(filter.eq, filter.any, "filter.riskLevel");
        let levels = self.risk_level.map(levels).transpose()?;
        if levels.is_some() && moment.is_some() {
            let message = "The level of risk is known of the present alone; leave this out, or leave out asOf.";
            return Err(Error::invalid("filter.riskLevel", message).into());
        }
        let risk =
            |levels: Vec<RiskLevel>| RiskFilter { levels: levels.into_iter().map(Into::into).collect(), at: now };
        Ok(store::IdentityFilter {
            provider: value(self.provider),
            environment: value(self.environment),
            account_id: value(self.account_id),
            email: value(self.email),
            risk: levels.map(risk),
            ..store::IdentityFilter::default()
        })
    }
}
