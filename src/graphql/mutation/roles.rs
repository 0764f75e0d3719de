//! Create, change, delete, restore, grant and revoke roles.

use super::super::collective::Group;
use super::super::failure::{Nullable, Result, present};
use super::super::inputs::{JsonObject, new_object, node_id, object, patch};
use super::super::node::Node;
use super::super::profile::{Bot, ServiceAccount, User};
use super::super::role::Role;
use super::{answer, payload, run, tenant};
use crate::domain::NodeKind;
use crate::resolvers::command::{CreateRole, DeleteNode, GrantRole, RestoreNode, RevokeRole, UpdateRole};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Union};

/// Who can have a role: a profile, or a group for everybody in it.
#[derive(Union)]
pub enum Principal {
    /// A person.
    User(User),
    /// A service account.
    ServiceAccount(ServiceAccount),
    /// A bot.
    Bot(Bot),
    /// A group.
    Group(Group),
}

/// A new role.
#[derive(Debug, Clone, InputObject)]
pub struct CreateRoleInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization; the viewer's own unless given.
    organization_id: Option<ID>,
    /// Short name, unique among the roles of the organization: letters, digits, `-`, `_`, `.`.
    slug: String,
    /// Name to show; the slug unless given.
    name: Option<String>,
    /// What it allows.
    description: Option<String>,
    /// Whether whoever has it can do harm.
    #[graphql(default)]
    privileged: bool,
    /// Free JSON. At most 64 KiB.
    metadata: Option<JsonObject>,
}

/// Changes to a role. A field that is left out stays as it is; null clears it.
#[derive(Debug, Clone, InputObject)]
pub struct UpdateRoleInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the role.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Short name.
    slug: Option<String>,
    /// Name to show.
    name: Option<String>,
    /// What it allows.
    description: MaybeUndefined<String>,
    /// Whether whoever has it can do harm.
    privileged: Option<bool>,
    /// Free JSON; replaces what there was.
    metadata: MaybeUndefined<JsonObject>,
}

/// A role to delete.
#[derive(Debug, Clone, InputObject)]
pub struct DeleteRoleInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the role.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

/// A role to restore.
#[derive(Debug, Clone, InputObject)]
pub struct RestoreRoleInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the role.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

/// A role to grant.
#[derive(Debug, Clone, InputObject)]
pub struct GrantRoleInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the role.
    role_id: ID,
    /// Public id of the profile or group.
    principal_id: ID,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

/// A role to take back.
#[derive(Debug, Clone, InputObject)]
pub struct RevokeRoleInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the role.
    role_id: ID,
    /// Public id of the profile or group.
    principal_id: ID,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

payload!(CreateRolePayload, "The new role.", {
    /// The role, as it is now.
    role: Role,
});
payload!(UpdateRolePayload, "The changed role.", {
    /// The role, as it is now.
    role: Role,
});
payload!(RestoreRolePayload, "The restored role.", {
    /// The role, as it is now.
    role: Role,
});
payload!(DeleteRolePayload, "The deleted role.", {
    /// Public id of what is deleted.
    deleted_id: ID,
});
payload!(GrantRolePayload, "Who has the role now.", {
    /// The role.
    role: Role,
    /// The profile or group, as it is now.
    principal: Principal,
});
payload!(RevokeRolePayload, "Who had the role.", {
    /// The role.
    role: Role,
    /// The profile or group, as it is now.
    principal: Principal,
});

async fn grant(
    context: &Context<'_>,
    role: &ID,
    principal: crate::domain::NodeId,
) -> Result<(Option<Role>, Option<Principal>)> {
    let role = super::changed(context, role.parse()?).await?.and_then(|node| match node {
        Node::Role(role) => Some(role),
        _ => None,
    });
    let principal = super::changed(context, principal).await?.and_then(|node| match node {
        Node::User(user) => Some(Principal::User(user)),
        Node::ServiceAccount(account) => Some(Principal::ServiceAccount(account)),
        Node::Bot(bot) => Some(Principal::Bot(bot)),
        Node::Group(group) => Some(Principal::Group(group)),
        _ => None,
    });
    Ok((role, principal))
}

