//! What organizations own under a name: one [noun](Noun) for every [`Kind`] of it.

use super::described::{Described, Draft, shown};
use super::{Changing, Names, Noun};
use crate::domain::{Error, NodeId, NodeKind, Organization, OrganizationId, Page, Result};
use crate::resolvers::query::questions::{Listed, ListedCount};
use crate::sdk::call::Call;
use crate::sdk::changes::{Changes, First, Then};
use crate::sdk::sent::Sent;
use crate::sdk::wanted::{Columns, Wanted};
use crate::store::{Comparison, Listing, Order, Table};
use serde_json::{Map, Value};
use std::marker::PhantomData;
use std::sync::Arc;
use uuid::Uuid;

/// A kind of thing that organizations own under a name: what it has that others have not.
pub trait Kind: Send + Sync + 'static {
    /// What it is in the graph.
    type Node: Listing + Described;
    /// Which kind of node.
    const KIND: NodeKind;
    /// How one is called.
    const ONE: &'static str;
    /// How many are called.
    const MANY: &'static str;
    /// How its operations are called.
    const NAMES: Names;
    /// How many entries a page of its list has at most.
    const MOST: u64;

    /// Those with one of these names, or with one of these names to show; none given, all.
    fn filter(names: Option<Comparison>, shown: Option<Comparison>) -> Result<<Self::Node as Listing>::Filter>;

    /// The organization that owns it.
    fn organization(node: &Self::Node) -> OrganizationId;

    /// What each shows beyond what all show, in the organizations of these slugs.
    fn around(
        call: &Call,
        nodes: &[(&Self::Node, &str)],
    ) -> impl Future<Output = Result<Vec<Map<String, Value>>>> + Send;

    /// The command that makes one.
    fn create(organization: OrganizationId, slug: String, draft: Draft, sent: &Sent) -> Result<First>;

    /// The command that changes one.
    fn update(id: NodeId, draft: Draft, sent: &Sent) -> Result<First>;

    /// What else is to be done, to one that is there or is made anew.
    fn then(
        call: &Call,
        owner: &Organization,
        node: Option<&Self::Node>,
        sent: &Sent,
    ) -> impl Future<Output = Result<Then>> + Send;
}

/// The noun of a kind.
pub struct Owned<K>(PhantomData<K>);

impl<K: Kind> Noun for Owned<K> {
    type Node = K::Node;
    const ONE: &'static str = K::ONE;
    const MANY: &'static str = K::MANY;
    const MOST: u64 = K::MOST;
    const COLUMNS: Columns = &[
        ("createdTime", None),
        ("updatedTime", Some("updated_at")),
        ("name", Some("slug_key")),
        ("displayName", Some("name_key")),
    ];

    async fn list(call: &Call, wanted: &Wanted) -> Result<Vec<K::Node>> {
        let organization = call.organization(call.owner()?.as_deref(), "owner").await?.id;
        call.reader().window(Some(organization), &filter::<K>(call)?, &wanted.sorting, wanted.window()).await
    }

    async fn count(call: &Call) -> Result<i64> {
        let organization = call.organization(call.owner()?.as_deref(), "owner").await?.id;
        counted::<K::Node>(call, organization, filter::<K>(call)?).await
    }

    async fn find(call: &Call) -> Result<Option<Arc<K::Node>>> {
        let name = call.name()?;
        let organization = call.organization(name.owner.as_deref(), "owner").await?.id;
        called::<K>(call, organization, name.name).await
    }

    async fn show(call: &Call, nodes: &[Arc<K::Node>]) -> Result<Vec<Value>> {
        let owners = call.reader().slugs(nodes.iter().map(|node| K::organization(node))).await?;
        let owner = |node: &K::Node| owners.get(&K::organization(node).0).map_or("", String::as_str);
        let owned: Vec<(&K::Node, &str)> = nodes.iter().map(|node| (&**node, owner(node))).collect();
        let around = K::around(call, &owned).await?;
        let show = |((node, owner), around): ((&K::Node, &str), Map<String, Value>)| {
            let mut shown = shown(node, &node.id().to_string(), owner);
            if let Value::Object(fields) = &mut shown {
                fields.extend(around);
            }
            shown
        };
        Ok(owned.into_iter().zip(around).map(show).collect())
    }
}

impl<K: Kind> Changing for Owned<K> {
    const NAMES: Names = K::NAMES;

    async fn add(call: &Call) -> Result<NodeId> {
        let name = call.name()?;
        let owner = call.organization(name.owner.as_deref(), "owner").await?;
        let first = K::create(owner.id, name.name, Draft::of(&call.sent)?, &call.sent)?;
        let then = K::then(call, &owner, None, &call.sent).await?;
        call.run(Changes { first, then }).await
    }

    async fn update(call: &Call, node: &K::Node) -> Result<()> {
        let change = call.change();
        let owner = call.found(K::organization(node).node()).await?;
        let owner = owner.ok_or_else(|| Error::not_found("owner", "organization"))?;
        let first = K::update(node.id(), Draft::of(&change)?, &change)?;
        let then = K::then(call, &owner, Some(node), &change).await?;
        call.run(Changes { first, then }).await.map(|_| ())
    }
}

/// The one of a name, or with an id, in an organization.
pub async fn called<K: Kind>(call: &Call, organization: OrganizationId, name: String) -> Result<Option<Arc<K::Node>>> {
    if let Some(id) = name.parse::<NodeId>().ok().filter(|id| id.kind == K::KIND) {
        let found = call.found::<K::Node>(id).await?;
        return Ok(found.filter(|node| K::organization(node) == organization));
    }
    let filter = K::filter(Some(Comparison::In(vec![name])), None)?;
    let question = Listed::<K::Node> { filter, order: Order::default(), page: Page::first(1), of: PhantomData };
    let found = call.reader().ask(&question, &[organization.0]).await?.remove(&organization.0);
    Ok(found.and_then(|slice| slice.items.into_iter().next()))
}

/// How much an organization has of one type.
pub async fn counted<T: Listing>(call: &Call, organization: OrganizationId, filter: T::Filter) -> Result<i64> {
    let id: Uuid = organization.0;
    let question = ListedCount::<T> { filter, of: PhantomData };
    Ok(call.reader().ask(&question, &[id]).await?.remove(&id).unwrap_or_default())
}

/// Which are wanted: those with a value in a field, if one is named.
fn filter<K: Kind>(call: &Call) -> Result<<K::Node as Listing>::Filter> {
    let Some((field, value)) = call.searched()? else { return K::filter(None, None) };
    let one = Some(Comparison::In(vec![value.to_owned()]));
    match field {
        "name" => K::filter(one, None),
        "displayName" => K::filter(None, one),
        _ => Err(Error::invalid("field", "Search by name or displayName.")),
    }
}
