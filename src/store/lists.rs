//! Lists of nodes of an organization: filtered, sorted, page by page, by what an index serves.

use super::conditions::{Condition, Writer};
use super::error::translate;
use super::lookup::read_all;
use super::per_parent::{PerParent, push_parents};
use super::risk::RiskFilter;
use super::sql::Sql;
use super::tables::{Table, columns};
use super::{Dialect, Scope, Store};
use crate::domain::identity::IdentityStatus;
use crate::domain::node::namespace::EXTERNAL_ID;
use crate::domain::profile::ProfileStatus;
use crate::domain::{
    Collective, Cursor, CursorKey, LinkedIdentity, NodeKind, Organization, Page, Profile, Result, Role, Slice,
    Timestamp, text,
};
use std::collections::HashMap;
use uuid::Uuid;

/// By what a list is sorted. The id breaks ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SortField {
    /// By creation, which is by id.
    #[default]
    CreatedAt,
    /// By the last change.
    UpdatedAt,
    /// By name (organizations, teams, groups, roles) or display name (profiles).
    Name,
    /// By user name (profiles).
    Username,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Order {
    /// By what.
    pub field: SortField,
    /// Whether the greatest come first.
    pub descending: bool,
}

impl Order {
    /// The letter by which a cursor knows its order.
    #[must_use]
    pub const fn tag(self) -> char {
        match (self.field, self.descending) {
            (SortField::CreatedAt, false) => 'c',
            (SortField::CreatedAt, true) => 'C',
            (SortField::UpdatedAt, false) => 'm',
            (SortField::UpdatedAt, true) => 'M',
            (SortField::Name, false) => 'n',
            (SortField::Name, true) => 'N',
            (SortField::Username, false) => 'u',
            (SortField::Username, true) => 'U',
        }
    }
}

/// A type of node that organizations have lists of.
pub trait Listing: Table {
    /// What such a list can be narrowed to.
    type Filter: Clone + Eq + std::hash::Hash + Send + Sync + std::fmt::Debug;

    /// Appends the filter's conditions, each behind ` AND `, for the table under the name `n`.
    fn push_filter(filter: &Self::Filter, scope: Scope, dialect: Dialect, sql: &mut Sql);

    /// Whether the filter asks about what not everybody may read.
    fn is_private(_: &Self::Filter) -> bool {
        false
    }

    /// The column to sort by besides the id, if any.
    fn sort_column(field: SortField) -> Option<&'static str>;

    /// Whether no two nodes of an organization have the same value in that column: then it is an order by itself, which an
    /// index may serve without the id that otherwise breaks ties.
    fn is_unique(_: SortField) -> bool {
        false
    }

    /// The value of this node in that column.
    fn sort_key(&self, field: SortField) -> CursorKey;

    /// The place of this node in a list of that order.
    fn cursor(&self, order: Order) -> Cursor {
        Cursor { order: order.tag(), key: self.sort_key(order.field), id: self.id().uuid }
    }
}

/// How a text is compared. Case does not count.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// One of these.
    In(Vec<String>),
    /// Begins with this.
    Prefix(String),
}

/// Which profiles are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ProfileFilter {
    /// All of these hold. None given: every profile.
    And(Vec<Self>),
    /// One of these holds. None given: no profile.
    Or(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// One of these ids.
    Ids(Vec<Uuid>),
    /// One of these kinds.
    Kinds(Vec<NodeKind>),
    /// One of these statuses.
    Statuses(Vec<ProfileStatus>),
    /// The user name.
    Username(Comparison),
    /// The display name.
    DisplayName(Comparison),
    /// One of these values in a namespace of the key index.
    Key(&'static str, Vec<String>),
    /// Created (or, if false, changed) at or after the first, and before the second.
    Time(bool, Option<Timestamp>, Option<Timestamp>),
    /// Any other condition on a field.
    Field(Condition),
}

/// Which teams or groups are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct CollectiveFilter {
    /// Teams or groups; both unless given.
    pub kind: Option<NodeKind>,
    /// Only those with one of these slugs, or whose slug begins so.
    pub slug: Option<Comparison>,
    /// Only those whose name is one of these, or begins so.
    pub name: Option<Comparison>,
    /// Only those without a parent.
    pub roots: bool,
    /// Only those of which this is so.
    pub condition: Option<Condition>,
}

