//! The table of `docs/scim.md` says which tests hold which rule; this holds the table to that.

use std::collections::BTreeSet;
use std::path::Path;

/// The functions of the sources under a folder that are tests, or stories of one.
fn tests_under(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            tests_under(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&entry).expect("a source");
            let mut is_test = false;
            for line in text.lines().map(str::trim_start) {
                let story = line.strip_prefix("async fn ").filter(|line| line.contains("(world: World) {"));
                let test = line.strip_prefix("fn ").filter(|_| is_test);
                if let Some((name, _)) = story.or(test).and_then(|line| line.split_once('(')) {
                    found.insert(name.to_owned());
                }
                is_test = line.starts_with("#[test]") || (is_test && line.starts_with("#["));
            }
        }
    }
}

/// The rows of the table: what a client may rely on, and the tests that are named for it.
fn rows(document: &str) -> Vec<(String, Vec<String>)> {
    let rows = document.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    let named = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    rows.map(|(rule, tests)| (rule.to_owned(), named(tests)))
        .filter(|(rule, _)| rule != "A client may rely on")
        .collect()
}

#[test]
fn every_rule_of_the_document_is_held_by_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut known = BTreeSet::new();
    for folder in ["tests/it/scim", "crates/scim-protocol", "src/scim", "src/http/scim"] {
        tests_under(&root.join(folder), &mut known);
    }
    let document = std::fs::read_to_string(root.join("docs/scim.md")).expect("docs/scim.md");
    let rows = rows(&document);
    assert!(rows.len() >= 50, "the table is read as it is written: {} rows", rows.len());
    for (rule, tests) in &rows {
        assert!(!tests.is_empty(), "no test is named for: {rule}");
        let missing: Vec<&String> = tests.iter().filter(|test| !known.contains(*test)).collect();
        assert!(missing.is_empty(), "{rule}: there are no tests {missing:?}");
    }
}
