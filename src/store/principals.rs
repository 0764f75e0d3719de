//! Whom a token of somebody else names: an organization, and a profile in it.
//!
//! One statement finds both, so that a first request of a client costs no more than with an API token. Deleted profiles
//! are found too, and accounts that their provider has barred: that somebody is known and may not enter is another answer
//! than that nobody is known.

use super::Store;
use super::error::translate;
use super::row::RowReader;
use super::sql::Sql;
use crate::domain::identity::IdentityStatus;
use crate::domain::node::namespace;
use crate::domain::profile::ProfileStatus;
use crate::domain::{NodeId, NodeKind, OrganizationId, Result, Timestamp, text};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

/// What names an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrganizationName {
    /// Its id.
    Id(OrganizationId),
    /// Its slug.
    Slug(String),
}

/// What names a profile within an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileName {
    /// Its id, kind and all.
    Id(NodeId),
    /// Its user name.
    Username(String),
    /// One of its e-mail addresses.
    Email(String),
    /// A linked identity: provider, environment, account id.
    Account(String, String, String),
}

/// An organization, and a profile in it if one was named and is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The organization, which is not deleted.
    pub organization: OrganizationId,
    /// The profile.
    pub profile: Option<NamedProfile>,
}

/// A profile that was found by a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedProfile {
    /// Its id.
    pub id: NodeId,
    /// Its user name.
    pub username: String,
    /// Whether it is active, and the account by which it was found too.
    pub is_active: bool,
    /// When the sessions of the account by which it was found were last revoked; of any of its accounts, if it was found
    /// otherwise.
    pub not_before: Option<Timestamp>,
}

impl Store {
    /// The organization of that name with each profile of that name, those that are not deleted first: at most two, so
    /// that the caller can tell one from several. Empty if there is no such organization.
    pub async fn principals(
        &self,
        organization: &OrganizationName,
        profile: Option<&ProfileName>,
    ) -> Result<Vec<Principal>> {
        let mut sql = Sql::new("SELECT o.id, n.id, n.kind, n.username, n.status, ");
        sql.push(if matches!(profile, Some(ProfileName::Account(..))) {
            "i.status, (SELECT s.not_before FROM identity_standings s WHERE s.identity_id = i.id)"
        } else {
            "NULL, (SELECT MAX(s.not_before) FROM edges l JOIN identity_standings s ON s.identity_id = l.from_id
                WHERE l.to_id = n.id AND l.kind = 'link' AND l.valid_to IS NULL)"
        });
        sql.push(" FROM organizations o");
        join(&mut sql, profile);
        sql.push(" WHERE o.deleted_at IS NULL AND ");
        match organization {
            OrganizationName::Id(id) => sql.push("o.id = ").bind(id.0),
            OrganizationName::Slug(slug) => sql.push("o.slug_key = ").bind(text::key(slug)),
        };
        sql.push(" ORDER BY n.deleted_at IS NOT NULL, n.id LIMIT 2");
        let rows = self.read.query_all_raw(sql.statement(self.backend())).await.map_err(translate)?;
        rows.iter().map(|row| read(row).map_err(translate)).collect()
    }
}

/// Joins the profiles of that name as `n`. The organization keeps its row if there is none.
fn join(sql: &mut Sql, profile: Option<&ProfileName>) {
    const OF_ORGANIZATION: &str = " LEFT JOIN profiles n ON n.org_id = o.id AND ";
    match profile {
        None => {
            sql.push(OF_ORGANIZATION).push("FALSE");
        }
        Some(ProfileName::Id(id)) => {
            sql.push(OF_ORGANIZATION).push("n.kind = ").bind(id.kind.name()).push(" AND n.id = ").bind(id.uuid);
        }
        Some(ProfileName::Username(username)) => {
            sql.push(OF_ORGANIZATION).push("n.username_key = ").bind(text::key(username));
        }
        Some(ProfileName::Email(address)) => {
            sql.push(" LEFT JOIN node_keys k ON k.org_id = o.id AND k.namespace = ").bind(namespace::EMAIL);
            sql.push(" AND k.value = ").bind(text::key(address));
            sql.push(OF_ORGANIZATION).push("n.id = k.node_id");
        }
        Some(ProfileName::Account(provider, environment, account)) => {
            sql.push(" LEFT JOIN linked_identities i ON i.org_id = o.id AND i.deleted_at IS NULL AND i.provider = ");
            sql.bind(provider.clone()).push(" AND i.environment = ").bind(environment.clone());
            sql.push(" AND i.account_id = ").bind(account.clone());
            sql.push(" LEFT JOIN edges e ON e.from_id = i.id AND e.kind = 'link' AND e.valid_to IS NULL");
            sql.push(OF_ORGANIZATION).push("n.id = e.to_id");
        }
    }
}

fn read(row: &QueryResult) -> Result<Principal, DbErr> {
    let mut row = RowReader::new(row);
    let organization = OrganizationId(row.get()?);
    let Some(uuid) = row.get::<Option<Uuid>>()? else { return Ok(Principal { organization, profile: None }) };
    let id = NodeId::new(row.named(NodeKind::from_name)?, uuid);
    let username = row.get()?;
    // A deleted profile has the status of that name.
    let status = row.named(ProfileStatus::from_name)?;
    let account: Option<String> = row.get()?;
    let account_is_active = account.is_none_or(|status| status == IdentityStatus::Active.name());
    let is_active = status == ProfileStatus::Active && account_is_active;
    let not_before = row.time_or_none()?;
    Ok(Principal { organization, profile: Some(NamedProfile { id, username, is_active, not_before }) })
}
