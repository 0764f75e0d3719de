//! Linked identities: the accounts that profiles own at other providers.

use super::error::{Error, Result};
use super::id::{NodeId, OrganizationId};
use super::meta::Meta;
use super::text;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The environment of an account when none is named.
pub const DEFAULT_ENVIRONMENT: &str = "production";

/// The provider of accounts with which people sign in to this server itself. The id of such an account is the public id of
/// its profile.
pub const LOCAL_PROVIDER: &str = "local";

/// Where an account stands at its provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityStatus {
    /// In use.
    #[default]
    Active,
    /// Barred for a time.
    Suspended,
    /// Barred for good.
    Disabled,
}

impl IdentityStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Active, Self::Suspended, Self::Disabled];

    /// The name in stored rows and in events.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Disabled => "disabled",
        }
    }

    /// The status of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// What is known of the second factor of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MfaState {
    /// Nobody has said.
    #[default]
    Unknown,
    /// There is none.
    NotEnrolled,
    /// There is one.
    Enrolled,
    /// There is one, and the provider insists on it.
    Enforced,
}

impl MfaState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Unknown, Self::NotEnrolled, Self::Enrolled, Self::Enforced];

    /// The name in stored rows and in events.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotEnrolled => "not_enrolled",
            Self::Enrolled => "enrolled",
            Self::Enforced => "enforced",
        }
    }

    /// The state of that [`name`](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// An account at a provider. The [link edge](super::edge::EdgeKind::Link) says whose it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkedIdentity {
    /// Public id: `idn_…`.
    pub id: NodeId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The provider, such as `github` or `azure_ad`.
    pub provider: String,
    /// The provider's environment; `production` unless said otherwise.
    pub environment: String,
    /// The provider's id of the account. Unique per tenant, provider and environment; case counts.
    pub account_id: String,
    /// The name of the account at the provider.
    pub username: Option<String>,
    /// The e-mail address of the account at the provider.
    pub email: Option<String>,
    /// Whether the owner has proved to own the account.
    pub verified: bool,
    /// Where the account stands at its provider.
    pub status: IdentityStatus,
    /// What is known of its second factor.
    pub mfa_state: MfaState,
    /// The methods of its second factor, such as `totp` or `hardware_key`.
    #[serde(default)]
    pub mfa_methods: Vec<String>,
    /// How risky the provider says that it is, from 0 (not at all) to 100; none if it has not said.
    #[serde(default)]
    pub provider_risk: Option<i32>,
    /// Free JSON.
    pub metadata: Map<String, Value>,
    /// Version, times, provenance.
    #[serde(skip)]
    pub meta: Meta,
}

impl LinkedIdentity {
    /// Whether it has a second factor.
    #[must_use]
    pub const fn is_mfa_enrolled(&self) -> bool {
        matches!(self.mfa_state, MfaState::Enrolled | MfaState::Enforced)
    }

    /// Requires every field to be sound.
    pub fn check(&self) -> Result<()> {
        text::check_slug("provider", &self.provider)?;
        text::check_slug("environment", &self.environment)?;
        text::check_line("accountId", &self.account_id, text::MAX_NAME)?;
        self.username.as_deref().map_or(Ok(()), |name| text::check_line("username", name, text::MAX_NAME))?;
        self.email.as_deref().map_or(Ok(()), |email| text::check_email("email", email))?;
        check_methods(&self.mfa_methods)?;
        if self.provider_risk.is_some_and(|score| !(0..=100).contains(&score)) {
            return Err(Error::invalid("providerRisk", "This must be from 0 (no risk) to 100 (critical)."));
        }
        text::check_metadata("metadata", &self.metadata)
    }
}

fn check_methods(methods: &[String]) -> Result<()> {
    text::check_count("mfaMethods", methods)?;
    for (index, method) in methods.iter().enumerate() {
        let field = format!("mfaMethods[{index}]");
        text::check_slug(&field, method)?;
        if methods[..index].contains(method) {
            return Err(Error::invalid(field, "This method stands in the list twice; send it once."));
        }
    }
    Ok(())
}
