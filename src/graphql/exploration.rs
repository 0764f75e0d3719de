//! The roots that look for what nobody has named: who an identifier means, how two nodes are connected, what lies around.

use super::failure::{Nullable, nullable};
use super::moment::{self, At};
use super::profile::{Profile, profile};
use super::query::{self, IdentityKey};
use super::request::of;
use super::scalars::EdgeKind;
use super::walk::{GraphPath, Neighborhood};
use crate::domain::identity::DEFAULT_ENVIRONMENT;
use crate::domain::{self, Error, NodeId, NodeKind};
use crate::resolvers::query::walk::{MAX_PATH, MAX_RADIUS};
use crate::resolvers::query::{self as reading, Rule};
use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// The most nodes of a neighbourhood.
const MAX_NEIGHBORS: u32 = 500;

/// The id by which a client of the directory knows a profile.
#[derive(InputObject)]
pub struct ExternalIdKey {
    /// The client, such as `payroll`.
    client: String,
    /// Its id. Case counts.
    value: String,
}

/// What somebody knows of a profile. Give exactly one.
#[derive(OneofObject)]
pub enum Identifier {
    /// Some text, which is tried as a public id, as `provider:account` or `provider/environment:account`, as an e-mail
    /// address, as a user name, and as a telephone number, in this order.
    Text(String),
    /// Public id of a profile, or of a linked identity that belongs to one.
    Id(ID),
    /// An account at another provider.
    Identity(IdentityKey),
    /// E-mail address. Case does not count.
    Email(String),
    /// User name. Case does not count.
    Username(String),
    /// Telephone number. Spaces and punctuation do not count.
    Phone(String),
    /// The id by which a client of the directory knows it. Needs the role editor.
    ExternalId(ExternalIdKey),
}

/// By which rule a profile was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ResolutionRule {
    /// The identifier is its public id.
    Id,
    /// The identifier is the public id of a linked identity that belongs to it.
    IdentityId,
    /// It owns that account at that provider.
    Identity,
    /// It has that e-mail address.
    Email,
    /// It has that user name.
    Username,
    /// It has that telephone number.
    Phone,
    /// A client of the directory knows it so.
    ExternalId,
    /// The identifier was that of a profile that was merged into this one.
    Merged,
}

impl From<Rule> for ResolutionRule {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::Id => Self::Id,
            Rule::IdentityId => Self::IdentityId,
            Rule::Account => Self::Identity,
            Rule::Email => Self::Email,
            Rule::Username => Self::Username,
            Rule::Phone => Self::Phone,
            Rule::ExternalId => Self::ExternalId,
            Rule::Merged => Self::Merged,
        }
    }
}

/// The profile that an identifier means.
#[derive(SimpleObject)]
pub struct Resolution {
    /// The profile.
    profile: Profile,
    /// Why it is this one.
    rule: ResolutionRule,
}

/// The roots that explore the graph.
#[derive(Default)]
pub struct Exploration;

