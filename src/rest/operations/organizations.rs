//! Organizations: list, get, make, change, delete; their hierarchy, members and history.

use super::ORGANIZATIONS;
use super::lists::{self, NAMED, order};
use super::search::ProfileSearch;
use crate::domain::{self, Extensions, NodeId, NodeKind, Patch};
use crate::resolvers::command::{CreateOrganization, DeleteNode, SetParent, UpdateOrganization};
use crate::resolvers::query::questions::Ancestors;
use crate::resolvers::query::relation::CHILDREN;
use crate::rest::Call;
use crate::rest::around::{Shown, changed, entity};
use crate::rest::input::{IdempotencyKey, IfMatch, Json, MergePatch, Paging, Query};
use crate::rest::merge::{self, merged};
use crate::rest::model::collective::NewParent;
use crate::rest::model::event::Event;
use crate::rest::model::organization::{NewOrganization, Organization, OrganizationChange};
use crate::rest::model::profile::Profile;
use crate::rest::operation::{Method, Operation};
use crate::rest::outcome::{Changed, Created, Done, Found, Gone, Listed};
use crate::rest::refusal::Result;
use crate::store::{Listing, Order};
use schemars::JsonSchema;
use serde::Deserialize;
use std::marker::PhantomData;

/// In which order.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Sorted {
    /// By what they are sorted: `created_at` (unless given), `updated_at` or `name`; with a minus in front, the other way
    /// round.
    pub(super) sort: Option<String>,
}

/// What there is to do with organizations.
pub(super) fn operations() -> Vec<Operation> {
    const ONE: &str = "/v1/organizations/{id}";
    vec![
        Operation::new(Method::Get, "/v1/organizations", list).named(
            ORGANIZATIONS,
            "listOrganizations",
            "List the organizations that the credential sees",
        ),
        Operation::new(Method::Post, "/v1/organizations", create)
            .named(ORGANIZATIONS, "createOrganization", "Make an organization")
            .described("Needs the role owner, and a credential that is not confined to one organization."),
        Operation::new(Method::Get, ONE, get).named(ORGANIZATIONS, "getOrganization", "Get an organization"),
        Operation::new(Method::Patch, ONE, update)
            .named(ORGANIZATIONS, "updateOrganization", "Change an organization")
            .described("Needs the role admin."),
        Operation::new(Method::Delete, ONE, delete)
            .named(ORGANIZATIONS, "deleteOrganization", "Delete an organization")
            .described("Its credentials work no more. Needs the role owner."),
        Operation::new(Method::Put, "/v1/organizations/{id}/parent", set_parent)
            .named(ORGANIZATIONS, "setParentOfOrganization", "Hang an organization below another")
            .described("Needs the role owner, and a credential that is not confined to one organization."),
        Operation::new(Method::Get, "/v1/organizations/{id}/members", members)
            .named(ORGANIZATIONS, "listMembersOfOrganization", "List the profiles of an organization")
            .described("The same as the profiles with `organization`."),
        Operation::new(Method::Get, "/v1/organizations/{id}/children", children).named(
            ORGANIZATIONS,
            "listChildrenOfOrganization",
            "List the organizations directly below one",
        ),
        Operation::new(Method::Get, "/v1/organizations/{id}/ancestors", ancestors).named(
            ORGANIZATIONS,
            "listAncestorsOfOrganization",
            "List the organizations above one, the nearest first",
        ),
        Operation::new(Method::Get, "/v1/organizations/{id}/history", history)
            .named(
                ORGANIZATIONS,
                "listHistoryOfOrganization",
                "List what was done to an organization, the newest first",
            )
            .described("Needs the role admin and the scope `history:read`."),
    ]
}

async fn list(call: Call, (Query(sorted), paging): (Query<Sorted>, Paging)) -> Result<Listed<Organization>> {
    let order = order(sorted.sort.as_deref(), NAMED)?;
    let slice = call.reader().organizations(order, &paging.page(order.tag())?).await?;
    let next = slice.items.last().filter(|_| slice.has_next).map(|last| last.cursor(order).encode());
    let nodes: Vec<_> = slice.items.into_iter().map(std::sync::Arc::new).collect();
    Ok(Listed::new(&call, Organization::show(&call, &nodes).await?, next))
}

