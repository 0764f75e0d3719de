//! Profiles.

use super::change::Change;
use super::choice::{ProfileKind, ProfileStatus};
use super::moment::Moment;
use crate::domain::{self, Patch, contact};
use crate::resolvers::command::{NamePatch, ProfilePatch};
use crate::rest::input::Object;
use crate::rest::merge::merged;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A user, a service account or a bot.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Profile {
    /// Public id: `usr_…`, `svc_…` or `bot_…`.
    pub id: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ProfileKind,
    /// The name to show.
    pub name: String,
    /// The e-mail address to use.
    pub email: Option<String>,
    /// URL of a picture.
    pub avatar: Option<String>,
    /// The slug of its organization.
    pub organization: String,
    /// The slugs of the teams that it is a member of, in the order in which it joined; the first 100. There may be more at
    /// `/v1/profiles/{id}/teams`.
    pub teams: Vec<String>,
    /// Free JSON.
    pub metadata: Map<String, Value>,
    /// The accounts that it owns elsewhere; the first 100. There may be more at `/v1/profiles/{id}/linked-identities`.
    pub linked_identities: Vec<AccountName>,
    /// When it was created.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
    /// The name to sign in with.
    pub username: String,
    /// Where it stands in its life.
    pub status: ProfileStatus,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// Every e-mail address.
    pub emails: Vec<Email>,
    /// Every telephone number.
    pub phones: Vec<Phone>,
    /// Job title.
    pub title: Option<String>,
    /// Department.
    pub department: Option<String>,
    /// Employee number.
    pub employee_number: Option<String>,
    /// Language tag (BCP 47).
    pub locale: Option<String>,
    /// Time zone (IANA).
    pub time_zone: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Counts the changes, from 1.
    pub version: i64,
}

/// An account elsewhere.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccountName {
    /// The provider, such as `github`.
    pub provider: String,
    /// The provider's id of the account.
    pub external_id: String,
}

/// An e-mail address.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Email {
    /// The address.
    pub value: String,
    /// What it is for, such as `work`.
    #[serde(rename = "type")]
    pub label: Option<String>,
    /// Whether it is the one to use.
    pub primary: bool,
    /// Whether somebody has proved that it reaches the profile.
    pub verified: bool,
}

/// A telephone number.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Phone {
    /// The number.
    pub value: String,
    /// What it is for, such as `mobile`.
    #[serde(rename = "type")]
    pub label: Option<String>,
    /// Whether it is the one to use.
    pub primary: bool,
}

/// An e-mail address to keep.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEmail {
    /// The address.
    value: String,
    /// What it is for, such as `work`.
    #[serde(rename = "type")]
    label: Option<String>,
    /// Whether it is the one to use.
    #[serde(default)]
    primary: bool,
    /// Whether somebody has proved that it reaches the profile.
    #[serde(default)]
    verified: bool,
}

/// A telephone number to keep.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPhone {
    /// The number.
    value: String,
    /// What it is for, such as `mobile`.
    #[serde(rename = "type")]
    label: Option<String>,
    /// Whether it is the one to use.
    #[serde(default)]
    primary: bool,
}

impl From<&Object<NewEmail>> for contact::Email {
    fn from(Object(email): &Object<NewEmail>) -> Self {
        let NewEmail { value, label, primary, verified } = email.clone();
        Self { value, label, primary, verified }
    }
}

impl From<&Object<NewPhone>> for contact::Phone {
    fn from(Object(phone): &Object<NewPhone>) -> Self {
        let NewPhone { value, label, primary } = phone.clone();
        Self { value, label, primary }
    }
}

