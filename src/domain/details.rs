//! What directories say of a profile beyond what everybody asks for: the rest of a SCIM user (RFC 7643 §4.1 and §4.3).
//!
//! idgraph keeps these values as they were given, for those who sent them and those who look for them. Nothing follows
//! from them: an entitlement or an assigned role in a detail confers nothing here, as a grant of a role does.

use super::contact::{check_distinct, check_label, check_one_primary};
use super::error::Result;
use super::text;
use serde::{Deserialize, Serialize};

/// A value of a list, with what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Labelled {
    /// The value, as it was given.
    pub value: String,
    /// How the value is shown to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// What it is for, such as `work` or `photo`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether this is the value to use.
    #[serde(default)]
    pub primary: bool,
}

/// The details of a profile. See the module.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// How the profile likes to be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// URL of a page about the profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_url: Option<String>,
    /// What the employer calls the relation, such as `Employee` or `Contractor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_type: Option<String>,
    /// The languages that the profile prefers, as in `Accept-Language` (RFC 9110 §12.5.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_language: Option<String>,
    /// The cost centre.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_center: Option<String>,
    /// The division.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub division: Option<String>,
    /// What the profile is for: of interest for service accounts and bots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What a directory calls the organization, where that is not how idgraph calls it. Empty, if a directory has taken the
    /// name away: then none is shown to directories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_name: Option<String>,
    /// URLs of pictures. The one to use is the avatar.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<Labelled>,
    /// Addresses of instant messengers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub messengers: Vec<Labelled>,
    /// What a directory says the profile is entitled to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<Labelled>,
    /// The roles that a directory has assigned. They grant nothing here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assigned_roles: Vec<Labelled>,
    /// X.509 certificates, in DER and base64.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<Labelled>,
}

impl Details {
    /// Requires every field to be sound.
    pub fn check(&self) -> Result<()> {
        let lines = [
            ("details.nickname", &self.nickname),
            ("details.userType", &self.user_type),
            ("details.preferredLanguage", &self.preferred_language),
            ("details.costCenter", &self.cost_center),
            ("details.division", &self.division),
        ];
        let organization = self.organization_name.as_ref().filter(|name| !name.is_empty());
        let organization = organization.map(|name| ("details.organizationName", name));
        let lines = lines.into_iter().filter_map(|(field, value)| value.as_ref().map(|value| (field, value)));
        for (field, value) in lines.chain(organization) {
            text::check_line(field, value, text::MAX_NAME)?;
        }
        self.description
            .as_deref()
            .map_or(Ok(()), |text| text::check_paragraph("details.description", text, text::MAX_TEXT))?;
        self.profile_url.as_deref().map_or(Ok(()), |url| text::check_url("details.profileUrl", url))?;
        check_list("details.photos", &self.photos, text::check_url)?;
        for (field, values) in [
            ("details.messengers", &self.messengers),
            ("details.entitlements", &self.entitlements),
            ("details.assignedRoles", &self.assigned_roles),
        ] {
            check_list(field, values, |field, value| text::check_line(field, value, text::MAX_TEXT))?;
        }
        check_list("details.certificates", &self.certificates, text::check_base64)
    }

    /// The picture to use: the primary one, else the first.
    #[must_use]
    pub fn photo(&self) -> Option<&str> {
        let photo = self.photos.iter().find(|photo| photo.primary).or_else(|| self.photos.first());
        photo.map(|photo| photo.value.as_str())
    }

    /// Makes another picture, or none, the one to use.
    pub fn set_photo(&mut self, url: Option<&str>) {
        let index = self.photos.iter().position(|photo| photo.primary).unwrap_or(0);
        match (url, self.photos.get_mut(index)) {
            (Some(url), Some(photo)) => url.clone_into(&mut photo.value),
            (None, Some(_)) => {
                self.photos.remove(index);
            }
            (_, None) => {}
        }
    }
}

fn check_list(field: &str, values: &[Labelled], check: impl Fn(&str, &str) -> Result<()>) -> Result<()> {
    text::check_count(field, values)?;
    for (index, value) in values.iter().enumerate() {
        check(&format!("{field}[{index}].value"), &value.value)?;
        check_label(field, index, value.label.as_deref())?;
        let display = value.display.as_deref();
        display.map_or(Ok(()), |text| text::check_line(&format!("{field}[{index}].display"), text, text::MAX_NAME))?;
    }
    check_distinct(field, values.iter().map(|value| format!("{:?} {}", value.label, value.value)))?;
    check_one_primary(field, values.iter().map(|value| value.primary))
}
