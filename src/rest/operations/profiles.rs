//! Profiles: list, search, get, make, change, disable, enable, delete; their teams, groups and history.

pub mod links;

use super::PROFILES;
use super::lists::{self, order};
use super::search::ProfileSearch;
use crate::domain;
use crate::domain::profile::ProfileStatus;
use crate::domain::{NodeId, NodeKind};
use crate::resolvers::command::{
    CreateProfile, DeleteNode, DisableProfile, EnableProfile, ProfilePatch, UpdateProfile,
};
use crate::resolvers::query::relation;
use crate::rest::around::{changed, found, member_of};
use crate::rest::call::Call;
use crate::rest::input::{IdempotencyKey, IfMatch, Json, MaybeJson, MergePatch, Paging, Query};
use crate::rest::merge;
use crate::rest::model::event::Event;
use crate::rest::model::member::MemberOf;
use crate::rest::model::profile::{NewProfile, NewStatus, Profile, ProfileChange};
use crate::rest::operation::{Method, Operation};
use crate::rest::outcome::{Changed, Created, Found, Gone, Listed};
use crate::rest::refusal::Result;
use crate::store::{Reach, SortField};
use schemars::JsonSchema;
use serde::Deserialize;

/// What profiles are sorted by.
const SORTED_BY: &[(&str, SortField)] = &[
    ("created_at", SortField::CreatedAt),
    ("updated_at", SortField::UpdatedAt),
    ("name", SortField::Name),
    ("username", SortField::Username),
];

/// Of which organization, and in which order.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Among {
    /// The slug or public id of the organization; that of the credential unless given.
    organization: Option<String>,
    /// By what they are sorted: `created_at` (unless given), `updated_at`, `name` or `username`; with a minus in front,
    /// the other way round.
    sort: Option<String>,
}

/// Whether what is reached through others counts.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Through {
    /// Also those that it is in through others, ordered by id.
    #[serde(default)]
    pub(super) transitive: bool,
}

/// Why somebody is barred.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    /// Why; becomes part of the history.
    #[schemars(length(min = 1))]
    pub(super) reason: String,
}

/// Why something is done, if there is anything to say.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MaybeReason {
    /// Why; becomes part of the history.
    pub(super) reason: Option<String>,
}

/// What there is to do with profiles.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::Get, "/v1/profiles", list)
            .named(PROFILES, "listProfiles", "List profiles, or search them by an attribute")
            .described("The profiles of one organization. Needs the role reader; who has no role sees none."),
        Operation::new(Method::Post, "/v1/profiles", create)
            .named(PROFILES, "createProfile", "Make a profile")
            .described("Needs the role editor."),
        Operation::new(Method::Get, "/v1/profiles/{id}", get)
            .named(PROFILES, "getProfile", "Get a profile")
            .described("The id of a profile that was merged into another leads to that one."),
        Operation::new(Method::Patch, "/v1/profiles/{id}", update)
            .named(PROFILES, "updateProfile", "Change a profile")
            .described(
                "Needs the role editor; profiles may change names, avatar, locale, time zone and phones of their own.",
            ),
        Operation::new(Method::Delete, "/v1/profiles/{id}", delete)
            .named(PROFILES, "deleteProfile", "Delete a profile")
            .described(
                "It is gone from every list and look-up, and its user name is free again. Needs the role admin.",
            ),
        Operation::new(Method::Post, "/v1/profiles/{id}/disable", disable)
            .named(PROFILES, "disableProfile", "Bar a profile")
            .described("For good, unless somebody enables it again. Its sessions end. Needs the role admin."),
        Operation::new(Method::Post, "/v1/profiles/{id}/enable", enable)
            .named(PROFILES, "enableProfile", "Let a profile be used again")
            .described("Needs the role admin."),
        Operation::new(Method::Get, "/v1/profiles/{id}/teams", |call, input| memberships(call, input, NodeKind::Team))
            .named(PROFILES, "listTeamsOfProfile", "List the teams that a profile is in"),
        Operation::new(Method::Get, "/v1/profiles/{id}/groups", |call, input| {
            memberships(call, input, NodeKind::Group)
        })
        .named(PROFILES, "listGroupsOfProfile", "List the groups that a profile is in"),
        Operation::new(Method::Get, "/v1/profiles/{id}/history", history)
            .named(PROFILES, "listHistoryOfProfile", "List what was done to a profile, the newest first")
            .described("Needs the role admin and the scope `history:read`; profiles may read their own."),
    ]
}

