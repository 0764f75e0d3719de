//! What a batch consists of.

use super::super::{IdentityPatch, ProfilePatch};
use crate::domain::contact::ExternalId;
use crate::domain::profile::ProfileStatus;
use crate::domain::{Extensions, MemberRole, NodeKind, OrganizationId, Patch, text};
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;

/// A node of the organization, by its name there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Named {
    /// A profile of any kind, by its user name.
    Profile(String),
    /// A team or a group, by its slug.
    Collective(NodeKind, String),
    /// A role, by its slug.
    Role(String),
}

impl Named {
    /// The same name in the form by which names are compared.
    #[must_use]
    pub fn key(&self) -> Self {
        match self {
            Self::Profile(username) => Self::Profile(text::key(username)),
            Self::Collective(kind, slug) => Self::Collective(*kind, text::key(slug)),
            Self::Role(slug) => Self::Role(text::key(slug)),
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profile(username) => write!(f, "profile {username}"),
            Self::Collective(kind, slug) => write!(f, "{kind} {slug}"),
            Self::Role(slug) => write!(f, "role {slug}"),
        }
    }
}

/// One thing that is to be so.
#[derive(Debug, Clone, Serialize)]
pub enum ImportRecord {
    /// What the organization itself is.
    Organization(ImportedOrganization),
    /// Below which organization it hangs, if any.
    OrganizationParent(Option<OrganizationId>),
    /// A team or a group.
    Collective(ImportedCollective),
    /// A role.
    Role(ImportedRole),
    /// A user, a service account or a bot.
    Profile(Box<ImportedProfile>),
    /// Below which of its kind a team or a group hangs, if any.
    Parent {
        /// The team or group.
        child: Named,
        /// What it hangs below.
        parent: Option<Named>,
    },
    /// To whom a profile reports, if to anybody.
    Manager {
        /// The user name of who reports.
        report: String,
        /// The user name of the manager.
        manager: Option<String>,
    },
    /// Who answers for a service account or bot, if anybody does.
    Owner {
        /// The user name of the service account or bot.
        owned: String,
        /// The user or team.
        owner: Option<Named>,
    },
    /// Who is in a team or a group.
    Membership(ImportedMembership),
    /// Who has a role.
    Grant(ImportedGrant),
}

impl ImportRecord {
    /// About how many bytes the record takes in memory.
    #[must_use]
    pub fn footprint(&self) -> usize {
        match self {
            Self::Profile(profile) => 3_072 + 1_024 * profile.identities.len(),
            _ => 400,
        }
    }

    /// The team or group that a membership changes; none for other records.
    #[must_use]
    pub const fn container(&self) -> Option<&Named> {
        match self {
            Self::Membership(membership) => Some(&membership.container),
            _ => None,
        }
    }
}

/// An organization.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ImportedOrganization {
    /// Name to show.
    pub name: Patch<String>,
    /// What the organization is.
    pub description: Patch<String>,
    /// Free JSON; replaces what there was.
    pub metadata: Patch<Map<String, Value>>,
    /// What it declares of its profiles, teams and groups; withdraws what it does not name.
    pub extensions: Patch<Extensions>,
}

/// A team or a group.
#[derive(Debug, Clone, Serialize)]
pub struct ImportedCollective {
    /// Team or group.
    pub kind: NodeKind,
    /// The slug, which says which one.
    pub slug: String,
    /// Name to show; the slug if cleared.
    pub name: Patch<String>,
    /// What it is for.
    pub description: Patch<String>,
    /// A free word for what kind of team or group it is.
    pub category: Patch<String>,
    /// Free JSON; replaces what there was.
    pub metadata: Patch<Map<String, Value>>,
    /// The ids by which clients of the directory know it; replaces what there was.
    pub external_ids: Patch<Vec<ExternalId>>,
    /// The values of declared attributes, by the URN of their schema; replaces what there was.
    pub extensions: Patch<Map<String, Value>>,
}

/// A role.
#[derive(Debug, Clone, Serialize)]
pub struct ImportedRole {
    /// The slug, which says which one.
    pub slug: String,
    /// Name to show; the slug if cleared.
    pub name: Patch<String>,
    /// What the role allows.
    pub description: Patch<String>,
    /// Whether whoever has it can do harm.
    pub privileged: Patch<bool>,
    /// Free JSON; replaces what there was.
    pub metadata: Patch<Map<String, Value>>,
}

/// A user, a service account or a bot.
#[derive(Debug, Clone, Serialize)]
pub struct ImportedProfile {
    /// User, service account or bot.
    pub kind: NodeKind,
    /// The user name, which says which one.
    pub username: String,
    /// Everything that a profile patch can say.
    pub fields: ProfilePatch,
    /// The address to use. It is the only one unless the profile uses it already.
    pub email: Patch<String>,
    /// Where the profile stands in its life; active if cleared.
    pub status: Patch<ProfileStatus>,
    /// Why it stands there.
    pub status_reason: Patch<String>,
    /// Accounts that belong to the profile. Others that belong to it stay.
    pub identities: Vec<ImportedIdentity>,
}

/// An account at another provider.
#[derive(Debug, Clone, Serialize)]
pub struct ImportedIdentity {
    /// The provider.
    pub provider: String,
    /// The provider's environment.
    pub environment: String,
    /// The provider's id of the account.
    pub account_id: String,
    /// What else is known of it.
    pub fields: IdentityPatch,
}

/// A membership.
#[derive(Debug, Clone, Serialize)]
pub struct ImportedMembership {
    /// The team or group.
    pub container: Named,
    /// The profile, team or group in it.
    pub member: Named,
    /// Lead or member; member if cleared.
    pub role: Patch<MemberRole>,
    /// Named functions; replace those there were.
    pub functions: Patch<Vec<String>>,
}

/// A role that somebody has.
#[derive(Debug, Clone, Serialize)]
pub struct ImportedGrant {
    /// The slug of the role.
    pub role: String,
    /// The profile or group.
    pub principal: Named,
}

/// A field as records spell it, from its name in the domain.
pub(super) fn spelling(field: &str) -> String {
    let mut spelling = String::with_capacity(field.len() + 4);
    for part in field.split_inclusive(['.', '[']) {
        let (name, end) = part.split_at(part.find(['.', '[']).unwrap_or(part.len()));
        match name {
            "accountId" => spelling.push_str("external_id"),
            "category" => spelling.push_str("kind"),
            "reason" => spelling.push_str("status_reason"),
            name => {
                for letter in name.chars() {
                    if letter.is_ascii_uppercase() {
                        spelling.push('_');
                    }
                    spelling.push(letter.to_ascii_lowercase());
                }
            }
        }
        spelling.push_str(end);
    }
    spelling
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_spelled_as_in_records() {
        for (domain, record) in [
            ("timeZone", "time_zone"),
            ("emails[0].value", "emails[0].value"),
            ("linked_identities[2].accountId", "linked_identities[2].external_id"),
            ("addresses[1].postalCode", "addresses[1].postal_code"),
            ("category", "kind"),
            ("reason", "status_reason"),
        ] {
            assert_eq!(spelling(domain), record);
        }
    }
}
