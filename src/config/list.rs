//! Lists in one line of text, between commas: so that a variable or a flag can hold them too.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::ops::Deref;
use std::str::FromStr;

/// Several values, each once, in the order in which they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T>(Vec<T>);

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: AsRef<str>> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(","))
    }
}

impl<'de, T: FromStr + PartialEq> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut values = Vec::new();
        for name in String::deserialize(deserializer)?.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let value = name.parse().map_err(|_| D::Error::custom("not one of the names that there are"))?;
            if !values.contains(&value) {
                values.push(value);
            }
        }
        Ok(Self(values))
    }
}
