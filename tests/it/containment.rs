//! Whatever is done to teams and groups, who is effectively in them is what a walk over the direct relations says.

use crate::support::{Dice, World, id_of, on_each_database};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What the directory should look like.
#[derive(Default)]
struct Model {
    members: BTreeSet<(usize, usize)>,
    people: BTreeSet<(usize, usize)>,
    parents: BTreeMap<usize, usize>,
    deleted: BTreeSet<usize>,
}

impl Model {
    fn contained(&self, group: usize) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        let mut next = vec![group];
        while let Some(group) = next.pop() {
            if !self.deleted.contains(&group) && seen.insert(group) {
                next.extend(
                    self.members.iter().filter(|(container, _)| *container == group).map(|(_, member)| *member),
                );
                next.extend(self.parents.iter().filter(|(_, parent)| **parent == group).map(|(child, _)| *child));
            }
        }
        seen
    }

    fn effective(&self, group: usize) -> BTreeSet<usize> {
        let contained = self.contained(group);
        self.people.iter().filter(|(group, _)| contained.contains(group)).map(|(_, person)| *person).collect()
    }
}

const GROUPS: usize = 6;
const PEOPLE: usize = 4;

async fn effective(world: &World, group: &str, people: &[String]) -> BTreeSet<usize> {
    let query = format!(
        "{{ node(id: \"{group}\") {{ ... on Group {{ effectiveMembers(first: 100) {{ nodes {{ id }} totalCount }} }} }} }}"
    );
    let found = world.query(&world.reader, &query).await["node"]["effectiveMembers"].clone();
    let nodes = found["nodes"].as_array().cloned().unwrap_or_default();
    assert_eq!(found["totalCount"].as_u64(), u64::try_from(nodes.len()).ok().filter(|_| found != Value::Null));
    nodes.iter().filter_map(|node| people.iter().position(|person| *person == id_of(node))).collect()
}

on_each_database! {
    async fn effective_members_follow_every_history(world: World) {
        let mut groups = Vec::new();
        for number in 0..GROUPS {
            groups.push(world.group(&format!("group-{number}")).await);
        }
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            people.push(world.user(&format!("person-{number}")).await);
        }
        let (mut dice, mut model) = (Dice(7), Model::default());
        for step in 0..120 {
            let (group, other, person) = (dice.roll(GROUPS), dice.roll(GROUPS), dice.roll(PEOPLE));
            let (mutation, input) = match dice.roll(7) {
                0 => ("addMembers", json!({"id": groups[group], "members": [{"id": people[person]}]})),
                1 => ("removeMembers", json!({"id": groups[group], "memberIds": [people[person]]})),
                2 => ("addMembers", json!({"id": groups[group], "members": [{"id": groups[other]}]})),
                3 => ("removeMembers", json!({"id": groups[group], "memberIds": [groups[other]]})),
                4 => ("setGroupParent", json!({"id": groups[group], "parentId": groups[other]})),
                5 => ("setGroupParent", json!({"id": groups[group], "parentId": null})),
                _ if model.deleted.contains(&group) => ("restoreGroup", json!({"id": groups[group]})),
                _ => ("deleteGroup", json!({"id": groups[group]})),
            };
            let payload = world.try_mutate(&world.root, mutation, input.clone(), "clientMutationId").await;
            let refused = payload["errors"][0]["code"].as_str().map(str::to_owned);
            let (container, contained) = if mutation == "setGroupParent" { (other, group) } else { (group, other) };
            let closes_cycle = |model: &Model| model.contained(contained).contains(&container);
            match (mutation, refused) {
                (_, None) => apply(&mut model, mutation, &input, (group, other, person)),
                ("addMembers" | "setGroupParent", Some(code)) => {
                    let dead = model.deleted.contains(&group) || model.deleted.contains(&other);
                    assert!(code == "NOT_FOUND" && dead || closes_cycle(&model), "step {step}: {mutation} refused with {code}");
                }
                (_, Some(code)) => assert!(["NOT_FOUND", "CONFLICT"].contains(&code.as_str()), "step {step}: {mutation}: {code}"),
            }
            for (number, id) in groups.iter().enumerate() {
                assert_eq!(effective(&world, id, &people).await, model.effective(number), "step {step}, after {mutation} {input}, group {number}");
            }
        }
    }
}

fn apply(model: &mut Model, mutation: &str, input: &Value, (group, other, person): (usize, usize, usize)) {
    let of_group = |value: &Value| value.as_str().is_some_and(|id| id.starts_with("grp_"));
    match mutation {
        "addMembers" if of_group(&input["members"][0]["id"]) => {
            model.members.insert((group, other));
        }
        "addMembers" => {
            model.people.insert((group, person));
        }
        "removeMembers" if of_group(&input["memberIds"][0]) => {
            model.members.remove(&(group, other));
        }
        "removeMembers" => {
            model.people.remove(&(group, person));
        }
        "setGroupParent" if input["parentId"].is_null() => {
            model.parents.remove(&group);
        }
        "setGroupParent" => {
            model.parents.insert(group, other);
        }
        "deleteGroup" => {
            model.deleted.insert(group);
        }
        _ => {
            model.deleted.remove(&group);
        }
    }
}
