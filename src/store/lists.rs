//! Lists of nodes of an organization: filtered, sorted, page by page, by what an index serves.

mod accounts;
mod profiles;

pub use accounts::IdentityFilter;
pub use profiles::ProfileFilter;

use super::conditions::{Condition, Writer};
use super::error::translate;
use super::lookup::read_all;
use super::per_parent::{PerParent, push_parents};
use super::sql::Sql;
use super::tables::{Table, columns};
use super::{Dialect, Scope, Store};
use crate::domain::{Collective, Cursor, CursorKey, NodeKind, Organization, Page, Result, Role, Slice, text};
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
