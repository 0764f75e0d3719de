//! Create, change, delete and restore profiles; disable, suspend and enable them; managers and owners.

mod inputs;

pub use inputs::{
    CreateProfileInput, DeleteProfileInput, DisableProfileInput, EnableProfileInput, RestoreProfileInput,
};
pub use inputs::{SetManagerInput, SetOwnerInput, SuspendProfileInput, UpdateProfileInput};

use super::super::failure::{Nullable, present};
use super::super::inputs::{list, node_id, node_id_or_none, object, patch};
use super::super::profile::Profile;
use super::{payload, profile_node, run, tenant};
use crate::domain::NodeKind;
use crate::resolvers::command::{
    CreateProfile, DeleteNode, DisableProfile, EnableProfile, ProfilePatch, RestoreNode, SetManager, SetOwner,
    SuspendProfile, UpdateProfile,
};
use async_graphql::{Context, ID, Object};

payload!(CreateProfilePayload, "The new profile.", {
    /// The profile, as it is now.
    profile: Profile,
});
payload!(UpdateProfilePayload, "The changed profile.", {
    /// The profile, as it is now.
    profile: Profile,
});
payload!(RestoreProfilePayload, "The restored profile.", {
    /// The profile, as it is now.
    profile: Profile,
});
payload!(EnableProfilePayload, "The enabled profile.", {
    /// The profile, as it is now.
    profile: Profile,
});
payload!(DisableProfilePayload, "The disabled profile.", {
    /// The profile, as it is now.
    profile: Profile,
});
payload!(SuspendProfilePayload, "The suspended profile.", {
    /// The profile, as it is now.
    profile: Profile,
});
payload!(SetManagerPayload, "The profile and its manager.", {
    /// The profile, as it is now.
    profile: Profile,
});
payload!(SetOwnerPayload, "The service account or bot and its owner.", {
    /// The profile, as it is now.
    profile: Profile,
});
payload!(DeleteProfilePayload, "The deleted profile.", {
    /// Public id of the profile that is deleted.
    deleted_id: ID,
});

/// Mutations of profiles.
#[derive(Default)]
pub struct ProfileMutations;

