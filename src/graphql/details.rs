//! The details of a profile: as they are shown, and as they are given.

use super::inputs::{list, patch};
use super::scalars::Url;
use crate::domain::details;
use crate::resolvers::command::DetailsPatch;
use async_graphql::{InputObject, MaybeUndefined, SimpleObject};

/// A value of a list, with what it is for.
#[derive(SimpleObject)]
pub struct LabelledValue {
    /// The value, as it was given.
    value: String,
    /// How the value is shown to people.
    display: Option<String>,
    /// What it is for, such as `work` or `photo`.
    #[graphql(name = "type")]
    label: Option<String>,
    /// Whether this is the value to use; one at most is.
    primary: bool,
}

impl From<&details::Labelled> for LabelledValue {
    fn from(value: &details::Labelled) -> Self {
        let details::Labelled { value, display, label, primary } = value.clone();
        Self { value, display, label, primary }
    }
}

/// What directories say of a profile beyond what everybody asks for (RFC 7643 §4.1 and §4.3). Nothing follows from it here.
#[derive(SimpleObject)]
pub struct ProfileDetails {
    /// How the profile likes to be called.
    nickname: Option<String>,
    /// URL of a page about the profile.
    profile_url: Option<Url>,
    /// What the employer calls the relation, such as `Employee` or `Contractor`.
    user_type: Option<String>,
    /// The languages that the profile prefers, as in `Accept-Language`, such as `pt-BR, en;q=0.8`.
    preferred_language: Option<String>,
    /// The cost centre.
    cost_center: Option<String>,
    /// The division.
    division: Option<String>,
    /// What the profile is for: of interest for service accounts and bots.
    description: Option<String>,
    /// What a directory calls the organization, where that is not how idgraph calls it.
    organization_name: Option<String>,
    /// URLs of pictures. The one to use, which is the primary one or else the first, is the avatar.
    photos: Vec<LabelledValue>,
    /// Addresses of instant messengers.
    messengers: Vec<LabelledValue>,
    /// What a directory says the profile is entitled to. Confers nothing here.
    entitlements: Vec<LabelledValue>,
    /// The roles that a directory has assigned. They grant nothing here: see `roles`.
    assigned_roles: Vec<LabelledValue>,
    /// X.509 certificates, in DER and base64.
    certificates: Vec<LabelledValue>,
}

impl From<&details::Details> for ProfileDetails {
    fn from(details: &details::Details) -> Self {
        let list = |values: &[details::Labelled]| values.iter().map(LabelledValue::from).collect();
        Self {
            nickname: details.nickname.clone(),
            profile_url: details.profile_url.clone().map(Url),
            user_type: details.user_type.clone(),
            preferred_language: details.preferred_language.clone(),
            cost_center: details.cost_center.clone(),
            division: details.division.clone(),
            description: details.description.clone(),
            organization_name: details.organization_name.clone().filter(|name| !name.is_empty()),
            photos: list(&details.photos),
            messengers: list(&details.messengers),
            entitlements: list(&details.entitlements),
            assigned_roles: list(&details.assigned_roles),
            certificates: list(&details.certificates),
        }
    }
}

/// A value of a list, with what it is for.
#[derive(Debug, Clone, InputObject)]
pub struct LabelledValueInput {
    /// The value.
    value: String,
    /// How the value is shown to people.
    display: Option<String>,
    /// What it is for, such as `work` or `photo`.
    #[graphql(name = "type")]
    label: Option<String>,
    /// Whether this is the value to use; one at most may be.
    #[graphql(default)]
    primary: bool,
}

impl From<LabelledValueInput> for details::Labelled {
    fn from(LabelledValueInput { value, display, label, primary }: LabelledValueInput) -> Self {
        Self { value, display, label, primary }
    }
}

/// The details of a profile. What is left out stays as it is; null clears it.
#[derive(Debug, Clone, InputObject)]
pub struct ProfileDetailsInput {
    /// How the profile likes to be called.
    nickname: MaybeUndefined<String>,
    /// URL of a page about the profile.
    profile_url: MaybeUndefined<Url>,
    /// What the employer calls the relation, such as `Employee` or `Contractor`.
    user_type: MaybeUndefined<String>,
    /// The languages that the profile prefers, as in `Accept-Language`, such as `pt-BR, en;q=0.8`.
    preferred_language: MaybeUndefined<String>,
    /// The cost centre.
    cost_center: MaybeUndefined<String>,
    /// The division.
    division: MaybeUndefined<String>,
    /// What the profile is for: of interest for service accounts and bots.
    description: MaybeUndefined<String>,
    /// What a directory calls the organization, where that is not how idgraph calls it. Empty: directories are shown no name.
    organization_name: MaybeUndefined<String>,
    /// URLs of pictures, all of them; the avatar becomes the primary one, or else the first.
    photos: MaybeUndefined<Vec<LabelledValueInput>>,
    /// Addresses of instant messengers, all of them.
    messengers: MaybeUndefined<Vec<LabelledValueInput>>,
    /// What a directory says the profile is entitled to, all of it.
    entitlements: MaybeUndefined<Vec<LabelledValueInput>>,
    /// The roles that a directory has assigned, all of them. They grant nothing here.
    assigned_roles: MaybeUndefined<Vec<LabelledValueInput>>,
    /// X.509 certificates in DER and base64, all of them, each of at most 16 KiB.
    certificates: MaybeUndefined<Vec<LabelledValueInput>>,
}

impl From<ProfileDetailsInput> for DetailsPatch {
    fn from(details: ProfileDetailsInput) -> Self {
        Self {
            nickname: patch(details.nickname),
            profile_url: patch(details.profile_url.map_value(|url| url.0)),
            user_type: patch(details.user_type),
            preferred_language: patch(details.preferred_language),
            cost_center: patch(details.cost_center),
            division: patch(details.division),
            description: patch(details.description),
            organization_name: patch(details.organization_name),
            photos: list(details.photos),
            messengers: list(details.messengers),
            entitlements: list(details.entitlements),
            assigned_roles: list(details.assigned_roles),
            certificates: list(details.certificates),
        }
    }
}
