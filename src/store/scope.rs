//! The filter of every read: whose nodes, and as of when. Every finder takes a [`Scope`], and every scope ends up in the
//! statement, so that no finder can forget the tenant or the time.
//!
//! The present lies in the tables themselves. What a change replaces moves to a table beside it (`profiles_past`, …, with
//! the time of the replacement), and an edge that is closed stays where it is. So a read as of an earlier time is the same
//! statement over other sources: [`Scope::table`], [`Scope::edges`] and [`Scope::keys`] write them. The time is the first
//! parameter of such a statement, which [`Scope::sql`] begins.

use super::sql::Sql;
use super::tables::Table;
use crate::domain::{OrganizationId, Timestamp};

/// Whose nodes a read may find, and as of when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope {
    /// Those of one organization; none for viewers who span the whole server.
    organization: Option<OrganizationId>,
    /// As they were then; none for now.
    at: Option<Timestamp>,
}

impl Scope {
    /// The nodes of every organization, as they are now.
    pub const EVERYTHING: Self = Self { organization: None, at: None };

    /// The nodes of one organization, as they are now.
    #[must_use]
    pub const fn organization(organization: OrganizationId) -> Self {
        Self { organization: Some(organization), at: None }
    }

    /// The same nodes, as they were at that time; none for now.
    #[must_use]
    pub const fn as_of(self, at: Option<Timestamp>) -> Self {
        Self { at, ..self }
    }

    /// The same time, in one organization.
    #[must_use]
    pub const fn within(self, organization: OrganizationId) -> Self {
        Self { organization: Some(organization), ..self }
    }

    /// The one organization that is within; none for all.
    #[must_use]
    pub const fn tenant(self) -> Option<OrganizationId> {
        self.organization
    }

    /// Whether nodes of that organization are within.
    #[must_use]
    pub fn contains(self, organization: OrganizationId) -> bool {
        self.organization.is_none_or(|own| own == organization)
    }

    /// Begins a statement; when it reads the past, the time is its first parameter.
    pub(super) fn sql(self, text: impl Into<String>) -> Sql {
        Sql::with_first(text, self.at.map(|at| at.timestamp_micros()))
    }

    /// The nodes of one type, as an entry of `FROM`.
    pub(super) fn table<T: Table>(self, alias: &str) -> String {
        if self.at.is_none() {
            return format!("{} {alias}", T::NAME);
        }
        let (name, columns) = (T::NAME, T::COLUMNS.join(", "));
        format!(
            "(SELECT {columns} FROM {name} WHERE updated_at <= $1 UNION ALL
            SELECT {columns} FROM {name}_past WHERE updated_at <= $1 AND replaced_at > $1) AS {alias}"
        )
    }

    /// The edges, as an entry of `FROM`. They are to be narrowed by [`open`](Self::open).
    pub(super) fn edges(self, alias: &str) -> String {
        if self.at.is_none() {
            return format!("edges {alias}");
        }
        format!(
            "(SELECT * FROM edges WHERE valid_to IS NULL AND valid_from <= $1 UNION ALL
            SELECT * FROM edges WHERE valid_to > $1 AND valid_from <= $1) AS {alias}"
        )
    }

    /// The condition that an edge holds, behind others.
    pub(super) fn open(self, alias: &str) -> String {
        if self.at.is_none() { format!(" AND {alias}.valid_to IS NULL") } else { String::new() }
    }

    /// The keys by which nodes are found, as an entry of `FROM`.
    pub(super) fn keys(self, alias: &str) -> String {
        if self.at.is_none() {
            return format!("node_keys {alias}");
        }
        let columns = "org_id, namespace, value, node_id, node_kind";
        format!(
            "(SELECT {columns} FROM node_keys WHERE since <= $1 UNION ALL
            SELECT {columns} FROM node_keys_past WHERE since <= $1 AND until > $1) AS {alias}"
        )
    }

    /// Whether the present is read.
    pub(super) const fn is_present(self) -> bool {
        self.at.is_none()
    }

    /// Appends the filter on `column`, behind other conditions. What belongs to a deleted organization is in no scope.
    pub(super) fn and(self, sql: &mut Sql, column: &str) {
        match self.organization {
            Some(organization) => sql.push(" AND ").push(column).push(" = ").bind(organization.0),
            None => sql
                .push(" AND ")
                .push(column)
                .push(" NOT IN (SELECT id FROM organizations WHERE deleted_at IS NOT NULL)"),
        };
    }

    /// Appends, when the past is read, that what the column says was by then.
    pub(super) fn and_by_then(self, sql: &mut Sql, time: &str) {
        if self.at.is_some() {
            sql.push(" AND ").push(time).push(" <= $1");
        }
    }

    /// Appends the filter on `column` for history, which outlives the organization it is about, and the filter on the
    /// column that says when something happened.
    pub(super) fn and_ever(self, sql: &mut Sql, column: &str, time: &str) {
        if let Some(organization) = self.organization {
            sql.push(" AND ").push(column).push(" = ").bind(organization.0);
        }
        self.and_by_then(sql, time);
    }
}
