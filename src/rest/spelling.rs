//! How fields are spelled at this face. The resolvers name them as GraphQL does.

use crate::domain::Error;

/// Fields that are not called the same here. Everything else is only written another way: `timeZone` is `time_zone`.
const RENAMED: &[(&str, &str)] = &[
    ("clientMutationId", "Idempotency-Key"),
    ("expectedVersion", "If-Match"),
    ("organizationId", "organization"),
    ("accountId", "external_id"),
    ("name.display", "name"),
    ("name.given", "given_name"),
    ("name.family", "family_name"),
];

/// The same error, about the field as it is spelled here.
pub fn spelled(mut error: Error) -> Error {
    if error.field.as_deref() == Some("clientMutationId") {
        error.message =
            "This key is not one, or was used for another request; take a new one of at most 128 characters.".into();
    }
    error.field = error.field.map(|field| field_name(&field));
    error
}

/// A field as it is spelled here.
pub fn field_name(field: &str) -> String {
    if let Some((_, name)) = RENAMED.iter().find(|(known, _)| *known == field) {
        return (*name).to_owned();
    }
    // What stands in brackets is no name of ours.
    if field.contains('[')
        && field.starts_with(|c: char| c.is_ascii_lowercase())
        && field.ends_with(']')
        && !field.contains('.')
    {
        return field.to_owned();
    }
    let mut name = String::with_capacity(field.len() + 4);
    for c in field.chars() {
        if c.is_ascii_uppercase() && !field.contains('-') {
            name.push('_');
            name.push(c.to_ascii_lowercase());
        } else {
            name.push(c);
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_spelled_as_this_face_spells_them() {
        for (before, after) in [
            ("timeZone", "time_zone"),
            ("records[3].whereabouts.userAgent", "records[3].whereabouts.user_agent"),
            ("expectedVersion", "If-Match"),
            ("Idempotency-Key", "Idempotency-Key"),
            ("accountId", "external_id"),
            ("filter[risk_level]", "filter[risk_level]"),
            ("name.given", "given_name"),
        ] {
            assert_eq!(field_name(before), after);
        }
    }
}
