//! Change a profile.

use super::super::policy::{Action, OWN_FIELDS, Resource};
use super::{Command, Target, WriteContext};
use crate::domain::contact::{Address, Email, ExternalId, Phone};
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
}

impl ProfilePatch {
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
        context.save(after)?;
        Ok(self.id)
    }
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
