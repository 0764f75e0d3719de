//! Undo a merge.

use super::super::policy::Action;
use super::super::write::{WriteContext, as_told};
use super::merge_profiles::{self, MergeProfiles};
use super::{Command, Target};
use crate::domain::{Edge, EdgeKind, Error, Event, NodeId, Profile, Result};
use crate::store::{NewEdge, Side};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Brings a merged profile back as it was. It gets back the edges that the merge took from it, and the other profile loses
/// what it had from there. What somebody has changed since the merge stays as it is.
#[derive(Debug, Clone, Serialize)]
pub struct UnmergeProfile {
    /// The profile that was merged.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

/// The two profiles of a merge that was undone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Unmerged {
    /// The profile that was merged.
    pub profile: NodeId,
    /// The profile that it was merged into.
    pub survivor: NodeId,
}

/// The edge of one subject under one path that a merge closed, and the one that is there now.
#[derive(Default)]
struct Place {
    closed: Option<Edge>,
    present: Option<Edge>,
}

impl Command for UnmergeProfile {
    type Output = Unmerged;
    const ACTION: &'static str = "profile.unmerge";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Unmerged> {
        let mut merged: Profile = context.load_deleted_too(self.id, "id").await?;
        context.authorize_tenant(Action::Administer)?;
        context.because(self.reason.as_deref())?;
        context.expect_version(self.id, self.expected_version)?;
        let survivor =
            merged.merged_into.ok_or_else(|| Error::conflict("id", "This profile is not merged into another."))?;
        let mut other: Profile = context.load_deleted_too(survivor, "id").await?;
        if let Some(next) = other.merged_into {
            let message = format!("{survivor} was itself merged into {next}; undo that first.");
            return Err(Error::conflict("id", message));
        }
        let number = |profile: &Profile| profile.meta.provenance.get("merged_into").map(|merge| merge.seq);
        let siblings = context.unit().merged_into(survivor).await?;
        if let Some(later) = siblings.iter().find(|sibling| number(sibling) > number(&merged)) {
            // What both have brought would be taken from the survivor, which still has it from the later one.
            let message = format!("{} was merged into {survivor} later; undo that first.", later.id);
            return Err(Error::conflict("id", message));
        }
        let events = events_of_merge(context, &merged).await?;
        return_edges(context, (self.id, survivor), &events).await?;

        let merge = events.iter().find(|event| event.subject == survivor).ok_or_else(Error::internal)?;
        let version = merge.subject_version;
        let before = context.unit().earlier_profile(survivor, version - 1).await?.ok_or_else(Error::internal)?;
        let after = context.unit().earlier_profile(survivor, version).await?.unwrap_or_else(|| other.clone());
        other.release(&before, &after);
        context.save(other)?;
        let before = context.unit().profile_in_life(self.id).await?.ok_or_else(Error::internal)?;
        (merged.status, merged.status_reason) = (before.status, before.status_reason);
        merged.merged_into = None;
        merged.meta.deleted_at = None;
        context.save(merged)?;
        context.relate(self.id, survivor)?;
        context.tell(survivor, merge_profiles::told(self.id, false))?;
        Ok(Unmerged { profile: self.id, survivor })
    }
}

/// The events of the merge, the first of which is that of the merged profile itself. They follow one another, and all are
/// about it; one of a later merge, which moved an edge that was left at it, does not follow them.
async fn events_of_merge(context: &WriteContext<'_>, merged: &Profile) -> Result<Vec<Event>> {
    let first = merged.meta.provenance.get("merged_into").ok_or_else(Error::internal)?.seq;
    let events = context.unit().events_about(merged.id, MergeProfiles::ACTION, first).await?;
    Ok((first..).zip(events).take_while(|(seq, event)| event.seq == *seq).map(|(_, event)| event).collect())
}

/// Closes the edges that the merge opened, and opens those that it closed, wherever what it has left is still there.
async fn return_edges(
    context: &mut WriteContext<'_>,
    (merged, survivor): (NodeId, NodeId),
    events: &[Event],
) -> Result<()> {
    let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(()) };
    let closed = context.unit().edges_closed(&[merged.uuid, survivor.uuid], (first.seq, last.seq)).await?;
    let others: BTreeSet<Uuid> = closed.iter().flat_map(|edge| [edge.from.uuid, edge.to.uuid]).collect();
    // An edge that the merge opened leads where the one led that it closed.
    let mut present = context.unit().edges_between(survivor.uuid, &others.into_iter().collect::<Vec<_>>()).await?;
    present.extend(context.unit().open_edges(EdgeKind::Manager, Side::Out, &[survivor.uuid], None).await?);
    let touched: Vec<Edge> = closed.iter().chain(&present).cloned().collect();
    merge_profiles::guard(context, &touched).await?;

    let mut places: HashMap<(NodeId, String), Place> = HashMap::new();
    for edge in closed {
        let place = edge.told_by();
        places.entry(place).or_default().closed = Some(edge);
    }
    for edge in present {
        let place = edge.told_by();
        places.entry(place).or_default().present = Some(edge);
    }
    for event in events {
        for change in &event.changes {
            let Some(place) = places.remove(&(event.subject, change.path.clone())) else { continue };
            let now = place.present.as_ref().map_or(Value::Null, as_told);
            if now == change.after {
                let again = place.closed.as_ref().map(NewEdge::like);
                context.replace_edge(place.present.as_ref(), again)?;
            }
        }
    }
    Ok(())
}
