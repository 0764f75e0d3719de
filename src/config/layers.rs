//! The layers, each taken apart into settings.
//!
//! Reading a layer settles where a setting comes from and whether its key exists. Whether its value
//! fits is left to the caller, who treats all settings alike.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

use super::{
    Sources,
    error::Problem,
    keys::Keys,
    setting::{Place, Setting},
};

/// The built-in defaults.
pub(super) const DEFAULTS: &str = include_str!("../../config.default.toml");

/// What the name of every environment variable of idgraph starts with.
const VARIABLE_PREFIX: &str = "IDGRAPH_";

/// What stands between section and key in the name of a variable.
const VARIABLE_SEPARATOR: &str = "__";

/// Behind the name of a variable: the value is the path of a file that holds the value proper.
const VARIABLE_FILE_SUFFIX: &str = "_FILE";

/// The variable that names the configuration file.
const FILE_VARIABLE: &str = "IDGRAPH_CONFIG";

/// The configuration file that is used without being named.
const FILE_NAME: &str = "idgraph.toml";

/// The settings of all layers, and what is wrong with the layers themselves.
pub(super) struct Layers<'a> {
    keys: &'a Keys,
    working_directory: PathBuf,
    /// The settings of the built-in defaults.
    pub(super) defaults: Vec<Setting>,
    /// The settings of the layers above, those that win behind those that lose.
    pub(super) settings: Vec<Setting>,
    /// What could not be made a setting.
    pub(super) problems: Vec<Problem>,
}

impl<'a> Layers<'a> {
    /// Reads all layers.
    pub(super) fn read(sources: Sources, keys: &'a Keys) -> Self {
        let mut layers = Self {
            keys,
            working_directory: sources.working_directory,
            defaults: defaults(),
            settings: Vec::new(),
            problems: Vec::new(),
        };
        let environment = sources.environment.into_iter().collect();
        layers.read_file(sources.file, &environment);
        layers.read_environment(&environment);
        for (key, value) in sources.overrides {
            layers.add_text(key, value, Place::Flag);
        }
        layers
    }

    /// Reads the configuration file, which has to exist if somebody named it.
    fn read_file(&mut self, flag: Option<PathBuf>, environment: &BTreeMap<String, String>) {
        let variable = environment.get(FILE_VARIABLE).filter(|path| !path.is_empty());
        let named_by = match (&flag, variable) {
            (Some(_), _) => " named on the command line",
            (None, Some(_)) => " named by IDGRAPH_CONFIG",
            (None, None) => "",
        };
        let named = flag.or_else(|| variable.map(PathBuf::from));
        let path = self.resolve(named.as_deref().unwrap_or(Path::new(FILE_NAME)));
        if named.is_none() && !path.exists() {
            return;
        }
        match fs::read_to_string(&path) {
            Ok(text) => self.add_file(&text, path),
            Err(error) => self.problems.push(Problem::Unreadable {
                subject: format!("The configuration file {}{named_by}", path.display()),
                reason: error.to_string(),
            }),
        }
    }

    /// Adds the settings of a file.
    fn add_file(&mut self, text: &str, path: PathBuf) {
        let sections = match parse(text) {
            Ok(sections) => sections,
            Err(error) => {
                let start = error.span().map_or(0, |span| span.start);
                let before = text.get(..start).unwrap_or_default();
                self.problems.push(Problem::Syntax {
                    path: path.display().to_string(),
                    line: before.matches('\n').count() + 1,
                    // The message describes the fault; only `Display` would quote the line.
                    reason: error.message().to_owned(),
                });
                return;
            }
        };
        let place = Place::File(path);
        for (section, keys) in sections {
            if !self.keys.contains_section(&section) {
                self.reject(section, &place);
            } else if let Value::Object(keys) = keys {
                for (key, value) in keys {
                    self.add(format!("{section}.{key}"), value, place.clone());
                }
            } else {
                self.problems.push(Problem::InvalidValue {
                    expected: format!("a section, headed [{section}]"),
                    key: section,
                    place: place.to_string(),
                });
            }
        }
    }

    /// Adds the settings of the environment.
    fn read_environment(&mut self, environment: &BTreeMap<String, String>) {
        for (variable, text) in environment {
            let Some(key) = dotted_key(variable) else {
                continue;
            };
            let place = Place::Variable(variable.clone());
            if self.keys.contains(&key) {
                self.add_text(key, text.clone(), place);
                continue;
            }
            let plain = variable.strip_suffix(VARIABLE_FILE_SUFFIX).unwrap_or(variable);
            match dotted_key(plain).filter(|key| self.keys.contains(key)) {
                None => self.reject(key, &place),
                Some(key) if environment.contains_key(plain) => {
                    self.problems.push(Problem::SetTwice { key, variable: plain.to_owned() });
                }
                Some(key) => self.add_content(key, text, place),
            }
        }
    }

    /// Adds the content of the file a `_FILE` variable points to. The path is kept out of errors:
    /// it may be the secret itself, set under the wrong name.
    fn add_content(&mut self, key: String, path: &str, place: Place) {
        let path = self.resolve(Path::new(path));
        match fs::read_to_string(&path) {
            Ok(text) => self.add_text(key, text.trim().to_owned(), place),
            Err(error) => self.problems.push(Problem::Unreadable {
                subject: format!("The value of `{key}` ({place})"),
                reason: error.to_string(),
            }),
        }
    }

    /// Adds a value that came as text and is of the type its key says.
    fn add_text(&mut self, key: String, text: String, place: Place) {
        let value = self.keys.read(&key, text);
        self.add(key, value, place);
    }

    /// Adds a setting, provided that its key exists.
    fn add(&mut self, key: String, value: Value, place: Place) {
        if self.keys.contains(&key) {
            self.settings.push(Setting { key, value, place });
        } else {
            self.reject(key, &place);
        }
    }

    /// Notes that a key does not exist.
    fn reject(&mut self, key: String, place: &Place) {
        self.problems.push(Problem::UnknownKey {
            expected: self.keys.alternatives(&key),
            key,
            place: place.to_string(),
        });
    }

    /// The path, taken from the working directory if it is relative.
    fn resolve(&self, path: &Path) -> PathBuf {
        self.working_directory.join(path)
    }
}

/// The settings of the built-in defaults. Should these be broken, keys are missing, and loading
/// names the first.
pub(super) fn defaults() -> Vec<Setting> {
    let mut settings = Vec::new();
    for (section, keys) in parse(DEFAULTS).unwrap_or_default() {
        for (key, value) in keys.as_object().into_iter().flatten() {
            settings.push(Setting { key: format!("{section}.{key}"), value: value.clone(), place: Place::Default });
        }
    }
    settings
}

/// Parses TOML.
fn parse(text: &str) -> Result<Map<String, Value>, toml::de::Error> {
    toml::from_str(text)
}

/// The dotted key which the name of a variable stands for, whether or not it exists.
///
/// Without a separator it stands for none: `IDGRAPH_CONFIG` and its like serve other purposes.
fn dotted_key(variable: &str) -> Option<String> {
    let (section, key) = variable.strip_prefix(VARIABLE_PREFIX)?.split_once(VARIABLE_SEPARATOR)?;
    Some(format!("{section}.{key}").to_ascii_lowercase())
}
