//! Teams and groups: list, get, make, change, delete; their hierarchy and history.

use super::lists::{self, NAMED, order};
use super::organizations::parent;
use super::{GROUPS, TEAMS};
use crate::domain::{self, NodeId, NodeKind, Patch};
use crate::resolvers::command::{CreateCollective, DeleteNode, SetParent, UpdateCollective};
use crate::resolvers::query::questions::Ancestors;
use crate::resolvers::query::relation::CHILDREN;
use crate::rest::Call;
use crate::rest::around::{Shown, changed, found};
use crate::rest::input::{IdempotencyKey, IfMatch, Json, MergePatch, Paging, Query};
use crate::rest::merge::{self, merged};
use crate::rest::model::collective::{Collective, CollectiveChange, NewCollective, NewParent};
use crate::rest::model::event::Event;
use crate::rest::operation::{Method, Operation};
use crate::rest::outcome::{Changed, Created, Done, Found, Gone, Listed};
use crate::rest::refusal::Result;
use crate::store::{CollectiveFilter, Comparison};
use schemars::JsonSchema;
use serde::Deserialize;
use std::marker::PhantomData;

/// Of which organization, which, and in which order.
#[derive(Debug, Deserialize, JsonSchema)]
struct Among {
    /// The slug or public id of the organization; that of the credential unless given.
    organization: Option<String>,
    /// Only the one with this slug. Case does not count.
    #[serde(rename = "filter[slug]")]
    slug: Option<String>,
    /// Only those whose name begins so. Case and accents do not count.
    #[serde(rename = "filter[name]")]
    name: Option<String>,
    /// Only those at the top of the hierarchy.
    #[serde(rename = "filter[root]", default)]
    root: bool,
    /// By what they are sorted: `created_at` (unless given), `updated_at` or `name`; with a minus in front, the other way
    /// round.
    sort: Option<String>,
}

