//! The roots of reading.

use super::collective::{GroupConnection, TeamConnection};
use super::connection::Count;
use super::failure::{Failure, Nullable, Result, nullable, present};
use super::filter::{CollectiveFilter, IdentityFilter, NameOrder, ProfileFilter, ProfileOrder, RoleFilter, TimeOrder};
use super::identity::LinkedIdentityConnection;
use super::lists;
use super::node::Node;
use super::organization::{Organization, OrganizationConnection, OrganizationEdge};
use super::profile::{Profile, ProfileConnection, profile};
use super::request::{PageArgs, of};
use super::role::RoleConnection;
use super::scalars::SearchKind;
use super::search::{self, SearchConnection};
use super::viewer::Viewer;
use crate::domain::identity::DEFAULT_ENVIRONMENT;
use crate::domain::{Error, NodeId, NodeKind, OrganizationId};
use crate::resolvers::query::ProfileBy;
use crate::store::{Listing, Order};
use async_graphql::{Context, ID, InputObject, Object, OneofObject};
use std::sync::Arc;

/// The most ids that `nodes` takes.
const MAX_NODES: usize = 100;

/// The roots of reading.
pub struct Query;

/// An account at another provider.
#[derive(InputObject)]
pub struct IdentityKey {
    /// The provider, such as `github`.
    provider: String,
    /// The provider's environment; `production` unless given.
    environment: Option<String>,
    /// The provider's id of the account. Case counts.
    account_id: String,
}

/// A user name in an organization.
#[derive(InputObject)]
pub struct UsernameKey {
    /// The slug of the organization.
    organization: String,
    /// The user name. Case does not count.
    username: String,
}

/// What identifies a profile. Give exactly one.
#[derive(OneofObject)]
pub enum ProfileKey {
    /// Public id.
    Id(ID),
    /// User name in an organization.
    Username(UsernameKey),
    /// E-mail address. Case does not count.
    Email(String),
    /// An account that the profile owns at another provider.
    Identity(IdentityKey),
}

/// The roots of reading.
#[Object]
impl Query {
    /// Who asks; null for a request without a token.
    async fn viewer(&self, context: &Context<'_>) -> Option<Viewer> {
        of(context).viewer.access.clone().map(Viewer)
    }

    /// The node with this public id, of any kind; null if there is none that the viewer may see.
    async fn node(&self, context: &Context<'_>, #[graphql(desc = "Public id.")] id: ID) -> Nullable<Node> {
        nullable(async { Node::load(context, id.parse::<NodeId>()?).await }.await)
    }

