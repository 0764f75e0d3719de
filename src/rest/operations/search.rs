//! Which profiles are wanted, as lists of profiles are asked for them.

use crate::domain::node::namespace;
use crate::domain::{Error, NodeKind, text};
use crate::rest::model::choice::{ProfileKind, ProfileStatus};
use crate::rest::refusal::Result;
use crate::store::{CaseSense, Comparator, Comparison, Condition, Place, ProfileFilter};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The attributes that `field` may name.
const FIELDS: &str = "id, username, name, email, phone, tag, department, title, employee_number, type, status, \
    locale, time_zone, given_name, family_name, or metadata and a name, as in metadata.floor";

/// Which profiles are wanted. Everything that is given must hold.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct ProfileSearch {
    /// Only those of this type.
    #[serde(rename = "filter[type]")]
    kind: Option<ProfileKind>,
    /// Only those with this status.
    #[serde(rename = "filter[status]")]
    status: Option<ProfileStatus>,
    /// Only the one with this user name. Case does not count.
    #[serde(rename = "filter[username]")]
    username: Option<String>,
    /// Only those with this e-mail address. Case does not count.
    #[serde(rename = "filter[email]")]
    email: Option<String>,
    /// Only those with this tag. Case does not count.
    #[serde(rename = "filter[tag]")]
    tag: Option<String>,
    /// The attribute that is to have `value`: `id`, `username`, `name`, `email`, `phone`, `tag`, `department`, `title`,
    /// `employee_number`, `type` or `status`; for those with the role editor also `locale`, `time_zone`, `given_name`,
    /// `family_name` and `metadata.NAME`.
    field: Option<String>,
    /// What the attribute `field` is to be.
    value: Option<String>,
}

impl ProfileSearch {
    /// The filter that it means.
    pub fn filter(&self) -> Result<ProfileFilter> {
        let mut parts = Vec::new();
        parts.extend(self.kind.map(|kind| ProfileFilter::Kinds(vec![kind.into()])));
        parts.extend(self.status.map(|status| ProfileFilter::Statuses(vec![status.into()])));
        parts.extend(self.username.clone().map(|name| ProfileFilter::Username(Comparison::In(vec![name]))));
        parts.extend(self.email.as_ref().map(|email| key(namespace::EMAIL, email)));
        parts.extend(self.tag.as_ref().map(|tag| key(namespace::TAG, tag)));
        match (&self.field, &self.value) {
            (Some(field), Some(value)) => parts.push(by_attribute(field, value)?),
            (None, None) => {}
            (Some(_), None) => return Err(Error::invalid("value", "Say what the field is to be.").into()),
            (None, Some(_)) => return Err(Error::invalid("field", "Say which field is to have the value.").into()),
        }
        Ok(ProfileFilter::And(parts))
    }
}

fn key(namespace: &'static str, value: &str) -> ProfileFilter {
    ProfileFilter::Key(namespace, vec![text::key(value)])
}

fn by_attribute(field: &str, value: &str) -> Result<ProfileFilter> {
    let exact = |place: Place| {
        ProfileFilter::Field(Condition::Text(place, Comparator::Equal, CaseSense::Exact, value.to_owned()))
    };
    let in_name = |part: &str| Place::Json("name", vec![part.to_owned()]);
    Ok(match field {
        "id" => {
            let id = crate::domain::NodeId::parse_as(value, &NodeKind::PROFILES, "value")?;
            ProfileFilter::Ids(vec![id.uuid])
        }
        "username" => ProfileFilter::Username(Comparison::In(vec![value.to_owned()])),
        "name" => ProfileFilter::DisplayName(Comparison::In(vec![value.to_owned()])),
        "email" => key(namespace::EMAIL, value),
        "phone" => ProfileFilter::Key(namespace::PHONE, vec![text::phone_key(value)]),
        "tag" => key(namespace::TAG, value),
        "department" => key(namespace::DEPARTMENT, value),
        "title" => key(namespace::TITLE, value),
        "employee_number" => key(namespace::EMPLOYEE_NUMBER, value),
        "type" => ProfileFilter::Kinds(vec![word::<ProfileKind>(value)?.into()]),
        "status" => ProfileFilter::Statuses(vec![word::<ProfileStatus>(value)?.into()]),
        "locale" => exact(Place::Column("locale")),
        "time_zone" => exact(Place::Column("time_zone")),
        "given_name" => exact(in_name("given")),
        "family_name" => exact(in_name("family")),
        field => match field.strip_prefix("metadata.") {
            Some(path) if !path.is_empty() => {
                exact(Place::Json("metadata", path.split('.').map(str::to_owned).collect()))
            }
            _ => return Err(Error::invalid("field", format!("This is no attribute; search by {FIELDS}.")).into()),
        },
    })
}

/// A word of those that there are.
fn word<T: DeserializeOwned>(value: &str) -> Result<T> {
    let word = serde_json::from_value(Value::String(value.to_owned()));
    Ok(word.map_err(|error| Error::invalid("value", format!("This is not what is wanted here: {error}.")))?)
}
