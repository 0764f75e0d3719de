//! The newest few of something: a set of bounded size that is the same for every order of arrival.

use serde::{Deserialize, Serialize};

/// The `N` largest items of all that were added. Items begin with their time, so these are the newest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Recent<T, const N: usize> {
    items: Vec<T>,
}

impl<T, const N: usize> Default for Recent<T, N> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

impl<T: Ord, const N: usize> Recent<T, N> {
    /// Adds an item. Whether it was not there.
    pub(crate) fn add(&mut self, item: T) -> bool {
        match self.items.binary_search(&item) {
            Ok(_) => false,
            Err(place) => {
                self.items.insert(place, item);
                if self.items.len() > N {
                    self.items.remove(0);
                }
                true
            }
        }
    }

    /// From the oldest to the newest.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.items.iter()
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.items.retain(keep);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_stay_in_whatever_order_they_come() {
        let of = |items: [i64; 5]| {
            let mut recent = Recent::<i64, 3>::default();
            for item in items {
                recent.add(item);
            }
            recent.iter().copied().collect::<Vec<_>>()
        };
        assert_eq!(of([5, 1, 4, 2, 3]), [3, 4, 5]);
        assert_eq!(of([1, 5, 2, 4, 3]), [3, 4, 5]);
    }

    #[test]
    fn what_is_there_is_not_added() {
        let mut recent = Recent::<i64, 3>::default();
        assert!(recent.add(1));
        assert!(!recent.add(1));
    }
}
