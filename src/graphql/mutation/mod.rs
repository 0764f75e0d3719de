//! The roots of writing: one input and one payload each.
//!
//! A mutation turns its input into a command, runs it, and answers with what the viewer may read of what changed. What the
//! user can mend is in the payload's `errors`; then nothing was changed, and everything else in the payload is null.

pub mod accounts;
pub mod actions;
pub mod activity;
pub mod alerts;
pub mod collectives;
pub mod extensions;
pub mod feeds;
pub mod hierarchy;
pub mod members;
pub mod merges;
pub mod organizations;
pub mod passwords;
pub mod profiles;
pub mod risk;
pub mod risk_policies;
pub mod roles;
pub mod webhooks;

use super::failure::{Result, user_error};
use super::node::Node;
use super::request::of;
use crate::domain::{Error, ErrorCode, NodeId, NodeKind, OrganizationId};
use crate::resolvers::{Command, RunOptions};
use async_graphql::{Context, ID, MergedObject};

/// The roots of writing.
#[derive(Default, MergedObject)]
pub struct Mutation(
    profiles::ProfileMutations,
    merges::MergeMutations,
    passwords::PasswordMutations,
    organizations::OrganizationMutations,
    extensions::ExtensionMutations,
    collectives::CollectiveMutations,
    members::MemberMutations,
    accounts::AccountMutations,
    activity::ActivityMutations,
    actions::ActionMutations,
    alerts::AlertMutations,
    risk::RiskMutations,
    risk_policies::RiskPolicyMutations,
    feeds::FeedMutations,
    roles::RoleMutations,
    hierarchy::HierarchyMutations,
    webhooks::WebhookMutations,
);

/// Declares a payload: what changed, the client mutation id, and what was wrong.
macro_rules! payload {
    ($name:ident, $what:literal, { $($(#[$doc:meta])* $field:ident: $type:ty),+ $(,)? }) => {
        #[doc = $what]
        #[derive(Default, async_graphql::SimpleObject)]
        pub struct $name {
            /// The `clientMutationId` of the input.
            pub client_mutation_id: Option<String>,
            $($(#[$doc])* pub $field: Option<$type>,)+
            /// What is wrong with the input. If there is something, nothing was changed.
            pub errors: Vec<$crate::graphql::failure::UserError>,
        }
    };
}

pub(super) use payload;

/// Runs the command that an input means, if it means one. The outer error is for what the user cannot mend.
async fn run<C: Command>(
    context: &Context<'_>,
    client_mutation_id: Option<&String>,
    command: crate::domain::Result<C>,
) -> Result<std::result::Result<C::Output, super::failure::UserError>> {
    let request = of(context);
    let options = RunOptions { client_mutation_id: client_mutation_id.cloned() };
    let outcome = match command {
        Ok(command) => request.app.run(&request.viewer, command, options).await,
        Err(error) if request.viewer.access.is_none() => {
            drop(error);
            Err(Error::unauthenticated())
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(output) => Ok(Ok(output)),
        Err(error) => user_error(error).map(Err),
    }
}

/// Declares the usual mutation: input to command, command to node, node to payload.
macro_rules! answer {
    ($context:ident, $input:ident, $payload:ident { $field:ident: $variant:path }, $command:expr) => {{
        let client_mutation_id = $input.client_mutation_id.clone();
        let command = (|| -> $crate::domain::Result<_> { Ok($command) })();
        let outcome = super::run($context, client_mutation_id.as_ref(), command).await?;
        Ok(match outcome {
            Ok(id) => {
                let node = super::changed($context, id).await?;
                let $field = node.and_then(|node| match node {
                    $variant(node) => Some(node.into()),
                    _ => None,
                });
                $payload { client_mutation_id, $field, ..$payload::default() }
            }
            Err(error) => $payload { client_mutation_id, errors: vec![error], ..$payload::default() },
        })
    }};
}

pub(super) use answer;

/// The organization that an input names by public id, or the one that the viewer is confined to.
fn tenant(context: &Context<'_>, id: Option<&ID>) -> crate::domain::Result<OrganizationId> {
    if let Some(id) = id {
        let id = NodeId::parse_as(id, &[NodeKind::Organization], "organizationId")?;
        return Ok(OrganizationId(id.uuid));
    }
    let own = of(context).viewer.access.as_ref().ok_or_else(Error::unauthenticated)?.organization;
    own.ok_or_else(|| Error::invalid("organizationId", "This token spans every organization; name one."))
}

/// The node that a mutation has changed; none for a viewer that may change the directory but not read it.
async fn changed(context: &Context<'_>, id: NodeId) -> Result<Option<Node>, super::failure::Failure> {
    match Node::load(context, id).await {
        Err(super::failure::Failure(error)) if error.code == ErrorCode::Forbidden => Ok(None),
        node => node,
    }
}

/// The profile that a mutation has changed, as the viewer may read it.
async fn profile_node(context: &Context<'_>, id: NodeId) -> Result<Option<super::profile::Profile>> {
    Ok(changed(context, id).await?.and_then(Node::into_profile))
}
