//! Errors, as the protocol tells them (RFC 7644 §3.12).

use crate::domain::{Error, ErrorCode};
use scim_protocol::{ScimError, ScimType};

/// How fields of the graph are called in resources.
const NAMES: &[(&str, &str)] = &[
    ("username", "userName"),
    ("name.display", "displayName"),
    ("name.given", "name.givenName"),
    ("name.family", "name.familyName"),
    ("name.middle", "name.middleName"),
    ("name.honorificPrefix", "name.honorificPrefix"),
    ("phones", "phoneNumbers"),
    ("avatar", "photos"),
    ("timeZone", "timezone"),
    ("details.nickname", "nickName"),
    ("details.assignedRoles", "roles"),
    ("details.messengers", "ims"),
    ("details.certificates", "x509Certificates"),
    ("details.", ""),
    ("externalIds", "externalId"),
    ("managerId", "manager"),
    ("memberIds", "members"),
    ("extensions.", ""),
];

/// An error of the protocol, on its way through the resolvers.
#[must_use]
pub fn of_protocol(error: ScimError) -> Error {
    let keyword = error.scim_type.map(ScimType::as_str);
    let code = match error.status {
        409 => ErrorCode::Conflict,
        404 => ErrorCode::NotFound,
        _ => ErrorCode::InvalidInput,
    };
    Error { code, field: None, keyword, message: error.detail.into() }
}

/// An error of the domain, as the protocol tells it.
#[must_use]
pub fn of_domain(error: Error) -> ScimError {
    let detail = match &error.field {
        Some(field) if error.code == ErrorCode::InvalidInput => format!("{}: {}", name_of(field), error.message),
        _ => error.message.into_owned(),
    };
    let scim_type = match (error.keyword, error.code) {
        (Some(keyword), _) => scim_type(keyword),
        (None, ErrorCode::InvalidInput) => Some(ScimType::InvalidValue),
        (None, ErrorCode::Conflict) => Some(ScimType::Uniqueness),
        (None, ErrorCode::TooComplex) => Some(ScimType::TooMany),
        _ => None,
    };
    let status = match error.code {
        ErrorCode::InvalidInput | ErrorCode::TooComplex => 400,
        ErrorCode::Unauthenticated => 401,
        ErrorCode::Forbidden => 403,
        ErrorCode::NotFound => 404,
        ErrorCode::Conflict => 409,
        ErrorCode::StaleVersion => 412,
        ErrorCode::RateLimited => 429,
        ErrorCode::Unavailable => 503,
        ErrorCode::Internal => 500,
    };
    ScimError { status, scim_type, detail }
}

fn scim_type(keyword: &str) -> Option<ScimType> {
    use ScimType as T;
    let all = [
        T::InvalidFilter,
        T::TooMany,
        T::Uniqueness,
        T::Mutability,
        T::InvalidSyntax,
        T::InvalidPath,
        T::NoTarget,
        T::InvalidValue,
        T::InvalidVers,
        T::Sensitive,
        T::InvalidCursor,
        T::ExpiredCursor,
        T::InvalidCount,
    ];
    all.into_iter().find(|known| known.as_str() == keyword)
}

/// The attribute that a field of the graph is.
fn name_of(field: &str) -> String {
    let renamed = NAMES.iter().find_map(|(own, theirs)| field.strip_prefix(own).map(|rest| format!("{theirs}{rest}")));
    renamed.unwrap_or_else(|| field.to_owned())
}
