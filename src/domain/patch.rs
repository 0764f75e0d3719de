//! A change to one field that tells "leave it" from "clear it".

/// What a request says about a field.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub enum Patch<T> {
    /// The request does not name the field: it stays.
    #[default]
    Absent,
    /// The request names the field as null: it is cleared.
    Null,
    /// The request gives a value.
    Value(T),
}

impl<T> Patch<T> {
    /// Applies the change to a field that may be empty.
    pub fn apply(self, field: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *field = None,
            Self::Value(value) => *field = Some(value),
        }
    }

    /// Applies the change to a field whose empty value is its default (an empty list, an empty object).
    pub fn apply_or_default(self, field: &mut T)
    where
        T: Default,
    {
        match self {
            Self::Absent => {}
            Self::Null => *field = T::default(),
            Self::Value(value) => *field = value,
        }
    }

    /// The same with another value.
    #[must_use]
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(f(value)),
        }
    }

    /// The same change, its value turned by `f`.
    pub fn try_map<U, E>(self, f: impl FnOnce(T) -> Result<U, E>) -> Result<Patch<U>, E> {
        Ok(match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(f(value)?),
        })
    }
}

impl<T> From<Option<T>> for Patch<T> {
    /// A value, or nothing said.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}
