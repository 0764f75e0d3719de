//! Create, change, delete and restore teams and groups.

use super::super::collective::{Group, Team};
use super::super::failure::{Nullable, present};
use super::super::inputs::{ExternalIdInput, JsonObject, list, new_object, node_id, node_id_or_none, object, patch};
use super::super::node::Node;
use super::{answer, payload, run, tenant};
use crate::domain::NodeKind;
use crate::resolvers::command::{CreateCollective, DeleteNode, RestoreNode, UpdateCollective};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};

/// A new team.
#[derive(Debug, Clone, InputObject)]
pub struct CreateTeamInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization; the viewer's own unless given.
    organization_id: Option<ID>,
    /// Short name, unique among the teams of the organization: letters, digits, `-`, `_`, `.`.
    slug: String,
    /// Name to show; the slug unless given.
    name: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// A free word for what kind of team it is.
    category: Option<String>,
    /// Free JSON. At most 64 KiB.
    metadata: Option<JsonObject>,
    /// The ids by which clients of the directory know it.
    external_ids: Option<Vec<ExternalIdInput>>,
    /// The values of attributes that the organization has declared, by the URN of the schema that declares them.
    extensions: Option<JsonObject>,
    /// Public id of the team it hangs below.
    parent_id: Option<ID>,
}

/// Changes to a team. A field that is left out stays as it is; null clears it.
#[derive(Debug, Clone, InputObject)]
pub struct UpdateTeamInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the team.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Short name.
    slug: Option<String>,
    /// Name to show.
    name: Option<String>,
    /// What it is for.
    description: MaybeUndefined<String>,
    /// A free word for what kind of team it is.
    category: MaybeUndefined<String>,
    /// Free JSON; replaces what there was.
    metadata: MaybeUndefined<JsonObject>,
    /// The ids by which clients of the directory know it, all of them.
    external_ids: MaybeUndefined<Vec<ExternalIdInput>>,
    /// The values of attributes that the organization has declared, by the URN of the schema that declares them; replaces what there was.
    extensions: MaybeUndefined<JsonObject>,
}

/// A team to delete.
#[derive(Debug, Clone, InputObject)]
pub struct DeleteTeamInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the team.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

/// A team to restore.
#[derive(Debug, Clone, InputObject)]
pub struct RestoreTeamInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the team.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

payload!(CreateTeamPayload, "The new team.", {
    /// The team, as it is now.
    team: Team,
});
payload!(UpdateTeamPayload, "The changed team.", {
    /// The team, as it is now.
    team: Team,
});
payload!(RestoreTeamPayload, "The restored team.", {
    /// The team, as it is now.
    team: Team,
});
payload!(DeleteTeamPayload, "The deleted team.", {
    /// Public id of what is deleted.
    deleted_id: ID,
});

/// A new group.
#[derive(Debug, Clone, InputObject)]
pub struct CreateGroupInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization; the viewer's own unless given.
    organization_id: Option<ID>,
    /// Short name, unique among the groups of the organization: letters, digits, `-`, `_`, `.`.
    slug: String,
    /// Name to show; the slug unless given.
    name: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// A free word for what kind of group it is.
    category: Option<String>,
    /// Free JSON. At most 64 KiB.
    metadata: Option<JsonObject>,
    /// The ids by which clients of the directory know it.
    external_ids: Option<Vec<ExternalIdInput>>,
    /// The values of attributes that the organization has declared, by the URN of the schema that declares them.
    extensions: Option<JsonObject>,
    /// Public id of the group it hangs below.
    parent_id: Option<ID>,
}

/// Changes to a group. A field that is left out stays as it is; null clears it.
#[derive(Debug, Clone, InputObject)]
pub struct UpdateGroupInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the group.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Short name.
    slug: Option<String>,
    /// Name to show.
    name: Option<String>,
    /// What it is for.
    description: MaybeUndefined<String>,
    /// A free word for what kind of group it is.
    category: MaybeUndefined<String>,
    /// Free JSON; replaces what there was.
    metadata: MaybeUndefined<JsonObject>,
    /// The ids by which clients of the directory know it, all of them.
    external_ids: MaybeUndefined<Vec<ExternalIdInput>>,
    /// The values of attributes that the organization has declared, by the URN of the schema that declares them; replaces what there was.
    extensions: MaybeUndefined<JsonObject>,
}

/// A group to delete.
#[derive(Debug, Clone, InputObject)]
pub struct DeleteGroupInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the group.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

/// A group to restore.
#[derive(Debug, Clone, InputObject)]
pub struct RestoreGroupInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the group.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

payload!(CreateGroupPayload, "The new group.", {
    /// The group, as it is now.
    group: Group,
});
payload!(UpdateGroupPayload, "The changed group.", {
    /// The group, as it is now.
    group: Group,
});
payload!(RestoreGroupPayload, "The restored group.", {
    /// The group, as it is now.
    group: Group,
});
payload!(DeleteGroupPayload, "The deleted group.", {
    /// Public id of what is deleted.
    deleted_id: ID,
});

/// Mutations of teams and groups.
#[derive(Default)]
pub struct CollectiveMutations;

