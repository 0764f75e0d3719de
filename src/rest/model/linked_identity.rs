//! Accounts elsewhere, as profiles own them.

use super::choice::IdentityStatus;
use super::moment::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An account elsewhere.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LinkedIdentity {
    /// Public id: `idn_…`.
    pub id: String,
    /// The provider, such as `github`.
    pub provider: String,
    /// The provider's id of the account.
    pub external_id: String,
    /// The provider's environment; `production` unless said otherwise.
    pub environment: String,
    /// The name of the account at the provider.
    pub username: Option<String>,
    /// The e-mail address of the account at the provider.
    pub email: Option<String>,
    /// Whether the owner has proved to own the account.
    pub verified: bool,
    /// Where the account stands at its provider.
    pub status: IdentityStatus,
    /// Free JSON.
    pub metadata: Map<String, Value>,
    /// When it was created.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
    /// Counts the changes, from 1.
    pub version: i64,
}

/// An account to link.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLink {
    /// The provider, such as `github`.
    #[schemars(length(min = 1, max = 100))]
    pub provider: String,
    /// The provider's id of the account.
    #[schemars(length(min = 1, max = 256))]
    pub external_id: String,
    /// The provider's environment; `production` unless given.
    pub environment: Option<String>,
    /// The name of the account at the provider.
    pub username: Option<String>,
    /// The e-mail address of the account at the provider.
    pub email: Option<String>,
    /// Whether the owner has proved to own the account.
    pub verified: Option<bool>,
    /// Where the account stands at its provider; active unless given.
    pub status: Option<IdentityStatus>,
    /// Free JSON.
    pub metadata: Option<Map<String, Value>>,
}
