//! What the mutations of profiles take.

use crate::graphql::details::ProfileDetailsInput;
use crate::graphql::inputs::{AddressInput, EmailInput, ExternalIdInput, JsonObject, PersonNameInput, PhoneInput};
use crate::graphql::scalars::{ProfileKind, ProfileStatus, Url};
use async_graphql::{ID, InputObject, MaybeUndefined};

/// A new user, service account or bot.
#[derive(Debug, Clone, InputObject)]
pub struct CreateProfileInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    pub(super) client_mutation_id: Option<String>,
    /// Public id of the organization; the viewer's own unless given.
    pub(super) organization_id: Option<ID>,
    /// User, service account or bot.
    pub(super) kind: ProfileKind,
    /// The name to sign in with: unique in the organization, whatever the case.
    pub(super) username: String,
    /// `STAGED` or `ACTIVE`.
    #[graphql(default_with = "ProfileStatus::Active")]
    pub(super) status: ProfileStatus,
    /// Public id of the profile it reports to.
    pub(super) manager_id: Option<ID>,
    /// Public id of the user or team that answers for the service account or bot.
    pub(super) owner_id: Option<ID>,
    /// The parts of the name; null clears them all.
    pub(super) name: MaybeUndefined<PersonNameInput>,
    /// E-mail addresses, all of them.
    pub(super) emails: MaybeUndefined<Vec<EmailInput>>,
    /// Telephone numbers, all of them.
    pub(super) phones: MaybeUndefined<Vec<PhoneInput>>,
    /// Postal addresses, all of them.
    pub(super) addresses: MaybeUndefined<Vec<AddressInput>>,
    /// URL of a picture.
    pub(super) avatar: MaybeUndefined<Url>,
    /// Language tag (BCP 47), such as `pt-BR`.
    pub(super) locale: MaybeUndefined<String>,
    /// Time zone (IANA), such as `Europe/Vienna`.
    pub(super) time_zone: MaybeUndefined<String>,
    /// Job title.
    pub(super) title: MaybeUndefined<String>,
    /// Department.
    pub(super) department: MaybeUndefined<String>,
    /// Employee number.
    pub(super) employee_number: MaybeUndefined<String>,
    /// Free labels, all of them.
    pub(super) tags: MaybeUndefined<Vec<String>>,
    /// Free JSON; replaces what there was. At most 64 KiB.
    pub(super) metadata: MaybeUndefined<JsonObject>,
    /// The ids by which clients of the directory know it, all of them.
    pub(super) external_ids: MaybeUndefined<Vec<ExternalIdInput>>,
    /// What directories say of it beyond that; null clears it all.
    pub(super) details: MaybeUndefined<ProfileDetailsInput>,
    /// The values of attributes that the organization has declared, by the URN of the schema that declares them; replaces what there was.
    pub(super) extensions: MaybeUndefined<JsonObject>,
}

/// Changes to a profile. A field that is left out stays as it is; null clears it.
#[derive(Debug, Clone, InputObject)]
pub struct UpdateProfileInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    pub(super) client_mutation_id: Option<String>,
    /// Public id of the profile.
    pub(super) id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    pub(super) expected_version: Option<i64>,
    /// The name to sign in with.
    pub(super) username: Option<String>,
    /// The parts of the name; null clears them all.
    pub(super) name: MaybeUndefined<PersonNameInput>,
    /// E-mail addresses, all of them.
    pub(super) emails: MaybeUndefined<Vec<EmailInput>>,
    /// Telephone numbers, all of them.
    pub(super) phones: MaybeUndefined<Vec<PhoneInput>>,
    /// Postal addresses, all of them.
    pub(super) addresses: MaybeUndefined<Vec<AddressInput>>,
    /// URL of a picture.
    pub(super) avatar: MaybeUndefined<Url>,
    /// Language tag (BCP 47), such as `pt-BR`.
    pub(super) locale: MaybeUndefined<String>,
    /// Time zone (IANA), such as `Europe/Vienna`.
    pub(super) time_zone: MaybeUndefined<String>,
    /// Job title.
    pub(super) title: MaybeUndefined<String>,
    /// Department.
    pub(super) department: MaybeUndefined<String>,
    /// Employee number.
    pub(super) employee_number: MaybeUndefined<String>,
    /// Free labels, all of them.
    pub(super) tags: MaybeUndefined<Vec<String>>,
    /// Free JSON; replaces what there was. At most 64 KiB.
    pub(super) metadata: MaybeUndefined<JsonObject>,
    /// The ids by which clients of the directory know it, all of them.
    pub(super) external_ids: MaybeUndefined<Vec<ExternalIdInput>>,
    /// What directories say of it beyond that; null clears it all.
    pub(super) details: MaybeUndefined<ProfileDetailsInput>,
    /// The values of attributes that the organization has declared, by the URN of the schema that declares them; replaces what there was.
    pub(super) extensions: MaybeUndefined<JsonObject>,
}

/// A profile to delete.
#[derive(Debug, Clone, InputObject)]
pub struct DeleteProfileInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    pub(super) client_mutation_id: Option<String>,
    /// Public id of the profile.
    pub(super) id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    pub(super) expected_version: Option<i64>,
    /// Why; becomes part of the history.
    pub(super) reason: Option<String>,
}

/// A profile to restore.
#[derive(Debug, Clone, InputObject)]
pub struct RestoreProfileInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    pub(super) client_mutation_id: Option<String>,
    /// Public id of the profile.
    pub(super) id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    pub(super) expected_version: Option<i64>,
    /// Why; becomes part of the history.
    pub(super) reason: Option<String>,
}

/// A profile to enable.
#[derive(Debug, Clone, InputObject)]
pub struct EnableProfileInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    pub(super) client_mutation_id: Option<String>,
    /// Public id of the profile.
    pub(super) id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    pub(super) expected_version: Option<i64>,
    /// Why; becomes part of the history.
    pub(super) reason: Option<String>,
}

/// A profile to disable.
#[derive(Debug, Clone, InputObject)]
pub struct DisableProfileInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    pub(super) client_mutation_id: Option<String>,
    /// Public id of the profile.
    pub(super) id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    pub(super) expected_version: Option<i64>,
    /// Why; becomes part of the history.
    pub(super) reason: String,
}

/// A profile to suspend.
#[derive(Debug, Clone, InputObject)]
pub struct SuspendProfileInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    pub(super) client_mutation_id: Option<String>,
    /// Public id of the profile.
    pub(super) id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    pub(super) expected_version: Option<i64>,
    /// Why; becomes part of the history.
    pub(super) reason: String,
}

/// Who a profile reports to.
#[derive(Debug, Clone, InputObject)]
pub struct SetManagerInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    pub(super) client_mutation_id: Option<String>,
    /// Public id of the profile.
    pub(super) id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    pub(super) expected_version: Option<i64>,
    /// Public id of the manager; null for nobody.
    pub(super) manager_id: Option<ID>,
}

/// Who answers for a service account or bot.
#[derive(Debug, Clone, InputObject)]
pub struct SetOwnerInput {
    /// Any text of at most 128 characters: the same one twice is done once, and answered alike.
    pub(super) client_mutation_id: Option<String>,
    /// Public id of the service account or bot.
    pub(super) id: ID,
    /// The version that the client has seen: if the thing has changed since, nothing is done.
    pub(super) expected_version: Option<i64>,
    /// Public id of the user or team; null for nobody.
    pub(super) owner_id: Option<ID>,
}
