//! Lines of memberships and grants.

use crate::cli::wire::{GrantLine, MembershipLine};
use crate::domain::{Collective, NodeKind, Organization, Patch, Profile, Role};
use crate::store::Related;

/// The line of a profile in a team or group.
pub(super) fn profile_in(
    organization: &Organization,
    container: &Collective,
    member: &Related<Profile>,
) -> MembershipLine {
    let line = membership(organization, container, member);
    MembershipLine { user: Some(member.node.username.clone()), ..line }
}

/// The line of a team or group in a team or group.
pub(super) fn collective_in(
    organization: &Organization,
    container: &Collective,
    member: &Related<Collective>,
) -> MembershipLine {
    let line = membership(organization, container, member);
    let slug = Some(member.node.slug.clone());
    if member.node.id.kind == NodeKind::Group {
        MembershipLine { member_group: slug, ..line }
    } else {
        MembershipLine { member_team: slug, ..line }
    }
}

fn membership<T>(organization: &Organization, container: &Collective, member: &Related<T>) -> MembershipLine {
    let slug = Some(container.slug.clone());
    let (team, group) = if container.id.kind == NodeKind::Group { (None, slug) } else { (slug, None) };
    let facts = member.edge.member.clone().unwrap_or_default();
    MembershipLine {
        organization: Some(organization.slug.clone()),
        team,
        group,
        role: Patch::Value(facts.role),
        functions: Some(facts.functions).filter(|functions| !functions.is_empty()).into(),
        ..MembershipLine::default()
    }
}

/// The line of a role that a profile has.
pub(super) fn granted_to_profile(organization: &Organization, role: &Role, profile: &Profile) -> GrantLine {
    GrantLine { user: Some(profile.username.clone()), ..grant(organization, role) }
}

/// The line of a role that a group has.
pub(super) fn granted_to_group(organization: &Organization, role: &Role, group: &Collective) -> GrantLine {
    GrantLine { group: Some(group.slug.clone()), ..grant(organization, role) }
}

fn grant(organization: &Organization, role: &Role) -> GrantLine {
    GrantLine { organization: Some(organization.slug.clone()), role: role.slug.clone(), ..GrantLine::default() }
}
