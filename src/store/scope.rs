//! The tenant filter: every finder takes a [`Scope`], and every scope ends up in the statement.

use super::sql::Sql;
use crate::domain::OrganizationId;

/// Whose nodes a read may find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Those of one organization.
    Organization(OrganizationId),
    /// Those of all: for viewers who span the whole server.
    Everything,
}

impl Scope {
    /// Whether nodes of that organization are within.
    #[must_use]
    pub fn contains(self, organization: OrganizationId) -> bool {
        match self {
            Self::Organization(own) => own == organization,
            Self::Everything => true,
        }
    }

    /// Appends the filter on `column`, behind other conditions. What belongs to a deleted organization is in no scope.
    pub(super) fn and(self, sql: &mut Sql, column: &str) {
        match self {
            Self::Organization(organization) => sql.push(" AND ").push(column).push(" = ").bind(organization.0),
            Self::Everything => sql
                .push(" AND ")
                .push(column)
                .push(" NOT IN (SELECT id FROM organizations WHERE deleted_at IS NOT NULL)"),
        };
    }

    /// Appends the filter on `column` for history, which outlives the organization it is about.
    pub(super) fn and_ever(self, sql: &mut Sql, column: &str) {
        if let Self::Organization(organization) = self {
            sql.push(" AND ").push(column).push(" = ").bind(organization.0);
        }
    }
}
