//! Accounts as the identity API sees them.

use super::choice::{IdentityStatus, RiskLevel};
use super::moment::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An account at an identity provider, with what is known of whoever uses it. What the credential may not read is null.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Identity {
    /// Public id: `idn_…`.
    pub id: String,
    /// Public id of its tenant: `ten_…`. The same as that of the organization, spelled `org_…` elsewhere.
    pub tenant_id: String,
    /// The e-mail address of the account.
    pub email: Option<String>,
    /// The name to show: that of the profile that owns the account, else that of the account.
    pub display_name: String,
    /// Where the account stands at its provider.
    pub status: IdentityStatus,
    /// How risky it is at the moment, from 0 (nothing speaks against it) to 100 (critical). Needs the role editor.
    #[schemars(range(min = 0, max = 100))]
    pub risk_score: Option<i32>,
    /// The same in a word. Needs the role editor.
    pub risk_level: Option<RiskLevel>,
    /// Whether it has a second factor. Needs the role editor.
    pub mfa_enrolled: Option<bool>,
    /// The methods of the second factor, such as `totp`. Needs the role editor.
    pub mfa_methods: Option<Vec<String>>,
    /// Whether the profile that owns it has a privileged role, directly or through groups.
    pub privileged: bool,
    /// When somebody last signed in. Needs the role editor; everybody may read their own.
    pub last_login_at: Option<Moment>,
    /// From which address. Needs the role editor; everybody may read their own.
    pub last_login_ip: Option<String>,
    /// From which country (ISO 3166-1). Needs the role editor; everybody may read their own.
    pub last_login_country: Option<String>,
    /// The provider, such as `azure_ad`, `okta`, `google_workspace` or `local`.
    pub provider: String,
    /// The provider's id of the account.
    pub provider_id: String,
    /// The slugs of the roles that the profile that owns it has, directly or through groups.
    pub roles: Vec<String>,
    /// When it was created.
    pub created_at: Moment,
}

/// Which accounts are wanted. Everything that is given must hold.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct IdentitySearch {
    /// Only those of this tenant: `ten_…`, or the slug or id of the organization; that of the credential unless given.
    #[serde(rename = "filter[tenant_id]")]
    pub tenant_id: Option<String>,
    /// Only those of this level of risk. Needs the role editor.
    #[serde(rename = "filter[risk_level]")]
    pub risk_level: Option<RiskLevel>,
    /// Only those whose profile has a privileged role, or only others.
    #[serde(rename = "filter[privileged]")]
    pub privileged: Option<bool>,
    /// Only those with a second factor, or only others. Needs the role editor.
    #[serde(rename = "filter[mfa_enrolled]")]
    pub mfa_enrolled: Option<bool>,
    /// Only those at this provider: `azure_ad`, `okta`, `google_workspace`, `local`, or any other.
    #[serde(rename = "filter[provider]")]
    pub provider: Option<String>,
    /// Only those with this status.
    #[serde(rename = "filter[status]")]
    pub status: Option<IdentityStatus>,
    /// Only those with this e-mail address. Case does not count.
    #[serde(rename = "filter[email]")]
    pub email: Option<String>,
    /// Only those whose profile has the role with this slug, directly or through groups.
    #[serde(rename = "filter[role]")]
    pub role: Option<String>,
    /// By what they are sorted: `created_at` (unless given) or `updated_at`; with a minus in front, the other way round.
    pub sort: Option<String>,
}
