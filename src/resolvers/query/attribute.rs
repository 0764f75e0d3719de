//! Profiles by an attribute and its value, as clients name the two in a search.

use crate::domain::node::namespace;
use crate::domain::profile::ProfileStatus;
use crate::domain::{Error, NodeId, NodeKind, Result, text};
use crate::store::{CaseSense, Comparator, Comparison, Condition, Place, ProfileFilter};

/// The attributes that there are.
const FIELDS: &str = "id, username, name, email, phone, tag, department, title, employee_number, type, status, \
    locale, time_zone, given_name, family_name, or metadata and a name, as in metadata.floor";

/// Those that have a value as a key of one kind. Case does not count.
#[must_use]
pub fn with_key(namespace: &'static str, value: &str) -> ProfileFilter {
    ProfileFilter::Key(namespace, vec![text::key(value)])
}

/// Those whose attribute `field` has that value. What is wrong is told of the fields `field` and `value`.
pub fn with_attribute(field: &str, value: &str) -> Result<ProfileFilter> {
    let exact = |place: Place| {
        ProfileFilter::Field(Condition::Text(place, Comparator::Equal, CaseSense::Exact, value.to_owned()))
    };
    let in_name = |part: &str| Place::Json("name", vec![part.to_owned()]);
    Ok(match field {
        "id" => ProfileFilter::Ids(vec![NodeId::parse_as(value, &NodeKind::PROFILES, "value")?.uuid]),
        "username" => ProfileFilter::Username(Comparison::In(vec![value.to_owned()])),
        "name" => ProfileFilter::DisplayName(Comparison::In(vec![value.to_owned()])),
        "email" => with_key(namespace::EMAIL, value),
        "phone" => ProfileFilter::Key(namespace::PHONE, vec![text::phone_key(value)]),
        "tag" => with_key(namespace::TAG, value),
        "department" => with_key(namespace::DEPARTMENT, value),
        "title" => with_key(namespace::TITLE, value),
        "employee_number" => with_key(namespace::EMPLOYEE_NUMBER, value),
        "type" => ProfileFilter::Kinds(vec![kind(value)?]),
        "status" => ProfileFilter::Statuses(vec![status(value)?]),
        "locale" => exact(Place::Column("locale")),
        "time_zone" => exact(Place::Column("time_zone")),
        "given_name" => exact(in_name("given")),
        "family_name" => exact(in_name("family")),
        field => match field.strip_prefix("metadata.") {
            Some(path) if !path.is_empty() => {
                exact(Place::Json("metadata", path.split('.').map(str::to_owned).collect()))
            }
            _ => return Err(Error::invalid("field", format!("This is no attribute; search by {FIELDS}."))),
        },
    })
}

fn kind(value: &str) -> Result<NodeKind> {
    let kind = NodeKind::from_name(value).filter(|kind| kind.is_profile());
    kind.ok_or_else(|| Error::invalid("value", "A profile is a user, a service_account or a bot."))
}

fn status(value: &str) -> Result<ProfileStatus> {
    let known = || format!("A status is one of {}.", ProfileStatus::ALL.map(ProfileStatus::name).join(", "));
    ProfileStatus::from_name(value).ok_or_else(|| Error::invalid("value", known()))
}
