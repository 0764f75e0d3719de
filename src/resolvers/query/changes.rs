//! Following an organization: its events from some place on, one after the other, as they happen.
//!
//! Who may read the whole history of an organization follows all of it. Who may read the history of its own profile
//! follows that: the same events that [`Reader::history`] shows it, as much of each as is about itself.

use super::Reader;
use super::history::retain_about;
use crate::domain::{Error, ErrorCode, Event, NodeId, NodeKind, OrganizationId, Result, text};
use crate::resolvers::policy::{self, Action, Resource, Sight};
use crate::store::{Comparison, Feed};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How long to wait for a database that does not answer before it is asked again.
const BREATHER: Duration = Duration::from_secs(1);

/// From where an organization is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// From the next event on.
    Now,
    /// Behind the event with this number; nought for the first event on.
    Behind(i64),
}

/// Which events are wanted. Everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeFilter {
    /// One of these nodes has changed.
    pub subjects: Option<Vec<NodeId>>,
    /// What has changed is of one of these kinds.
    pub kinds: Option<Vec<NodeKind>>,
    /// It was done by this action.
    pub actions: Option<Comparison>,
    /// One of these tokens did it, or a token of one of these profiles.
    pub actors: Option<Vec<NodeId>>,
}

impl ChangeFilter {
    fn wants(&self, event: &Event) -> bool {
        let is_in = |ids: &Option<Vec<NodeId>>, id: Option<NodeId>| {
            ids.as_ref().is_none_or(|ids| id.is_some_and(|id| ids.contains(&id)))
        };
        is_in(&self.subjects, Some(event.subject))
            && self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&event.subject.kind))
            && self.actions.as_ref().is_none_or(|actions| fits(actions, &event.action))
            && (is_in(&self.actors, event.actor.id) || is_in(&self.actors, event.actor.profile))
    }
}

fn fits(comparison: &Comparison, action: &str) -> bool {
    let action = text::key(action);
    match comparison {
        Comparison::In(actions) => actions.iter().any(|wanted| text::key(wanted) == action),
        Comparison::Prefix(prefix) => action.starts_with(&text::key(prefix)),
    }
}

/// The events of an organization, as one viewer follows them.
#[derive(Debug)]
pub struct Changes {
    feed: Feed,
    filter: ChangeFilter,
    /// The profile that alone the viewer sees, if it sees no more.
    own: Option<NodeId>,
}

impl Changes {
    /// The next events that are wanted, at least one. Waits until there is one, also for a database that is away.
    pub async fn next(&mut self) -> Result<Vec<Arc<Event>>> {
        loop {
            let mut events = match self.feed.next().await {
                Err(error) if error.code == ErrorCode::Unavailable => {
                    tokio::time::sleep(BREATHER).await;
                    continue;
                }
                events => events?,
            };
            events.retain(|event| self.filter.wants(event));
            if let Some(own) = self.own {
                for event in events.iter_mut().filter(|event| event.subject != own) {
                    retain_about(Arc::make_mut(event), own);
                }
            }
            if !events.is_empty() {
                return Ok(events);
            }
        }
    }
}