/// How teams, or groups, are called.
struct Names {
    kind: NodeKind,
    tag: &'static str,
    /// Where all of them are, one of them, and so on.
    paths: [&'static str; 6],
    /// The names of the operations.
    ids: [&'static str; 9],
    /// What the operations do.
    summaries: [&'static str; 9],
}

const TEAM: Names = Names {
    kind: NodeKind::Team,
    tag: TEAMS,
    paths: [
        "/v1/teams",
        "/v1/teams/{id}",
        "/v1/teams/{id}/parent",
        "/v1/teams/{id}/children",
        "/v1/teams/{id}/ancestors",
        "/v1/teams/{id}/history",
    ],
    ids: [
        "listTeams",
        "createTeam",
        "getTeam",
        "updateTeam",
        "deleteTeam",
        "setParentOfTeam",
        "listChildrenOfTeam",
        "listAncestorsOfTeam",
        "listHistoryOfTeam",
    ],
    summaries: [
        "List teams",
        "Make a team",
        "Get a team",
        "Change a team",
        "Delete a team",
        "Hang a team below another",
        "List the teams directly below a team",
        "List the teams above a team, the nearest first",
        "List what was done to a team, the newest first",
    ],
};

const GROUP: Names = Names {
    kind: NodeKind::Group,
    tag: GROUPS,
    paths: [
        "/v1/groups",
        "/v1/groups/{id}",
        "/v1/groups/{id}/parent",
        "/v1/groups/{id}/children",
        "/v1/groups/{id}/ancestors",
        "/v1/groups/{id}/history",
    ],
    ids: [
        "listGroups",
        "createGroup",
        "getGroup",
        "updateGroup",
        "deleteGroup",
        "setParentOfGroup",
        "listChildrenOfGroup",
        "listAncestorsOfGroup",
        "listHistoryOfGroup",
    ],
    summaries: [
        "List groups",
        "Make a group",
        "Get a group",
        "Change a group",
        "Delete a group",
        "Hang a group below another",
        "List the groups directly below a group",
        "List the groups above a group, the nearest first",
        "List what was done to a group, the newest first",
    ],
};

/// What there is to do with teams and groups.
pub(super) fn operations() -> Vec<Operation> {
    [TEAM, GROUP].into_iter().flat_map(of).collect()
}

fn of(Names { kind, tag, paths, ids, summaries }: Names) -> [Operation; 9] {
    let [all, one, above, below, ancestry, past] = paths;
    let editor = "Needs the role editor.";
    let admin = "Needs the role admin.";
    let operations = [
        Operation::new(Method::Get, all, move |call, input| list(call, input, kind)),
        Operation::new(Method::Post, all, move |call, input| create(call, input, kind)).described(editor),
        Operation::new(Method::Get, one, move |call, (): ()| get(call, kind)),
        Operation::new(Method::Patch, one, move |call, input| update(call, input, kind)).described(editor),
        Operation::new(Method::Delete, one, move |call, input| delete(call, input, kind)).described(admin),
        Operation::new(Method::Put, above, move |call, input| set_parent(call, input, kind)).described(editor),
        Operation::new(Method::Get, below, move |call, input| children(call, input, kind)),
        Operation::new(Method::Get, ancestry, move |call, (): ()| ancestors(call, kind)),
        Operation::new(Method::Get, past, move |call, input| history(call, input, kind))
            .described("Needs the role admin and the scope `history:read`."),
    ];
    let mut names = ids.into_iter().zip(summaries);
    operations.map(|operation| {
        let (id, summary) = names.next().unwrap_or_default();
        operation.named(tag, id, summary)
    })
}

async fn list(
    call: Call,
    (Query(among), paging): (Query<Among>, Paging),
    kind: NodeKind,
) -> Result<Listed<Collective>> {
    let organization = call.tenant(among.organization.as_deref(), "organization").await?;
    let filter = CollectiveFilter {
        kind: Some(kind),
        slug: among.slug.map(|slug| Comparison::In(vec![slug])),
        name: among.name.map(Comparison::Prefix),
        roots: among.root,
        condition: None,
    };
    let order = order(among.sort.as_deref(), NAMED)?;
    lists::of_organization(&call, organization, (filter, order), &paging).await
}

async fn create(
    call: Call,
    (IdempotencyKey(key), Json(new)): (IdempotencyKey, Json<NewCollective>),
    kind: NodeKind,
) -> Result<Created<Collective>> {
    let command = CreateCollective {
        organization: call.tenant(new.organization.as_deref(), "organization").await?,
        kind,
        slug: new.slug,
        name: new.name,
        description: new.description,
        category: new.category,
        metadata: new.metadata,
        external_ids: Vec::new(),
        extensions: serde_json::Map::new(),
        parent: parent(new.parent_id.as_deref(), kind)?,
    };
    let id = call.run(command, key).await?;
    let noun = if kind == NodeKind::Team { "teams" } else { "groups" };
    Ok(Created { location: format!("/v1/{noun}/{id}"), entity: changed(&call, id).await? })
}

async fn get(call: Call, kind: NodeKind) -> Result<Found<Collective>> {
    Ok(Found(found(&call, call.id("id", &[kind])?).await?))
}

async fn update(
    call: Call,
    (IfMatch(expected), MergePatch(change)): (IfMatch, MergePatch<CollectiveChange>),
    kind: NodeKind,
) -> Result<Changed<Collective>> {
    let id = call.id("id", &[kind])?;
    let command = |current: Option<&domain::Collective>, expected_version| {
        Ok(UpdateCollective {
            id,
            expected_version,
            slug: change.slug.clone(),
            name: change.name.clone(),
            description: change.description.0.clone(),
            category: change.category.0.clone(),
            metadata: merged(current.map(|collective| &collective.metadata), change.metadata.0.clone()),
            external_ids: Patch::Absent,
            extensions: Patch::Absent,
        })
    };
    let version = |collective: &domain::Collective| collective.meta.version;
    let depends = matches!(change.metadata.0, Patch::Value(_));
    let id = merge::change(&call, (id, expected), depends, (version, command)).await?;
    Ok(Changed(changed(&call, id).await?))
}

async fn delete(call: Call, IfMatch(expected_version): IfMatch, kind: NodeKind) -> Result<Gone> {
    let id = call.id("id", &[kind])?;
    call.run(DeleteNode { id, expected_version, reason: None }, None).await?;
    Ok(Gone)
}

async fn set_parent(
    call: Call,
    (IfMatch(expected_version), Json(new)): (IfMatch, Json<NewParent>),
    kind: NodeKind,
) -> Result<Changed<Collective>> {
    let id = call.id("id", &[kind])?;
    let parent = parent(new.parent_id.0.as_deref(), kind)?;
    let id = call.run(SetParent { id, expected_version, parent }, None).await?;
    Ok(Changed(changed(&call, id).await?))
}

async fn children(call: Call, paging: Paging, kind: NodeKind) -> Result<Listed<Collective>> {
    let id = existing(&call, kind).await?.id;
    lists::shown_next_to(&call, CHILDREN, id, &paging).await
}

async fn ancestors(call: Call, kind: NodeKind) -> Result<Done<Vec<Collective>>> {
    let id = existing(&call, kind).await?.id.uuid;
    let question = Ancestors::<domain::Collective> { of: PhantomData };
    let chain = call.reader().ask(&question, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(Done(Collective::show(&call, &chain).await?))
}

async fn history(call: Call, paging: Paging, kind: NodeKind) -> Result<Listed<Event>> {
    let collective = existing(&call, kind).await?;
    lists::history(&call, (collective.organization, collective.id), &paging).await
}

/// The team or group that the path names.
pub(super) async fn existing(call: &Call, kind: NodeKind) -> Result<std::sync::Arc<domain::Collective>> {
    let id: NodeId = call.id("id", &[kind])?;
    call.node(id).await
}
