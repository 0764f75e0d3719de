//! The entities by which other subgraphs of a supergraph refer to what is kept here ([Apollo Federation 2][1]).
//!
//! Each type that other systems speak of is an entity whose key is its public id; an organization can also be named by its
//! slug. A gateway asks for many at once, and they are loaded like the nodes of any other level: one statement for each
//! type. What the viewer may not see is null.
//!
//! Names and slugs are shareable, so that another subgraph may provide them along with a reference; fields of contacts carry
//! the tag `personal-data`, by which a supergraph can leave them out of a contract.
//!
//! [1]: https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec

use super::collective::{Group, Team};
use super::failure::Result;
use super::identity::LinkedIdentity;
use super::moment::At;
use super::node::named;
use super::organization::Organization;
use super::profile::{Bot, ProfileNode, ServiceAccount, User};
use super::request::of;
use super::role::Role;
use crate::domain::{NodeId, NodeKind};
use async_graphql::{Context, ID, Object};
use std::sync::Arc;

/// The entities of the subgraph.
#[derive(Default)]
pub struct Entities;

fn parse(id: &ID, kind: NodeKind) -> crate::domain::Result<NodeId> {
    NodeId::parse_as(id, &[kind], "representations")
}

/// The entities of the subgraph.
#[Object]
impl Entities {
    #[graphql(entity)]
    async fn user(&self, context: &Context<'_>, id: ID) -> Result<Option<User>> {
        Ok(named(context, parse(&id, NodeKind::User)?, None).await?.map(ProfileNode::of))
    }

    #[graphql(entity)]
    async fn service_account(&self, context: &Context<'_>, id: ID) -> Result<Option<ServiceAccount>> {
        Ok(named(context, parse(&id, NodeKind::ServiceAccount)?, None).await?.map(ProfileNode::of))
    }

    #[graphql(entity)]
    async fn bot(&self, context: &Context<'_>, id: ID) -> Result<Option<Bot>> {
        Ok(named(context, parse(&id, NodeKind::Bot)?, None).await?.map(ProfileNode::of))
    }

    #[graphql(entity)]
    async fn organization(&self, context: &Context<'_>, id: ID) -> Result<Option<Organization>> {
        Ok(named(context, parse(&id, NodeKind::Organization)?, None).await?.map(Organization))
    }

    #[graphql(entity)]
    async fn organization_by_slug(&self, context: &Context<'_>, slug: String) -> Result<Option<Organization>> {
        let found = of(context).read().organization_by_slug(&slug).await?;
        Ok(found.map(|organization| Organization(At::new(Arc::new(organization), None))))
    }

    #[graphql(entity)]
    async fn team(&self, context: &Context<'_>, id: ID) -> Result<Option<Team>> {
        Ok(named(context, parse(&id, NodeKind::Team)?, None).await?.map(Team))
    }

    #[graphql(entity)]
    async fn group(&self, context: &Context<'_>, id: ID) -> Result<Option<Group>> {
        Ok(named(context, parse(&id, NodeKind::Group)?, None).await?.map(Group))
    }

    #[graphql(entity)]
    async fn role(&self, context: &Context<'_>, id: ID) -> Result<Option<Role>> {
        Ok(named(context, parse(&id, NodeKind::Role)?, None).await?.map(Role))
    }

    #[graphql(entity)]
    async fn linked_identity(&self, context: &Context<'_>, id: ID) -> Result<Option<LinkedIdentity>> {
        Ok(named(context, parse(&id, NodeKind::LinkedIdentity)?, None).await?.map(LinkedIdentity))
    }
}
