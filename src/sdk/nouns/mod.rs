//! Kinds of things, and the five operations that most have: list, get, add, update, delete.
//!
//! A [`Noun`] says what differs between them, and a [`Changing`] one how it is changed. [`operations`] makes the rows of the
//! table.

pub mod accounts;
pub mod applications;
pub mod groups;
pub mod organizations;
pub mod providers;
pub mod roles;
pub mod users;

mod described;
mod owned;

use super::answer::Answer;
use super::call::Call;
use super::operation::Operation;
use super::wanted::{Columns, Wanted};
use crate::domain::{Error, NodeId, Result};
use crate::resolvers::command::DeleteNode;
use crate::store::Table;
use serde_json::Value;
use std::sync::Arc;

/// How the operations of a kind of thing are called: list, get, add, update, delete.
pub struct Names {
    /// The verbs.
    pub verbs: [&'static str; 5],
    /// Where they are below `/v1/iam`, if they are.
    pub native: [Option<&'static str>; 5],
}

/// A kind of thing.
pub trait Noun: Send + Sync + 'static {
    /// What it is in the graph.
    type Node: Table;
    /// How one is called.
    const ONE: &'static str;
    /// How many are called.
    const MANY: &'static str;
    /// How many entries a page of its list has at most.
    const MOST: u64;
    /// By what its list is sorted.
    const COLUMNS: Columns;

    /// Part of the list that a request is about.
    fn list(call: &Call, wanted: &Wanted) -> impl Future<Output = Result<Vec<Self::Node>>> + Send;

    /// How many entries the list has.
    fn count(call: &Call) -> impl Future<Output = Result<i64>> + Send;

    /// The one that a request is about; none if there is none that the viewer may see.
    fn find(call: &Call) -> impl Future<Output = Result<Option<Arc<Self::Node>>>> + Send;

    /// Shows many of them.
    fn show(call: &Call, nodes: &[Arc<Self::Node>]) -> impl Future<Output = Result<Vec<Value>>> + Send;

    /// Whether clients are told how one looks that they have changed, if they have not named it in the query.
    fn is_told() -> bool {
        false
    }
}

/// A kind of thing that is made, changed and deleted here.
pub trait Changing: Noun {
    /// How its operations are called.
    const NAMES: Names;

    /// Makes one of the body.
    fn add(call: &Call) -> impl Future<Output = Result<NodeId>> + Send;

    /// Makes one say what the body says.
    fn update(call: &Call, node: &Self::Node) -> impl Future<Output = Result<()>> + Send;
}

/// The operations of a kind of thing.
pub fn operations<N: Changing>() -> Vec<Operation> {
    let Names { verbs: [list, get, add, update, delete], native } = N::NAMES;
    let operations = [
        Operation::get(list, |call| async move { listed::<N>(&call).await }).listing(N::MANY, N::MOST),
        Operation::get(get, |call| async move { got::<N>(&call).await }).of_one(),
        Operation::post(add, |call| async move {
            let id = N::add(&call).await?;
            changed::<N>(&call, id).await
        }),
        Operation::post(update, |call| async move {
            let node = existing::<N>(&call).await?;
            N::update(&call, &node).await?;
            changed::<N>(&call, node.id()).await
        }),
        Operation::post(delete, |call| async move { deleted::<N>(&call).await }),
    ];
    operations.into_iter().zip(native).map(|(operation, native)| operation.at(native)).collect()
}

/// The one that a request is about.
pub async fn existing<N: Noun>(call: &Call) -> Result<Arc<N::Node>> {
    N::find(call).await?.ok_or_else(|| Error::not_found("id", N::ONE))
}

/// Shows one.
pub async fn shown<N: Noun>(call: &Call, node: Arc<N::Node>) -> Result<Value> {
    Ok(N::show(call, &[node]).await?.pop().unwrap_or_default())
}

/// Part of a list, as it is wanted.
pub async fn part<N: Noun>(call: &Call, wanted: &Wanted, mut nodes: Vec<N::Node>) -> Result<Answer> {
    let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    let is_cut = nodes.len() > limit;
    nodes.truncate(limit);
    let nodes: Vec<Arc<N::Node>> = nodes.into_iter().map(Arc::new).collect();
    // Whoever asks for everything, and gets less, is told how much there is.
    let total = if wanted.is_paged || is_cut { Some(N::count(call).await?) } else { None };
    Ok(Answer::List(N::show(call, &nodes).await?, total))
}

/// Part of the list that a request is about.
pub async fn listed<N: Noun>(call: &Call) -> Result<Answer> {
    let wanted = Wanted::of(call, N::MOST, N::COLUMNS)?;
    part::<N>(call, &wanted, N::list(call, &wanted).await?).await
}

/// The one that a request is about, as it is shown.
pub async fn got<N: Noun>(call: &Call) -> Result<Answer> {
    let node = existing::<N>(call).await?;
    shown::<N>(call, node).await.map(Answer::One)
}

/// What is told of one that was changed.
pub async fn changed<N: Noun>(call: &Call, id: NodeId) -> Result<Answer> {
    let is_told = call.is_native || N::is_told() && call.wants_to_see();
    let node = if is_told { call.seen::<N::Node>(id).await? } else { None };
    Ok(Answer::Changed(match node {
        Some(node) => shown::<N>(call, node).await?,
        None => Value::Null,
    }))
}

async fn deleted<N: Changing>(call: &Call) -> Result<Answer> {
    let node = existing::<N>(call).await?;
    let id = node.id();
    let is_told = call.is_native || N::is_told() && call.wants_to_see();
    // How it looked, since it cannot be seen any more.
    let before = if is_told { shown::<N>(call, node).await? } else { Value::Null };
    call.run(DeleteNode { id, expected_version: None, reason: None }).await?;
    Ok(Answer::Changed(before))
}
