//! Which profiles are wanted, as lists of profiles are asked for them.

use crate::domain::Error;
use crate::domain::node::namespace;
use crate::resolvers::query::attribute::{with_attribute, with_key};
use crate::rest::model::choice::{ProfileKind, ProfileStatus};
use crate::rest::refusal::Result;
use crate::store::{Comparison, ProfileFilter};
use schemars::JsonSchema;
use serde::Deserialize;

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
        parts.extend(self.email.as_ref().map(|email| with_key(namespace::EMAIL, email)));
        parts.extend(self.tag.as_ref().map(|tag| with_key(namespace::TAG, tag)));
        match (&self.field, &self.value) {
            (Some(field), Some(value)) => parts.push(with_attribute(field, value)?),
            (None, None) => {}
            (Some(_), None) => return Err(Error::invalid("value", "Say what the field is to be.").into()),
            (None, Some(_)) => return Err(Error::invalid("field", "Say which field is to have the value.").into()),
        }
        Ok(ProfileFilter::And(parts))
    }
}
