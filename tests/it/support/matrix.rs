//! Who may do what: the tables that are written for people, and a server that is held to them.

use super::{Actor, Answer, World};
use chrono::TimeDelta;
use std::collections::{BTreeMap, BTreeSet};

/// Who asks, from the weakest to the strongest; the columns of the tables.
pub const ACTORS: [&str; 7] = ["nobody", "stranger", "self", "reader", "editor", "admin", "owner"];

/// What is expected, as it is written for people.
const GOLDEN: &str = include_str!("../../../docs/who-may-do-what.md");

/// What is expected of each row of a section, whose first column has that heading, for each of the actors.
pub fn expected(section: &str, heading: &str) -> BTreeMap<String, Vec<String>> {
    let text = GOLDEN.split("\n## ").find_map(|text| text.strip_prefix(section)).expect("the section");
    assert!(text.contains(&format!("| {heading} | {} |", ACTORS.join(" | "))), "the columns are others");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")).map(|row| {
        let cells: Vec<&str> = row.trim_end_matches(" |").split(" | ").collect();
        let outcomes = cells[1..].iter().map(|cell| (*cell).to_owned()).collect();
        (cells[0].trim_end_matches('`').to_owned(), outcomes)
    });
    rows.collect()
}

/// Requires that a section is about these, about nothing else, and about everybody.
pub fn assert_complete((section, heading): (&str, &str), named: &BTreeSet<String>) {
    let table = expected(section, heading);
    assert_eq!(&table.keys().cloned().collect::<BTreeSet<_>>(), named, "{section}");
    assert!(table.values().all(|outcomes| outcomes.len() == ACTORS.len()), "{section}: {table:#?}");
}

/// The actor of that name; who has no role is the profile `own`.
pub async fn actor(world: &World, name: &str, own: &str) -> Actor {
    match name {
        "nobody" => world.nobody.clone(),
        "stranger" => world.stranger.clone(),
        "reader" => world.reader.clone(),
        "editor" => world.editor.clone(),
        "admin" => world.admin.clone(),
        "owner" => world.owner.clone(),
        _ => world.as_profile(own).await,
    }
}

/// Operations that a section is about.
pub trait Operations {
    /// One of them.
    type Operation: std::fmt::Debug + Sync + 'static;
    /// A request to one of them.
    type Request;

    /// The heading of the section, and that of its first column.
    const SECTION: (&'static str, &'static str);

    /// All of them.
    fn all() -> Vec<&'static Self::Operation>;

    /// A request that works, about things that were made for it, or about the profile `own`.
    async fn prepare(world: &World, operation: &Self::Operation, tag: &str, own: &str) -> Self::Request;

    /// Sends it.
    async fn send(world: &World, operation: &Self::Operation, who: &Actor, request: Self::Request) -> Answer;

    /// What comes of it: `yes`, `nothing`, or the code of the error.
    fn outcome(operation: &Self::Operation, answer: &Answer) -> String;

    /// Whether it leaves an event, when it is done.
    fn leaves_event(operation: &Self::Operation) -> bool;

    /// Tidies up behind one that was done.
    async fn tidy(world: &World, operation: &Self::Operation);
}

/// Has everybody ask for everything, and holds what comes of it against the section.
pub async fn check<O: Operations>(world: &World) {
    let expected = expected(O::SECTION.0, O::SECTION.1);
    let mut faults = Vec::new();
    for (index, operation) in O::all().into_iter().enumerate() {
        let mut outcomes = Vec::new();
        for name in ACTORS {
            let tag = format!("{index}-{name}");
            let own = world.user(&format!("acme-{tag}")).await;
            let who = actor(world, name, &own).await;
            let request = O::prepare(world, operation, &tag, &own).await;
            let before = world.last_sequence().await;
            let answer = O::send(world, operation, &who, request).await;
            let is_told = world.last_sequence().await > before;
            let outcome = O::outcome(operation, &answer);
            let changes = outcome == "yes" && O::leaves_event(operation);
            assert_eq!(is_told, changes, "{operation:?} as {name}: {:#}", answer.body);
            if outcome == "yes" {
                O::tidy(world, operation).await;
            }
            outcomes.push(outcome);
            // A token that was seen lately is taken for granted for two seconds.
            world.clock.advance(TimeDelta::seconds(3));
        }
        if expected.get(&format!("{operation:?}")) != Some(&outcomes) {
            faults.push(format!("| `{operation:?}` | {} |", outcomes.join(" | ")));
        }
    }
    assert!(faults.is_empty(), "these come out otherwise:\n{}", faults.join("\n"));
}

/// What comes of a request, as its answer tells: `nothing`, if it reads and nothing of acme is seen.
pub fn outcome(answer: &Answer, reads: bool) -> String {
    match answer.body["code"].as_str() {
        Some(code) => code.to_owned(),
        None if reads && !answer.body.to_string().contains("acme") => "nothing".to_owned(),
        None => "yes".to_owned(),
    }
}
