//! What changed between two states of a node, field by field.
//!
//! A path is the name of a field; fields of a nested object (`name`, `metadata`) get a path each (`name.given`,
//! `metadata.cost_centre`). Lists are compared whole. Null, an absent field, an empty list and an empty object are the
//! same: nothing. Numbers are the same when their values are: PostgreSQL does not tell `1e3` from `1000`.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The fields of a state, by path. Fields without a value are not listed.
pub type Fields = BTreeMap<String, Value>;

/// One field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The path of the field.
    pub path: String,
    /// The value before; null when there was none.
    pub before: Value,
    /// The value after; null when there is none.
    pub after: Value,
}

/// Spreads a serialised node into its fields.
#[must_use]
pub fn fields(body: Map<String, Value>) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in body {
        match value {
            Value::Object(inner) => {
                for (key, value) in inner {
                    if !is_nothing(&value) {
                        fields.insert(format!("{name}.{key}"), plain(value));
                    }
                }
            }
            value if is_nothing(&value) => {}
            value => {
                fields.insert(name, plain(value));
            }
        }
    }
    fields
}

/// The fields that differ, ordered by path.
#[must_use]
pub fn differences(before: &Fields, after: &Fields) -> Vec<Difference> {
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort_unstable();
    paths.dedup();
    let value = |fields: &Fields, path| fields.get(path).cloned().unwrap_or(Value::Null);
    paths
        .into_iter()
        .filter(|path| before.get(*path) != after.get(*path))
        .map(|path| Difference { path: path.clone(), before: value(before, path), after: value(after, path) })
        .collect()
}

/// The value with every number that is whole written as such.
fn plain(value: Value) -> Value {
    /// The greatest number up to which a float counts every whole number.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) => match number.as_f64() {
            #[expect(clippy::cast_possible_truncation, reason = "the number is whole and small enough")]
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT => Value::from(float as i64),
            // PostgreSQL keeps greater ones digit by digit, and they come back as integers where these are large enough.
            Some(float) if !number.is_f64() && float.abs() > EXACT => Value::from(float),
            _ => Value::Number(number),
        },
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        other => other,
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(value: &Value) -> Fields {
        fields(value.as_object().cloned().expect("an object"))
    }

    #[test]
    fn nested_fields_have_paths_of_their_own_and_nothing_equals_nothing() {
        let before =
            of(&json!({"title": null, "tags": [], "name": {"given": "Ada", "family": "Byron"}, "metadata": {}}));
        let after = of(&json!({"title": "Engineer", "name": {"given": "Ada", "family": "Lovelace"}, "emails": []}));
        let paths: Vec<String> = differences(&before, &after).into_iter().map(|difference| difference.path).collect();
        assert_eq!(paths, ["name.family", "title"]);
    }

    #[test]
    fn numbers_of_one_value_do_not_differ() {
        let before = of(&json!({"metadata": {"a": 1e3, "b": [1e16, -0.0], "c": 0.5}}));
        let after = of(&json!({"metadata": {"a": 1000, "b": [10_000_000_000_000_000_u64, 0], "c": 0.5}}));
        assert_eq!(differences(&before, &after), []);
        assert_eq!(differences(&before, &of(&json!({"metadata": {"a": 1001, "b": [1e16, 0], "c": 0.5}}))).len(), 1);
    }

    #[test]
    fn a_state_does_not_differ_from_itself() {
        let state = of(&json!({"a": 1, "b": {"c": [1, 2], "d": null}}));
        assert!(differences(&state, &state).is_empty());
    }
}
