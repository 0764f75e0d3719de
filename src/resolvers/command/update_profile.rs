//! Change a profile.

use super::super::policy::{Action, OWN_FIELDS, Resource};
use super::{Command, Target, WriteContext};
use crate::domain::contact::{Address, Email, ExternalId, Phone};
use crate::domain::details::{Details, Labelled};
use crate::domain::diff::differences;
use crate::domain::profile::PersonName;
use crate::domain::{Node, NodeId, Patch, Profile, Result};
use serde::Serialize;
use serde_json::{Map, Value};

/// Changes to the parts of a name.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NamePatch {
    /// The name to show.
    pub display: Patch<String>,
    /// Given name.
    pub given: Patch<String>,
    /// Family name.
    pub family: Patch<String>,
    /// Middle names.
    pub middle: Patch<String>,
    /// The whole name, formal.
    pub formatted: Patch<String>,
    /// What stands before the name.
    pub honorific_prefix: Patch<String>,
    /// What stands behind the name.
    pub honorific_suffix: Patch<String>,
}

impl NamePatch {
    fn to(name: PersonName) -> Self {
        Self {
            display: or_null(name.display),
            given: or_null(name.given),
            family: or_null(name.family),
            middle: or_null(name.middle),
            formatted: or_null(name.formatted),
            honorific_prefix: or_null(name.honorific_prefix),
            honorific_suffix: or_null(name.honorific_suffix),
        }
    }

    fn apply(&self, name: &mut PersonName) {
        self.display.clone().apply(&mut name.display);
        self.given.clone().apply(&mut name.given);
        self.family.clone().apply(&mut name.family);
        self.middle.clone().apply(&mut name.middle);
        self.formatted.clone().apply(&mut name.formatted);
        self.honorific_prefix.clone().apply(&mut name.honorific_prefix);
        self.honorific_suffix.clone().apply(&mut name.honorific_suffix);
    }
}

/// Changes to the details of a profile. Lists are replaced whole.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DetailsPatch {
    /// How the profile likes to be called.
    pub nickname: Patch<String>,
    /// URL of a page about the profile.
    pub profile_url: Patch<String>,
    /// What the employer calls the relation.
    pub user_type: Patch<String>,
    /// The languages that the profile prefers.
    pub preferred_language: Patch<String>,
    /// The cost centre.
    pub cost_center: Patch<String>,
    /// The division.
    pub division: Patch<String>,
    /// What the profile is for.
    pub description: Patch<String>,
    /// What a directory calls the organization.
    pub organization_name: Patch<String>,
    /// URLs of pictures; the avatar becomes the one to use.
    pub photos: Patch<Vec<Labelled>>,
    /// Addresses of instant messengers.
    pub messengers: Patch<Vec<Labelled>>,
    /// What a directory says the profile is entitled to.
    pub entitlements: Patch<Vec<Labelled>>,
    /// The roles that a directory has assigned.
    pub assigned_roles: Patch<Vec<Labelled>>,
    /// X.509 certificates.
    pub certificates: Patch<Vec<Labelled>>,
}

impl DetailsPatch {
    fn to(details: Details) -> Self {
        Self {
            nickname: or_null(details.nickname),
            profile_url: or_null(details.profile_url),
            user_type: or_null(details.user_type),
            preferred_language: or_null(details.preferred_language),
            cost_center: or_null(details.cost_center),
            division: or_null(details.division),
            description: or_null(details.description),
            organization_name: or_null(details.organization_name),
            photos: Patch::Value(details.photos),
            messengers: Patch::Value(details.messengers),
            entitlements: Patch::Value(details.entitlements),
            assigned_roles: Patch::Value(details.assigned_roles),
            certificates: Patch::Value(details.certificates),
        }
    }

    fn apply(&self, details: &mut Details) {
        self.nickname.clone().apply(&mut details.nickname);
        self.profile_url.clone().apply(&mut details.profile_url);
        self.user_type.clone().apply(&mut details.user_type);
        self.preferred_language.clone().apply(&mut details.preferred_language);
        self.cost_center.clone().apply(&mut details.cost_center);
        self.division.clone().apply(&mut details.division);
        self.description.clone().apply(&mut details.description);
        self.organization_name.clone().apply(&mut details.organization_name);
        self.photos.clone().apply_or_default(&mut details.photos);
        self.messengers.clone().apply_or_default(&mut details.messengers);
        self.entitlements.clone().apply_or_default(&mut details.entitlements);
        self.assigned_roles.clone().apply_or_default(&mut details.assigned_roles);
        self.certificates.clone().apply_or_default(&mut details.certificates);
    }
}

