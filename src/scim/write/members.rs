//! Members of a group: what a change costs follows the members that it names.

use super::super::present::{self, Reference};
use super::Writer;
use crate::domain::edge::MemberFacts;
use crate::domain::{EdgeKind, Error, ErrorCode, Node, NodeId, Result};
use crate::resolvers::WriteContext;
use crate::resolvers::command::{AddMembers, MemberInput, RemoveMembers};
use crate::store::Side;
use scim_protocol::ScimType;
use scim_protocol::filter::{BoundFilter, Operand, Operator};
use scim_protocol::patch::DetachedAction;
use serde_json::{Map, Value};
use std::collections::HashSet;
use uuid::Uuid;

/// How many members one command changes.
const BATCH: usize = 1_000;

impl Writer {
    /// Does to the members of a group what a PATCH says.
    pub(super) async fn change_members(
        &self,
        context: &mut WriteContext<'_>,
        group: NodeId,
        action: &DetachedAction,
    ) -> Result<()> {
        match action {
            DetachedAction::Add(members) => self.add_members(context, group, &self.ids(members)?).await,
            DetachedAction::Remove(members) => remove_members(context, group, &known_ids(members)).await,
            DetachedAction::RemoveWhere(filter) => match named_ids(filter) {
                Some(ids) => remove_members(context, group, &ids).await,
                None => self.remove_members_where(context, group, filter).await,
            },
            DetachedAction::Replace(members) => self.set_members(context, group, &self.ids(members)?).await,
            DetachedAction::Clear => self.set_members(context, group, &[]).await,
        }
    }

    /// Makes these the members, and nobody else.
    pub(super) async fn set_members(
        &self,
        context: &mut WriteContext<'_>,
        group: NodeId,
        wanted: &[NodeId],
    ) -> Result<()> {
        let current = context.unit().open_edges(EdgeKind::Member, Side::In, &[group.uuid], None).await?;
        let wanted_set: HashSet<NodeId> = wanted.iter().copied().collect();
        let gone: Vec<NodeId> = current.iter().map(|edge| edge.from).filter(|id| !wanted_set.contains(id)).collect();
        // Those who go, go first: what they contained must not count when cycles are looked for.
        remove_members(context, group, &gone).await?;
        self.add_members(context, group, wanted).await
    }

    /// Makes these members, unless they are.
    pub(super) async fn add_members(
        &self,
        context: &mut WriteContext<'_>,
        group: NodeId,
        ids: &[NodeId],
    ) -> Result<()> {
        for ids in ids.chunks(BATCH) {
            let uuids: Vec<Uuid> = ids.iter().map(|id| id.uuid).collect();
            let current = context.unit().open_edges(EdgeKind::Member, Side::In, &[group.uuid], Some(&uuids)).await?;
            // What a membership says beyond that it exists is none of this protocol's business.
            let present: HashSet<NodeId> = current.into_iter().map(|edge| edge.from).collect();
            let mut seen = HashSet::new();
            let mut new: Vec<NodeId> =
                ids.iter().copied().filter(|id| !present.contains(id) && seen.insert(*id)).collect();
            if self.ignore_unknown_members {
                let known: HashSet<NodeId> = context.unit().nodes(&new, false).await?.iter().map(Node::id).collect();
                new.retain(|id| known.contains(id));
            }
            if new.is_empty() {
                continue;
            }
            let members = new.into_iter().map(|id| MemberInput { id, facts: MemberFacts::default() }).collect();
            let command = AddMembers { id: group, expected_version: None, members };
            context.perform(&command).await.map_err(|error| match error.code {
                ErrorCode::NotFound => unknown_member(),
                // A cycle: nothing that is unique is taken, but this cannot be a member.
                ErrorCode::Conflict => Error { code: ErrorCode::InvalidInput, ..error }.at("members"),
                _ => error,
            })?;
        }
        Ok(())
    }

    async fn remove_members_where(
        &self,
        context: &mut WriteContext<'_>,
        group: NodeId,
        filter: &BoundFilter,
    ) -> Result<()> {
        let current = context.unit().open_edges(EdgeKind::Member, Side::In, &[group.uuid], None).await?;
        let ids: Vec<NodeId> = current.iter().map(|edge| edge.from).collect();
        for ids in ids.chunks(BATCH) {
            let nodes = context.unit().nodes(ids, false).await?;
            let found = nodes.iter().filter_map(reference);
            let found = found.filter(|member| filter.matches_element(&present::member(member, self.eye())));
            let found: Vec<NodeId> = found.map(|member| member.id).collect();
            remove_members(context, group, &found).await?;
        }
        Ok(())
    }

    /// The ids that elements name, as far as they are ids.
    pub(super) fn ids(&self, members: &[Map<String, Value>]) -> Result<Vec<NodeId>> {
        let mut ids = Vec::with_capacity(members.len());
        for member in members {
            match value(member).and_then(|value| value.parse().ok()) {
                Some(id) => ids.push(id),
                None if self.ignore_unknown_members => {}
                None => return Err(unknown_member()),
            }
        }
        Ok(ids)
    }
}

async fn remove_members(context: &mut WriteContext<'_>, group: NodeId, ids: &[NodeId]) -> Result<()> {
    for ids in ids.chunks(BATCH) {
        let command = RemoveMembers { id: group, expected_version: None, members: ids.to_vec() };
        context.perform(&command).await?;
    }
    Ok(())
}

/// How a member is called.
fn reference(node: &Node) -> Option<Reference> {
    match node {
        Node::Profile(profile) => Some(Reference { id: profile.id, name: profile.display_name() }),
        Node::Collective(collective) => Some(Reference { id: collective.id, name: collective.name.clone() }),
        _ => None,
    }
}

fn value(member: &Map<String, Value>) -> Option<&str> {
    member.get("value").and_then(Value::as_str)
}

/// The ids that elements name. Who is to be removed and does not exist is no member.
fn known_ids(members: &[Map<String, Value>]) -> Vec<NodeId> {
    members.iter().filter_map(|member| value(member)?.parse().ok()).collect()
}

/// The ids that a filter names, if that is all it does: `value eq "…" or value eq "…"`.
fn named_ids(filter: &BoundFilter) -> Option<Vec<NodeId>> {
    match filter {
        BoundFilter::Or(parts) => {
            let ids: Option<Vec<Vec<NodeId>>> = parts.iter().map(named_ids).collect();
            ids.map(|ids| ids.concat())
        }
        BoundFilter::Compare(comparison) => {
            match (comparison.target.leaf().name.as_str(), comparison.operator, &comparison.operand) {
                ("value", Operator::Eq, Operand::Text(value)) => Some(value.parse().ok().into_iter().collect()),
                _ => None,
            }
        }
        _ => None,
    }
}

fn unknown_member() -> Error {
    Error::invalid(
        "members",
        "One of these members does not exist; send ids of users, agents and groups of the organization.",
    )
    .known_as(ScimType::InvalidValue.as_str())
}
