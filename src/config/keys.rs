//! The known keys, as the JSON Schema of [`Config`] describes them.
//!
//! The schema is generated from the structs, so a new field is at once a key of the file, a
//! variable and a flag, is checked on all of them, and is named in errors.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::{Config, setting::Setting};

/// The known keys in dotted form, each with its schema.
pub(super) struct Keys(BTreeMap<String, Value>);

impl Keys {
    /// All keys of [`Config`].
    pub(super) fn known() -> Self {
        let schema = config_schema();
        Self(
            properties(&schema)
                .flat_map(|(section, keys)| {
                    properties(keys).map(move |(key, schema)| (format!("{section}.{key}"), schema.clone()))
                })
                .collect(),
        )
    }

    /// The dotted names of all keys.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether there is such a key.
    pub(super) fn contains(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Whether there is such a section.
    pub(super) fn contains_section(&self, section: &str) -> bool {
        self.siblings(section).next().is_some()
    }

    /// Reads the text of a variable or flag in the type of the key. Text that does not fit remains
    /// text, to be turned down when the setting is checked.
    pub(super) fn read(&self, key: &str, text: String) -> Value {
        let number = || text.parse::<i64>().ok().map(Value::from);
        let boolean = || text.parse::<bool>().ok().map(Value::from);
        let value = match self.type_of(key) {
            Some("integer") => number(),
            Some("boolean") => boolean(),
            _ => None,
        };
        value.unwrap_or(Value::String(text))
    }

    /// Whether a value has the type of the key and lies in its range. No key has a use for control
    /// characters, line breaks included.
    pub(super) fn accept(&self, key: &str, value: &Value) -> bool {
        let limit = |name| self.0.get(key)?.get(name)?.as_i64();
        match self.type_of(key) {
            Some("integer") => value.as_i64().is_some_and(|number| {
                limit("minimum").is_none_or(|minimum| number >= minimum)
                    && limit("maximum").is_none_or(|maximum| number <= maximum)
            }),
            Some("boolean") => value.is_boolean(),
            _ => value.as_str().is_some_and(|text| {
                !text.contains(char::is_control) && limit("minLength").is_none_or(|_| !text.is_empty())
            }),
        }
    }

    /// What the value of a key should be, to be put behind "expected".
    pub(super) fn expectation(&self, key: &str) -> String {
        let keyword = |name| self.0.get(key)?.get(name);
        let limit = |name| keyword(name).and_then(Value::as_i64);
        match (self.type_of(key), limit("minimum"), limit("maximum")) {
            (Some("integer"), minimum, Some(maximum)) => {
                let minimum = minimum.unwrap_or_default();
                format!("a whole number from {minimum} to {maximum}")
            }
            (Some("integer"), minimum, None) => {
                format!("a whole number, at least {}", minimum.unwrap_or_default())
            }
            (Some("boolean"), ..) => "true or false".to_owned(),
            _ => {
                if let Some(text) = keyword("x-expected").and_then(Value::as_str) {
                    text.to_owned()
                } else if let Some(variants) = keyword("oneOf").and_then(Value::as_array) {
                    let names = variants.iter().filter_map(|variant| variant["const"].as_str());
                    names.collect::<Vec<_>>().join(" or ")
                } else if limit("minLength").is_some() {
                    "a string of one line that is not empty".to_owned()
                } else {
                    "a string of one line".to_owned()
                }
            }
        }
    }

    /// What an unknown key should have been, to be put behind "expected".
    pub(super) fn alternatives(&self, unknown: &str) -> String {
        let section = unknown.split_once('.').map_or(unknown, |(section, _)| section);
        let siblings: Vec<_> = self.siblings(section).collect();
        if siblings.is_empty() {
            let mut sections: Vec<_> = self.split_names().map(|(section, _)| section).collect();
            sections.dedup();
            format!("one of the sections {}", sections.join(", "))
        } else {
            format!("one of the keys of `{section}`, which are {}", siblings.join(", "))
        }
    }

    /// The keys of a section, without its name.
    fn siblings(&self, section: &str) -> impl Iterator<Item = &str> {
        self.split_names().filter_map(move |(name, key)| (name == section).then_some(key))
    }

    /// Section and key of all names.
    fn split_names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names().filter_map(|name| name.split_once('.'))
    }

    /// The type of a key, if the schema states one.
    fn type_of(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.get("type")?.as_str()
    }
}

/// The schema of a configuration file: as that of [`Config`], but every key may be left out and
/// then has its default.
pub(super) fn file_schema(defaults: &[Setting]) -> Value {
    let mut schema = config_schema();
    remove_required(&mut schema);
    for (section, keys) in properties_mut(&mut schema) {
        remove_required(keys);
        for (key, schema) in properties_mut(keys) {
            let name = format!("{section}.{key}");
            let default = defaults.iter().find(|setting| setting.key == name);
            if let (Some(schema), Some(default)) = (schema.as_object_mut(), default) {
                schema.insert("default".to_owned(), default.value.clone());
            }
        }
    }
    schema
}

/// The schema of [`Config`], sections in place instead of referenced.
fn config_schema() -> Value {
    SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator()
        .into_root_schema_for::<Config>()
        .into()
}

/// The properties of an object schema.
fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten()
}

/// The properties of an object schema, to be changed.
fn properties_mut(schema: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten()
}

/// Makes all properties of an object schema optional.
fn remove_required(schema: &mut Value) {
    schema.as_object_mut().and_then(|keywords: &mut Map<_, _>| keywords.remove("required"));
}