/// Changes to the fields of a profile. Lists and free JSON are replaced whole.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ProfilePatch {
    /// The name to sign in with.
    pub username: Option<String>,
    /// The parts of the name; null clears them all.
    pub name: Patch<NamePatch>,
    /// E-mail addresses.
    pub emails: Patch<Vec<Email>>,
    /// Telephone numbers.
    pub phones: Patch<Vec<Phone>>,
    /// Postal addresses.
    pub addresses: Patch<Vec<Address>>,
    /// URL of a picture.
    pub avatar: Patch<String>,
    /// Language tag.
    pub locale: Patch<String>,
    /// Time zone.
    pub time_zone: Patch<String>,
    /// Job title.
    pub title: Patch<String>,
    /// Department.
    pub department: Patch<String>,
    /// Employee number.
    pub employee_number: Patch<String>,
    /// Free labels.
    pub tags: Patch<Vec<String>>,
    /// Free JSON.
    pub metadata: Patch<Map<String, Value>>,
    /// The ids by which clients of the directory know the profile.
    pub external_ids: Patch<Vec<ExternalId>>,
    /// What directories say of the profile beyond that; null clears it all.
    pub details: Patch<DetailsPatch>,
    /// The values of declared attributes, by the URN of their schema.
    pub extensions: Patch<Map<String, Value>>,
}

impl ProfilePatch {
    /// What makes any profile say what this one says. Kind, status and relations are not fields.
    #[must_use]
    pub fn to(profile: Profile) -> Self {
        Self {
            username: Some(profile.username),
            name: Patch::Value(NamePatch::to(profile.name)),
            emails: Patch::Value(profile.emails),
            phones: Patch::Value(profile.phones),
            addresses: Patch::Value(profile.addresses),
            avatar: or_null(profile.avatar),
            locale: or_null(profile.locale),
            time_zone: or_null(profile.time_zone),
            title: or_null(profile.title),
            department: or_null(profile.department),
            employee_number: or_null(profile.employee_number),
            tags: Patch::Value(profile.tags),
            metadata: Patch::Value(profile.metadata),
            external_ids: Patch::Value(profile.external_ids),
            details: Patch::Value(DetailsPatch::to(profile.details)),
            extensions: Patch::Value(profile.extensions),
        }
    }

    /// Applies the changes.
    pub fn apply(&self, profile: &mut Profile) {
        if let Some(username) = &self.username {
            profile.username.clone_from(username);
        }
        match &self.name {
            Patch::Absent => {}
            Patch::Null => profile.name = PersonName::default(),
            Patch::Value(name) => name.apply(&mut profile.name),
        }
        self.emails.clone().apply_or_default(&mut profile.emails);
        self.phones.clone().apply_or_default(&mut profile.phones);
        self.addresses.clone().apply_or_default(&mut profile.addresses);
        self.avatar.clone().apply(&mut profile.avatar);
        self.locale.clone().apply(&mut profile.locale);
        self.time_zone.clone().apply(&mut profile.time_zone);
        self.title.clone().apply(&mut profile.title);
        self.department.clone().apply(&mut profile.department);
        self.employee_number.clone().apply(&mut profile.employee_number);
        self.tags.clone().apply_or_default(&mut profile.tags);
        self.metadata.clone().apply_or_default(&mut profile.metadata);
        self.external_ids.clone().apply_or_default(&mut profile.external_ids);
        self.extensions.clone().apply_or_default(&mut profile.extensions);
        self.apply_details(profile);
    }

    /// Applies the changes of details, and keeps the avatar and the pictures together: the avatar is the picture to use.
    fn apply_details(&self, profile: &mut Profile) {
        match &self.details {
            Patch::Absent => {}
            Patch::Null => profile.details = Details::default(),
            Patch::Value(details) => details.apply(&mut profile.details),
        }
        let pictures_set = matches!(&self.details, Patch::Value(details) if !matches!(details.photos, Patch::Absent));
        match &self.avatar {
            Patch::Absent if pictures_set => profile.avatar = profile.details.photo().map(str::to_owned),
            Patch::Absent => {}
            Patch::Null | Patch::Value(_) => profile.details.set_photo(profile.avatar.as_deref()),
        }
    }
}

/// Changes fields of a profile.
#[derive(Debug, Clone, Serialize)]
pub struct UpdateProfile {
    /// Which.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// The changes.
    pub patch: ProfilePatch,
}

impl Command for UpdateProfile {
    type Output = NodeId;
    const ACTION: &'static str = "profile.update";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let before: Profile = context.load(self.id, "id").await?;
        let mut after = before.clone();
        self.patch.apply(&mut after);
        let changes = differences(&Node::from(before.clone()).fields()?, &Node::from(after.clone()).fields()?);
        let foreign = changes.iter().find(|change| !OWN_FIELDS.contains(&change.path.as_str()));
        let action = if foreign.is_some() { Action::EditDirectory } else { Action::EditOwnFields };
        context.authorize(action, Resource::of_profile(before.organization, self.id)).map_err(
            |error| match foreign {
                Some(change) if error.code == crate::domain::ErrorCode::Forbidden => {
                    error.at(input_field(&change.path))
                }
                _ => error,
            },
        )?;
        context.expect_version(self.id, self.expected_version)?;
        after.extensions = context.extended(self.id, &before.extensions, &self.patch.extensions).await?;
        context.save(after)?;
        Ok(self.id)
    }
}

/// What makes a field say this, or nothing.
fn or_null(value: Option<String>) -> Patch<String> {
    value.map_or(Patch::Null, Patch::Value)
}

/// The field of the input that a path of a difference belongs to: `employee_number` is spelt `employeeNumber` there.
fn input_field(path: &str) -> String {
    let mut words = path.split('_');
    let mut field = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        field.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        field.push_str(letters.as_str());
    }
    field
}
