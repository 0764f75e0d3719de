//! What a check has found, and the report of all of them.

use serde::Serialize;
use serde_json::json;
use std::fmt::{self, Display, Formatter};

/// How bad it is. Worse comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    /// All is well.
    Ok,
    /// A check before it failed, so that this one could not be made.
    Skipped,
    /// The server works, but somebody ought to look after this.
    Warning,
    /// The server does not work, or does not tell the truth.
    Problem,
}

impl Status {
    const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// What one check has found.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    check: &'static str,
    status: Status,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl Finding {
    /// All is well.
    pub(super) fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, status: Status::Ok, message: message.into(), advice: None }
    }

    /// Somebody ought to look after this, by doing that.
    pub(super) fn warning(check: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, status: Status::Warning, message: message.into(), advice: Some(advice.into()) }
    }

    /// The server cannot do its work, until somebody does that.
    pub(super) fn problem(check: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, status: Status::Problem, message: message.into(), advice: Some(advice.into()) }
    }

    /// The check itself failed, which says as much of the database as any finding.
    pub(super) fn failed(check: &'static str, error: crate::domain::Error) -> Self {
        let failure = crate::cli::failure::Failure::from(error);
        Self::problem(check, failure.message().unwrap_or_default(), "See to what the log says, and run this again.")
    }

    /// Whether it is a problem.
    pub(super) fn is_problem(&self) -> bool {
        self.status == Status::Problem
    }
}

/// What all checks have found, in their order.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Finding>);

impl Report {
    /// Adds what a check has found.
    pub(super) fn add(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// Says of checks that they could not be made.
    pub(super) fn skip(&mut self, checks: &[&'static str]) {
        let message = "Not checked: a check before this one failed.";
        let skipped = checks.iter().map(|check| Finding { status: Status::Skipped, ..Finding::ok(check, message) });
        self.0.extend(skipped);
    }

    /// Whether one of them is a problem.
    pub(super) fn has_problem(&self) -> bool {
        self.0.iter().any(Finding::is_problem)
    }

    /// The report for programs.
    pub(super) fn json(&self) -> impl Display {
        let worst = self.0.iter().map(|finding| finding.status).max().unwrap_or(Status::Ok);
        format!("{:#}", json!({ "status": worst, "checks": self.0 }))
    }
}

impl Display for Report {
    /// One line for each check, and one with what to do below those that ask for something.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for Finding { check, status, message, advice } in &self.0 {
            writeln!(f, "{:7}  {check:13}  {}", status.name(), message.replace('\n', "\n                        "))?;
            if let Some(advice) = advice {
                writeln!(f, "{:22}  {advice}", "")?;
            }
        }
        Ok(())
    }
}
