//! Profiles by whatever a filter says of them.

use super::super::accounts::push_signed_in;
use super::super::conditions::{Condition, Writer};
use super::super::sql::Sql;
use super::super::{Dialect, Scope};
use super::{Comparison, Listing, SortField, push_compared, push_in};
use crate::domain::node::namespace::EXTERNAL_ID;
use crate::domain::profile::ProfileStatus;
use crate::domain::{CursorKey, NodeKind, Profile, Timestamp, text};
use uuid::Uuid;

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
    /// Has an account with a session that goes on at that time.
    SignedIn(Timestamp),
    /// Any other condition on a field.
    Field(Condition),
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
            ProfileFilter::Field(_) | ProfileFilter::SignedIn(_) => true,
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
        ProfileFilter::SignedIn(at) => push_signed_in(sql, scope, *at),
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