    /// The nodes with these public ids, in the same order; null for each that the viewer may not see.
    async fn nodes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Public ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MAX_NODES {
            return Err(Error::invalid("ids", format!("At most {MAX_NODES} ids can be asked for at once.")).into());
        }
        let parse = |(index, id): (usize, &ID)| id.parse::<NodeId>().map_err(|error| error.at(format!("ids[{index}]")));
        let ids: Vec<NodeId> = ids.iter().enumerate().map(parse).collect::<Result<_, _>>()?;
        let nodes = futures::future::join_all(ids.iter().map(|id| Node::load(context, *id))).await;
        nodes.into_iter().collect()
    }

    /// The profile that this identifies; null if there is none that the viewer may see.
    async fn profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What identifies it.")] by: ProfileKey,
    ) -> Nullable<Profile> {
        nullable(
            async {
                let reader = of(context).read();
                let by = match by {
                    ProfileKey::Id(id) => {
                        let id = NodeId::parse_as(&id, &NodeKind::PROFILES, "by.id")?;
                        let found = reader.nodes::<crate::domain::Profile>(&[id.uuid]).await?.remove(&id.uuid);
                        return Ok(super::node::whole(found.map(Arc::new), id).map(profile));
                    }
                    ProfileKey::Username(key) => {
                        let Some(organization) = reader.organization_by_slug(&key.organization).await? else {
                            return Ok(None);
                        };
                        ProfileBy::Username(organization.id, key.username)
                    }
                    ProfileKey::Email(address) => ProfileBy::Email(address),
                    ProfileKey::Identity(key) => {
                        let environment = key.environment.unwrap_or_else(|| DEFAULT_ENVIRONMENT.to_owned());
                        ProfileBy::Identity(key.provider, environment, key.account_id)
                    }
                };
                Ok(reader.profile_by(&by).await?.map(|found| profile(Arc::new(found))))
            }
            .await,
        )
    }

    /// The organization with this slug; null if there is none that the viewer may see.
    async fn organization(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The slug. Case does not count.")] slug: String,
    ) -> Nullable<Organization> {
        nullable(
            async {
                let found = of(context).read().organization_by_slug(&slug).await?;
                Ok(found.map(|organization| Organization(Arc::new(organization))))
            }
            .await,
        )
    }

    /// The organizations that the viewer sees.
    async fn organizations(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<NameOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<OrganizationConnection> {
        present(
            async {
                let order = order_by.map(Order::from).unwrap_or_default();
                let page = PageArgs { first, after, last, before }.page(context, order.tag())?;
                let slice = of(context).read().organizations(order, &page).await?;
                let count: Count = Arc::new(|context| {
                    let (app, viewer) = (Arc::clone(&of(context).app), of(context).viewer.clone());
                    Box::pin(async move { app.read(&viewer).organization_count().await })
                });
                Ok(OrganizationConnection::of(Some(slice), count, |organization| OrganizationEdge {
                    cursor: organization.cursor(order).encode(),
                    node: Organization(Arc::new(organization)),
                    says: (),
                }))
            }
            .await,
        )
    }

    /// The users, service accounts and bots of an organization.
    async fn profiles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The slug or public id of the organization; the viewer's own unless given.")]
        organization: Option<String>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<ProfileFilter>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<ProfileOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<ProfileConnection> {
        present(
            async {
                let tenant = tenant(context, organization).await?;
                lists::profiles(context, tenant, (filter, order_by), PageArgs { first, after, last, before }).await
            }
            .await,
        )
    }

    /// The teams of an organization.
    async fn teams(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The slug or public id of the organization; the viewer's own unless given.")]
        organization: Option<String>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<CollectiveFilter>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<NameOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<TeamConnection> {
        present(
            async {
                let tenant = tenant(context, organization).await?;
                lists::teams(context, tenant, (filter, order_by), PageArgs { first, after, last, before }).await
            }
            .await,
        )
    }

    /// The groups of an organization.
    async fn groups(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The slug or public id of the organization; the viewer's own unless given.")]
        organization: Option<String>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<CollectiveFilter>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<NameOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<GroupConnection> {
        present(
            async {
                let tenant = tenant(context, organization).await?;
                lists::groups(context, tenant, (filter, order_by), PageArgs { first, after, last, before }).await
            }
            .await,
        )
    }

    /// The roles of an organization.
    async fn roles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The slug or public id of the organization; the viewer's own unless given.")]
        organization: Option<String>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<RoleFilter>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<NameOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<RoleConnection> {
        present(
            async {
                let tenant = tenant(context, organization).await?;
                lists::roles(context, tenant, (filter, order_by), PageArgs { first, after, last, before }).await
            }
            .await,
        )
    }

    /// The accounts that an organization knows of at other providers.
    async fn identities(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The slug or public id of the organization; the viewer's own unless given.")]
        organization: Option<String>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<IdentityFilter>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<TimeOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<LinkedIdentityConnection> {
        present(
            async {
                let tenant = tenant(context, organization).await?;
                lists::identities(context, tenant, (filter, order_by), PageArgs { first, after, last, before }).await
            }
            .await,
        )
    }

    /// The nodes in whose texts (names, user names, slugs, e-mail addresses, account ids) every word of `text` begins some
    /// word. Case and accents do not count. Nodes with more of the words whole come first, then the older ones.
    async fn search(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The words; the first eight count.")] text: String,
        #[graphql(desc = "Only nodes of these kinds; all unless given.")] kinds: Option<Vec<SearchKind>>,
        #[graphql(desc = "Only in the organization with this slug or public id.")] organization: Option<String>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<SearchConnection> {
        present(
            async {
                let within = match organization {
                    Some(name) => Some(tenant(context, Some(name)).await?),
                    None => None,
                };
                search::search(context, (text, kinds, within), PageArgs { first, after, last, before }).await
            }
            .await,
        )
    }
}

/// The organization that a root is about: the one named by slug or public id, else the one the viewer is confined to.
async fn tenant(context: &Context<'_>, name: Option<String>) -> Result<OrganizationId> {
    let reader = of(context).read();
    let Some(name) = name else {
        if of(context).viewer.access.is_none() {
            return Err(Failure(Error::unauthenticated()));
        }
        let own = reader.own_organization();
        let missing =
            || Error::invalid("organization", "This token spans every organization; name one by slug or public id.");
        return Ok(own.ok_or_else(missing)?);
    };
    let found = match NodeId::parse_as(&name, &[NodeKind::Organization], "organization") {
        Ok(id) => reader.nodes::<crate::domain::Organization>(&[id.uuid]).await?.remove(&id.uuid),
        Err(_) => reader.organization_by_slug(&name).await?,
    };
    Ok(found.ok_or_else(|| Error::not_found("organization", "organization"))?.id)
}
