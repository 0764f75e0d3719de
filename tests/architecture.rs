//! The dependency rules of `docs/architecture.md`, held against the sources: who may name whom.
#![expect(clippy::expect_used, reason = "a test that cannot read the sources says so and ends")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Which of our modules each module may name, besides itself.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &[]),
    ("store", &["domain"]),
    ("resolvers", &["domain", "store"]),
    ("graphql", &["config", "domain", "resolvers", "store"]),
    ("scim", &["domain", "resolvers", "store"]),
    ("rest", &["domain", "resolvers", "store"]),
    ("sdk", &["domain", "resolvers", "store"]),
    // HTTP mounts the other faces.
    ("http", &["config", "domain", "graphql", "resolvers", "rest", "scim", "sdk"]),
    // How strangers are talked to.
    ("outgoing", &["domain"]),
    // What is accepted over SCIM to be done later is done there.
    ("worker", &["config", "domain", "outgoing", "resolvers", "scim"]),
    // What an external IAM says, in the words of the resolvers.
    ("iam", &["config", "domain", "outgoing", "resolvers"]),
    // What others publish of addresses, in the words of the resolvers.
    ("feeds", &["domain", "outgoing", "resolvers"]),
    // What is known of addresses, in the words of the resolvers.
    ("networks", &["config", "domain", "resolvers"]),
    // The program puts everything together.
    (
        "cli",
        &["config", "domain", "feeds", "graphql", "http", "iam", "networks", "resolvers", "rest", "store", "worker"],
    ),
];

/// What of the store the faces may name: what a read asks for, and what it answers. Everything else goes through the
/// resolvers.
const READ_MODEL: &[&str] = &[
    "AccessFilter",
    "AlertFilter",
    "CaseSense",
    "CollectiveFilter",
    "Comparator",
    "Comparison",
    "Condition",
    "DeliveryFilter",
    "EffectiveRole",
    "IdentityFilter",
    "Listing",
    "Order",
    "Place",
    "ProfileFilter",
    "Reach",
    "Related",
    "RelationFilter",
    "RiskFilter",
    "RoleFilter",
    "Side",
    "SortField",
    "SortPlace",
    "Sorting",
    "Table",
    "TokenFilter",
];

/// What of the store the program may name besides: it opens the store, lists tokens, which are no part of the graph, and
/// copies it, and tells what an inspection of it has found.
const PROGRAM: &[&str] = &[
    "Backlog",
    "CopyError",
    "Orphans",
    "SchemaState",
    "Scope",
    "SequenceGap",
    "StatementHook",
    "Store",
    "StoreOptions",
    "examine_copy",
    "has_log",
    "make_way",
    "sqlite_file",
];

/// A source file.
struct Source {
    /// Where it stands, from the root of the repository.
    path: PathBuf,
    /// What it says, without the lines that are comments.
    code: String,
}

impl Source {
    /// The top-level module that the file is of; none for the roots of the crates.
    fn module(&self) -> Option<String> {
        let mut steps = self.path.strip_prefix("src").ok()?.components();
        let first = steps.next()?.as_os_str().to_string_lossy().into_owned();
        let name = first.strip_suffix(".rs").unwrap_or(&first).to_owned();
        (!["lib", "main"].contains(&name.as_str())).then_some(name)
    }

    /// How many modules the file, which is no mod.rs, lies below the root of the crate.
    fn depth(&self) -> usize {
        self.path.components().count() - 1
    }

    /// What is named behind `prefix`, which stands for itself and is no end of a longer name.
    fn named_behind(&self, prefix: &str) -> BTreeSet<String> {
        let pieces: Vec<&str> = self.code.split(prefix).collect();
        let behind = pieces.windows(2).filter(|pair| !pair[0].ends_with(is_part_of_name)).map(|pair| pair[1]);
        behind.flat_map(names).collect()
    }
}

