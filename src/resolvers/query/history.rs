//! Events: what was done to nodes, by whom, why.

use super::Reader;
use crate::domain::{Event, NodeId, OrganizationId, Page, Result, Slice};
use crate::resolvers::policy::{self, Action, Resource, Sight};
use std::collections::HashMap;
use uuid::Uuid;

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
            let own = profile.to_string();
            let names_own = |value: &serde_json::Value| value.as_str() == Some(own.as_str());
            event.changes.retain(|change| {
                change.path.ends_with(&format!(".{own}")) || names_own(&change.before) || names_own(&change.after)
            });
        }
        Ok(())
    }
}
