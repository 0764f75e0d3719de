//! Why a subcommand ends without having done what it was asked for.

use crate::config::ConfigError;
use crate::domain::{Error, ErrorCode};
use std::borrow::Cow;
use std::fmt::Display;
use std::process::ExitCode;

/// A failure: a sentence for the operator, and an exit code for scripts.
#[derive(Debug)]
pub(super) struct Failure {
    message: Option<Cow<'static, str>>,
    exit_code: u8,
}

impl Failure {
    /// A failure that this sentence describes.
    pub(super) fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: Some(message.into()), exit_code: 1 }
    }

    /// The command line makes no sense; the sentence says why.
    pub(super) fn usage(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: Some(message.into()), exit_code: 2 }
    }

    /// A failure of something outside, which says its cause itself.
    pub(super) fn because(what: impl Display, cause: &impl Display) -> Self {
        Self::new(format!("{what}: {cause}."))
    }

    /// A failure that has been told already.
    pub(super) const fn told() -> Self {
        Self { message: None, exit_code: 1 }
    }

    /// The same failure, with a sentence behind it.
    pub(super) fn and(mut self, sentence: &str) -> Self {
        self.message = self.message.map(|message| format!("{message} {sentence}").into());
        self
    }

    /// The sentence, unless it has been told already.
    pub(super) fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// What the process ends with.
    pub(super) fn exit_code(&self) -> ExitCode {
        self.exit_code.into()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error.code {
            ErrorCode::Unavailable => Self::new("The database cannot be reached; the log line above says why."),
            ErrorCode::Internal => Self::new("The database refused a statement; the log line above says why."),
            _ => Self::new(error.message),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(error.to_string())
    }
}
