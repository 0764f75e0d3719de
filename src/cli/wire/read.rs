//! From the bytes of a line to what it says, or to what is wrong with it.

use super::{CollectiveLine, Line, ProfileLine};
use crate::domain::NodeKind;
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;
use serde_json::{Map, Value};
use std::cell::RefCell;

/// The types that lines may have, for whoever gets one wrong.
const TYPES: &str = "organization, team, group, role, user, service_account, bot, membership, grant";

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field at fault, if it is one.
    pub field: Option<String>,
    /// What is wrong with it.
    pub message: String,
}

impl Problem {
    /// A problem of the line as a whole.
    pub fn new(message: impl Into<String>) -> Self {
        Self { field: None, message: message.into() }
    }

    /// A problem of one field.
    pub fn at(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(field.into()), message: message.into() }
    }
}

/// Reads a line.
///
/// # Errors
///
/// When it is not a JSON object of a known type whose fields are known and of the right types.
pub fn parse(bytes: &[u8]) -> Result<Line, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let place = error.valid_up_to() + 1;
        Problem::new(format!("This is not valid UTF-8 at byte {place}."))
    })?;
    let mut object: Map<String, Value> = serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            return Problem::new("This is not a JSON object.");
        }
        Problem::new(format!("This is not valid JSON: {}.", cause(&error)))
    })?;
    let name = match object.remove("type") {
        Some(Value::String(name)) => name,
        Some(_) => return Err(Problem::at("type", format!("This is not a string; expected one of {TYPES}."))),
        None => return Err(Problem::at("type", format!("The line has no type; expected one of {TYPES}."))),
    };
    let collective = |kind, line: CollectiveLine| Line::of_collective(kind, line);
    let profile = |kind, line: ProfileLine| Line::of_profile(kind, line);
    match name.as_str() {
        "organization" => fields(object).map(Line::Organization),
        "team" => fields(object).map(|line| collective(NodeKind::Team, line)),
        "group" => fields(object).map(|line| collective(NodeKind::Group, line)),
        "role" => fields(object).map(Line::Role),
        "user" => fields(object).map(|line| profile(NodeKind::User, line)),
        "service_account" => fields(object).map(|line| profile(NodeKind::ServiceAccount, line)),
        "bot" => fields(object).map(|line| profile(NodeKind::Bot, line)),
        "membership" => fields(object).map(Line::Membership),
        "grant" => fields(object).map(Line::Grant),
        _ => Err(Problem::at("type", format!("There is no type {name:?}; expected one of {TYPES}."))),
    }
}

/// Reads the fields of a user.
///
/// # Errors
///
/// When one of them is not known, or of a wrong type.
pub fn user(fields: Map<String, Value>) -> Result<Line, Problem> {
    self::fields(fields).map(|line| Line::of_profile(NodeKind::User, line))
}

/// Reads the fields of a line, keeping an eye on which one is being read, so that errors can name it.
fn fields<T: DeserializeOwned>(object: Map<String, Value>) -> Result<T, Problem> {
    let current = RefCell::new(None);
    let mut entries = object.into_iter();
    let entries = std::iter::from_fn(|| {
        let entry = entries.next();
        *current.borrow_mut() = entry.as_ref().map(|(name, _)| name.clone());
        entry
    });
    let read = T::deserialize(MapDeserializer::<_, serde_json::Error>::new(entries));
    read.map_err(|error| Problem { field: current.take(), message: format!("{}.", cause(&error)) })
}

/// The text of an error without the place, which within one line is of no use; the first letter is capital.
fn cause(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: &str) -> (Option<String>, String) {
        let problem = parse(line.as_bytes()).expect_err("a line with a problem");
        (problem.field, problem.message)
    }

    #[test]
    fn a_problem_names_the_field() {
        let (field, message) = problem(r#"{"type": "team", "slug": "a", "name": 3}"#);
        assert_eq!(field.as_deref(), Some("name"));
        assert_eq!(message, "Invalid type: integer `3`, expected a string.");
        let (field, _) = problem(r#"{"type": "team", "slug": "a", "title": "A"}"#);
        assert_eq!(field.as_deref(), Some("title"));
        let (field, message) = problem(r#"{"type": "team", "name": "A"}"#);
        assert_eq!((field, message.as_str()), (None, "Missing field `slug`."));
        let (field, _) = problem(r#"{"type": "user", "username": "a", "name": {"givn": "A"}}"#);
        assert_eq!(field.as_deref(), Some("name"));
    }

    #[test]
    fn what_is_no_line_is_told_apart() {
        assert!(problem("{").1.starts_with("This is not valid JSON"));
        assert_eq!(problem("[1]").1, "This is not a JSON object.");
        assert_eq!(problem(r#"{"slug": "a"}"#).0.as_deref(), Some("type"));
        assert!(problem(r#"{"type": "team "}"#).1.starts_with("There is no type \"team \""));
        assert!(parse(b"{\"type\": \"\xff\"}").is_err_and(|problem| problem.message.contains("UTF-8")));
    }

    #[test]
    fn absent_and_null_are_told_apart() {
        use crate::domain::Patch;
        let Ok(Line::Team(line)) = parse(br#"{"type": "team", "slug": "a", "description": null}"#) else {
            panic!("a team");
        };
        assert_eq!((line.description, line.parent), (Patch::Null, Patch::Absent));
    }
}