async fn create(
    call: Call,
    (IdempotencyKey(key), Json(new)): (IdempotencyKey, Json<NewOrganization>),
) -> Result<Created<Organization>> {
    let command = CreateOrganization {
        name: new.name.unwrap_or_else(|| new.slug.clone()),
        slug: new.slug,
        description: new.description,
        metadata: new.metadata,
        extensions: Extensions::default(),
        parent: parent(new.parent_id.as_deref(), NodeKind::Organization)?,
    };
    let id = call.run(command, key).await?;
    Ok(Created { location: format!("/v1/organizations/{id}"), entity: changed(&call, id).await? })
}

async fn get(call: Call, (): ()) -> Result<Found<Organization>> {
    let organization = call.organization().await?;
    let missing = || domain::Error::not_found("id", "organization");
    Ok(Found(entity(&call, organization).await?.ok_or_else(missing)?))
}

async fn update(
    call: Call,
    (IfMatch(expected), MergePatch(change)): (IfMatch, MergePatch<OrganizationChange>),
) -> Result<Changed<Organization>> {
    let id = organization_id(&call).await?;
    let command = |current: Option<&domain::Organization>, expected_version| {
        Ok(UpdateOrganization {
            id,
            expected_version,
            slug: change.slug.clone(),
            name: change.name.clone(),
            description: change.description.0.clone(),
            metadata: merged(current.map(|organization| &organization.metadata), change.metadata.0.clone()),
        })
    };
    let version = |organization: &domain::Organization| organization.meta.version;
    let depends = matches!(change.metadata.0, Patch::Value(_));
    let id = merge::change(&call, (id, expected), depends, (version, command)).await?;
    Ok(Changed(changed(&call, id).await?))
}

async fn delete(call: Call, IfMatch(expected_version): IfMatch) -> Result<Gone> {
    let id = organization_id(&call).await?;
    call.run(DeleteNode { id, expected_version, reason: None }, None).await?;
    Ok(Gone)
}

async fn set_parent(
    call: Call,
    (IfMatch(expected_version), Json(new)): (IfMatch, Json<NewParent>),
) -> Result<Changed<Organization>> {
    let id = organization_id(&call).await?;
    let parent = parent(new.parent_id.0.as_deref(), NodeKind::Organization)?;
    let id = call.run(SetParent { id, expected_version, parent }, None).await?;
    Ok(Changed(changed(&call, id).await?))
}

async fn members(
    call: Call,
    (Query(sorted), Query(search), paging): (Query<Sorted>, Query<ProfileSearch>, Paging),
) -> Result<Listed<Profile>> {
    let organization = call.organization().await?.id;
    let order: Order = order(sorted.sort.as_deref(), NAMED)?;
    lists::of_organization(&call, organization, (search.filter()?, order), &paging).await
}

async fn children(call: Call, paging: Paging) -> Result<Listed<Organization>> {
    let organization = call.organization().await?;
    lists::shown_next_to(&call, CHILDREN, organization.id.node(), &paging).await
}

async fn ancestors(call: Call, (): ()) -> Result<Done<Vec<Organization>>> {
    let id = call.organization().await?.id.0;
    let question = Ancestors::<domain::Organization> { of: PhantomData };
    let chain = call.reader().ask(&question, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(Done(Organization::show(&call, &chain).await?))
}

async fn history(call: Call, paging: Paging) -> Result<Listed<Event>> {
    let id = call.organization().await?.id;
    lists::history(&call, (id, id.node()), &paging).await
}

/// The organization that the path names. One that is named by its id need not be read to be changed.
async fn organization_id(call: &Call) -> Result<NodeId> {
    match call.id("id", &[NodeKind::Organization]) {
        Ok(id) => Ok(id),
        Err(_) => Ok(call.organization().await?.id.node()),
    }
}

/// The parent that a body names, if it names one.
pub(super) fn parent(id: Option<&str>, kind: NodeKind) -> Result<Option<NodeId>> {
    Ok(id.map(|id| NodeId::parse_as(id, &[kind], "parent_id")).transpose()?)
}
