//! The table of operations.

use super::nouns::organizations::Organizations;
use super::nouns::users::Users;
use super::nouns::{accounts, applications, groups, operations, organizations, providers, roles, users};
use super::operation::{Operation, Place};
use std::sync::LazyLock;

static ALL: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let mut all = operations::<Users>();
    all.extend(users::more());
    all.extend(operations::<Organizations>());
    all.extend(organizations::more());
    all.extend(groups::operations());
    all.extend(roles::operations());
    all.extend(applications::operations());
    all.extend(providers::operations());
    all.extend(accounts::operations());
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