fn is_part_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The name that a path goes on with, or those of its list in braces.
fn names(rest: &str) -> Vec<String> {
    let name = |text: &str| text.trim_start().chars().take_while(|c| is_part_of_name(*c)).collect::<String>();
    let Some(list) = rest.strip_prefix('{') else { return vec![name(rest)] };
    let (mut depth, mut items) = (1_usize, vec![String::new()]);
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => items.push(String::new()),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if let Some(item) = items.last_mut().filter(|_| c != ',') {
            item.push(c);
        }
    }
    items.iter().map(|item| name(item)).filter(|item| !item.is_empty() && item != "self").collect()
}

/// Every Rust file below a folder of the repository.
fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source file");
                let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
                let path = path.strip_prefix(root).expect("a path in the repository").to_owned();
                found.push(Source { path, code: lines.join("\n") });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(!found.is_empty(), "nothing in {folder}");
    found
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn modules_name_only_those_that_they_may() {
    let mut faults = Vec::new();
    for source in sources("src") {
        let Some(module) = source.module() else { continue };
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == module) else {
            faults.push(format!("{}: say in this test what {module} may name", source.path.display()));
            continue;
        };
        for named in source.named_behind("crate::") {
            if named != module && !allowed.contains(&named.as_str()) {
                faults.push(format!("{}: {module} may not name {named}", source.path.display()));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn no_path_climbs_out_of_its_module() {
    let mut faults = Vec::new();
    for source in sources("src") {
        // In a mod.rs, one super:: may be that of the tests inside.
        let is_checked = source.module().is_some() && !source.path.ends_with("mod.rs");
        if is_checked && source.code.contains(&"super::".repeat(source.depth())) {
            faults.push(format!("{}: write crate:: for what is outside", source.path.display()));
        }
    }
    assert_none(&faults);
}

#[test]
fn faces_know_the_read_model_of_the_store_and_nothing_else_of_it() {
    let mut faults = Vec::new();
    for source in sources("src") {
        let extra: &[&str] = match source.module().as_deref() {
            Some("graphql" | "http" | "iam" | "rest" | "sdk" | "worker") => &[],
            Some("cli") => PROGRAM,
            _ => continue,
        };
        for named in source.named_behind("store::") {
            if !READ_MODEL.contains(&named.as_str()) && !extra.contains(&named.as_str()) {
                faults.push(format!("{}: a face may not name store::{named}", source.path.display()));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn only_the_store_knows_the_database() {
    let mut faults = Vec::new();
    for source in sources("src") {
        for word in ["sea_orm", "sqlx", "idgraph_migrations"] {
            if source.module().as_deref() != Some("store") && source.code.contains(word) {
                faults.push(format!("{}: only src/store may name {word}", source.path.display()));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn migrations_know_nothing_of_the_server() {
    let mut faults = Vec::new();
    for source in sources("migrations") {
        if source.code.contains("idgraph::") {
            faults.push(format!("{}: a migration stays as it is, whatever the server becomes", source.path.display()));
        }
    }
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).expect("the manifest");
    if manifest.lines().any(|line| line.starts_with("idgraph ") || line.starts_with("idgraph=")) {
        faults.push("migrations/Cargo.toml: migrations do not depend on the server".to_owned());
    }
    assert_none(&faults);
}

#[test]
fn nothing_is_swept_under_the_carpet() {
    let mut faults = Vec::new();
    for source in ["src", "migrations", "tests"].into_iter().flat_map(sources) {
        if source.path.ends_with("utils.rs") {
            faults.push(format!("{}: name the file after what it is about", source.path.display()));
        }
        if source.code.contains(concat!("#[", "allow(")) || source.code.contains(concat!("#![", "allow(")) {
            faults.push(format!("{}: say #[expect(…, reason = …)]", source.path.display()));
        }
    }
    assert_none(&faults);
}

#[test]
fn the_reader_of_paths_finds_what_is_named() {
    let code = "use crate::store::{self, Order,\n    tables::{Table, row}, Side as Direction};\nrestore::Node; $crate::domain::Slice";
    let source = Source { path: PathBuf::from("src/graphql/x.rs"), code: code.to_owned() };
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
    assert_eq!(source.named_behind("crate::"), list(&["domain", "store"]));
    assert_eq!(source.named_behind("store::"), list(&["Order", "Side", "tables"]));
    assert_eq!((source.module().as_deref(), source.depth()), (Some("graphql"), 2));
}
