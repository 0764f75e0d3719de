//! The newest events of a tenant, as its followers have read them: those who are up to date read each page once together.

use crate::domain::Event;
use std::collections::VecDeque;
use std::sync::Arc;

/// How many events are kept for each tenant that is followed.
const KEPT: usize = 200;

/// Events without a gap, up to the newest that a follower has read.
#[derive(Debug, Default)]
pub(super) struct Tail {
    events: VecDeque<Arc<Event>>,
    /// Whether there was more in the database than was read.
    has_more: bool,
}

impl Tail {
    /// The events behind that number, if they are here, at least one and at most `limit`; and whether there are more.
    pub(super) fn behind(&self, seq: i64, limit: usize) -> Option<(Vec<Arc<Event>>, bool)> {
        let first = self.events.front()?.seq;
        let skip = usize::try_from(seq.checked_add(1)?.checked_sub(first)?).ok()?;
        let left = self.events.len().checked_sub(skip).filter(|left| *left > 0)?;
        let page = self.events.iter().skip(skip).take(limit).cloned().collect();
        Some((page, left > limit || self.has_more))
    }

    /// Whether what lies behind that number is what goes on here.
    pub(super) fn is_at_its_end(&self, seq: i64) -> bool {
        self.events.back().is_none_or(|last| last.seq <= seq)
    }

    /// Goes on with these events, which follow one another.
    pub(super) fn append(&mut self, events: &[Arc<Event>], has_more: bool) {
        self.has_more = has_more;
        let Some(first) = events.first() else { return };
        if self.events.back().is_some_and(|last| last.seq + 1 != first.seq) {
            self.events.clear();
        }
        self.events.extend(events.iter().cloned());
        self.events.drain(..self.events.len().saturating_sub(KEPT));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::from_micros;
    use crate::domain::{Actor, NodeId, NodeKind, OrganizationId};
    use uuid::Uuid;

    fn events(numbers: std::ops::RangeInclusive<i64>) -> Vec<Arc<Event>> {
        let event = |seq| Event {
            id: Uuid::nil(),
            organization: OrganizationId(Uuid::nil()),
            seq,
            occurred_at: from_micros(0),
            action: String::new(),
            subject: NodeId::new(NodeKind::User, Uuid::nil()),
            subject_version: 1,
            actor: Actor { id: None, profile: None, name: String::new() },
            face: String::new(),
            request_id: String::new(),
            reason: None,
            source: String::new(),
            changes: Vec::new(),
        };
        numbers.map(|seq| Arc::new(event(seq))).collect()
    }

    fn numbers(tail: &Tail, seq: i64, limit: usize) -> Option<Vec<i64>> {
        tail.behind(seq, limit).map(|(events, _)| events.iter().map(|event| event.seq).collect())
    }

    #[test]
    fn what_is_here_is_handed_out_from_any_place() {
        let mut tail = Tail::default();
        assert_eq!(numbers(&tail, 0, 10), None);
        assert!(tail.is_at_its_end(7), "an empty tail goes on from anywhere");
        tail.append(&events(5..=7), false);
        tail.append(&events(8..=9), false);
        assert_eq!(numbers(&tail, 4, 10), Some(vec![5, 6, 7, 8, 9]));
        assert_eq!(numbers(&tail, 6, 2), Some(vec![7, 8]));
        let has_more = |tail: &Tail, limit| tail.behind(6, limit).map(|(_, has_more)| has_more);
        assert_eq!([2, 3].map(|limit| has_more(&tail, limit)), [Some(true), Some(false)]);
        tail.append(&events(10..=10), true);
        assert_eq!(has_more(&tail, 10), Some(true), "whoever read the last page did not read everything");
        tail.append(&[], false);
        assert_eq!(has_more(&tail, 10), Some(false));
        for seq in [10, 11, 3, 0, -1, i64::MIN, i64::MAX] {
            assert_eq!(numbers(&tail, seq, 10), None, "{seq}");
        }
        assert_eq!([9, 10, 11].map(|seq| tail.is_at_its_end(seq)), [false, true, true]);
    }

    #[test]
    fn a_gap_begins_it_anew_and_it_does_not_grow_for_ever() {
        let mut tail = Tail::default();
        tail.append(&events(1..=3), false);
        tail.append(&events(5..=6), false);
        assert_eq!((numbers(&tail, 2, 10), numbers(&tail, 4, 10)), (None, Some(vec![5, 6])));
        tail.append(&events(7..=1_000), false);
        assert_eq!(tail.events.len(), KEPT);
        assert_eq!(numbers(&tail, 999, 10), Some(vec![1_000]));
    }
}
