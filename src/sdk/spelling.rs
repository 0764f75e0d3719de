//! How fields are spelled at this face. The resolvers name them as GraphQL does.

use crate::domain::Error;

/// Fields that are not called the same here: what the resolvers' name begins with, and the name of all that begins so.
const RENAMED: &[(&str, &str)] = &[
    ("organizationId", "owner"),
    ("username", "name"),
    ("slug", "name"),
    ("name.display", "displayName"),
    ("name.given", "firstName"),
    ("name.family", "lastName"),
    ("name", "displayName"),
    ("emails", "email"),
    ("phones", "phone"),
    ("tags", "tag"),
    ("department", "affiliation"),
    ("locale", "language"),
    ("metadata", "properties"),
    ("details.profileUrl", "homepage"),
    ("details.userType", "type"),
    ("details.description", "bio"),
    ("details.photos", "avatar"),
    ("accountId", "properties.linked_identities"),
    ("provider", "properties.linked_identities"),
    ("members", "groups"),
    ("principalId", "users"),
];

/// The same error, about the field as it is spelled here.
pub fn spelled(mut error: Error) -> Error {
    error.field = error.field.map(|field| field_name(&field));
    error
}

fn field_name(field: &str) -> String {
    let is_within =
        |name: &str| field.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']));
    let renamed = RENAMED.iter().find(|(known, _)| is_within(known));
    renamed.map_or_else(|| field.to_owned(), |(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_spelled_as_this_face_spells_them() {
        for (before, after) in [
            ("username", "name"),
            ("emails[0].value", "email"),
            ("name.given", "firstName"),
            ("name", "displayName"),
            ("metadata.floor", "properties"),
            ("id", "id"),
            ("organization", "organization"),
        ] {
            assert_eq!(field_name(before), after);
        }
    }
}