/// The roots that explore the graph.
#[Object]
impl Exploration {
    /// The profile that an identifier means, and by which rule; null if there is none that the viewer may see. If more than
    /// one has it, that is a `CONFLICT`.
    async fn resolve(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is known of it.")] identifier: Identifier,
        #[graphql(desc = "Only in the organization with this slug or public id.")] organization: Option<String>,
        #[graphql(
            desc = "As of when, in the past; now unless given. Whatever is reached from there is read as of then."
        )]
        as_of: Option<DateTime<Utc>>,
    ) -> Nullable<Resolution> {
        nullable(
            async {
                let moment = moment::of_argument(context, as_of).await?;
                let within = match organization {
                    Some(name) => Some(query::tenant(context, Some(name), moment).await?),
                    None => None,
                };
                let found = of(context).read_at(moment).resolve(&identifier.compile()?, within).await?;
                Ok(found.map(|found| Resolution {
                    profile: profile(At::new(Arc::new(found.profile), moment)),
                    rule: found.rule.into(),
                }))
            }
            .await,
        )
    }

    /// A shortest chain of edges between two nodes, whichever way the edges point; null if there is none so short.
    async fn path(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Public id of the node where it begins.")] from: ID,
        #[graphql(desc = "Public id of the node where it ends.")] to: ID,
        #[graphql(desc = "Only over edges of these kinds; all unless given.")] kinds: Option<Vec<EdgeKind>>,
        #[graphql(desc = "How many edges it may have, from 0 to 16.", default = 8)] max_length: u32,
        #[graphql(
            desc = "As of when, in the past; now unless given. Whatever is reached from there is read as of then."
        )]
        as_of: Option<DateTime<Utc>>,
    ) -> Nullable<GraphPath> {
        nullable(
            async {
                bounded("maxLength", max_length, MAX_PATH)?;
                let from = graph_node(&from, "from")?;
                let to = graph_node(&to, "to")?;
                let moment = moment::of_argument(context, as_of).await?;
                let reader = of(context).read_at(moment);
                let found = reader.path(from, to, &compile_kinds(kinds), max_length).await?;
                Ok(found.map(|edges| GraphPath::new(from, edges, moment)))
            }
            .await,
        )
    }

    /// What lies around a node, for a view of the graph: the nodes within `depth` edges, whichever way these point, and the
    /// edges between them.
    async fn neighborhood(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Public id of the node in the middle.")] id: ID,
        #[graphql(desc = "How many edges away the farthest nodes may be, from 0 to 6.", default = 1)] depth: u32,
        #[graphql(desc = "Only over edges of these kinds; all unless given.")] kinds: Option<Vec<EdgeKind>>,
        #[graphql(desc = "How many nodes, from 1 to 500.", default = 100)] limit: u32,
        #[graphql(
            desc = "As of when, in the past; now unless given. Whatever is reached from there is read as of then."
        )]
        as_of: Option<DateTime<Utc>>,
    ) -> Nullable<Neighborhood> {
        nullable(
            async {
                bounded("depth", depth, MAX_RADIUS)?;
                bounded("limit", limit, MAX_NEIGHBORS)?;
                let id = graph_node(&id, "id")?;
                let moment = moment::of_argument(context, as_of).await?;
                let reader = of(context).read_at(moment);
                let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
                let found = reader.neighborhood(id, depth, &compile_kinds(kinds), limit).await?;
                Ok(found.map(|found| Neighborhood::new(found, moment)))
            }
            .await,
        )
    }
}

impl Identifier {
    fn compile(self) -> domain::Result<reading::Identifier> {
        Ok(match self {
            Self::Text(text) => reading::Identifier::Text(text),
            Self::Id(id) => {
                let kinds = [&NodeKind::PROFILES[..], &[NodeKind::LinkedIdentity]].concat();
                reading::Identifier::Id(NodeId::parse_as(&id, &kinds, "identifier.id")?)
            }
            Self::Identity(key) => {
                let environment = key.environment.unwrap_or_else(|| DEFAULT_ENVIRONMENT.to_owned());
                reading::Identifier::Account(key.provider, environment, key.account_id)
            }
            Self::Email(address) => reading::Identifier::Email(address),
            Self::Username(username) => reading::Identifier::Username(username),
            Self::Phone(number) => reading::Identifier::Phone(number),
            Self::ExternalId(key) => reading::Identifier::ExternalId(key.client, key.value),
        })
    }
}

fn compile_kinds(kinds: Option<Vec<EdgeKind>>) -> Vec<domain::EdgeKind> {
    kinds.map_or_else(|| domain::EdgeKind::ALL.to_vec(), |kinds| kinds.into_iter().map(Into::into).collect())
}

fn graph_node(id: &ID, field: &str) -> domain::Result<NodeId> {
    let kinds: Vec<NodeKind> = NodeKind::ALL.into_iter().filter(|kind| *kind != NodeKind::Token).collect();
    NodeId::parse_as(id, &kinds, field)
}

fn bounded(field: &'static str, value: u32, max: u32) -> domain::Result<()> {
    if value <= max { Ok(()) } else { Err(Error::invalid(field, format!("This may be {max} at most."))) }
}