/// Mutations of teams and groups.
#[Object]
impl CollectiveMutations {
    /// Creates a team. Needs the role editor.
    async fn create_team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CreateTeamInput,
    ) -> Nullable<CreateTeamPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    CreateTeamPayload { team: Node::Team },
                    CreateCollective {
                        organization: tenant(context, input.organization_id.as_ref())?,
                        kind: NodeKind::Team,
                        slug: input.slug,
                        name: input.name,
                        description: input.description,
                        category: input.category,
                        metadata: new_object(input.metadata, "metadata")?,
                        external_ids: input.external_ids.unwrap_or_default().into_iter().map(Into::into).collect(),
                        extensions: new_object(input.extensions, "extensions")?,
                        parent: node_id_or_none(input.parent_id.as_ref(), &[NodeKind::Team], "parentId")?,
                    }
                )
            }
            .await,
        )
    }

    /// Changes fields of a team. Needs the role editor.
    async fn update_team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateTeamInput,
    ) -> Nullable<UpdateTeamPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    UpdateTeamPayload { team: Node::Team },
                    UpdateCollective {
                        id: node_id(&input.id, &[NodeKind::Team], "id")?,
                        expected_version: input.expected_version,
                        slug: input.slug,
                        name: input.name,
                        description: patch(input.description),
                        category: patch(input.category),
                        metadata: object(input.metadata, "metadata")?,
                        external_ids: list(input.external_ids),
                        extensions: object(input.extensions, "extensions")?,
                    }
                )
            }
            .await,
        )
    }

    /// Deletes a team: it is gone from every list and look-up, and its slug is free again. Needs the role admin.
    async fn delete_team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteTeamInput,
    ) -> Nullable<DeleteTeamPayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = (|| {
                    Ok(DeleteNode {
                        id: node_id(&input.id, &[NodeKind::Team], "id")?,
                        expected_version: input.expected_version,
                        reason: input.reason,
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let deleted_id = Some(ID(id.to_string()));
                        DeleteTeamPayload { client_mutation_id, deleted_id, errors: Vec::new() }
                    }
                    Err(error) => DeleteTeamPayload { client_mutation_id, deleted_id: None, errors: vec![error] },
                })
            }
            .await,
        )
    }

    /// Brings a deleted team back as it was, with its members and its place. Needs the role admin.
    async fn restore_team(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RestoreTeamInput,
    ) -> Nullable<RestoreTeamPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    RestoreTeamPayload { team: Node::Team },
                    RestoreNode {
                        id: node_id(&input.id, &[NodeKind::Team], "id")?,
                        expected_version: input.expected_version,
                        reason: input.reason
                    }
                )
            }
            .await,
        )
    }

    /// Creates a group. Needs the role editor.
    async fn create_group(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CreateGroupInput,
    ) -> Nullable<CreateGroupPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    CreateGroupPayload { group: Node::Group },
                    CreateCollective {
                        organization: tenant(context, input.organization_id.as_ref())?,
                        kind: NodeKind::Group,
                        slug: input.slug,
                        name: input.name,
                        description: input.description,
                        category: input.category,
                        metadata: new_object(input.metadata, "metadata")?,
                        external_ids: input.external_ids.unwrap_or_default().into_iter().map(Into::into).collect(),
                        extensions: new_object(input.extensions, "extensions")?,
                        parent: node_id_or_none(input.parent_id.as_ref(), &[NodeKind::Group], "parentId")?,
                    }
                )
            }
            .await,
        )
    }

    /// Changes fields of a group. Needs the role editor.
    async fn update_group(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateGroupInput,
    ) -> Nullable<UpdateGroupPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    UpdateGroupPayload { group: Node::Group },
                    UpdateCollective {
                        id: node_id(&input.id, &[NodeKind::Group], "id")?,
                        expected_version: input.expected_version,
                        slug: input.slug,
                        name: input.name,
                        description: patch(input.description),
                        category: patch(input.category),
                        metadata: object(input.metadata, "metadata")?,
                        external_ids: list(input.external_ids),
                        extensions: object(input.extensions, "extensions")?,
                    }
                )
            }
            .await,
        )
    }

    /// Deletes a group: it is gone from every list and look-up, and its slug is free again. Needs the role admin.
    async fn delete_group(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteGroupInput,
    ) -> Nullable<DeleteGroupPayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = (|| {
                    Ok(DeleteNode {
                        id: node_id(&input.id, &[NodeKind::Group], "id")?,
                        expected_version: input.expected_version,
                        reason: input.reason,
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let deleted_id = Some(ID(id.to_string()));
                        DeleteGroupPayload { client_mutation_id, deleted_id, errors: Vec::new() }
                    }
                    Err(error) => DeleteGroupPayload { client_mutation_id, deleted_id: None, errors: vec![error] },
                })
            }
            .await,
        )
    }

    /// Brings a deleted group back as it was, with its members and its place. Needs the role admin.
    async fn restore_group(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RestoreGroupInput,
    ) -> Nullable<RestoreGroupPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    RestoreGroupPayload { group: Node::Group },
                    RestoreNode {
                        id: node_id(&input.id, &[NodeKind::Group], "id")?,
                        expected_version: input.expected_version,
                        reason: input.reason
                    }
                )
            }
            .await,
        )
    }
}
