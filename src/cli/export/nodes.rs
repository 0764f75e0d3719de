//! Lines of organizations, teams, groups, roles and profiles.

use super::pages;
use crate::cli::wire::{
    AddressLine, CollectiveLine, EmailLine, ExternalIdLine, IdentityLine, NameLine, NamePartsLine, OrganizationLine,
    PhoneLine, ProfileLine, RoleLine,
};
use crate::domain::contact::ExternalId;
use crate::domain::details::Details;
use crate::domain::identity::{DEFAULT_ENVIRONMENT, IdentityStatus, MfaState};
use crate::domain::profile::{PersonName, ProfileStatus};
use crate::domain::{
    Collective, EdgeKind, LinkedIdentity, NodeId, NodeKind, Organization, Patch, Profile, Result, Role,
};
use crate::resolvers::Reader;
use crate::store::Side;
use serde_json::{Map, Value};

/// The lines of organizations, with their parents.
pub(super) async fn organizations(
    reader: Reader<'_>,
    organizations: Vec<Organization>,
) -> Result<Vec<OrganizationLine>> {
    let ids: Vec<NodeId> = organizations.iter().map(|organization| organization.id.node()).collect();
    let parents = pages::all::<Organization>(reader, (EdgeKind::Parent, Side::Out), &ids).await?;
    let line = |organization: &Organization| {
        let parent = parents.get(&organization.id.0).and_then(|parents| parents.first());
        self::organization(organization, parent)
    };
    Ok(organizations.iter().map(line).collect())
}

/// The line of an organization.
pub(super) fn organization(organization: &Organization, parent: Option<&Organization>) -> OrganizationLine {
    OrganizationLine {
        slug: organization.slug.clone(),
        name: Patch::Value(organization.name.clone()),
        parent: parent.map(|parent| parent.slug.clone()).into(),
        description: organization.description.clone().into(),
        metadata: object(&organization.metadata),
        extensions: if organization.extensions.is_empty() {
            Patch::Absent
        } else {
            Patch::Value(organization.extensions.clone())
        },
    }
}

/// The lines of teams or groups, with their parents.
pub(super) async fn collectives(
    reader: Reader<'_>,
    organization: &Organization,
    collectives: Vec<Collective>,
) -> Result<Vec<CollectiveLine>> {
    let ids: Vec<NodeId> = collectives.iter().map(|collective| collective.id).collect();
    let parents = pages::all::<Collective>(reader, (EdgeKind::Parent, Side::Out), &ids).await?;
    let line = |collective: Collective| {
        let parent = parents.get(&collective.id.uuid).and_then(|parents| parents.first());
        CollectiveLine {
            organization: Some(organization.slug.clone()),
            slug: collective.slug,
            name: Patch::Value(collective.name),
            kind: collective.category.into(),
            parent: parent.map(|parent| parent.slug.clone()).into(),
            description: collective.description.into(),
            metadata: object(&collective.metadata),
            external_ids: list(&collective.external_ids, external_id),
            extensions: object(&collective.extensions),
        }
    };
    Ok(collectives.into_iter().map(line).collect())
}

/// The line of a role.
pub(super) fn role(organization: &Organization, role: Role) -> RoleLine {
    RoleLine {
        organization: Some(organization.slug.clone()),
        slug: role.slug,
        name: Patch::Value(role.name),
        description: role.description.into(),
        privileged: role.privileged.then_some(true).into(),
        metadata: object(&role.metadata),
    }
}

/// The lines of profiles, with managers, owners and accounts.
pub(super) async fn profiles(
    reader: Reader<'_>,
    organization: &Organization,
    profiles: Vec<Profile>,
) -> Result<Vec<(NodeKind, ProfileLine)>> {
    let ids: Vec<NodeId> = profiles.iter().map(|profile| profile.id).collect();
    let accounts = pages::all::<LinkedIdentity>(reader, (EdgeKind::Link, Side::In), &ids).await?;
    let managers = pages::all::<Profile>(reader, (EdgeKind::Manager, Side::Out), &ids).await?;
    let owned: Vec<NodeId> = ids.into_iter().filter(|id| id.kind != NodeKind::User).collect();
    let users = pages::all::<Profile>(reader, (EdgeKind::Owner, Side::Out), &owned).await?;
    let teams = pages::all::<Collective>(reader, (EdgeKind::Owner, Side::Out), &owned).await?;
    let line = |profile: Profile| {
        let id = profile.id;
        let manager = managers.get(&id.uuid).and_then(|managers| managers.first());
        let owner_user = users.get(&id.uuid).and_then(|users| users.first());
        let owner_team = teams.get(&id.uuid).and_then(|teams| teams.first());
        let line = ProfileLine {
            organization: Some(organization.slug.clone()),
            manager: manager.map(|manager| manager.username.clone()).into(),
            owner_user: owner_user.map(|user| user.username.clone()).into(),
            owner_team: owner_team.map(|team| team.slug.clone()).into(),
            ..self::profile(profile, accounts.get(&id.uuid).map_or(&[], Vec::as_slice))
        };
        (id.kind, line)
    };
    Ok(profiles.into_iter().map(line).collect())
}

