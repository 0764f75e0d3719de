//! Profiles: one record for every user, service account and bot.

use super::contact::{self, Address, Email, ExternalId, Phone};
use super::details::Details;
use super::error::{Error, Result};
use super::id::{NodeId, OrganizationId};
use super::meta::Meta;
use super::text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Where a profile stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileStatus {
    /// Prepared, but not to be used yet.
    Staged,
    /// In use.
    #[default]
    Active,
    /// Barred for a time; expected to come back.
    Suspended,
    /// Barred for good, unless somebody enables it again.
    Disabled,
    /// Gone from every list and look-up; only its history and `restore` know it.
    Deleted,
}

impl ProfileStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Staged, Self::Active, Self::Suspended, Self::Disabled, Self::Deleted];

    /// The name in stored rows and in events.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }

    /// The status of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// The parts of a name (RFC 7643 §4.1.1), each as its owner writes it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PersonName {
    /// The name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// Middle names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub middle: Option<String>,
    /// The whole name, formal, with titles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// What stands before the name, such as `Dr`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub honorific_prefix: Option<String>,
    /// What stands behind the name, such as `III`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub honorific_suffix: Option<String>,
}

/// A user, a service account or a bot. Its kind is in its id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Public id: `usr_…`, `svc_…` or `bot_…`.
    pub id: NodeId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The name to sign in with; unique in the organization, whatever the case.
    pub username: String,
    /// The parts of the name.
    pub name: PersonName,
    /// E-mail addresses.
    pub emails: Vec<Email>,
    /// Telephone numbers.
    pub phones: Vec<Phone>,
    /// Postal addresses.
    pub addresses: Vec<Address>,
    /// URL of a picture.
    pub avatar: Option<String>,
    /// Language tag (BCP 47).
    pub locale: Option<String>,
    /// Time zone (IANA).
    pub time_zone: Option<String>,
    /// Job title.
    pub title: Option<String>,
    /// Department.
    pub department: Option<String>,
    /// Employee number.
    pub employee_number: Option<String>,
    /// Where the profile stands in its life.
    pub status: ProfileStatus,
    /// Why it stands there, if somebody said so.
    pub status_reason: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Free JSON.
    pub metadata: Map<String, Value>,
    /// The ids by which clients of the directory know the profile.
    pub external_ids: Vec<ExternalId>,
    /// What directories say of the profile beyond that.
    #[serde(default)]
    pub details: Details,
    /// The values of the attributes that the organization has declared, by the URN of the schema that declares them.
    #[serde(default)]
    pub extensions: Map<String, Value>,
    /// The profile that it was merged into, of the same kind. A merged profile is deleted, and its id leads there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<NodeId>,
    /// Version, times, provenance.
    #[serde(skip)]
    pub meta: Meta,
}

impl Profile {
    /// A profile with a user name and nothing else.
    #[must_use]
    pub fn new(id: NodeId, organization: OrganizationId, username: String) -> Self {
        Self {
            id,
            organization,
            username,
            name: PersonName::default(),
            emails: Vec::new(),
            phones: Vec::new(),
            addresses: Vec::new(),
            avatar: None,
            locale: None,
            time_zone: None,
            title: None,
            department: None,
            employee_number: None,
            status: ProfileStatus::Active,
            status_reason: None,
            tags: Vec::new(),
            metadata: Map::new(),
            external_ids: Vec::new(),
            details: Details::default(),
            extensions: Map::new(),
            merged_into: None,
            meta: Meta::default(),
        }
    }

    /// The name to show: the display name, else the formal one, else given and family name, else the user name.
    #[must_use]
    pub fn display_name(&self) -> String {
        let name = &self.name;
        if let Some(display) = name.display.as_ref().or(name.formatted.as_ref()) {
            return display.clone();
        }
        let parts: Vec<&str> = [&name.given, &name.family].into_iter().flatten().map(String::as_str).collect();
        if parts.is_empty() { self.username.clone() } else { parts.join(" ") }
    }

    /// The address to use: the primary one, else the first.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        let email = self.emails.iter().find(|email| email.primary).or_else(|| self.emails.first());
        email.map(|email| email.value.as_str())
    }

    /// Requires every field to be sound.
    pub fn check(&self) -> Result<()> {
        text::check_username("username", &self.username)?;
        self.check_name()?;
        contact::check_emails("emails", &self.emails)?;
        contact::check_phones("phones", &self.phones)?;
        contact::check_addresses("addresses", &self.addresses)?;
        contact::check_external_ids("externalIds", &self.external_ids)?;
        optional(&self.avatar, |url| text::check_url("avatar", url))?;
        optional(&self.locale, |tag| text::check_locale("locale", tag))?;
        optional(&self.time_zone, |zone| text::check_time_zone("timeZone", zone))?;
        for (field, value) in
            [("title", &self.title), ("department", &self.department), ("employeeNumber", &self.employee_number)]
        {
            optional(value, |value| text::check_line(field, value, text::MAX_NAME))?;
        }
        optional(&self.status_reason, |reason| text::check_paragraph("reason", reason, text::MAX_TEXT))?;
        check_tags(&self.tags)?;
        self.details.check()?;
        text::check_metadata("extensions", &self.extensions)?;
        text::check_metadata("metadata", &self.metadata)
    }

    fn check_name(&self) -> Result<()> {
        let name = &self.name;
        let parts = [
            ("name.display", &name.display),
            ("name.given", &name.given),
            ("name.family", &name.family),
            ("name.middle", &name.middle),
            ("name.formatted", &name.formatted),
            ("name.honorificPrefix", &name.honorific_prefix),
            ("name.honorificSuffix", &name.honorific_suffix),
        ];
        parts
            .into_iter()
            .try_for_each(|(field, part)| optional(part, |part| text::check_line(field, part, text::MAX_NAME)))
    }
}

fn check_tags(tags: &[String]) -> Result<()> {
    text::check_count("tags", tags)?;
    for (index, tag) in tags.iter().enumerate() {
        text::check_line(&format!("tags[{index}]"), tag, 100)?;
        if tags[..index].contains(tag) {
            return Err(Error::invalid(format!("tags[{index}]"), "This tag stands in the list twice; send it once."));
        }
    }
    Ok(())
}

fn optional(value: &Option<String>, check: impl Fn(&str) -> Result<()>) -> Result<()> {
    value.as_deref().map_or(Ok(()), check)
}
