//! What can be wrong with a configuration, put for the operator who has to mend it.

use thiserror::Error;

/// Everything that is wrong with a configuration, one sentence and one line per problem.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError(pub(super) Vec<Problem>);

/// One problem: what, where, and what is expected instead. No field holds a text that was turned
/// down, since it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum Problem {
    /// A place sets a key that does not exist.
    #[error("`{key}` ({place}) is not a configuration key: expected {expected}.")]
    UnknownKey { key: String, place: String, expected: String },
    /// A place sets a key to a value of the wrong type, range or format.
    #[error("The value of `{key}` ({place}) is not valid: expected {expected}.")]
    InvalidValue { key: String, place: String, expected: String },
    /// Both a variable and its `_FILE` variant are set.
    #[error(
        "`{key}` is set twice: expected only one of the environment variables {variable} and \
         {variable}_FILE."
    )]
    SetTwice { key: String, variable: String },
    /// A configuration file, or the file a `_FILE` variable points to, cannot be read.
    #[error("{subject} cannot be read ({reason}): expected the path of a readable text file.")]
    Unreadable { subject: String, reason: String },
    /// A configuration file is not TOML. The place stands without the offending text.
    #[error("The configuration file {path} is not valid TOML at line {line}: {reason}.")]
    Syntax { path: String, line: usize, reason: String },
    /// The built-in defaults do not make a configuration, which a test rules out.
    #[error("The built-in defaults are not valid: expected a server built from tested sources.")]
    BrokenDefaults,
}