/// Which roles are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RoleFilter {
    /// Only those with one of these slugs, or whose slug begins so.
    pub slug: Option<Comparison>,
    /// Only privileged ones, or only others.
    pub privileged: Option<bool>,
}

/// Which linked identities are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct IdentityFilter {
    /// Only those at this provider.
    pub provider: Option<String>,
    /// Only those in this environment.
    pub environment: Option<String>,
    /// Only the one with this account id.
    pub account_id: Option<String>,
    /// Only those with this e-mail address.
    pub email: Option<String>,
    /// Only those that stand so at their provider.
    pub status: Option<IdentityStatus>,
    /// Only those with a second factor, or only others.
    pub mfa_enrolled: Option<bool>,
    /// Only those that are so risky. Not for the past.
    pub risk: Option<RiskFilter>,
    /// Only those whose profile has a privileged role, directly or through groups, or only others. Not for the past.
    pub privileged: Option<bool>,
    /// Only those whose profile has the role with this slug, directly or through groups. Not for the past.
    pub role: Option<String>,
}

impl Listing for Profile {
    type Filter = ProfileFilter;

    fn push_filter(filter: &ProfileFilter, scope: Scope, dialect: Dialect, sql: &mut Sql) {
        sql.push(" AND ");
        push_profile_filter(filter, (scope, dialect), sql);
    }

    fn is_private(filter: &ProfileFilter) -> bool {
        match filter {
            ProfileFilter::And(parts) | ProfileFilter::Or(parts) => parts.iter().any(Self::is_private),
            ProfileFilter::Not(part) => Self::is_private(part),
            ProfileFilter::Key(namespace, _) => *namespace == EXTERNAL_ID,
            ProfileFilter::Field(_) => true,
            _ => false,
        }
    }

    fn sort_column(field: SortField) -> Option<&'static str> {
        match field {
            SortField::CreatedAt => None,
            SortField::UpdatedAt => Some("n.updated_at"),
            SortField::Name => Some("n.display_key"),
            SortField::Username => Some("n.username_key"),
        }
    }

    fn is_unique(field: SortField) -> bool {
        field == SortField::Username
    }

    fn sort_key(&self, field: SortField) -> CursorKey {
        match field {
            SortField::CreatedAt => CursorKey::Id,
            SortField::UpdatedAt => CursorKey::Number(self.meta.updated_at.timestamp_micros()),
            SortField::Name => CursorKey::Text(text::sort_key(&self.display_name())),
            SortField::Username => CursorKey::Text(text::key(&self.username)),
        }
    }
}

macro_rules! named_listing {
    ($type:ty, $filter:ty, $private:expr, $push:expr) => {
        impl Listing for $type {
            type Filter = $filter;

            fn push_filter(filter: &$filter, scope: Scope, dialect: Dialect, sql: &mut Sql) {
                let push: fn(&$filter, Scope, Dialect, &mut Sql) = $push;
                push(filter, scope, dialect, sql);
            }

            fn is_private(filter: &$filter) -> bool {
                let is_private: fn(&$filter) -> bool = $private;
                is_private(filter)
            }

            fn sort_column(field: SortField) -> Option<&'static str> {
                match field {
                    SortField::CreatedAt => None,
                    SortField::UpdatedAt => Some("n.updated_at"),
                    SortField::Name | SortField::Username => Some("n.name_key"),
                }
            }

            fn sort_key(&self, field: SortField) -> CursorKey {
                match field {
                    SortField::CreatedAt => CursorKey::Id,
                    SortField::UpdatedAt => CursorKey::Number(self.meta.updated_at.timestamp_micros()),
                    SortField::Name | SortField::Username => CursorKey::Text(text::sort_key(&self.name)),
                }
            }
        }
    };
}