/// Mutations of profiles.
#[Object]
impl ProfileMutations {
    /// Creates a user, a service account or a bot. Needs the role editor.
    async fn create_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CreateProfileInput,
    ) -> Nullable<CreateProfilePayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = (|| {
                    Ok(CreateProfile {
                        organization: tenant(context, input.organization_id.as_ref())?,
                        kind: input.kind.into(),
                        username: input.username,
                        status: input.status.into(),
                        manager: node_id_or_none(input.manager_id.as_ref(), &NodeKind::PROFILES, "managerId")?,
                        owner: node_id_or_none(input.owner_id.as_ref(), &[NodeKind::User, NodeKind::Team], "ownerId")?,
                        fields: ProfilePatch {
                            username: None,
                            name: patch(input.name.map_value(Into::into)),
                            emails: list(input.emails),
                            phones: list(input.phones),
                            addresses: list(input.addresses),
                            avatar: patch(input.avatar.map_value(|url| url.0)),
                            locale: patch(input.locale),
                            time_zone: patch(input.time_zone),
                            title: patch(input.title),
                            department: patch(input.department),
                            employee_number: patch(input.employee_number),
                            tags: patch(input.tags),
                            metadata: object(input.metadata, "metadata")?,
                            external_ids: list(input.external_ids),
                            details: patch(input.details.map_value(Into::into)),
                            extensions: object(input.extensions, "extensions")?,
                        },
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let profile = profile_node(context, id).await?;
                        CreateProfilePayload { client_mutation_id, profile, errors: Vec::new() }
                    }
                    Err(error) => CreateProfilePayload { client_mutation_id, profile: None, errors: vec![error] },
                })
            }
            .await,
        )
    }

    /// Changes fields of a profile. Needs the role editor; profiles may change names, avatar, locale, time zone, phones and addresses of their own.
    async fn update_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateProfileInput,
    ) -> Nullable<UpdateProfilePayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = (|| {
                    Ok(UpdateProfile {
                        id: node_id(&input.id, &NodeKind::PROFILES, "id")?,
                        expected_version: input.expected_version,
                        patch: ProfilePatch {
                            username: input.username,
                            name: patch(input.name.map_value(Into::into)),
                            emails: list(input.emails),
                            phones: list(input.phones),
                            addresses: list(input.addresses),
                            avatar: patch(input.avatar.map_value(|url| url.0)),
                            locale: patch(input.locale),
                            time_zone: patch(input.time_zone),
                            title: patch(input.title),
                            department: patch(input.department),
                            employee_number: patch(input.employee_number),
                            tags: patch(input.tags),
                            metadata: object(input.metadata, "metadata")?,
                            external_ids: list(input.external_ids),
                            details: patch(input.details.map_value(Into::into)),
                            extensions: object(input.extensions, "extensions")?,
                        },
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let profile = profile_node(context, id).await?;
                        UpdateProfilePayload { client_mutation_id, profile, errors: Vec::new() }
                    }
                    Err(error) => UpdateProfilePayload { client_mutation_id, profile: None, errors: vec![error] },
                })
            }
            .await,
        )
    }

    /// Deletes a profile: it is gone from every list and look-up, and its user name is free again. Needs the role admin.
    async fn delete_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeleteProfileInput,
    ) -> Nullable<DeleteProfilePayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = (|| {
                    Ok(DeleteNode {
                        id: node_id(&input.id, &NodeKind::PROFILES, "id")?,
                        expected_version: input.expected_version,
                        reason: input.reason,
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let deleted_id = Some(ID(id.to_string()));
                        DeleteProfilePayload { client_mutation_id, deleted_id, errors: Vec::new() }
                    }
                    Err(error) => DeleteProfilePayload { client_mutation_id, deleted_id: None, errors: vec![error] },
                })
            }
            .await,
        )
    }

    /// Brings a deleted profile back as it was, with the edges it had. Needs the role admin.
    async fn restore_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RestoreProfileInput,
    ) -> Nullable<RestoreProfilePayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = (|| {
                    Ok(RestoreNode {
                        id: node_id(&input.id, &NodeKind::PROFILES, "id")?,
                        expected_version: input.expected_version,
                        reason: input.reason,
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let profile = profile_node(context, id).await?;
                        RestoreProfilePayload { client_mutation_id, profile, errors: Vec::new() }
                    }
                    Err(error) => RestoreProfilePayload { client_mutation_id, profile: None, errors: vec![error] },
                })
            }
            .await,
        )
    }

    /// Bars a profile for good, unless somebody enables it again. Needs the role admin.
    async fn disable_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DisableProfileInput,
    ) -> Nullable<DisableProfilePayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = (|| {
                    Ok(DisableProfile {
                        id: node_id(&input.id, &NodeKind::PROFILES, "id")?,
                        expected_version: input.expected_version,
                        reason: input.reason,
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let profile = profile_node(context, id).await?;
                        DisableProfilePayload { client_mutation_id, profile, errors: Vec::new() }
                    }
                    Err(error) => DisableProfilePayload { client_mutation_id, profile: None, errors: vec![error] },
                })
            }
            .await,
        )
    }

    /// Bars a profile for a time. Needs the role admin.
    async fn suspend_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: SuspendProfileInput,
    ) -> Nullable<SuspendProfilePayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = (|| {
                    Ok(SuspendProfile {
                        id: node_id(&input.id, &NodeKind::PROFILES, "id")?,
                        expected_version: input.expected_version,
                        reason: input.reason,
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let profile = profile_node(context, id).await?;
                        SuspendProfilePayload { client_mutation_id, profile, errors: Vec::new() }
                    }
                    Err(error) => SuspendProfilePayload { client_mutation_id, profile: None, errors: vec![error] },
                })
            }
            .await,
        )
    }

    /// Puts a staged, suspended or disabled profile to use. Needs the role admin.
    async fn enable_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: EnableProfileInput,
    ) -> Nullable<EnableProfilePayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = (|| {
                    Ok(EnableProfile {
                        id: node_id(&input.id, &NodeKind::PROFILES, "id")?,
                        expected_version: input.expected_version,
                        reason: input.reason,
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let profile = profile_node(context, id).await?;
                        EnableProfilePayload { client_mutation_id, profile, errors: Vec::new() }
                    }
                    Err(error) => EnableProfilePayload { client_mutation_id, profile: None, errors: vec![error] },
                })
            }
            .await,
        )
    }

    /// Says who a profile reports to. Needs the role editor.
    async fn set_manager(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: SetManagerInput,
    ) -> Nullable<SetManagerPayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = (|| {
                    Ok(SetManager {
                        id: node_id(&input.id, &NodeKind::PROFILES, "id")?,
                        expected_version: input.expected_version,
                        manager: node_id_or_none(input.manager_id.as_ref(), &NodeKind::PROFILES, "managerId")?,
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let profile = profile_node(context, id).await?;
                        SetManagerPayload { client_mutation_id, profile, errors: Vec::new() }
                    }
                    Err(error) => SetManagerPayload { client_mutation_id, profile: None, errors: vec![error] },
                })
            }
            .await,
        )
    }

    /// Says which user or team answers for a service account or bot. Needs the role editor.
    async fn set_owner(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: SetOwnerInput,
    ) -> Nullable<SetOwnerPayload> {
        present(
            async {
                let client_mutation_id = input.client_mutation_id.clone();
                let command = (|| {
                    Ok(SetOwner {
                        id: node_id(&input.id, &[NodeKind::ServiceAccount, NodeKind::Bot], "id")?,
                        expected_version: input.expected_version,
                        owner: node_id_or_none(input.owner_id.as_ref(), &[NodeKind::User, NodeKind::Team], "ownerId")?,
                    })
                })();
                Ok(match run(context, client_mutation_id.as_ref(), command).await? {
                    Ok(id) => {
                        let profile = profile_node(context, id).await?;
                        SetOwnerPayload { client_mutation_id, profile, errors: Vec::new() }
                    }
                    Err(error) => SetOwnerPayload { client_mutation_id, profile: None, errors: vec![error] },
                })
            }
            .await,
        )
    }
}
