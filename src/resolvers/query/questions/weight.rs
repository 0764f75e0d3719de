//! What answers weigh: how many nodes they bring, and how much memory they take.

use crate::domain::{Edge, Event, NodeId, Slice};
use crate::store::{EffectiveRole, Related, Table};
use std::sync::Arc;

/// How many nodes an answer brings into memory.
pub trait Weigh {
    /// The number of nodes.
    fn weight(&self) -> usize;

    /// About how many bytes it takes.
    fn bytes(&self) -> usize;
}

impl<T: Table> Weigh for Arc<T> {
    fn weight(&self) -> usize {
        1
    }

    fn bytes(&self) -> usize {
        self.footprint()
    }
}

impl Weigh for Arc<EffectiveRole> {
    fn weight(&self) -> usize {
        1
    }

    fn bytes(&self) -> usize {
        self.role.footprint() + self.via.len() * size_of::<NodeId>()
    }
}

/// Answers that are never kept, or small, need no exact size.
macro_rules! not_kept {
    ($($answer:ty),+) => {$(
        impl $crate::resolvers::query::questions::Weigh for $answer {
            fn weight(&self) -> usize {
                1
            }

            fn bytes(&self) -> usize {
                size_of_val(&**self)
            }
        }
    )+};
}

pub(super) use not_kept;

not_kept!(Arc<Event>, Arc<Vec<Edge>>);

impl<T: Table> Weigh for Related<Arc<T>> {
    fn weight(&self) -> usize {
        1
    }

    fn bytes(&self) -> usize {
        let functions = self.edge.member.iter().flat_map(|facts| &facts.functions).map(String::len).sum::<usize>();
        self.node.bytes() + size_of::<Edge>() + self.edge.source.len() + functions
    }
}

impl<T: Weigh> Weigh for Slice<T> {
    fn weight(&self) -> usize {
        self.items.len()
    }

    fn bytes(&self) -> usize {
        self.items.iter().map(Weigh::bytes).sum()
    }
}

impl<T: Weigh> Weigh for Vec<T> {
    fn weight(&self) -> usize {
        self.len()
    }

    fn bytes(&self) -> usize {
        self.iter().map(Weigh::bytes).sum()
    }
}

impl Weigh for i64 {
    fn weight(&self) -> usize {
        0
    }

    fn bytes(&self) -> usize {
        size_of::<Self>()
    }
}