async fn list(
    call: Call,
    (Query(among), Query(search), paging): (Query<Among>, Query<ProfileSearch>, Paging),
) -> Result<Listed<Profile>> {
    let organization = call.tenant(among.organization.as_deref(), "organization").await?;
    let order = order(among.sort.as_deref(), SORTED_BY)?;
    lists::of_organization(&call, organization, (search.filter()?, order), &paging).await
}

async fn create(
    call: Call,
    (IdempotencyKey(key), Json(new)): (IdempotencyKey, Json<NewProfile>),
) -> Result<Created<Profile>> {
    let command = CreateProfile {
        organization: call.tenant(new.organization.as_deref(), "organization").await?,
        kind: new.kind.map_or(NodeKind::User, Into::into),
        username: new.username.clone(),
        fields: new.patch(None)?,
        status: if matches!(new.status, Some(NewStatus::Staged)) {
            ProfileStatus::Staged
        } else {
            ProfileStatus::Active
        },
        manager: None,
        owner: None,
    };
    let id = call.run(command, key).await?;
    Ok(Created { location: format!("/v1/profiles/{id}"), entity: changed(&call, id).await? })
}

async fn get(call: Call, (): ()) -> Result<Found<Profile>> {
    Ok(Found(found(&call, profile_id(&call)?).await?))
}

async fn update(
    call: Call,
    (IfMatch(expected), MergePatch(change)): (IfMatch, MergePatch<ProfileChange>),
) -> Result<Changed<Profile>> {
    let id = profile_id(&call)?;
    let command = |current: Option<&domain::Profile>, expected_version| {
        let patch = ProfilePatch { username: change.username.clone(), ..change.patch(current)? };
        Ok(UpdateProfile { id, expected_version, patch })
    };
    let version = |profile: &domain::Profile| profile.meta.version;
    let id = merge::change(&call, (id, expected), change.needs_current(), (version, command)).await?;
    Ok(Changed(changed(&call, id).await?))
}

async fn delete(call: Call, IfMatch(expected_version): IfMatch) -> Result<Gone> {
    let command = DeleteNode { id: profile_id(&call)?, expected_version, reason: None };
    call.run(command, None).await?;
    Ok(Gone)
}

async fn disable(
    call: Call,
    (IfMatch(expected_version), IdempotencyKey(key), Json(Reason { reason })): (IfMatch, IdempotencyKey, Json<Reason>),
) -> Result<Changed<Profile>> {
    let id = call.run(DisableProfile { id: profile_id(&call)?, expected_version, reason }, key).await?;
    Ok(Changed(changed(&call, id).await?))
}

async fn enable(
    call: Call,
    (IfMatch(expected_version), IdempotencyKey(key), MaybeJson(MaybeReason { reason })): (
        IfMatch,
        IdempotencyKey,
        MaybeJson<MaybeReason>,
    ),
) -> Result<Changed<Profile>> {
    let id = call.run(EnableProfile { id: profile_id(&call)?, expected_version, reason }, key).await?;
    Ok(Changed(changed(&call, id).await?))
}

async fn memberships(
    call: Call,
    (Query(through), paging): (Query<Through>, Paging),
    kind: NodeKind,
) -> Result<Listed<MemberOf>> {
    let id = call.node::<domain::Profile>(profile_id(&call)?).await?.id;
    if through.transitive {
        let (found, next) = lists::reached(&call, Reach::EffectiveCollectives(kind), id, &paging).await?;
        return Ok(Listed::new(&call, found.iter().map(|found| member_of(found, None)).collect(), next));
    }
    let relation = if kind == NodeKind::Team { relation::TEAMS } else { relation::GROUPS };
    let (found, next) = lists::next_to(&call, relation, id, &paging).await?;
    let data = found.iter().map(|related| member_of(&related.node, Some(&related.edge))).collect();
    Ok(Listed::new(&call, data, next))
}

async fn history(call: Call, paging: Paging) -> Result<Listed<Event>> {
    let profile = call.node::<domain::Profile>(profile_id(&call)?).await?;
    lists::history(&call, (profile.organization, profile.id), &paging).await
}

/// The profile that the path names.
pub(super) fn profile_id(call: &Call) -> Result<NodeId> {
    call.id("id", &NodeKind::PROFILES)
}
