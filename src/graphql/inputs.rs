//! Parts that inputs share, and how they become those of the domain.

use super::scalars::{EmailAddress, MemberRole};
use crate::domain::contact;
use crate::domain::edge::MemberFacts;
use crate::domain::{Error, NodeId, NodeKind, Patch, Result};
use crate::resolvers::command::{MemberInput as Member, NamePatch};
use async_graphql::{ID, InputObject, Json, MaybeUndefined};
use serde_json::{Map, Value};

/// Free JSON: an object.
pub type JsonObject = Json<Value>;

/// The parts of a name. A part that is left out stays as it is; null clears it.
#[derive(Debug, Clone, InputObject)]
pub struct PersonNameInput {
    /// The name to show.
    display: MaybeUndefined<String>,
    /// Given name.
    given: MaybeUndefined<String>,
    /// Family name.
    family: MaybeUndefined<String>,
    /// Middle names.
    middle: MaybeUndefined<String>,
    /// The whole name, formal, with titles.
    formatted: MaybeUndefined<String>,
    /// What stands before the name, such as `Dr`.
    honorific_prefix: MaybeUndefined<String>,
    /// What stands behind the name, such as `III`.
    honorific_suffix: MaybeUndefined<String>,
}

/// An e-mail address of a profile.
#[derive(Debug, Clone, InputObject)]
pub struct EmailInput {
    /// The address.
    value: EmailAddress,
    /// What it is for, such as `work` or `home`.
    #[graphql(name = "type")]
    label: Option<String>,
    /// Whether this is the address to use; one at most may be.
    #[graphql(default)]
    primary: bool,
    /// Whether somebody has proved that the address reaches the profile.
    #[graphql(default)]
    verified: bool,
}

/// A telephone number of a profile.
#[derive(Debug, Clone, InputObject)]
pub struct PhoneInput {
    /// The number.
    value: String,
    /// What it is for, such as `work` or `mobile`.
    #[graphql(name = "type")]
    label: Option<String>,
    /// Whether this is the number to use; one at most may be.
    #[graphql(default)]
    primary: bool,
}

/// A postal address of a profile. One of its parts at least must be given.
#[derive(Debug, Clone, InputObject)]
pub struct AddressInput {
    /// What it is for, such as `work` or `home`.
    #[graphql(name = "type")]
    label: Option<String>,
    /// The whole address, as it is written on a letter.
    formatted: Option<String>,
    /// Street and house number.
    street: Option<String>,
    /// City or town.
    locality: Option<String>,
    /// State or province.
    region: Option<String>,
    /// Postal code.
    postal_code: Option<String>,
    /// Country: two capital letters (ISO 3166-1 alpha-2) such as `AT`, or the name that a directory has sent.
    country: Option<String>,
    /// Whether this is the address to use; one at most may be.
    #[graphql(default)]
    primary: bool,
}

/// The id by which a client of the directory knows a profile, a team or a group. One for each client.
///
/// Two profiles may have the same: they may be one person known twice, and whoever looks for it is told that there are
/// several. Only a SCIM client is refused what would make its own ids ambiguous.
#[derive(Debug, Clone, InputObject)]
pub struct ExternalIdInput {
    /// The client, such as `entra` or `payroll`.
    client: String,
    /// Its id. Case counts.
    value: String,
}

/// A member, and what it is to be.
#[derive(Debug, Clone, InputObject)]
pub struct MemberInput {
    /// Public id of the profile, team or group.
    id: ID,
    /// Lead or member.
    #[graphql(default_with = "MemberRole::Member")]
    role: MemberRole,
    /// Named functions, such as `release-manager`.
    #[graphql(default)]
    functions: Vec<String>,
}

impl From<PersonNameInput> for NamePatch {
    fn from(name: PersonNameInput) -> Self {
        Self {
            display: patch(name.display),
            given: patch(name.given),
            family: patch(name.family),
            middle: patch(name.middle),
            formatted: patch(name.formatted),
            honorific_prefix: patch(name.honorific_prefix),
            honorific_suffix: patch(name.honorific_suffix),
        }
    }
}

impl From<EmailInput> for contact::Email {
    fn from(EmailInput { value, label, primary, verified }: EmailInput) -> Self {
        Self { value: value.0, label, primary, verified }
    }
}

impl From<PhoneInput> for contact::Phone {
    fn from(PhoneInput { value, label, primary }: PhoneInput) -> Self {
        Self { value, label, primary }
    }
}

impl From<AddressInput> for contact::Address {
    fn from(address: AddressInput) -> Self {
        let AddressInput { label, formatted, street, locality, region, postal_code, country, primary } = address;
        Self { label, formatted, street, locality, region, postal_code, country, primary }
    }
}

impl From<ExternalIdInput> for contact::ExternalId {
    fn from(ExternalIdInput { client, value }: ExternalIdInput) -> Self {
        Self { client, value }
    }
}

/// A field that may be left out, as the domain has it.
pub fn patch<T>(field: MaybeUndefined<T>) -> Patch<T> {
    match field {
        MaybeUndefined::Undefined => Patch::Absent,
        MaybeUndefined::Null => Patch::Null,
        MaybeUndefined::Value(value) => Patch::Value(value),
    }
}

/// A list that may be left out, as the domain has it.
pub fn list<T, U: From<T>>(field: MaybeUndefined<Vec<T>>) -> Patch<Vec<U>> {
    patch(field.map_value(|values| values.into_iter().map(U::from).collect()))
}

/// Free JSON that may be left out, as the domain has it.
pub fn object(input: MaybeUndefined<JsonObject>, field: &str) -> Result<Patch<Map<String, Value>>> {
    patch(input).try_map(|value| object_of(value, field))
}

/// Free JSON of something new.
pub fn new_object(input: Option<JsonObject>, field: &str) -> Result<Map<String, Value>> {
    input.map_or_else(|| Ok(Map::new()), |value| object_of(value, field))
}

/// Free JSON is an object wherever it may be given.
fn object_of(Json(value): JsonObject, field: &str) -> Result<Map<String, Value>> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(Error::invalid(field, "This is not a JSON object; send one such as {\"floor\": 3}.")),
    }
}

/// An id that names one of several kinds of node.
pub fn node_id(id: &ID, kinds: &[NodeKind], field: &str) -> Result<NodeId> {
    NodeId::parse_as(id, kinds, field)
}

/// An id that may be left out.
pub fn node_id_or_none(id: Option<&ID>, kinds: &[NodeKind], field: &str) -> Result<Option<NodeId>> {
    id.map(|id| node_id(id, kinds, field)).transpose()
}

/// The members of an input.
pub fn members(members: Vec<MemberInput>) -> Result<Vec<Member>> {
    let member = |(index, member): (usize, MemberInput)| {
        let id = member.id.parse::<NodeId>().map_err(|error| error.at(format!("members[{index}].id")))?;
        Ok(Member { id, facts: MemberFacts { role: member.role.into(), functions: member.functions } })
    };
    members.into_iter().enumerate().map(member).collect()
}
