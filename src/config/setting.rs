//! A setting: one key, set to one value in one place.
//!
//! Each is a [`Provider`] of its own, so that figment attributes every value to its very place,
//! down to the single environment variable.

use std::{fmt, path::PathBuf};

use figment::{
    Metadata, Profile, Provider,
    providers::Serialized,
    value::{Dict, Map},
};
use serde_json::Value;

/// A place that sets keys.
#[derive(Clone)]
pub(super) enum Place {
    /// The built-in defaults.
    Default,
    /// A configuration file.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// The command-line flag for the key.
    Flag,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File(path) => write!(formatter, "file {}", path.display()),
            Self::Variable(name) => write!(formatter, "environment variable {name}"),
            Self::Flag => formatter.write_str("command-line flag"),
        }
    }
}

/// One key set in one place.
pub(super) struct Setting {
    /// The dotted key.
    pub(super) key: String,
    /// The value, not yet checked.
    pub(super) value: Value,
    /// The place that sets it.
    pub(super) place: Place,
}

impl Provider for Setting {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.place.to_string())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Serialized::default(&self.key, &self.value).data()
    }
}
