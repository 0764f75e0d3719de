//! Events: what was done to nodes, by whom, why.

use super::Reader;
use crate::domain::{Error, Event, FieldChange, NodeId, OrganizationId, Page, Result, Slice, Timestamp};
use crate::resolvers::policy::{self, Action, Resource, Sight};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The most events that are put together to say what differs between two times.
const MAX_EVENTS: usize = 5_000;

impl Reader<'_> {
    /// Requires that the viewer may read the history of a node.
    pub fn allow_history(&self, organization: OrganizationId, node: NodeId) -> Result<()> {
        policy::allow(self.viewer, Action::ReadHistory, Resource::of_profile(organization, node).seen())
    }

    /// Requires that the viewer may read what is private about a profile.
    pub fn allow_private(&self, organization: OrganizationId, profile: Option<NodeId>) -> Result<()> {
        let resource = Resource { organization, profile, seen: true };
        policy::allow(self.viewer, Action::ReadPrivate, resource)
    }

    /// The events about many nodes, the newest first, page by page. The caller has asked
    /// [`allow_history`](Self::allow_history) for each.
    pub async fn history(&self, nodes: &[Uuid], page: &Page) -> Result<HashMap<Uuid, Slice<Event>>> {
        let (scope, nodes) = self.name(nodes)?;
        let mut pages = self.store().history_pages(scope, &nodes, page).await?;
        for event in pages.values_mut().flat_map(|slice| &mut slice.items) {
            self.narrow(event)?;
        }
        Ok(pages)
    }

    /// What differs between a node at one time and at another: fields of its own, and edges at either end of which it is.
    /// What has changed and changed back does not differ. The caller has asked [`allow_history`](Self::allow_history).
    pub async fn net_changes(
        &self,
        node: NodeId,
        (after, until): (Timestamp, Timestamp),
    ) -> Result<Vec<(NodeId, FieldChange)>> {
        if after > until {
            return Err(Error::invalid("after", "This lies behind the other time; exchange the two."));
        }
        let (scope, nodes) = self.name(&[node.uuid])?;
        if nodes.is_empty() {
            return Ok(Vec::new());
        }
        let limit = u64::try_from(MAX_EVENTS).unwrap_or(u64::MAX) + 1;
        let events = self.store().events_between(scope, node.uuid, (after, until), limit).await?;
        if events.len() > MAX_EVENTS {
            let message = format!("More than {MAX_EVENTS} events lie between these times; ask for less of it.");
            return Err(Error::too_complex(message));
        }
        let mut net: BTreeMap<(NodeId, String), FieldChange> = BTreeMap::new();
        for mut event in events {
            if event.subject != node {
                retain_about(&mut event, node);
            }
            for change in event.changes {
                match net.entry((event.subject, change.path.clone())) {
                    Entry::Vacant(place) => drop(place.insert(change)),
                    Entry::Occupied(mut place) => {
                        place.get_mut().after = change.after;
                        place.get_mut().source = change.source;
                    }
                }
            }
        }
        let differs = |change: &FieldChange| change.before != change.after;
        Ok(net.into_iter().filter(|(_, change)| differs(change)).map(|((id, _), change)| (id, change)).collect())
    }

    /// How many events there are about many nodes.
    pub async fn history_counts(&self, nodes: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        let (scope, nodes) = self.name(nodes)?;
        if nodes.is_empty() {
            return Ok(HashMap::new());
        }
        self.store().history_counts(scope, &nodes).await
    }

    /// Events by tenant and number, for the provenance of values that the viewer has been shown.
    pub async fn events(&self, keys: &[(OrganizationId, i64)]) -> Result<HashMap<(OrganizationId, i64), Event>> {
        let (scope, _) = self.look(&[])?;
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let mut events = self.store().events_by_seq(scope, keys).await?;
        for event in events.values_mut() {
            self.narrow(event)?;
        }
        Ok(events)
    }

    /// Leaves of an event about somebody else what is about the viewer, when the viewer sees no more than its own profile.
    fn narrow(&self, event: &mut Event) -> Result<()> {
        let Sight::Own(profile, _) = self.sight()? else { return Ok(()) };
        if event.subject != profile {
            retain_about(event, profile);
        }
        Ok(())
    }
}

/// Keeps of an event about another node what names this one.
pub(super) fn retain_about(event: &mut Event, node: NodeId) {
    let own = node.to_string();
    let names = |value: &serde_json::Value| value.as_str() == Some(own.as_str());
    let ends = |path: &str| path.rsplit('.').next() == Some(own.as_str());
    event.changes.retain(|change| ends(&change.path) || names(&change.before) || names(&change.after));
}
