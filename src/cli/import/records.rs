//! From what a line says to the records that commands take.

use super::super::wire::{
    CollectiveLine, ExternalIdLine, GrantLine, IdentityLine, Line, MembershipLine, NameLine, OrganizationLine, Problem,
    ProfileLine, RoleLine,
};
use crate::domain::contact::{Address, Email, ExternalId, Phone};
use crate::domain::identity::DEFAULT_ENVIRONMENT;
use crate::domain::{NodeKind, Patch, text};
use crate::resolvers::command::{
    IdentityPatch, ImportRecord, ImportedCollective, ImportedGrant, ImportedIdentity, ImportedMembership,
    ImportedOrganization, ImportedProfile, ImportedRole, NamePatch, Named, ProfilePatch,
};

/// What a line of an organization's directory comes to.
pub(super) struct Records {
    /// What the line is about, for everything in the organization.
    pub(super) subject: String,
    /// What is to exist.
    pub(super) node: Option<ImportRecord>,
    /// How it is to be connected, once everything exists.
    pub(super) relations: Vec<ImportRecord>,
}

/// The records of a line, unless it is one about an organization itself.
pub(super) fn of(line: Line) -> Result<Records, Problem> {
    match line {
        Line::Team(line) => Ok(collective(NodeKind::Team, line)),
        Line::Group(line) => Ok(collective(NodeKind::Group, line)),
        Line::Role(line) => Ok(role(line)),
        Line::User(line) => profile(NodeKind::User, *line),
        Line::ServiceAccount(line) => profile(NodeKind::ServiceAccount, *line),
        Line::Bot(line) => profile(NodeKind::Bot, *line),
        Line::Membership(line) => membership(line),
        Line::Grant(line) => grant(line),
        Line::Organization(_) => Err(Problem::new("An organization belongs to no other one's directory.")),
    }
}

/// What a line says about an organization.
pub(super) fn organization(line: &OrganizationLine) -> ImportRecord {
    ImportRecord::Organization(ImportedOrganization {
        name: line.name.clone(),
        description: line.description.clone(),
        metadata: line.metadata.clone(),
        extensions: line.extensions.clone(),
    })
}

fn collective(kind: NodeKind, line: CollectiveLine) -> Records {
    let child = Named::Collective(kind, line.slug.clone());
    let subject = subject(&[&child]);
    let parent = match line.parent {
        Patch::Absent => None,
        Patch::Null => Some(ImportRecord::Parent { child, parent: None }),
        Patch::Value(parent) => Some(ImportRecord::Parent { child, parent: Some(Named::Collective(kind, parent)) }),
    };
    let node = ImportRecord::Collective(ImportedCollective {
        kind,
        slug: line.slug,
        name: line.name,
        description: line.description,
        category: line.kind,
        metadata: line.metadata,
        external_ids: map_each(line.external_ids, external_id),
        extensions: line.extensions,
    });
    Records { subject, node: Some(node), relations: parent.into_iter().collect() }
}

fn role(line: RoleLine) -> Records {
    let subject = subject(&[&Named::Role(line.slug.clone())]);
    let node = ImportRecord::Role(ImportedRole {
        slug: line.slug,
        name: line.name,
        description: line.description,
        privileged: line.privileged,
        metadata: line.metadata,
    });
    Records { subject, node: Some(node), relations: Vec::new() }
}

fn profile(kind: NodeKind, line: ProfileLine) -> Result<Records, Problem> {
    if line.email != Patch::Absent && line.emails != Patch::Absent {
        return Err(Problem::at("email", "The line has both email and emails; leave one of them out."));
    }
    let subject = subject(&[&Named::Profile(line.username.clone())]);
    let mut relations = Vec::new();
    let manager = match &line.manager {
        Patch::Absent => None,
        Patch::Null => Some(None),
        Patch::Value(manager) => Some(Some(manager.clone())),
    };
    relations.extend(manager.map(|manager| ImportRecord::Manager { report: line.username.clone(), manager }));
    let owner = owner(&line)?;
    relations.extend(owner.map(|owner| ImportRecord::Owner { owned: line.username.clone(), owner }));
    let identities = match line.linked_identities {
        Patch::Value(identities) => identities.into_iter().map(identity).collect(),
        Patch::Absent | Patch::Null => Vec::new(),
    };
    let fields = ProfilePatch {
        username: None,
        name: line.name.map(name),
        emails: map_each(line.emails, |line| Email {
            value: line.value,
            label: line.label,
            primary: line.primary,
            verified: line.verified,
        }),
        phones: map_each(line.phones, |line| Phone { value: line.value, label: line.label, primary: line.primary }),
        addresses: map_each(line.addresses, |line| Address {
            label: line.label,
            formatted: line.formatted,
            street: line.street,
            locality: line.locality,
            region: line.region,
            postal_code: line.postal_code,
            country: line.country,
            primary: line.primary,
        }),
        avatar: line.avatar,
        locale: line.locale,
        time_zone: line.time_zone,
        title: line.title,
        department: line.department,
        employee_number: line.employee_number,
        tags: line.tags,
        metadata: line.metadata,
        external_ids: map_each(line.external_ids, external_id),
        details: line.details.map(Into::into),
        extensions: line.extensions,
    };
    let node = ImportRecord::Profile(Box::new(ImportedProfile {
        kind,
        username: line.username,
        fields,
        email: line.email,
        status: line.status,
        status_reason: line.status_reason,
        identities,
    }));
    Ok(Records { subject, node: Some(node), relations })
}

