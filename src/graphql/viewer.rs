//! The viewer: who asks, and what it may do.

use super::failure::{Nullable, nullable};
use super::node;
use super::organization::Organization;
use super::profile::Profile;
use super::request::of;
use super::scalars::{self, OrganizationRole};
use crate::domain::NodeKind;
use crate::resolvers;
use async_graphql::{Context, ID, Object};

/// Who asks: the holder of an API token, or of a token of the IAM that the server trusts.
pub struct Viewer(pub resolvers::Access);

/// Who asks: the holder of an API token, or of a token of the IAM that the server trusts.
#[Object]
impl Viewer {
    /// Public id of the API token: `tok_…`; null for a token of the IAM.
    async fn token_id(&self, context: &Context<'_>) -> Option<ID> {
        of(context).viewer.actor.id.filter(|id| id.kind == NodeKind::Token).map(scalars::id)
    }

    /// The name of the API token. For a token of the IAM, the user name of the profile it acts for, or `iam:` and its
    /// subject.
    async fn name(&self, context: &Context<'_>) -> String {
        of(context).viewer.actor.name.clone()
    }

    /// The one organization the token is good for; null for every organization.
    async fn organization(&self, context: &Context<'_>) -> Nullable<Organization> {
        nullable(
            async {
                match self.0.organization {
                    Some(organization) => node::organization_of(context, (organization, None)).await,
                    None => Ok(None),
                }
            }
            .await,
        )
    }

    /// What the token may do at most.
    async fn role(&self) -> OrganizationRole {
        self.0.role.into()
    }

    /// What the token may be used for, such as `directory:read`.
    async fn scopes(&self) -> Vec<&'static str> {
        self.0.scopes.iter().map(|scope| scope.name()).collect()
    }

    /// The profile the token acts for, if any.
    async fn profile(&self, context: &Context<'_>) -> Nullable<Profile> {
        nullable(
            async {
                let Some(id) = self.0.profile else { return Ok(None) };
                Ok(node::Node::load(context, id).await?.and_then(node::Node::into_profile))
            }
            .await,
        )
    }
}
