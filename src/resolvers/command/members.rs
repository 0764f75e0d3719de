//! Add, remove and set the members of a team or group.
//!
//! What a change costs follows the members it names, not those there are: only the edges of the named members are read,
//! except by [`SetMembers`], which names them all.

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::{Command, Target};
use crate::domain::collective::check_membership;
use crate::domain::edge::MemberFacts;
use crate::domain::{Collective, Edge, EdgeKind, Error, NodeId, Result};
use crate::store::{NewEdge, Side};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The most members that one request names.
pub const MAX_MEMBERS: usize = 1_000;

/// A member, and what it is to be.
#[derive(Debug, Clone, Serialize)]
pub struct MemberInput {
    /// The profile, team or group.
    pub id: NodeId,
    /// Role and functions.
    pub facts: MemberFacts,
}

/// Who came, who went, and who changed role or functions.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct MembersChanged {
    /// Those who were not members before.
    pub added: Vec<NodeId>,
    /// Those who are members no more.
    pub removed: Vec<NodeId>,
    /// Those whose role or functions changed.
    pub updated: Vec<NodeId>,
}

/// Makes somebody a member, or changes role and functions of somebody who is one.
#[derive(Debug, Clone, Serialize)]
pub struct AddMembers {
    /// The team or group.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// Whom.
    pub members: Vec<MemberInput>,
}

/// Ends memberships. Who is no member stays none.
#[derive(Debug, Clone, Serialize)]
pub struct RemoveMembers {
    /// The team or group.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// Whose.
    pub members: Vec<NodeId>,
}

/// Makes these the members, and nobody else.
#[derive(Debug, Clone, Serialize)]
pub struct SetMembers {
    /// The team or group.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// Whom.
    pub members: Vec<MemberInput>,
}

impl Command for AddMembers {
    type Output = MembersChanged;
    const ACTION: &'static str = "members.add";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<MembersChanged> {
        begin(context, self.id, self.expected_version, ("members", self.members.len())).await?;
        check_members(context, self.id, &self.members).await?;
        let uuids: Vec<Uuid> = self.members.iter().map(|member| member.id.uuid).collect();
        let current = context.unit().open_edges(EdgeKind::Member, Side::In, &[self.id.uuid], Some(&uuids)).await?;
        let mut changed = MembersChanged::default();
        enrol(context, self.id, &self.members, &current, &mut changed).await?;
        Ok(changed)
    }
}

impl Command for RemoveMembers {
    type Output = MembersChanged;
    const ACTION: &'static str = "members.remove";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<MembersChanged> {
        begin(context, self.id, self.expected_version, ("memberIds", self.members.len())).await?;
        let uuids: Vec<Uuid> = self.members.iter().map(|member| member.uuid).collect();
        let current = context.unit().open_edges(EdgeKind::Member, Side::In, &[self.id.uuid], Some(&uuids)).await?;
        let mut changed = MembersChanged::default();
        dismiss(context, self.id, current.iter().filter(|edge| self.members.contains(&edge.from)), &mut changed)
            .await?;
        Ok(changed)
    }
}

impl Command for SetMembers {
    type Output = MembersChanged;
    const ACTION: &'static str = "members.set";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<MembersChanged> {
        begin(context, self.id, self.expected_version, ("members", self.members.len())).await?;
        check_members(context, self.id, &self.members).await?;
        let wanted: HashSet<NodeId> = self.members.iter().map(|member| member.id).collect();
        let current = context.unit().open_edges(EdgeKind::Member, Side::In, &[self.id.uuid], None).await?;
        let mut changed = MembersChanged::default();
        // Those who go, go first: what they contained must not count when cycles are looked for.
        dismiss(context, self.id, current.iter().filter(|edge| !wanted.contains(&edge.from)), &mut changed).await?;
        enrol(context, self.id, &self.members, &current, &mut changed).await?;
        Ok(changed)
    }
}

async fn begin(
    context: &mut WriteContext<'_>,
    id: NodeId,
    expected: Option<i64>,
    (field, count): (&str, usize),
) -> Result<()> {
    let _: Collective = context.load(id, "id").await?;
    context.authorize_tenant(Action::EditDirectory)?;
    context.expect_version(id, expected)?;
    if count > MAX_MEMBERS {
        return Err(Error::invalid(field, format!("One request names at most {MAX_MEMBERS} members; send several.")));
    }
    guard_privilege(context, &[id.uuid]).await
}

/// Requires the owner's role for a change to who is in something that confers a privileged role: otherwise whoever may
/// edit the directory could make anybody anything.
pub(super) async fn guard_privilege(context: &mut WriteContext<'_>, collectives: &[Uuid]) -> Result<()> {
    if context.unit().confers_privilege(collectives).await? {
        context.authorize_tenant(Action::Own).map_err(|error| match error.code {
            crate::domain::ErrorCode::Forbidden => Error::forbidden(
                "Its members have a privileged role through it, so this needs the role owner in the organization.",
            ),
            _ => error,
        })?;
    }
    Ok(())
}

/// Requires that members are named once, exist, and may be members here.
pub(super) async fn check_members(context: &mut WriteContext<'_>, id: NodeId, members: &[MemberInput]) -> Result<()> {
    let ids: Vec<NodeId> = members.iter().map(|member| member.id).collect();
    context.load_all(&ids).await?;
    let mut seen = HashSet::new();
    for (index, member) in members.iter().enumerate() {
        let field = format!("members[{index}].id");
        check_membership(&field, id.kind, member.id.kind)?;
        if !context.has(member.id) {
            return Err(Error::not_found(field, member.id.kind));
        }
        if !seen.insert(member.id) {
            return Err(Error::invalid(field, "This member is named twice; name it once."));
        }
        member.facts.check(&format!("members[{index}].functions"))?;
    }
    Ok(())
}

/// Opens the edges of those who are to be members, and replaces those whose facts changed.
pub(super) async fn enrol(
    context: &mut WriteContext<'_>,
    id: NodeId,
    members: &[MemberInput],
    current: &[Edge],
    changed: &mut MembersChanged,
) -> Result<()> {
    let current: HashMap<NodeId, &Edge> = current.iter().map(|edge| (edge.from, edge)).collect();
    for (index, member) in members.iter().enumerate() {
        let old = current.get(&member.id).copied();
        if old.is_none() && member.id.kind.is_collective() {
            context.contain(id, member.id, &format!("members[{index}].id")).await?;
        }
        match old {
            Some(edge) if edge.member.as_ref() == Some(&member.facts) => continue,
            Some(_) => changed.updated.push(member.id),
            None => changed.added.push(member.id),
        }
        let new = NewEdge::membership(member.id, id, member.facts.clone());
        context.replace_edge(old, Some(new))?;
    }
    Ok(())
}

async fn dismiss<'e>(
    context: &mut WriteContext<'_>,
    id: NodeId,
    edges: impl Iterator<Item = &'e Edge>,
    changed: &mut MembersChanged,
) -> Result<()> {
    for edge in edges {
        // What is deleted has left the closure already.
        if edge.from.kind.is_collective() && !context.unit().nodes(&[edge.from], false).await?.is_empty() {
            context.release(id, edge.from).await?;
        }
        context.replace_edge(Some(edge), None)?;
        changed.removed.push(edge.from);
    }
    Ok(())
}