/// What a line says about an owner: nothing, that there is none, or which.
fn owner(line: &ProfileLine) -> Result<Option<Option<Named>>, Problem> {
    match (&line.owner_user, &line.owner_team) {
        (Patch::Value(_), Patch::Value(_)) => {
            Err(Problem::at("owner_team", "The line names two owners; leave one of them out."))
        }
        (Patch::Value(user), _) => Ok(Some(Some(Named::Profile(user.clone())))),
        (_, Patch::Value(team)) => Ok(Some(Some(Named::Collective(NodeKind::Team, team.clone())))),
        (Patch::Absent, Patch::Absent) => Ok(None),
        _ => Ok(Some(None)),
    }
}

fn name(line: NameLine) -> NamePatch {
    match line {
        NameLine::Display(name) => NamePatch { display: Patch::Value(name), ..NamePatch::default() },
        NameLine::Parts(parts) => NamePatch {
            display: parts.display,
            given: parts.given,
            family: parts.family,
            middle: parts.middle,
            formatted: parts.formatted,
            honorific_prefix: parts.honorific_prefix,
            honorific_suffix: parts.honorific_suffix,
        },
    }
}

fn identity(line: IdentityLine) -> ImportedIdentity {
    let fields = IdentityPatch {
        username: line.username,
        email: line.email,
        verified: or_default(line.verified),
        status: or_default(line.status),
        mfa_state: or_default(line.mfa_state),
        mfa_methods: line.mfa_methods,
        provider_risk: line.provider_risk,
        metadata: line.metadata,
    };
    ImportedIdentity {
        provider: line.provider,
        environment: line.environment.unwrap_or_else(|| DEFAULT_ENVIRONMENT.to_owned()),
        account_id: line.external_id,
        fields,
    }
}

fn membership(line: MembershipLine) -> Result<Records, Problem> {
    let team = line.team.map(|slug| Named::Collective(NodeKind::Team, slug));
    let group = line.group.map(|slug| Named::Collective(NodeKind::Group, slug));
    let container = exactly_one([team, group], "Name one team or group.")?;
    let user = line.user.map(Named::Profile);
    let team = line.member_team.map(|slug| Named::Collective(NodeKind::Team, slug));
    let group = line.member_group.map(|slug| Named::Collective(NodeKind::Group, slug));
    let member = exactly_one([user, team, group], "Name one user, member_team or member_group.")?;
    let subject = subject(&[&container, &member]);
    let membership = ImportedMembership { container, member, role: line.role, functions: line.functions };
    Ok(Records { subject, node: None, relations: vec![ImportRecord::Membership(membership)] })
}

fn grant(line: GrantLine) -> Result<Records, Problem> {
    let group = line.group.map(|slug| Named::Collective(NodeKind::Group, slug));
    let principal = exactly_one([line.user.map(Named::Profile), group], "Name one user or group.")?;
    let subject = subject(&[&Named::Role(line.role.clone()), &principal]);
    let grant = ImportedGrant { role: line.role, principal };
    Ok(Records { subject, node: None, relations: vec![ImportRecord::Grant(grant)] })
}

/// What identifies what a line is about, whatever the spelling.
fn subject(names: &[&Named]) -> String {
    // The unit separator, which no name contains, keeps "a b" and "c" apart from "a" and "b c".
    let names: Vec<String> = names.iter().map(|name| name.key().to_string()).collect();
    names.join("\u{1f}")
}

/// What identifies what a line about an organization is about.
pub(super) fn subject_of_organization(slug: &str) -> String {
    format!("organization {}", text::key(slug))
}

fn exactly_one<const N: usize>(names: [Option<Named>; N], otherwise: &str) -> Result<Named, Problem> {
    let mut names = names.into_iter().flatten();
    match (names.next(), names.next()) {
        (Some(name), None) => Ok(name),
        _ => Err(Problem::new(otherwise)),
    }
}

fn external_id(line: ExternalIdLine) -> ExternalId {
    ExternalId { client: line.client, value: line.value }
}

fn map_each<T, U>(patch: Patch<Vec<T>>, turn: impl Fn(T) -> U) -> Patch<Vec<U>> {
    patch.map(|values| values.into_iter().map(&turn).collect())
}

/// For fields that always have a value: what clears them sets them to what they are in the beginning.
fn or_default<T: Default>(patch: Patch<T>) -> Option<T> {
    match patch {
        Patch::Absent => None,
        Patch::Null => Some(T::default()),
        Patch::Value(value) => Some(value),
    }
}
