//! The part of a profile's line that holds its details.

use super::field;
use crate::domain::Patch;
use crate::domain::details::{Details, Labelled};
use crate::resolvers::command::DetailsPatch;
use serde::{Deserialize, Serialize};

/// The details of a profile.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DetailsLine {
    /// How the profile likes to be called.
    #[serde(with = "field", skip_serializing_if = "field::is_absent")]
    pub nickname: Patch<String>,
    /// URL of a page about the profile.
    #[serde(with = "field", skip_serializing_if = "field::is_absent")]
    pub profile_url: Patch<String>,
    /// What the employer calls the relation.
    #[serde(with = "field", skip_serializing_if = "field::is_absent")]
    pub user_type: Patch<String>,
    /// The languages that the profile prefers.
    #[serde(with = "field", skip_serializing_if = "field::is_absent")]
    pub preferred_language: Patch<String>,
    /// The cost centre.
    #[serde(with = "field", skip_serializing_if = "field::is_absent")]
    pub cost_center: Patch<String>,
    /// The division.
    #[serde(with = "field", skip_serializing_if = "field::is_absent")]
    pub division: Patch<String>,
    /// What the profile is for.
    #[serde(with = "field", skip_serializing_if = "field::is_absent")]
    pub description: Patch<String>,
    /// What a directory calls the organization. Empty: directories are shown no name.
    #[serde(with = "field", skip_serializing_if = "field::is_absent")]
    pub organization_name: Patch<String>,
    /// URLs of pictures.
    #[serde(with = "field", skip_serializing_if = "field::is_absent")]
    pub photos: Patch<Vec<LabelledLine>>,
    /// Addresses of instant messengers.
    #[serde(with = "field", skip_serializing_if = "field::is_absent")]
    pub messengers: Patch<Vec<LabelledLine>>,
    /// What a directory says the profile is entitled to.
    #[serde(with = "field", skip_serializing_if = "field::is_absent")]
    pub entitlements: Patch<Vec<LabelledLine>>,
    /// The roles that a directory has assigned.
    #[serde(with = "field", skip_serializing_if = "field::is_absent")]
    pub assigned_roles: Patch<Vec<LabelledLine>>,
    /// X.509 certificates, in DER and base64.
    #[serde(with = "field", skip_serializing_if = "field::is_absent")]
    pub certificates: Patch<Vec<LabelledLine>>,
}

/// A value of a list of details.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelledLine {
    /// The value.
    pub value: String,
    /// How it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// What it is for.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether it is the one to use.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub primary: bool,
}

impl From<Details> for DetailsLine {
    fn from(details: Details) -> Self {
        let list = |values: Vec<Labelled>| {
            if values.is_empty() { Patch::Absent } else { Patch::Value(values.into_iter().map(Into::into).collect()) }
        };
        Self {
            nickname: details.nickname.into(),
            profile_url: details.profile_url.into(),
            user_type: details.user_type.into(),
            preferred_language: details.preferred_language.into(),
            cost_center: details.cost_center.into(),
            division: details.division.into(),
            description: details.description.into(),
            organization_name: details.organization_name.into(),
            photos: list(details.photos),
            messengers: list(details.messengers),
            entitlements: list(details.entitlements),
            assigned_roles: list(details.assigned_roles),
            certificates: list(details.certificates),
        }
    }
}

impl From<DetailsLine> for DetailsPatch {
    fn from(line: DetailsLine) -> Self {
        let list = |values: Patch<Vec<LabelledLine>>| values.map(|values| values.into_iter().map(Into::into).collect());
        Self {
            nickname: line.nickname,
            profile_url: line.profile_url,
            user_type: line.user_type,
            preferred_language: line.preferred_language,
            cost_center: line.cost_center,
            division: line.division,
            description: line.description,
            organization_name: line.organization_name,
            photos: list(line.photos),
            messengers: list(line.messengers),
            entitlements: list(line.entitlements),
            assigned_roles: list(line.assigned_roles),
            certificates: list(line.certificates),
        }
    }
}

impl From<Labelled> for LabelledLine {
    fn from(Labelled { value, display, label, primary }: Labelled) -> Self {
        Self { value, display, label, primary }
    }
}

impl From<LabelledLine> for Labelled {
    fn from(LabelledLine { value, display, label, primary }: LabelledLine) -> Self {
        Self { value, display, label, primary }
    }
}
