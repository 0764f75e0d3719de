//! The roots of reading.

use super::activity::{self, Session};
use super::alert::{self, Alert, AlertConnection, AlertFilter};
use super::collective::{GroupConnection, TeamConnection};
use super::connection::Count;
use super::failure::{Failure, Nullable, Result, nullable, present};
use super::feed::{self, ThreatFeed};
use super::filter::{CollectiveFilter, IdentityFilter, NameOrder, ProfileFilter, ProfileOrder, RoleFilter, TimeOrder};
use super::identity::LinkedIdentityConnection;
use super::lists;
use super::moment::{self, At, Moment};
use super::node::{self, Node};
use super::organization::{Organization, OrganizationConnection, OrganizationEdge};
use super::profile::{Profile, ProfileConnection, profile};
use super::request::{PageArgs, of};
use super::role::RoleConnection;
use super::scalars::SearchKind;
use super::search::{self, SearchConnection};
use super::viewer::Viewer;
use crate::domain::identity::DEFAULT_ENVIRONMENT;
use crate::domain::{self, Error, NodeId, NodeKind, OrganizationId};
use crate::resolvers::Reader;
use crate::resolvers::query::ProfileBy;
use crate::resolvers::query::questions::{Named, OrganizationBySlug};
use crate::store::{Listing, Order};
use async_graphql::{Context, ID, InputObject, MergedObject, Object, OneofObject};
use chrono::{DateTime, Utc};
use std::marker::PhantomData;
use std::sync::Arc;

/// The most ids that `nodes` takes.
const MAX_NODES: usize = 100;

/// The roots of reading.
#[derive(Default, MergedObject)]
pub struct Query(
    Lookups,
    super::risk_policy::RiskPolicies,
    super::webhook::Webhooks,
    super::exploration::Exploration,
    super::federation::Entities,
);

/// The roots that read what is named, and lists.
#[derive(Default)]
pub struct Lookups;

/// An account at another provider.
#[derive(InputObject)]
pub struct IdentityKey {
    /// The provider, such as `github`.
    pub provider: String,
    /// The provider's environment; `production` unless given.
    pub environment: Option<String>,
    /// The provider's id of the account. Case counts.
    pub account_id: String,
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

/// The roots that read what is named, and lists.
#[Object]
impl Lookups {
    /// Who asks; null for a request without a token.
    async fn viewer(&self, context: &Context<'_>) -> Option<Viewer> {
        of(context).viewer.access.clone().map(Viewer)
    }

