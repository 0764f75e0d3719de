//! The order in which the operations of a bulk request are worked through.

use super::references::{bulk_ids, collect};
use super::{BulkMethod, BulkOperation, BulkRequest};
use crate::patch::PATCH_SCHEMA;
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};

/// A step of the plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Work through the operation with this index. If it is part of a circle of references, `without` has the bulkIds
    /// that there cannot be yet: [`BulkOperation::defer`] leaves what refers to them out.
    Operate {
        /// The index of the operation.
        operation: usize,
        /// The bulkIds that are to be left out. Mostly none.
        without: BTreeSet<String>,
    },
    /// Everything that the operation with this index refers to has been attempted: add what was left out of it, with
    /// the [`patch`](Deferred::patch), unless the operation has failed.
    Complete {
        /// The index of the operation.
        operation: usize,
    },
}

/// An operation without its circular references.
#[derive(Debug, Clone, PartialEq)]
pub struct Deferred {
    /// The data without them.
    pub data: Value,
    /// A PATCH request that adds them. References in it are still to be resolved.
    pub patch: Value,
}

impl BulkRequest {
    /// The order: that of the request, but for references to resources that later operations make, which are made
    /// first. Where references go round in circles, one operation of the circle begins without some of its own, and is
    /// completed as soon as the others are done. Each operation occurs once, and once more if it is to be completed.
    #[must_use]
    pub fn plan(&self) -> Vec<Step> {
        let makers = self.operations.iter().enumerate().filter(|(_, operation)| operation.method == BulkMethod::Post);
        let makers = makers.filter_map(|(index, operation)| Some((operation.bulk_id.as_deref()?, index))).collect();
        let states = vec![State::Waiting; self.operations.len()];
        let mut planner =
            Planner { operations: &self.operations, makers, states, steps: Vec::new(), incomplete: Vec::new() };
        for index in 0..self.operations.len() {
            planner.visit(index);
        }
        planner.steps
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Waiting,
    /// What it refers to is being looked at.
    Begun,
    Done,
}

struct Planner<'a> {
    operations: &'a [BulkOperation],
    /// Which operation makes the resource of a bulkId.
    makers: HashMap<&'a str, usize>,
    states: Vec<State>,
    steps: Vec<Step>,
    /// The operations that have begun without something.
    incomplete: Vec<usize>,
}

/// An operation that waits for those that it refers to.
struct Visit<'a> {
    operation: usize,
    /// What it refers to, and has not been looked at.
    rest: Vec<&'a str>,
    /// What it has to begin without.
    without: BTreeSet<String>,
}

impl<'a> Planner<'a> {
    /// Plans an operation, behind those that it refers to. The stack is no stack of calls: chains of references may be
    /// long.
    fn visit(&mut self, index: usize) {
        let mut stack = Vec::from_iter(self.begin(index));
        while let Some(visit) = stack.last_mut() {
            let Some(bulk_id) = visit.rest.pop() else {
                stack.pop().into_iter().for_each(|visit| self.end(visit));
                continue;
            };
            let Some(&maker) = self.makers.get(bulk_id) else { continue };
            if self.states[maker] == State::Begun {
                visit.without.insert(bulk_id.to_owned());
            }
            stack.extend(self.begin(maker));
        }
        // Whatever those of a circle wait for has been on the stack with them.
        let incomplete = std::mem::take(&mut self.incomplete);
        self.steps.extend(incomplete.into_iter().map(|operation| Step::Complete { operation }));
    }

    fn begin(&mut self, index: usize) -> Option<Visit<'a>> {
        if self.states[index] != State::Waiting {
            return None;
        }
        self.states[index] = State::Begun;
        let rest = bulk_ids(&self.operations[index]).into_iter().rev().collect();
        Some(Visit { operation: index, rest, without: BTreeSet::new() })
    }

    fn end(&mut self, visit: Visit<'_>) {
        self.states[visit.operation] = State::Done;
        if !visit.without.is_empty() {
            self.incomplete.push(visit.operation);
        }
        self.steps.push(Step::Operate { operation: visit.operation, without: visit.without });
    }
}

impl BulkOperation {
    /// Leaves out of the data of a POST what refers to one of these bulkIds: elements of sets, and attributes that have
    /// one value, also those of extensions.
    #[must_use]
    pub fn defer(&self, without: &BTreeSet<String>) -> Deferred {
        let mut additions = Vec::new();
        let data = match &self.data {
            Value::Object(parts) => Value::Object(split(parts, without, "", &mut additions)),
            other => other.clone(),
        };
        Deferred { data, patch: json!({ "schemas": [PATCH_SCHEMA], "Operations": additions }) }
    }
}

/// What remains of an object. What does not becomes operations that add it.
fn split(
    parts: &Map<String, Value>,
    without: &BTreeSet<String>,
    prefix: &str,
    additions: &mut Vec<Value>,
) -> Map<String, Value> {
    let mut rest = Map::new();
    for (name, value) in parts {
        let path = format!("{prefix}{name}");
        let remaining = match value {
            Value::Array(elements) => {
                let (left_out, remaining): (Vec<_>, Vec<_>) =
                    elements.iter().cloned().partition(|element| refers_to(element, without));
                if !left_out.is_empty() {
                    additions.push(json!({ "op": "add", "path": path, "value": left_out }));
                }
                Some(Value::Array(remaining))
            }
            // An extension: its attributes are looked at one by one.
            Value::Object(attributes) if name.contains(':') => {
                Some(Value::Object(split(attributes, without, &format!("{name}:"), additions)))
            }
            value if refers_to(value, without) => {
                additions.push(json!({ "op": "add", "path": path, "value": value }));
                None
            }
            value => Some(value.clone()),
        };
        rest.extend(remaining.map(|remaining| (name.clone(), remaining)));
    }
    rest
}

fn refers_to(value: &Value, bulk_ids: &BTreeSet<String>) -> bool {
    let mut found = BTreeSet::new();
    collect(value, &mut found);
    found.into_iter().any(|bulk_id| bulk_ids.contains(bulk_id))
}
