//! Changes that depend on what is there: objects are merged into others (RFC 7396).

use super::call::Call;
use super::refusal::Result;
use crate::domain::{Error, ErrorCode, NodeId, Patch};
use crate::resolvers::Command;
use crate::store::Table;
use serde_json::{Map, Value};
use std::sync::Arc;

/// How often a change is made again to what somebody else has changed meanwhile.
const ATTEMPTS: usize = 16;

/// What becomes of an object.
pub fn merged(current: Option<&Map<String, Value>>, change: Patch<Map<String, Value>>) -> Patch<Map<String, Value>> {
    change.map(|change| match current {
        Some(current) => {
            let mut merged = current.clone();
            merge(&mut merged, change);
            merged
        }
        None => change,
    })
}

fn merge(target: &mut Map<String, Value>, change: Map<String, Value>) {
    for (name, value) in change {
        match value {
            Value::Null => drop(target.remove(&name)),
            Value::Object(inner) => {
                let place = target.entry(name).or_insert(Value::Null);
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                if let Value::Object(object) = place {
                    merge(object, inner);
                }
            }
            value => drop(target.insert(name, value)),
        }
    }
}

/// Runs a command that is made from the node as it is now, if it depends on that: then only on that version of it. If it has
/// changed meanwhile, and the client has not asked for a version, the command is made again from what it is then.
pub async fn change<T: Table, C: Command>(
    call: &Call,
    (id, expected): (NodeId, Option<i64>),
    depends: bool,
    (version, command): (fn(&T) -> i64, impl Fn(Option<&T>, Option<i64>) -> crate::domain::Result<C>),
) -> Result<C::Output> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let current: Option<Arc<T>> = if depends { Some(call.node::<T>(id).await?) } else { None };
        let seen = expected.or_else(|| current.as_deref().map(version));
        match call.run(command(current.as_deref(), seen)?, None).await {
            Err(refusal) if refusal.is(ErrorCode::StaleVersion) && expected.is_none() => {
                // The client knows of no version, so it cannot be told that its own is an old one.
                if attempts == ATTEMPTS {
                    return Err(Error::unavailable().into());
                }
            }
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_are_merged_as_the_specification_says() {
        // The examples of RFC 7396, appendix A, as far as they are about objects.
        for (before, change, after) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let (Value::Object(mut target), Value::Object(change)) = (before, change) else { panic!("objects") };
            merge(&mut target, change);
            assert_eq!(Value::Object(target), after);
        }
    }
}