impl Reader<'_> {
    /// The numbers of the last events of organizations: the place behind which the next will be. The caller has asked
    /// [`allow_changes`](Self::allow_changes) for each.
    pub async fn last_changes(&self, organizations: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
        let (scope, organizations) = self.name(organizations)?;
        if organizations.is_empty() {
            return Ok(HashMap::new());
        }
        self.store().last_seqs(scope, &organizations).await
    }

    /// Follows an organization from some place on, with a look every `poll` even if nothing is announced.
    pub async fn follow(
        &self,
        organization: OrganizationId,
        filter: ChangeFilter,
        (start, poll): (Start, Duration),
    ) -> Result<Changes> {
        let about = self.allow_changes(organization)?;
        let last = self.last_changes(&[organization.0]).await?.remove(&organization.0).unwrap_or_default();
        let seq = match start {
            Start::Now => last,
            Start::Behind(seq) if (0..=last).contains(&seq) => seq,
            Start::Behind(_) => {
                return Err(Error::invalid(
                    "after",
                    "There is no such place in this organization's history; take cursors from its changes.",
                ));
            }
        };
        let feed = self.store().follow(organization, about.map(|profile| profile.uuid), seq, poll);
        Ok(Changes { feed, filter, own: self.own_profile()? })
    }

    /// Some events of an organization behind the one with that number, the oldest first, and whether there may be more: as
    /// many as a follower is given at a time, and as much of each as it would be shown.
    pub async fn changes_behind(&self, organization: OrganizationId, seq: i64) -> Result<(Vec<Arc<Event>>, bool)> {
        let about = self.allow_changes(organization)?;
        let mut events = self.store().events_behind(organization, about.map(|profile| profile.uuid), seq).await?;
        let has_more = events.len() == Feed::PAGE;
        if let Some(own) = self.own_profile()? {
            for event in events.iter_mut().filter(|event| event.subject != own) {
                retain_about(Arc::make_mut(event), own);
            }
        }
        Ok((events, has_more))
    }

    /// Requires that the viewer may follow an organization, and says about which profile the events have to be; none if
    /// it may follow all of them.
    pub fn allow_changes(&self, organization: OrganizationId) -> Result<Option<NodeId>> {
        if let Sight::Directory(scope) = self.sight()?
            && !scope.contains(organization)
        {
            return Err(Error::not_found("organization", "organization"));
        }
        let whole = policy::allow(self.viewer, Action::ReadHistory, Resource::of(organization).seen());
        let own = self.viewer.access.as_ref().and_then(|access| access.profile);
        match (whole, own) {
            (Ok(()), _) => Ok(None),
            (Err(error), Some(own)) => {
                let is_allowed = self.allow_history(organization, own);
                is_allowed.map(|()| Some(own)).map_err(|_| error)
            }
            (Err(error), None) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Actor;
    use crate::domain::time::from_micros;

    fn event() -> Event {
        let id = |kind, number| NodeId::new(kind, Uuid::from_u128(number));
        Event {
            id: Uuid::nil(),
            organization: OrganizationId(Uuid::nil()),
            seq: 1,
            occurred_at: from_micros(0),
            action: "profile.disable".to_owned(),
            subject: id(NodeKind::User, 1),
            subject_version: 1,
            actor: Actor { id: Some(id(NodeKind::Token, 2)), profile: Some(id(NodeKind::Bot, 3)), name: String::new() },
            face: String::new(),
            request_id: String::new(),
            reason: None,
            source: String::new(),
            changes: Vec::new(),
        }
    }

    #[test]
    fn everything_that_is_given_must_hold() {
        let event = event();
        let (subject, other) = (event.subject, NodeId::new(NodeKind::User, Uuid::from_u128(9)));
        let in_ = |actions: &[&str]| Comparison::In(actions.iter().map(|action| (*action).to_owned()).collect());
        let none = ChangeFilter::default();
        let fitting = ChangeFilter {
            subjects: Some(vec![other, subject]),
            kinds: Some(vec![NodeKind::User]),
            actions: Some(Comparison::Prefix("Profile.".to_owned())),
            actors: event.actor.profile.map(|profile| vec![profile]),
        };
        assert!(none.wants(&event) && fitting.wants(&event));
        assert!(ChangeFilter { actors: event.actor.id.map(|id| vec![id]), ..fitting.clone() }.wants(&event));
        assert!(ChangeFilter { actions: Some(in_(&["x", "profile.DISABLE"])), ..fitting.clone() }.wants(&event));
        for unfit in [
            ChangeFilter { subjects: Some(vec![other]), ..fitting.clone() },
            ChangeFilter { kinds: Some(vec![]), ..fitting.clone() },
            ChangeFilter { actions: Some(in_(&["profile"])), ..fitting.clone() },
            ChangeFilter { actions: Some(Comparison::Prefix("profiles".to_owned())), ..fitting.clone() },
            ChangeFilter { actors: Some(vec![other]), ..fitting },
        ] {
            assert!(!unfit.wants(&event), "{unfit:?}");
        }
    }

    #[test]
    fn the_operator_is_nobody_that_could_be_asked_for() {
        let event = Event { actor: Actor { id: None, profile: None, name: "operator".to_owned() }, ..event() };
        assert!(!ChangeFilter { actors: Some(vec![event.subject]), ..ChangeFilter::default() }.wants(&event));
        assert!(ChangeFilter::default().wants(&event));
    }
}