named_listing!(Organization, (), |()| false, |(), _, _, _| {});
named_listing!(Collective, CollectiveFilter, |filter| filter.condition.is_some(), |filter, scope, dialect, sql| {
    if let Some(kind) = filter.kind {
        sql.push(&format!(" AND n.kind = '{}'", kind.name()));
    }
    if let Some(condition) = &filter.condition {
        sql.push(" AND ");
        Writer { sql, dialect, scope }.push(condition);
    }
    push_comparison(sql, "n.slug_key", filter.slug.as_ref(), text::key);
    push_comparison(sql, "n.name_key", filter.name.as_ref(), text::sort_key);
    if filter.roots {
        sql.push(&format!(
            " AND NOT EXISTS (SELECT 1 FROM {} JOIN {} ON t.id = e.to_id AND t.deleted_at IS NULL",
            scope.edges("e"),
            scope.table::<Collective>("t")
        ));
        sql.push(&format!(" WHERE e.from_id = n.id AND e.kind = 'parent'{})", scope.open("e")));
    }
});
named_listing!(Role, RoleFilter, |_| false, |filter, _, _, sql| {
    push_comparison(sql, "n.slug_key", filter.slug.as_ref(), text::key);
    if let Some(privileged) = filter.privileged {
        sql.push(" AND n.privileged = ").bind(privileged);
    }
});

impl Listing for LinkedIdentity {
    type Filter = IdentityFilter;

    fn push_filter(filter: &IdentityFilter, scope: Scope, _: Dialect, sql: &mut Sql) {
        let email = filter.email.as_deref().map(text::key);
        let parts = [
            ("n.provider", filter.provider.as_ref()),
            ("n.environment", filter.environment.as_ref()),
            ("n.account_id", filter.account_id.as_ref()),
            ("n.email_key", email.as_ref()),
        ];
        for (column, value) in parts {
            if let Some(value) = value {
                sql.push(&format!(" AND {column} = ")).bind(value.replace('\0', "\u{fffd}"));
            }
        }
        if let Some(status) = filter.status {
            sql.push(" AND n.status = ").bind(status.name());
        }
        if let Some(enrolled) = filter.mfa_enrolled {
            let not = if enrolled { "" } else { "NOT " };
            sql.push(&format!(" AND n.mfa_state {not}IN ('enrolled', 'enforced')"));
        }
        if let Some(risk) = &filter.risk {
            risk.push(sql, "n.id", scope);
        }
        if let Some(privileged) = filter.privileged {
            sql.push(if privileged { " AND n.id IN (" } else { " AND n.id NOT IN (" });
            push_accounts_of_holders(sql, scope, |sql| {
                sql.push("r.privileged");
            });
            sql.push(")");
        }
        if let Some(role) = &filter.role {
            sql.push(" AND n.id IN (");
            push_accounts_of_holders(sql, scope, |sql| {
                sql.push("r.slug_key = ").bind(text::key(role));
            });
            sql.push(")");
        }
    }

    fn is_private(filter: &IdentityFilter) -> bool {
        filter.mfa_enrolled.is_some() || filter.risk.is_some()
    }

    fn sort_column(field: SortField) -> Option<&'static str> {
        (field == SortField::UpdatedAt).then_some("n.updated_at")
    }

    fn sort_key(&self, field: SortField) -> CursorKey {
        match field {
            SortField::UpdatedAt => CursorKey::Number(self.meta.updated_at.timestamp_micros()),
            _ => CursorKey::Id,
        }
    }
}

/// Writes the query for the accounts of profiles that have such a role, directly or through groups: a set that is made once.
fn push_accounts_of_holders(sql: &mut Sql, scope: Scope, role: impl Fn(&mut Sql)) {
    let granted = |sql: &mut Sql| {
        sql.push(" FROM edges g JOIN roles r ON r.id = g.to_id AND r.deleted_at IS NULL AND ");
        role(sql);
        scope.and(sql, "r.org_id");
    };
    sql.push(
        "SELECT l.from_id FROM edges l WHERE l.kind = 'link' AND l.valid_to IS NULL AND l.to_id IN (SELECT g.from_id",
    );
    granted(sql);
    sql.push(" WHERE g.kind = 'grant' AND g.valid_to IS NULL UNION SELECT m.from_id");
    granted(sql);
    sql.push(" JOIN containment c ON c.ancestor_id = g.from_id JOIN edges m ON m.to_id = c.descendant_id");
    sql.push(" AND m.kind = 'member' AND m.valid_to IS NULL WHERE g.kind = 'grant' AND g.valid_to IS NULL)");
}

