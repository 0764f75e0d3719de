//! Who an identifier means.

use super::profile::Profile;
use crate::resolvers::query;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The profile that an identifier means.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Resolution {
    /// The profile.
    pub profile: Profile,
    /// Why it is this one.
    pub rule: Rule,
}

choice! {
    /// By which rule a profile was found.
    Rule = query::Rule {
        /// The identifier is its public id.
        Id,
        /// The identifier is the public id of an account that belongs to it.
        IdentityId,
        /// It owns that account at that provider.
        Account,
        /// It has that e-mail address.
        Email,
        /// It has that user name.
        Username,
        /// It has that telephone number.
        Phone,
        /// A client of the directory knows it so.
        ExternalId,
        /// The identifier was that of a profile that was merged into this one.
        Merged,
    }
}

/// What is known of a profile: `identifier`, or one of the others. An account takes `provider` and `external_id`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Known {
    /// Some text, which is tried as a public id, as `provider:account` or `provider/environment:account`, as an e-mail
    /// address, as a user name, and as a telephone number, in this order.
    pub identifier: Option<String>,
    /// Public id of a profile, or of a linked identity that belongs to one.
    pub id: Option<String>,
    /// E-mail address. Case does not count.
    pub email: Option<String>,
    /// User name. Case does not count.
    pub username: Option<String>,
    /// Telephone number. Spaces and punctuation do not count.
    pub phone: Option<String>,
    /// The provider of an account.
    pub provider: Option<String>,
    /// The environment of the provider; `production` unless given.
    pub environment: Option<String>,
    /// The provider's id of the account.
    pub external_id: Option<String>,
    /// Only in the organization with this slug or public id.
    pub organization: Option<String>,
}
