//! The table of operations.

use super::nouns::operations;
use super::nouns::organizations::{self, Organizations};
use super::nouns::users::{self, Users};
use super::operation::{Operation, Place};
use std::sync::LazyLock;

static ALL: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let mut all = operations::<Users>();
    all.extend(users::more());
    all.extend(operations::<Organizations>());
    all.extend(organizations::more());
    all
});

/// Every operation.
#[must_use]
pub fn all() -> &'static [Operation] {
    &ALL
}

/// Where they are.
pub fn places() -> impl Iterator<Item = Place> {
    all().iter().flat_map(Operation::places)
}
