//! Link and unlink accounts at other providers.

use super::super::failure::{Nullable, present};
use super::super::identity::LinkedIdentity;
use super::super::inputs::{JsonObject, node_id, object, patch};
use super::super::node::Node;
use super::super::scalars::{EmailAddress, IdentityStatus, MfaState};
use super::{answer, payload};
use crate::domain::NodeKind;
use crate::resolvers::command::{IdentityPatch, LinkIdentity, UnlinkIdentity, UpdateIdentity};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};

/// An account to link.
#[derive(Debug, Clone, InputObject)]
pub struct LinkIdentityInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the profile.
    profile_id: ID,
    /// The provider, such as `github` or `azure_ad`.
    provider: String,
    /// The provider's environment; `production` unless given.
    environment: Option<String>,
    /// The provider's id of the account. Case counts.
    account_id: String,
    /// The name of the account at the provider.
    username: MaybeUndefined<String>,
    /// The e-mail address of the account at the provider.
    email: MaybeUndefined<EmailAddress>,
    /// Whether the owner has proved to own the account.
    verified: Option<bool>,
    /// Where the account stands at its provider.
    status: Option<IdentityStatus>,
    /// What is known of its second factor.
    mfa_state: Option<MfaState>,
    /// The methods of its second factor, such as `totp` or `hardware_key`; replace those there were.
    mfa_methods: MaybeUndefined<Vec<String>>,
    /// How risky the provider says that it is, from 0 (not at all) to 100 (critical).
    provider_risk: MaybeUndefined<i32>,
    /// Free JSON; replaces what there was. At most 64 KiB.
    metadata: MaybeUndefined<JsonObject>,
}

/// Changes to what is known of an account. A field that is left out stays as it is; null clears it.
#[derive(Debug, Clone, InputObject)]
pub struct UpdateIdentityInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the linked identity.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// The name of the account at the provider.
    username: MaybeUndefined<String>,
    /// The e-mail address of the account at the provider.
    email: MaybeUndefined<EmailAddress>,
    /// Whether the owner has proved to own the account.
    verified: Option<bool>,
    /// Where the account stands at its provider.
    status: Option<IdentityStatus>,
    /// What is known of its second factor.
    mfa_state: Option<MfaState>,
    /// The methods of its second factor, such as `totp` or `hardware_key`; replace those there were.
    mfa_methods: MaybeUndefined<Vec<String>>,
    /// How risky the provider says that it is, from 0 (not at all) to 100 (critical).
    provider_risk: MaybeUndefined<i32>,
    /// Free JSON; replaces what there was. At most 64 KiB.
    metadata: MaybeUndefined<JsonObject>,
}

/// An account to unlink.
#[derive(Debug, Clone, InputObject)]
pub struct UnlinkIdentityInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the linked identity.
    id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    expected_version: Option<i64>,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

payload!(LinkIdentityPayload, "The linked account.", {
    /// The linked identity, as it is now.
    identity: LinkedIdentity,
});
payload!(UpdateIdentityPayload, "The changed account.", {
    /// The linked identity, as it is now.
    identity: LinkedIdentity,
});
payload!(UnlinkIdentityPayload, "The account, which belongs to nobody now.", {
    /// The linked identity, as it is now.
    identity: LinkedIdentity,
});

/// Mutations of linked identities.
#[derive(Default)]
pub struct AccountMutations;

/// Mutations of linked identities.
#[Object]
impl AccountMutations {
    /// Links an account at another provider to a profile. An account that belongs to another profile must be unlinked first. Needs the role editor.
    async fn link_identity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: LinkIdentityInput,
    ) -> Nullable<LinkIdentityPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    LinkIdentityPayload { identity: Node::LinkedIdentity },
                    LinkIdentity {
                        profile: node_id(&input.profile_id, &NodeKind::PROFILES, "profileId")?,
                        provider: input.provider,
                        environment: input.environment,
                        account_id: input.account_id,
                        fields: IdentityPatch {
                            username: patch(input.username),
                            email: patch(input.email.map_value(|email| email.0)),
                            verified: input.verified,
                            status: input.status.map(Into::into),
                            mfa_state: input.mfa_state.map(Into::into),
                            mfa_methods: patch(input.mfa_methods),
                            provider_risk: patch(input.provider_risk),
                            metadata: object(input.metadata, "metadata")?,
                        },
                    }
                )
            }
            .await,
        )
    }

    /// Changes what is known of an account. Needs the role editor.
    async fn update_identity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UpdateIdentityInput,
    ) -> Nullable<UpdateIdentityPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    UpdateIdentityPayload { identity: Node::LinkedIdentity },
                    UpdateIdentity {
                        id: node_id(&input.id, &[NodeKind::LinkedIdentity], "id")?,
                        expected_version: input.expected_version,
                        patch: IdentityPatch {
                            username: patch(input.username),
                            email: patch(input.email.map_value(|email| email.0)),
                            verified: input.verified,
                            status: input.status.map(Into::into),
                            mfa_state: input.mfa_state.map(Into::into),
                            mfa_methods: patch(input.mfa_methods),
                            provider_risk: patch(input.provider_risk),
                            metadata: object(input.metadata, "metadata")?,
                        },
                    }
                )
            }
            .await,
        )
    }

    /// Unlinks an account from its profile. The identity stays, with its history, and belongs to nobody until it is linked again. Needs the role editor.
    async fn unlink_identity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: UnlinkIdentityInput,
    ) -> Nullable<UnlinkIdentityPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    UnlinkIdentityPayload { identity: Node::LinkedIdentity },
                    UnlinkIdentity {
                        id: node_id(&input.id, &[NodeKind::LinkedIdentity], "id")?,
                        expected_version: input.expected_version,
                        reason: input.reason,
                    }
                )
            }
            .await,
        )
    }
}