/// Whom a role can be granted to.
const PRINCIPALS: [NodeKind; 4] = [NodeKind::User, NodeKind::ServiceAccount, NodeKind::Bot, NodeKind::Group];

/// Mutations of roles.
#[derive(Default)]
pub struct RoleMutations;

/// Mutations of roles.
#[Object]
impl RoleMutations {
    /// Creates a role. Needs the role admin; a privileged role needs the role owner.
    async fn create_role(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CreateRoleInput,
    ) -> Nullable<CreateRolePayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    CreateRolePayload { role: Node::Role },
                    CreateRole {
                        organization: tenant(context, input.organization_id.as_ref())?,
                        slug: input.slug,
                        name: input.name,
                        description: input.description,
                        privileged: input.privileged,
                        metadata: new_object(input.metadata, "metadata")?,
                    }
                )
            }
            .await,
        )
    }

    /// Changes fields of a role. Needs the role admin; a privileged role needs the role owner.
    async fn update_role(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateRoleInput,
    ) -> Nullable<UpdateRolePayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    UpdateRolePayload { role: Node::Role },
                    UpdateRole {
                        id: node_id(&input.id, &[NodeKind::Role], "id")?,
                        expected_version: input.expected_version,
                        slug: input.slug,
                        name: input.name,
                        description: patch(input.description),
                        privileged: input.privileged,
                        metadata: object(input.metadata, "metadata")?,
                    }
                )
            }
            .await,
        )
    }

    /// Deletes a role: nobody has it any more. Needs the role admin; a privileged role needs the role owner.
    async fn delete_role(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteRoleInput,
    ) -> Nullable<DeleteRolePayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = (|| {
                    Ok(DeleteNode {
                        id: node_id(&input.id, &[NodeKind::Role], "id")?,
                        expected_version: input.expected_version,
                        reason: input.reason,
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let deleted_id = Some(ID(id.to_string()));
                        DeleteRolePayload { client_mutation_id, deleted_id, errors: Vec::new() }
                    }
                    Err(error) => DeleteRolePayload { client_mutation_id, deleted_id: None, errors: vec![error] },
                })
            }
            .await,
        )
    }

    /// Brings a deleted role back, for everybody who had it. Needs the role admin; a privileged role needs the role owner.
    async fn restore_role(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RestoreRoleInput,
    ) -> Nullable<RestoreRolePayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    RestoreRolePayload { role: Node::Role },
                    RestoreNode {
                        id: node_id(&input.id, &[NodeKind::Role], "id")?,
                        expected_version: input.expected_version,
                        reason: input.reason
                    }
                )
            }
            .await,
        )
    }

    /// Grants a role to a profile, or to a group for everybody in it. Needs the role admin; a privileged role needs the role owner.
    async fn grant_role(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: GrantRoleInput,
    ) -> Nullable<GrantRolePayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let role_id = input.role_id.clone();
                let command = (|| {
                    Ok(GrantRole {
                        role: node_id(&input.role_id, &[NodeKind::Role], "roleId")?,
                        principal: node_id(&input.principal_id, &PRINCIPALS, "principalId")?,
                        reason: input.reason,
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let (role, principal) = grant(context, &role_id, id).await?;
                        GrantRolePayload { client_mutation_id, role, principal, errors: Vec::new() }
                    }
                    Err(error) => {
                        GrantRolePayload { client_mutation_id, errors: vec![error], ..GrantRolePayload::default() }
                    }
                })
            }
            .await,
        )
    }

    /// Takes a role back from a profile or group. Needs the role admin; a privileged role needs the role owner.
    async fn revoke_role(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RevokeRoleInput,
    ) -> Nullable<RevokeRolePayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let role_id = input.role_id.clone();
                let command = (|| {
                    Ok(RevokeRole {
                        role: node_id(&input.role_id, &[NodeKind::Role], "roleId")?,
                        principal: node_id(&input.principal_id, &PRINCIPALS, "principalId")?,
                        reason: input.reason,
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let (role, principal) = grant(context, &role_id, id).await?;
                        RevokeRolePayload { client_mutation_id, role, principal, errors: Vec::new() }
                    }
                    Err(error) => {
                        RevokeRolePayload { client_mutation_id, errors: vec![error], ..RevokeRolePayload::default() }
                    }
                })
            }
            .await,
        )
    }
}
