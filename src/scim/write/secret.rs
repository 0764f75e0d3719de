//! Passwords on their way: they are taken out of a request and hashed before its command runs, because a hash takes long,
//! and while a command runs nobody else writes.

use super::super::registry::Kind;
use super::Change;
use crate::domain::Result;
use crate::resolvers::password::PasswordHash;
use crate::resolvers::{App, Viewer};
use scim_protocol::patch::OperationKind;
use scim_protocol::path::{Location, parse_path};
use scim_protocol::schema::ResourceType;
use serde::Serialize;
use serde_json::Value;

/// The name of the attribute.
const PASSWORD: &str = "password";

/// What a request wants of the password, as it was sent.
#[derive(Default)]
pub enum Hidden {
    /// Nothing.
    #[default]
    Unsaid,
    /// That there be none.
    Removed,
    /// That it be this.
    Set(String),
}

/// What a command is to do to the password.
#[derive(Debug, Clone, Default, Serialize)]
pub enum Secret {
    /// Nothing.
    #[default]
    Unsaid,
    /// Take it away.
    Removed,
    /// Keep this hash of it.
    Set(PasswordHash),
}

impl Hidden {
    /// Takes the password out of the body of a POST or PUT, if the type has one. What is no text stays, for the schema to
    /// refuse.
    pub fn in_body(kind: Kind, body: &mut Value) -> Self {
        let (Value::Object(parts), Some(_)) = (body, kind.row(None, PASSWORD)) else { return Self::Unsaid };
        let names: Vec<String> = parts.keys().filter(|name| name.eq_ignore_ascii_case(PASSWORD)).cloned().collect();
        // Who gives it twice is told so.
        let [name] = names.as_slice() else { return Self::Unsaid };
        match only(parts.get(name)).and_then(Value::as_str).map(str::to_owned) {
            Some(password) => {
                parts.remove(name);
                Self::Set(password)
            }
            None => Self::Unsaid,
        }
    }

    /// Takes the password out of a change: what it says of it last.
    pub fn in_change(kind: Kind, of_type: &ResourceType, change: &mut Change) -> Self {
        let request = match change {
            Change::Replace(body) => return Self::in_body(kind, body),
            Change::Patch(request) => request,
        };
        let mut hidden = Self::Unsaid;
        request.operations.retain_mut(|operation| match &operation.path {
            Some(path) if is_password(of_type.locate(path).ok()) => {
                let said = Self::said(operation.kind, operation.value.as_ref());
                let is_understood = said.is_some();
                hidden = said.unwrap_or(std::mem::take(&mut hidden));
                !is_understood
            }
            Some(_) => true,
            None => {
                let kind = operation.kind;
                if let Some(Value::Object(parts)) = &mut operation.value {
                    parts.retain(|name, value| {
                        let place = parse_path(name).ok().and_then(|path| of_type.locate(&path).ok());
                        let said = Self::said(kind, Some(value)).filter(|_| is_password(place));
                        let is_understood = said.is_some();
                        hidden = said.unwrap_or(std::mem::take(&mut hidden));
                        !is_understood
                    });
                }
                true
            }
        });
        hidden
    }

    /// What an operation says that is about the password; none, if that is nothing to be understood.
    fn said(kind: OperationKind, value: Option<&Value>) -> Option<Self> {
        match (kind, only(value)) {
            (OperationKind::Remove, _) | (OperationKind::Replace, Some(Value::Null)) => Some(Self::Removed),
            (_, Some(Value::String(password))) => Some(Self::Set(password.clone())),
            _ => None,
        }
    }

    /// Hashes it, for those who may set passwords.
    pub async fn hashed(self, app: &App, viewer: &Viewer) -> Result<Secret> {
        Ok(match self {
            Self::Unsaid => Secret::Unsaid,
            Self::Removed => Secret::Removed,
            Self::Set(password) => Secret::Set(app.hash_password(viewer, password, PASSWORD).await?),
        })
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// The value; of a list of one, that one.
fn only(value: Option<&Value>) -> Option<&Value> {
    match value {
        Some(Value::Array(values)) => values.first().filter(|_| values.len() == 1),
        other => other,
    }
}

fn is_password(location: Option<Location>) -> bool {
    matches!(location, Some(Location::Attribute { target, .. }) if !target.is_extension && target.attribute.name == PASSWORD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::registry::Registry;
    use scim_protocol::patch::{PATCH_SCHEMA, parse_patch};
    use serde_json::json;

    #[expect(clippy::needless_pass_by_value, reason = "it is written where it is passed")]
    fn patched(operations: Value) -> (Hidden, Vec<Value>) {
        let body = json!({"schemas": [PATCH_SCHEMA], "Operations": operations});
        let Ok(request) = parse_patch(&body) else { panic!("no PATCH: {body}") };
        let mut change = Change::Patch(request);
        let hidden = Hidden::in_change(Kind::User, Registry::common().get(Kind::User), &mut change);
        let Change::Patch(request) = change else { panic!("a PATCH stays one") };
        (hidden, request.operations.into_iter().map(|operation| operation.value.unwrap_or_default()).collect())
    }

    #[test]
    fn no_way_to_say_a_password_is_missed() {
        let urn = Kind::User.urn();
        for operation in [
            json!({"op": "replace", "path": "PASSWORD", "value": "hidden horse"}),
            json!({"op": "add", "path": "password", "value": ["hidden horse"]}),
            json!({"op": "add", "path": format!("{urn}:password"), "value": "hidden horse"}),
            json!({"op": "replace", "value": {"title": "x", "passWord": "hidden horse"}}),
            json!({"op": "add", "value": {format!("{urn}:password"): "hidden horse"}}),
        ] {
            let (hidden, left) = patched(json!([operation]));
            assert!(matches!(&hidden, Hidden::Set(password) if password == "hidden horse"), "{operation}");
            assert!(!format!("{left:?} {hidden:?}").contains("horse"), "{operation}: {left:?}");
        }
        let mut body = json!({"userName": "ada", "Password": "hidden horse"});
        assert!(matches!(Hidden::in_body(Kind::User, &mut body), Hidden::Set(_)));
        assert_eq!(body, json!({"userName": "ada"}));
        let mut agent = json!({"name": "robot", "password": "hidden horse"});
        assert!(matches!(Hidden::in_body(Kind::Agent, &mut agent), Hidden::Unsaid), "agents have none");
    }

    #[test]
    fn the_last_word_counts_and_what_is_no_text_is_left_to_be_refused() {
        let set = json!({"op": "add", "path": "password", "value": "hidden horse"});
        let (hidden, _) = patched(json!([set, {"op": "remove", "path": "password"}]));
        assert!(matches!(hidden, Hidden::Removed));
        let (hidden, left) = patched(json!([set, {"op": "replace", "path": "password", "value": 7}]));
        assert!(matches!(hidden, Hidden::Set(_)));
        assert_eq!(left, [json!(7)]);
    }
}
