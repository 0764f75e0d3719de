//! How large an operation is once its fragments are spread.
//!
//! A fragment that spreads another twice doubles it, and twenty of them make a million of a few hundred bytes. Validation
//! and execution would walk them all, so they are counted here, before either, each fragment once.

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{ErrorExtensionValues, Name, Positioned, Request, ServerError};
use std::collections::HashMap;

/// The most fields that the operations of a document may select, each counted as often as its fragments are spread.
const MAX_SELECTIONS: usize = 5_000;

/// The error of a document that selects too much; none for others, and for one that does not parse, which the executor will
/// say.
pub(super) fn excess(request: &mut Request) -> Option<ServerError> {
    let document = request.parsed_query().ok()?;
    let mut known = HashMap::new();
    let sets = document.operations.iter().map(|(_, operation)| &operation.node.selection_set);
    let total = sets.fold(0_usize, |total, set| total.saturating_add(size(set, document, &mut known)));
    if total <= MAX_SELECTIONS {
        return None;
    }
    let message =
        format!("With its fragments spread, this document selects more than {MAX_SELECTIONS} fields; ask for fewer.");
    let mut error = ServerError::new(message, None);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", "TOO_COMPLEX");
    error.extensions = Some(extensions);
    Some(error)
}

fn size<'a>(
    set: &'a Positioned<SelectionSet>,
    document: &'a ExecutableDocument,
    known: &mut HashMap<&'a Name, usize>,
) -> usize {
    set.node.items.iter().fold(0_usize, |total, selection| {
        total.saturating_add(match &selection.node {
            Selection::Field(field) => size(&field.node.selection_set, document, known).saturating_add(1),
            Selection::InlineFragment(fragment) => size(&fragment.node.selection_set, document, known),
            Selection::FragmentSpread(spread) => spread_size(&spread.node.fragment_name.node, document, known),
        })
    })
}

fn spread_size<'a>(name: &'a Name, document: &'a ExecutableDocument, known: &mut HashMap<&'a Name, usize>) -> usize {
    if let Some(size) = known.get(name) {
        return *size;
    }
    let Some(fragment) = document.fragments.get(name) else { return 0 };
    // A fragment that spreads itself is counted once; validation refuses it.
    known.insert(name, 0);
    let size = size(&fragment.node.selection_set, document, known);
    known.insert(name, size);
    size
}
