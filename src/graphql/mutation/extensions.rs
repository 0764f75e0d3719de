//! Declare and withdraw extensions.

use super::super::extension::{Extensible, ExtensionAttributeInput};
use super::super::failure::{Nullable, present};
use super::super::node::Node;
use super::super::organization::Organization;
use super::{answer, payload, tenant};
use crate::domain::Extension;
use crate::resolvers::command::{DeclareExtension, WithdrawExtension};
use async_graphql::{Context, ID, InputObject, Object};

/// An extension to declare.
#[derive(Debug, Clone, InputObject)]
pub struct DeclareExtensionInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization; the viewer's own unless given.
    organization_id: Option<ID>,
    /// The version of the organization that the client has seen: if it has changed since, nothing is done.
    expected_version: Option<i64>,
    /// The URN by which it is to be known, such as `urn:example:hr:1.0:Badge`. Those that begin with `urn:ietf:` or
    /// `urn:idgraph:` are reserved.
    urn: String,
    /// The name, for people.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// To which nodes it applies. What it has applied to, it applies to for good.
    applies_to: Vec<Extensible>,
    /// The attributes, all of them. One that was declared before and is left out is withdrawn.
    attributes: Vec<ExtensionAttributeInput>,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

/// An extension to withdraw.
#[derive(Debug, Clone, InputObject)]
pub struct WithdrawExtensionInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    client_mutation_id: Option<String>,
    /// Public id of the organization; the viewer's own unless given.
    organization_id: Option<ID>,
    /// The version of the organization that the client has seen: if it has changed since, nothing is done.
    expected_version: Option<i64>,
    /// The URN by which it is known.
    urn: String,
    /// Why; becomes part of the history.
    reason: Option<String>,
}

payload!(DeclareExtensionPayload, "The organization with its extensions.", {
    /// The organization, as it is now.
    organization: Organization,
});
payload!(WithdrawExtensionPayload, "The organization with its extensions.", {
    /// The organization, as it is now.
    organization: Organization,
});

/// Mutations of extensions.
#[derive(Default)]
pub struct ExtensionMutations;

/// Mutations of extensions.
#[Object]
impl ExtensionMutations {
    /// Declares attributes of profiles, teams and groups, in the place of what was declared under the same URN. Needs the role
    /// admin.
    async fn declare_extension(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: DeclareExtensionInput,
    ) -> Nullable<DeclareExtensionPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    DeclareExtensionPayload { organization: Node::Organization },
                    DeclareExtension {
                        organization: tenant(context, input.organization_id.as_ref())?,
                        expected_version: input.expected_version,
                        urn: input.urn,
                        extension: Extension {
                            name: input.name,
                            description: input.description,
                            applies_to: input.applies_to.into_iter().map(Into::into).collect(),
                            attributes: input.attributes.into_iter().map(Into::into).collect(),
                            withdrawn: false,
                        },
                        reason: input.reason,
                    }
                )
            }
            .await,
        )
    }

    /// Withdraws an extension: its values are kept, and shown to nobody until it is declared again. Needs the role admin.
    async fn withdraw_extension(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to do.")] input: WithdrawExtensionInput,
    ) -> Nullable<WithdrawExtensionPayload> {
        present(
            async {
                answer!(
                    context,
                    input,
                    WithdrawExtensionPayload { organization: Node::Organization },
                    WithdrawExtension {
                        organization: tenant(context, input.organization_id.as_ref())?,
                        expected_version: input.expected_version,
                        urn: input.urn,
                        reason: input.reason,
                    }
                )
            }
            .await,
        )
    }
}