    /// The node with this public id, of any kind; null if there is none that the viewer may see.
    async fn node(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Public id.")] id: ID,
        #[graphql(
            desc = "As of when, in the past; now unless given. Whatever is reached from there is read as of then."
        )]
        as_of: Option<DateTime<Utc>>,
    ) -> Nullable<Node> {
        nullable(
            async {
                let moment = moment::of_argument(context, as_of).await?;
                Node::load_at(context, id.parse::<NodeId>()?, moment).await
            }
            .await,
        )
    }

    /// The nodes with these public ids, in the same order; null for each that the viewer may not see.
    async fn nodes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Public ids, at most 100.")] ids: Vec<ID>,
        #[graphql(
            desc = "As of when, in the past; now unless given. Whatever is reached from there is read as of then."
        )]
        as_of: Option<DateTime<Utc>>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > MAX_NODES {
            return Err(Error::invalid("ids", format!("At most {MAX_NODES} ids can be asked for at once.")).into());
        }
        let parse = |(index, id): (usize, &ID)| id.parse::<NodeId>().map_err(|error| error.at(format!("ids[{index}]")));
        let ids: Vec<NodeId> = ids.iter().enumerate().map(parse).collect::<Result<_, _>>()?;
        let moment = moment::of_argument(context, as_of).await?;
        let nodes = futures::future::join_all(ids.iter().map(|id| Node::load_at(context, *id, moment))).await;
        nodes.into_iter().collect()
    }

    /// The session with this public id; null if there is none that the viewer may see. Needs the role admin and the scope `history:read`; everybody may read their own.
    async fn session(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Public id: `ses_…`.")] id: ID,
    ) -> Nullable<Session> {
        nullable(activity::session(context, &id).await)
    }

    /// The alert with this public id; null if there is none that the viewer may see. Needs the role editor.
    async fn alert(&self, context: &Context<'_>, #[graphql(desc = "Public id: `alr_…`.")] id: ID) -> Nullable<Alert> {
        nullable(alert::alert(context, &id).await)
    }

    /// What other systems have noticed about accounts of an organization, the latest first. Needs the role editor.
    async fn alerts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The slug or public id of the organization; the viewer's own unless given.")]
        organization: Option<String>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<AlertFilter>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<AlertConnection> {
        present(
            async {
                let (organization, _) = owner(context, organization, None).await?;
                alert::of_organization(context, organization, filter, PageArgs { first, after, last, before }).await
            }
            .await,
        )
    }

    /// The profile that this identifies; null if there is none that the viewer may see.
    async fn profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What identifies it.")] by: ProfileKey,
        #[graphql(
            desc = "As of when, in the past; now unless given. Whatever is reached from there is read as of then."
        )]
        as_of: Option<DateTime<Utc>>,
    ) -> Nullable<Profile> {
        nullable(
            async {
                let moment = moment::of_argument(context, as_of).await?;
                let reader = of(context).read_at(moment);
                let by = match by {
                    ProfileKey::Id(id) => {
                        let id = NodeId::parse_as(&id, &NodeKind::PROFILES, "by.id")?;
                        return Ok(node::named(context, id, moment).await?.map(profile));
                    }
                    ProfileKey::Username(key) => {
                        let Some(organization) = by_slug(reader, key.organization).await? else { return Ok(None) };
                        ProfileBy::Username(organization.id, key.username)
                    }
                    ProfileKey::Email(address) => ProfileBy::Email(address),
                    ProfileKey::Identity(key) => {
                        let environment = key.environment.unwrap_or_else(|| DEFAULT_ENVIRONMENT.to_owned());
                        ProfileBy::Identity(key.provider, environment, key.account_id)
                    }
                };
                Ok(reader.profile_by(&by).await?.map(|found| profile(At::new(Arc::new(found), moment))))
            }
            .await,
        )
    }

    /// The organization with this slug; null if there is none that the viewer may see.
    async fn organization(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The slug. Case does not count.")] slug: String,
        #[graphql(
            desc = "As of when, in the past; now unless given. Whatever is reached from there is read as of then."
        )]
        as_of: Option<DateTime<Utc>>,
    ) -> Nullable<Organization> {
        nullable(
            async {
                let moment = moment::of_argument(context, as_of).await?;
                let found = by_slug(of(context).read_at(moment), slug).await?;
                Ok(found.map(|organization| Organization(At::new(organization, moment))))
            }
            .await,
        )
    }

    /// The organizations that the viewer sees.
    async fn organizations(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "As of when, in the past; now unless given. Whatever is reached from there is read as of then."
        )]
        as_of: Option<DateTime<Utc>>,
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
                let moment = moment::of_argument(context, as_of).await?;
                let slice = of(context).read_at(moment).organizations(order, &page).await?;
                let count: Count = Arc::new(move |context| {
                    let (app, viewer) = (Arc::clone(&of(context).app), of(context).viewer.clone());
                    Box::pin(async move { app.read(&viewer).as_of(moment).organization_count().await })
                });
                Ok(OrganizationConnection::of(Some(slice), count, |organization| OrganizationEdge {
                    cursor: organization.cursor(order).encode(),
                    node: Organization(At::new(Arc::new(organization), moment)),
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
        #[graphql(
            desc = "As of when, in the past; now unless given. Whatever is reached from there is read as of then."
        )]
        as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<ProfileFilter>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<ProfileOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<ProfileConnection> {
        present(
            async {
                let owner = owner(context, organization, as_of).await?;
                lists::profiles(context, owner, (filter, order_by), PageArgs { first, after, last, before }).await
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
        #[graphql(
            desc = "As of when, in the past; now unless given. Whatever is reached from there is read as of then."
        )]
        as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<CollectiveFilter>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<NameOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<TeamConnection> {
        present(
            async {
                let owner = owner(context, organization, as_of).await?;
                lists::teams(context, owner, (filter, order_by), PageArgs { first, after, last, before }).await
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
        #[graphql(
            desc = "As of when, in the past; now unless given. Whatever is reached from there is read as of then."
        )]
        as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<CollectiveFilter>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<NameOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<GroupConnection> {
        present(
            async {
                let owner = owner(context, organization, as_of).await?;
                lists::groups(context, owner, (filter, order_by), PageArgs { first, after, last, before }).await
            }
            .await,
        )
    }

    /// The threat-intelligence feeds of an organization, the oldest first; at most 50. Without an organization, those who span
    /// the server see the feeds that count for every organization. Needs the role admin.
    async fn threat_feeds(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The slug or public id of the organization; the viewer's own unless given.")]
        organization: Option<String>,
    ) -> Nullable<Vec<ThreatFeed>> {
        present(feed::list(context, organization).await)
    }

    /// The roles of an organization.
    async fn roles(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The slug or public id of the organization; the viewer's own unless given.")]
        organization: Option<String>,
        #[graphql(
            desc = "As of when, in the past; now unless given. Whatever is reached from there is read as of then."
        )]
        as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<RoleFilter>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<NameOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<RoleConnection> {
        present(
            async {
                let owner = owner(context, organization, as_of).await?;
                lists::roles(context, owner, (filter, order_by), PageArgs { first, after, last, before }).await
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
        #[graphql(
            desc = "As of when, in the past; now unless given. Whatever is reached from there is read as of then."
        )]
        as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "Which of them; all unless given.")] filter: Option<IdentityFilter>,
        #[graphql(desc = "In which order; by creation unless given.")] order_by: Option<TimeOrder>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<LinkedIdentityConnection> {
        present(
            async {
                let owner = owner(context, organization, as_of).await?;
                lists::identities(context, owner, (filter, order_by), PageArgs { first, after, last, before }).await
            }
            .await,
        )
    }

    /// The nodes in whose texts (names, user names, slugs, e-mail addresses, account ids) every word of `text` begins some
    /// word. Case and accents do not count. Nodes with more of the words whole come first, then the older ones. If nothing
    /// is found, words of four letters and more may be misspelled: in one place, from eight letters on in two; the first
    /// letter has to be right.
    async fn search(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The words; the first eight count.")] text: String,
        #[graphql(desc = "Only nodes of these kinds; all unless given.")] kinds: Option<Vec<SearchKind>>,
        #[graphql(desc = "Only in the organization with this slug or public id.")] organization: Option<String>,
        #[graphql(
            desc = "As of when, in the past; now unless given. Whatever is reached from there is read as of then."
        )]
        as_of: Option<DateTime<Utc>>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<SearchConnection> {
        present(
            async {
                let moment = moment::of_argument(context, as_of).await?;
                let within = match organization {
                    Some(name) => Some(tenant(context, Some(name), moment).await?),
                    None => None,
                };
                search::search(context, (text, kinds, within, moment), PageArgs { first, after, last, before }).await
            }
            .await,
        )
    }
}

/// Whose list a root is about, and as of when.
async fn owner(
    context: &Context<'_>,
    organization: Option<String>,
    as_of: Option<DateTime<Utc>>,
) -> Result<lists::Owner> {
    let moment = moment::of_argument(context, as_of).await?;
    Ok((tenant(context, organization, moment).await?, moment))
}

/// The organization that a root is about: the one named by slug or public id, else the one the viewer is confined to.
pub async fn tenant(context: &Context<'_>, name: Option<String>, moment: Moment) -> Result<OrganizationId> {
    let reader = of(context).read_at(moment);
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
        Ok(id) => reader.ask(&Named::<domain::Organization> { of: PhantomData }, &[id.uuid]).await?.remove(&id.uuid),
        Err(_) => by_slug(reader, name).await?,
    };
    Ok(found.ok_or_else(|| Error::not_found("organization", "organization"))?.id)
}

async fn by_slug(reader: Reader<'_>, slug: String) -> domain::Result<Option<Arc<domain::Organization>>> {
    Ok(reader.ask(&OrganizationBySlug { slug }, &[()]).await?.remove(&()))
}
