//! Linked identities by what they are, and by whose they are.

use super::super::risk::RiskFilter;
use super::super::sql::Sql;
use super::super::{Dialect, Scope};
use super::{Listing, SortField};
use crate::domain::identity::IdentityStatus;
use crate::domain::{CursorKey, LinkedIdentity, text};

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