/// What a profile says by itself, and its accounts.
fn profile(profile: Profile, accounts: &[LinkedIdentity]) -> ProfileLine {
    let (email, emails) = match profile.emails.as_slice() {
        [email] if email.primary && !email.verified && email.label.is_none() => {
            (Patch::Value(email.value.clone()), Patch::Absent)
        }
        emails => (
            Patch::Absent,
            list(emails, |email| EmailLine {
                value: email.value.clone(),
                label: email.label.clone(),
                primary: email.primary,
                verified: email.verified,
            }),
        ),
    };
    ProfileLine {
        username: profile.username,
        name: name(profile.name),
        email,
        emails,
        phones: list(&profile.phones, |phone| PhoneLine {
            value: phone.value.clone(),
            label: phone.label.clone(),
            primary: phone.primary,
        }),
        addresses: list(&profile.addresses, |address| AddressLine {
            label: address.label.clone(),
            formatted: address.formatted.clone(),
            street: address.street.clone(),
            locality: address.locality.clone(),
            region: address.region.clone(),
            postal_code: address.postal_code.clone(),
            country: address.country.clone(),
            primary: address.primary,
        }),
        avatar: profile.avatar.into(),
        locale: profile.locale.into(),
        time_zone: profile.time_zone.into(),
        title: profile.title.into(),
        department: profile.department.into(),
        employee_number: profile.employee_number.into(),
        status: Some(profile.status).filter(|status| *status != ProfileStatus::Active).into(),
        status_reason: profile.status_reason.into(),
        tags: list(&profile.tags, String::clone),
        metadata: object(&profile.metadata),
        external_ids: list(&profile.external_ids, external_id),
        details: Some(profile.details).filter(|details| *details != Details::default()).map(Into::into).into(),
        extensions: object(&profile.extensions),
        linked_identities: list(accounts, identity),
        ..ProfileLine::default()
    }
}

fn name(name: PersonName) -> Patch<NameLine> {
    match name {
        name if name == PersonName::default() => Patch::Absent,
        PersonName {
            display: Some(display),
            given: None,
            family: None,
            middle: None,
            formatted: None,
            honorific_prefix: None,
            honorific_suffix: None,
        } => Patch::Value(NameLine::Display(display)),
        name => Patch::Value(NameLine::Parts(Box::new(NamePartsLine {
            display: name.display.into(),
            given: name.given.into(),
            family: name.family.into(),
            middle: name.middle.into(),
            formatted: name.formatted.into(),
            honorific_prefix: name.honorific_prefix.into(),
            honorific_suffix: name.honorific_suffix.into(),
        }))),
    }
}

fn identity(identity: &LinkedIdentity) -> IdentityLine {
    let environment = Some(identity.environment.clone());
    IdentityLine {
        provider: identity.provider.clone(),
        environment: environment.filter(|environment| environment != DEFAULT_ENVIRONMENT),
        external_id: identity.account_id.clone(),
        username: identity.username.clone().into(),
        email: identity.email.clone().into(),
        verified: identity.verified.then_some(true).into(),
        status: Some(identity.status).filter(|status| *status != IdentityStatus::Active).into(),
        mfa_state: Some(identity.mfa_state).filter(|state| *state != MfaState::Unknown).into(),
        mfa_methods: list(&identity.mfa_methods, Clone::clone),
        provider_risk: identity.provider_risk.into(),
        metadata: object(&identity.metadata),
    }
}

fn external_id(id: &ExternalId) -> ExternalIdLine {
    ExternalIdLine { client: id.client.clone(), value: id.value.clone() }
}

/// A list, unless it is empty.
fn list<T, U>(values: &[T], line: impl Fn(&T) -> U) -> Patch<Vec<U>> {
    if values.is_empty() { Patch::Absent } else { Patch::Value(values.iter().map(line).collect()) }
}

/// An object, unless it is empty.
fn object(fields: &Map<String, Value>) -> Patch<Map<String, Value>> {
    if fields.is_empty() { Patch::Absent } else { Patch::Value(fields.clone()) }
}