impl Store {
    /// The nodes of one type of many organizations.
    pub async fn list_pages<T: Listing>(
        &self,
        scope: Scope,
        filter: &T::Filter,
        order: Order,
        organizations: &[Uuid],
        page: &Page,
    ) -> Result<HashMap<Uuid, Slice<T>>> {
        let conditions = |sql: &mut Sql, parent: &mut dyn FnMut(&mut Sql)| {
            sql.push("n.").push(T::TENANT).push(" = ");
            parent(sql);
            sql.push(" AND n.deleted_at IS NULL");
            scope.and(sql, &format!("n.{}", T::TENANT));
            T::push_filter(filter, scope, self.dialect, sql);
            push_keyset::<T>(sql, order, page);
        };
        let query = PerParent {
            scope,
            columns: &columns::<T>("n"),
            from: &scope.table::<T>("n"),
            key: "n.id",
            order: &order_by::<T>(order, page),
            conditions: &conditions,
        };
        query.pages(self, organizations, page, |row| T::read(row)).await
    }

    /// How many nodes of one type many organizations have.
    pub async fn list_counts<T: Listing>(
        &self,
        scope: Scope,
        filter: &T::Filter,
        organizations: &[Uuid],
    ) -> Result<HashMap<Uuid, i64>> {
        let tenant = T::TENANT;
        let mut sql = scope.sql("WITH ");
        push_parents(&mut sql, self.dialect, organizations);
        sql.push(&format!(
            " SELECT n.{tenant}, COUNT(*) FROM p JOIN {} ON n.{tenant} = p.id WHERE n.deleted_at IS NULL",
            scope.table::<T>("n")
        ));
        scope.and(&mut sql, &format!("n.{tenant}"));
        T::push_filter(filter, scope, self.dialect, &mut sql);
        sql.push(&format!(" GROUP BY n.{tenant}"));
        self.counts(sql).await
    }

    /// The organizations of the server.
    pub async fn organizations(&self, scope: Scope, order: Order, page: &Page) -> Result<Slice<Organization>> {
        let mut sql = scope.sql(format!(
            "SELECT {} FROM {} WHERE n.deleted_at IS NULL",
            columns::<Organization>("n"),
            scope.table::<Organization>("n")
        ));
        scope.and(&mut sql, "n.id");
        push_keyset::<Organization>(&mut sql, order, page);
        sql.push(" ORDER BY ")
            .push(&order_by::<Organization>(order, page))
            .push(" LIMIT ")
            .bind(u64::from(page.limit) + 1);
        Ok(Slice::of(read_all(&self.read, sql, self).await?, page))
    }

    /// How many organizations the server has.
    pub async fn organization_count(&self, scope: Scope) -> Result<i64> {
        let mut sql =
            scope.sql(format!("SELECT COUNT(*) FROM {} WHERE n.deleted_at IS NULL", scope.table::<Organization>("n")));
        scope.and(&mut sql, "n.id");
        let row = sea_orm::ConnectionTrait::query_one_raw(&self.read, sql.statement(self.backend()))
            .await
            .map_err(translate)?;
        row.map_or(Ok(0), |row| row.try_get_by_index(0).map_err(translate))
    }
}

fn order_by<T: Listing>(order: Order, page: &Page) -> String {
    let direction = if order.descending == page.from_end { "ASC" } else { "DESC" };
    match T::sort_column(order.field) {
        Some(column) if T::is_unique(order.field) => format!("{column} {direction}"),
        Some(column) => format!("{column} {direction}, n.id {direction}"),
        None => format!("n.id {direction}"),
    }
}

fn push_keyset<T: Listing>(sql: &mut Sql, order: Order, page: &Page) {
    for (cursor, behind) in [(&page.after, true), (&page.before, false)] {
        let Some(cursor) = cursor else { continue };
        let operator = if behind == order.descending { "<" } else { ">" };
        match (T::sort_column(order.field), &cursor.key) {
            (Some(column), CursorKey::Text(text)) if T::is_unique(order.field) => {
                sql.push(&format!(" AND {column} {operator} ")).bind(text.clone());
            }
            (Some(column), CursorKey::Text(text)) => {
                sql.push(&format!(" AND ({column}, n.id) {operator} ("))
                    .bind(text.clone())
                    .push(", ")
                    .bind(cursor.id)
                    .push(")");
            }
            (Some(column), CursorKey::Number(number)) => {
                sql.push(&format!(" AND ({column}, n.id) {operator} ("))
                    .bind(*number)
                    .push(", ")
                    .bind(cursor.id)
                    .push(")");
            }
            _ => {
                sql.push(&format!(" AND n.id {operator} ")).bind(cursor.id);
            }
        }
    }
}

