//! Create, change, delete and restore organizations.

use super::super::failure::{Nullable, present};
use super::super::inputs::{JsonObject, new_object, node_id, node_id_or_none, object, patch};
use super::super::node::Node;
use super::super::organization::Organization;
use super::{answer, payload, run};
use crate::domain::{Extensions, NodeKind};
use crate::resolvers::command::{CreateOrganization, DeleteNode, RestoreNode, UpdateOrganization};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};

/// A new organization.
#[derive(Debug, Clone, InputObject)]
pub struct CreateOrganizationInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Short name, unique on the server: letters, digits, `-`, `_`, `.`.
    slug: String,
    /// Name to show; the slug unless given.
    name: Option<String>,
    /// What it is.
    description: Option<String>,
    /// Free JSON. At most 64 KiB.
    metadata: Option<JsonObject>,
    /// Public id of the organization it hangs below.
    parent_id: Option<ID>,
}

/// Changes to an organization. A field that is left out stays as it is; null clears it.
#[derive(Debug, Clone, InputObject)]
pub struct UpdateOrganizationInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Short name.
    slug: Option<String>,
    /// Name to show.
    name: Option<String>,
    /// What it is.
    description: MaybeUndefined<String>,
    /// Free JSON; replaces what there was.
    metadata: MaybeUndefined<JsonObject>,
}

/// An organization to delete.
#[derive(Debug, Clone, InputObject)]
pub struct DeleteOrganizationInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

/// An organization to restore.
#[derive(Debug, Clone, InputObject)]
pub struct RestoreOrganizationInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

payload!(CreateOrganizationPayload, "The new organization.", {
    /// The organization, as it is now.
    organization: Organization,
});
payload!(UpdateOrganizationPayload, "The changed organization.", {
    /// The organization, as it is now.
    organization: Organization,
});
payload!(RestoreOrganizationPayload, "The restored organization.", {
    /// The organization, as it is now.
    organization: Organization,
});
payload!(DeleteOrganizationPayload, "The deleted organization.", {
    /// Public id of what is deleted.
    deleted_id: ID,
});

/// Mutations of organizations.
#[derive(Default)]
pub struct OrganizationMutations;

/// Mutations of organizations.
#[Object]
impl OrganizationMutations {
    /// Creates an organization, which is a tenant of its own. Needs the role owner and a token that spans the server.
    async fn create_organization(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CreateOrganizationInput,
    ) -> Nullable<CreateOrganizationPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    CreateOrganizationPayload { organization: Node::Organization },
                    CreateOrganization {
                        name: input.name.unwrap_or_else(|| input.slug.clone()),
                        slug: input.slug,
                        description: input.description,
                        metadata: new_object(input.metadata, "metadata")?,
                        extensions: Extensions::default(),
                        parent: node_id_or_none(input.parent_id.as_ref(), &[NodeKind::Organization], "parentId")?,
                    }
                )
            }
            .await,
        )
    }

    /// Changes fields of an organization. Needs the role admin.
    async fn update_organization(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateOrganizationInput,
    ) -> Nullable<UpdateOrganizationPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    UpdateOrganizationPayload { organization: Node::Organization },
                    UpdateOrganization {
                        id: node_id(&input.id, &[NodeKind::Organization], "id")?,
                        expected_version: input.expected_version,
                        slug: input.slug,
                        name: input.name,
                        description: patch(input.description),
                        metadata: object(input.metadata, "metadata")?,
                    }
                )
            }
            .await,
        )
    }

    /// Deletes an organization: it and everything in it is gone from every list and look-up. Needs the role owner.
    async fn delete_organization(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteOrganizationInput,
    ) -> Nullable<DeleteOrganizationPayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = (|| {
                    Ok(DeleteNode {
                        id: node_id(&input.id, &[NodeKind::Organization], "id")?,
                        expected_version: input.expected_version,
                        reason: input.reason,
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let deleted_id = Some(ID(id.to_string()));
                        DeleteOrganizationPayload { client_mutation_id, deleted_id, errors: Vec::new() }
                    }
                    Err(error) => {
                        DeleteOrganizationPayload { client_mutation_id, deleted_id: None, errors: vec![error] }
                    }
                })
            }
            .await,
        )
    }

    /// Brings a deleted organization back, with everything in it. Needs the role owner and a token that spans the server.
    async fn restore_organization(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RestoreOrganizationInput,
    ) -> Nullable<RestoreOrganizationPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    RestoreOrganizationPayload { organization: Node::Organization },
                    RestoreNode {
                        id: node_id(&input.id, &[NodeKind::Organization], "id")?,
                        expected_version: input.expected_version,
                        reason: input.reason
                    }
                )
            }
            .await,
        )
    }
}
