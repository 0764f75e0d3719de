//! A field that may be left out, null, or have a value: as a [`Patch`].

use crate::domain::Patch;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Reads a field that is there.
pub(super) fn deserialize<'de, T, D>(deserializer: D) -> Result<Patch<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(|value| value.map_or(Patch::Null, Patch::Value))
}

/// Writes a field, unless it [is absent](is_absent).
pub(super) fn serialize<T, S>(patch: &Patch<T>, serializer: S) -> Result<S::Ok, S::Error>
where
    T: Serialize,
    S: Serializer,
{
    match patch {
        Patch::Value(value) => value.serialize(serializer),
        Patch::Null | Patch::Absent => serializer.serialize_none(),
    }
}

/// Whether a field is left out.
pub(super) const fn is_absent<T>(patch: &Patch<T>) -> bool {
    matches!(patch, Patch::Absent)
}