fn push_comparison(sql: &mut Sql, column: &str, comparison: Option<&Comparison>, key: fn(&str) -> String) {
    if let Some(comparison) = comparison {
        sql.push(" AND ");
        push_compared(sql, column, comparison, key);
    }
}

fn push_compared(sql: &mut Sql, column: &str, comparison: &Comparison, key: fn(&str) -> String) {
    match comparison {
        Comparison::In(values) => push_in(sql, column, values.iter().map(|value| key(value))),
        Comparison::Prefix(prefix) => push_prefix(sql, column, &key(prefix)),
    }
}

/// A prefix as a range: it is served by the index whatever the value, which `LIKE` with a parameter is not.
pub(super) fn push_prefix(sql: &mut Sql, column: &str, prefix: &str) {
    sql.push(&format!("({column} >= ")).bind(prefix.to_owned());
    sql.push(&format!(" AND {column} < ")).bind(format!("{prefix}\u{10ffff}")).push(")");
}

fn push_in<V: Into<sea_orm::Value>>(sql: &mut Sql, column: &str, values: impl ExactSizeIterator<Item = V>) {
    if values.len() == 0 {
        sql.push("FALSE");
        return;
    }
    sql.push(&format!("{column} IN (")).bind_list(values).push(")");
}

fn push_profile_filter(filter: &ProfileFilter, (scope, dialect): (Scope, Dialect), sql: &mut Sql) {
    match filter {
        ProfileFilter::And(parts) => push_joined(parts, (" AND ", "TRUE"), (scope, dialect), sql),
        ProfileFilter::Or(parts) => push_joined(parts, (" OR ", "FALSE"), (scope, dialect), sql),
        ProfileFilter::Not(part) => {
            sql.push("NOT ");
            push_profile_filter(part, (scope, dialect), sql);
        }
        ProfileFilter::Ids(ids) => push_in(sql, "n.id", ids.iter().copied()),
        ProfileFilter::Kinds(kinds) => push_in(sql, "n.kind", kinds.iter().map(|kind| kind.name())),
        ProfileFilter::Statuses(statuses) => push_in(sql, "n.status", statuses.iter().map(|status| status.name())),
        ProfileFilter::Username(comparison) => push_compared(sql, "n.username_key", comparison, text::key),
        ProfileFilter::DisplayName(comparison) => push_compared(sql, "n.display_key", comparison, text::sort_key),
        ProfileFilter::Key(namespace, values) => {
            sql.push(&format!(
                "EXISTS (SELECT 1 FROM {} WHERE k.org_id = n.org_id AND k.node_id = n.id AND k.namespace = ",
                scope.keys("k")
            ))
            .bind(*namespace)
            .push(" AND ");
            push_in(sql, "k.value", values.iter().map(String::as_str));
            sql.push(")");
        }
        ProfileFilter::Field(condition) => Writer { sql, dialect, scope }.push(condition),
        ProfileFilter::Time(created, from, to) => {
            let column = if *created { "n.created_at" } else { "n.updated_at" };
            sql.push("(TRUE");
            for (bound, operator) in [(from, ">="), (to, "<")] {
                if let Some(bound) = bound {
                    sql.push(&format!(" AND {column} {operator} ")).bind(bound.timestamp_micros());
                }
            }
            sql.push(")");
        }
    }
}

fn push_joined(parts: &[ProfileFilter], (operator, none): (&str, &str), at: (Scope, Dialect), sql: &mut Sql) {
    if parts.is_empty() {
        sql.push(none);
        return;
    }
    sql.push("(");
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            sql.push(operator);
        }
        push_profile_filter(part, at, sql);
    }
    sql.push(")");
}
