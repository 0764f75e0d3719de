//! The line of a user, a service account or a bot.

use super::details::DetailsLine;
use super::field;
use crate::domain::Patch;
use crate::domain::identity::{IdentityStatus, MfaState};
use crate::domain::profile::ProfileStatus;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};

/// A user, a service account or a bot.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileLine {
    /// The slug of the organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Which one.
    pub username: String,
    /// The name to show, or the parts of the name.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub name: Patch<NameLine>,
    /// The one e-mail address; short for `emails` with a primary one.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub email: Patch<String>,
    /// E-mail addresses.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub emails: Patch<Vec<EmailLine>>,
    /// Telephone numbers.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub phones: Patch<Vec<PhoneLine>>,
    /// Postal addresses.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub addresses: Patch<Vec<AddressLine>>,
    /// URL of a picture.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub avatar: Patch<String>,
    /// Language tag.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub locale: Patch<String>,
    /// Time zone.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub time_zone: Patch<String>,
    /// Job title.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub title: Patch<String>,
    /// Department.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub department: Patch<String>,
    /// Employee number.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub employee_number: Patch<String>,
    /// The user name of the manager.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub manager: Patch<String>,
    /// The user name of the user who answers for the service account or bot.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub owner_user: Patch<String>,
    /// The slug of the team that answers for the service account or bot.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub owner_team: Patch<String>,
    /// Where the profile stands in its life.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub status: Patch<ProfileStatus>,
    /// Why it stands there.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub status_reason: Patch<String>,
    /// Free labels.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub tags: Patch<Vec<String>>,
    /// Free JSON.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub metadata: Patch<Map<String, Value>>,
    /// The ids by which clients of the directory know the profile.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub external_ids: Patch<Vec<ExternalIdLine>>,
    /// What directories say of the profile beyond that. What is left out stays as it is.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub details: Patch<DetailsLine>,
    /// The values of declared attributes, by the URN of their schema.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub extensions: Patch<Map<String, Value>>,
    /// Accounts at other providers.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub linked_identities: Patch<Vec<IdentityLine>>,
}

/// A name.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum NameLine {
    /// The name to show.
    Display(String),
    /// The parts of the name.
    Parts(Box<NamePartsLine>),
}

// Derived, this would not say which part is wrong.
impl<'de> Deserialize<'de> for NameLine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(name) => Ok(Self::Display(name)),
            parts @ Value::Object(_) => serde_json::from_value(parts).map(Self::Parts).map_err(de::Error::custom),
            _ => Err(de::Error::custom("expected a string, or an object with parts of the name")),
        }
    }
}

/// The parts of a name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamePartsLine {
    /// The name to show.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub display: Patch<String>,
    /// Given name.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub given: Patch<String>,
    /// Family name.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub family: Patch<String>,
    /// Middle names.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub middle: Patch<String>,
    /// The whole name, formal.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub formatted: Patch<String>,
    /// What stands before the name.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub honorific_prefix: Patch<String>,
    /// What stands behind the name.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub honorific_suffix: Patch<String>,
}

/// An e-mail address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailLine {
    /// The address.
    pub value: String,
    /// What it is for.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether it is the one to use.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub primary: bool,
    /// Whether it is proved to reach the profile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verified: bool,
}

/// A telephone number.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneLine {
    /// The number.
    pub value: String,
    /// What it is for.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether it is the one to use.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub primary: bool,
}

/// A postal address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressLine {
    /// What it is for.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The whole address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Street and house number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// City or town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// State or province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Whether it is the one to use.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub primary: bool,
}

/// The id by which a client of the directory knows the profile.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalIdLine {
    /// The client.
    pub client: String,
    /// Its id.
    pub value: String,
}

/// An account at another provider.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityLine {
    /// The provider.
    pub provider: String,
    /// The provider's environment; `production` if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The provider's id of the account.
    pub external_id: String,
    /// The name of the account.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub username: Patch<String>,
    /// The e-mail address of the account.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub email: Patch<String>,
    /// Whether the owner has proved to own it.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub verified: Patch<bool>,
    /// Where the account stands.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub status: Patch<IdentityStatus>,
    /// What is known of its second factor.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub mfa_state: Patch<MfaState>,
    /// The methods of its second factor.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub mfa_methods: Patch<Vec<String>>,
    /// How risky the provider says that it is, from 0 to 100.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub provider_risk: Patch<i32>,
    /// Free JSON.
    #[serde(default, with = "field", skip_serializing_if = "field::is_absent")]
    pub metadata: Patch<Map<String, Value>>,
}