/// Declares a body that says what a profile is to be: some fields of its own, and those that every such body has.
macro_rules! profile_body {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$about])* pub $field: $type,)*
            /// The name to show.
            #[serde(default)]
            name: Change<String>,
            /// Given name.
            #[serde(default)]
            given_name: Change<String>,
            /// Family name.
            #[serde(default)]
            family_name: Change<String>,
            /// The e-mail address to use. Other addresses stay. Not together with `emails`.
            #[serde(default)]
            email: Change<String>,
            /// Every e-mail address.
            #[serde(default)]
            emails: Change<Vec<Object<NewEmail>>>,
            /// Every telephone number.
            #[serde(default)]
            phones: Change<Vec<Object<NewPhone>>>,
            /// URL of a picture.
            #[serde(default)]
            avatar: Change<String>,
            /// Job title.
            #[serde(default)]
            title: Change<String>,
            /// Department.
            #[serde(default)]
            department: Change<String>,
            /// Employee number.
            #[serde(default)]
            employee_number: Change<String>,
            /// Language tag (BCP 47).
            #[serde(default)]
            locale: Change<String>,
            /// Time zone (IANA).
            #[serde(default)]
            time_zone: Change<String>,
            /// Free labels.
            #[serde(default)]
            tags: Change<Vec<String>>,
            /// Free JSON.
            #[serde(default)]
            metadata: Change<Map<String, Value>>,
        }

        impl $name {
            /// Whether it says something that depends on what is there.
            pub const fn needs_current(&self) -> bool {
                self.email.is_said() || self.metadata.is_said()
            }

            /// The changes that it means, to what is there; or to nothing.
            ///
            /// # Errors
            ///
            /// If it says two things of the same.
            pub fn patch(&self, current: Option<&domain::Profile>) -> domain::Result<ProfilePatch> {
                let names_said = self.name.is_said() || self.given_name.is_said() || self.family_name.is_said();
                let name = NamePatch {
                    display: self.name.0.clone(),
                    given: self.given_name.0.clone(),
                    family: self.family_name.0.clone(),
                    ..NamePatch::default()
                };
                let emails = self.emails.0.clone().map(|emails| emails.iter().map(Into::into).collect());
                if self.email.is_said() && self.emails.is_said() {
                    return Err(domain::Error::invalid("email", "Send email or emails, not both."));
                }
                let known = current.map_or(&[][..], |profile| &profile.emails);
                Ok(ProfilePatch {
                    name: if names_said { Patch::Value(name) } else { Patch::Absent },
                    emails: match &self.email.0 {
                        Patch::Absent => emails,
                        Patch::Null => Patch::Value(contact::using(known, None)),
                        Patch::Value(email) => Patch::Value(contact::using(known, Some(email))),
                    },
                    phones: self.phones.0.clone().map(|phones| phones.iter().map(Into::into).collect()),
                    avatar: self.avatar.0.clone(),
                    title: self.title.0.clone(),
                    department: self.department.0.clone(),
                    employee_number: self.employee_number.0.clone(),
                    locale: self.locale.0.clone(),
                    time_zone: self.time_zone.0.clone(),
                    tags: self.tags.0.clone(),
                    metadata: merged(current.map(|profile| &profile.metadata), self.metadata.0.clone()),
                    ..ProfilePatch::default()
                })
            }
        }
    };
}

profile_body! {
    /// A profile to make.
    NewProfile {
        /// Where: the slug or id of the organization; that of the credential unless given.
        organization: Option<String>,
        /// What it is; a user unless given.
        #[serde(rename = "type")]
        kind: Option<ProfileKind>,
        /// The name to sign in with; unique in the organization, whatever the case.
        #[schemars(length(min = 1, max = 256))]
        username: String,
        /// Staged or active; active unless given.
        status: Option<NewStatus>,
    }
}

profile_body! {
    /// Changes to a profile. What is left out stays, null clears, objects inside `metadata` are merged (RFC 7396).
    ProfileChange {
        /// The name to sign in with; unique in the organization, whatever the case.
        #[schemars(length(min = 1, max = 256))]
        #[serde(default, deserialize_with = "super::change::value")]
        #[schemars(transform = super::change::not_null)]
        username: Option<String>,
    }
}

/// Where a new profile stands.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NewStatus {
    /// Prepared, but not to be used yet.
    Staged,
    /// In use.
    Active,
}
