//! Merge two profiles that are the same person or program.
//!
//! What [`UnmergeProfile`](super::UnmergeProfile) needs to undo it is what is written anyway: the events of the merge, the
//! edges they closed and opened, and the earlier states of the two profiles.

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::{Command, Target};
use crate::domain::diff::Difference;
use crate::domain::edge::MemberFacts;
use crate::domain::profile::ProfileStatus;
use crate::domain::{Edge, EdgeKind, Error, NodeId, Profile, Result, Role};
use crate::store::NewEdge;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// The most edges at either profile: each that is moved is a change of the node that it belongs to.
const MAX_EDGES: u64 = 2_000;

/// Merges one profile into another of its kind. The other takes over its edges, with their sources, and what it lacks of
/// its fields. The merged profile is deleted, and its id leads to the other for ever.
#[derive(Debug, Clone, Serialize)]
pub struct MergeProfiles {
    /// The profile that is merged.
    pub from: NodeId,
    /// The profile that stays.
    pub into: NodeId,
    /// The version of the merged profile that the client has seen.
    pub expected_from_version: Option<i64>,
    /// The version of the other that the client has seen.
    pub expected_into_version: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

impl Command for MergeProfiles {
    type Output = NodeId;
    const ACTION: &'static str = "profile.merge";

    fn target(&self) -> Target {
        Target::Node(self.from, "fromId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let mut merged: Profile = context.load(self.from, "fromId").await?;
        context.authorize_tenant(Action::Administer)?;
        context.because(self.reason.as_deref())?;
        if self.from == self.into {
            return Err(Error::invalid("intoId", "A profile cannot be merged with itself; name two."));
        }
        if self.from.kind != self.into.kind {
            return Err(Error::invalid(
                "intoId",
                format!("A {} cannot become a {}; name two profiles of one kind.", self.from.kind, self.into.kind),
            ));
        }
        let mut survivor: Profile = context.load(self.into, "intoId").await?;
        context.expect_version(self.from, self.expected_from_version)?;
        context.expect_version(self.into, self.expected_into_version)?;
        self.move_edges(context).await?;

        survivor.absorb(&merged);
        context.save(survivor)?;
        merged.status = ProfileStatus::Deleted;
        merged.status_reason.clone_from(&self.reason);
        merged.merged_into = Some(self.into);
        merged.meta.deleted_at = Some(context.now());
        context.save(merged)?;
        context.relate(self.from, self.into)?;
        context.relate(self.into, self.from)?;
        context.tell(self.into, told(self.from, true))?;
        Ok(self.into)
    }
}

impl MergeProfiles {
    async fn move_edges(&self, context: &mut WriteContext<'_>) -> Result<()> {
        let ends = [self.from.uuid, self.into.uuid];
        let edges = context.unit().edges_touching(&ends, MAX_EDGES + 1).await?;
        if u64::try_from(edges.len()).unwrap_or(u64::MAX) > MAX_EDGES {
            return Err(Error::too_complex(format!(
                "These profiles have more than {MAX_EDGES} relations; end some of them first."
            )));
        }
        let (moving, own): (Vec<Edge>, Vec<Edge>) =
            edges.into_iter().partition(|edge| [edge.from, edge.to].contains(&self.from));
        guard(context, &moving).await?;
        let own: HashMap<Place, Edge> = own.into_iter().map(|edge| (edge.told_by(), edge)).collect();
        for (old, new) in self.moves(&moving, &own).into_values() {
            context.replace_edge(old.as_ref(), new)?;
        }
        Ok(())
    }

    /// What becomes of the edges of the merged profile, beside those that the survivor has: for each place the edge that goes
    /// from there, and the one that comes.
    fn moves(&self, moving: &[Edge], own: &HashMap<Place, Edge>) -> BTreeMap<Place, (Option<Edge>, Option<NewEdge>)> {
        let mut moves: BTreeMap<Place, (Option<Edge>, Option<NewEdge>)> =
            moving.iter().map(|edge| (edge.told_by(), (Some(edge.clone()), None))).collect();
        for edge in moving {
            let survivor = |end| if end == self.from { self.into } else { end };
            let mut moved = NewEdge { from: survivor(edge.from), to: survivor(edge.to), ..NewEdge::like(edge) };
            if moved.from == moved.to {
                // Nobody is their own manager.
                continue;
            }
            let place = moved.told_by();
            match (own.get(&place), edge.kind) {
                (None, _) => moves.entry(place).or_default().1 = Some(moved),
                // One manager, one owner: the survivor keeps its own. That of the merged profile stays with it, and leads nowhere.
                (Some(_), EdgeKind::Manager | EdgeKind::Owner) => drop(moves.remove(&edge.told_by())),
                (Some(known), EdgeKind::Member) => {
                    moved.member = united(known.member.as_ref(), edge.member.as_ref());
                    moved.source = Some(known.source.clone());
                    moves.insert(place, (Some(known.clone()), Some(moved)));
                }
                (Some(_), _) => {}
            }
        }
        moves
    }
}

/// Whose change it is when an edge opens or closes, and under which path.
type Place = (NodeId, String);

/// Loads whatever edges belong to, and requires the owner's role where they confer a privileged role.
pub(super) async fn guard(context: &mut WriteContext<'_>, edges: &[Edge]) -> Result<()> {
    let subjects: Vec<NodeId> = edges.iter().map(|edge| edge.told_by().0).collect();
    context.load_all_deleted_too(&subjects).await?;
    let of_kind = |kind: EdgeKind| edges.iter().filter(move |edge| edge.kind == kind).map(|edge| edge.to);
    let collectives: Vec<_> = of_kind(EdgeKind::Member).map(|collective| collective.uuid).collect();
    super::members::guard_privilege(context, &collectives).await?;
    let roles: Vec<NodeId> = of_kind(EdgeKind::Grant).collect();
    context.load_all(&roles).await?;
    let is_privileged = |id: &NodeId| context.get::<Role>(*id, "id").is_ok_and(|role| role.privileged);
    if roles.iter().any(is_privileged) {
        context.authorize_tenant(Action::Own)?;
    }
    Ok(())
}

/// How the event about the profile that stays tells that another was merged into it, or is so no more.
pub(super) fn told(merged: NodeId, is_merged: bool) -> Difference {
    let (yes, no) = (Value::Bool(true), Value::Null);
    let (before, after) = if is_merged { (no, yes) } else { (yes, no) };
    Difference { path: format!("merged_profiles.{merged}"), before, after }
}

/// What a membership says that takes the place of two.
fn united(own: Option<&MemberFacts>, other: Option<&MemberFacts>) -> Option<MemberFacts> {
    let (own, other) = (own?, other?);
    let mut functions = own.functions.clone();
    functions.extend(other.functions.iter().filter(|function| !own.functions.contains(function)).cloned());
    functions.truncate(crate::domain::text::MAX_VALUES);
    Some(MemberFacts { role: own.role.min(other.role), functions })
}
