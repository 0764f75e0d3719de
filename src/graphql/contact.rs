//! Names, e-mail addresses, telephone numbers, postal addresses and external ids, as they are shown.

use super::scalars::EmailAddress;
use crate::domain::contact;
use crate::domain::profile;
use async_graphql::SimpleObject;

/// The parts of a name (RFC 7643 §4.1.1), each as its owner writes it.
#[derive(SimpleObject)]
pub struct PersonName {
    /// The name to show.
    display: Option<String>,
    /// Given name.
    given: Option<String>,
    /// Family name.
    family: Option<String>,
    /// Middle names.
    middle: Option<String>,
    /// The whole name, formal, with titles.
    formatted: Option<String>,
    /// What stands before the name, such as `Dr`.
    honorific_prefix: Option<String>,
    /// What stands behind the name, such as `III`.
    honorific_suffix: Option<String>,
}

impl From<&profile::PersonName> for PersonName {
    fn from(name: &profile::PersonName) -> Self {
        let profile::PersonName { display, given, family, middle, formatted, honorific_prefix, honorific_suffix } =
            name.clone();
        Self { display, given, family, middle, formatted, honorific_prefix, honorific_suffix }
    }
}

/// An e-mail address of a profile.
#[derive(SimpleObject)]
pub struct Email {
    /// The address.
    value: EmailAddress,
    /// What it is for, such as `work` or `home`.
    #[graphql(name = "type")]
    label: Option<String>,
    /// Whether this is the address to use; one at most is.
    primary: bool,
    /// Whether somebody has proved that the address reaches the profile.
    verified: bool,
}

impl From<&contact::Email> for Email {
    fn from(email: &contact::Email) -> Self {
        let contact::Email { value, label, primary, verified } = email.clone();
        Self { value: EmailAddress(value), label, primary, verified }
    }
}

/// A telephone number of a profile.
#[derive(SimpleObject)]
pub struct Phone {
    /// The number, as it was given.
    value: String,
    /// What it is for, such as `work` or `mobile`.
    #[graphql(name = "type")]
    label: Option<String>,
    /// Whether this is the number to use; one at most is.
    primary: bool,
}

impl From<&contact::Phone> for Phone {
    fn from(phone: &contact::Phone) -> Self {
        let contact::Phone { value, label, primary } = phone.clone();
        Self { value, label, primary }
    }
}

/// A postal address of a profile.
#[derive(SimpleObject)]
pub struct Address {
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
    /// Whether this is the address to use; one at most is.
    primary: bool,
}

impl From<&contact::Address> for Address {
    fn from(address: &contact::Address) -> Self {
        let contact::Address { label, formatted, street, locality, region, postal_code, country, primary } =
            address.clone();
        Self { label, formatted, street, locality, region, postal_code, country, primary }
    }
}

/// The id by which a client of the directory knows a profile, a team or a group.
#[derive(SimpleObject)]
pub struct ExternalId {
    /// The client, such as `entra` or `payroll`.
    client: String,
    /// Its id. Case counts.
    value: String,
}

impl From<&contact::ExternalId> for ExternalId {
    fn from(id: &contact::ExternalId) -> Self {
        let contact::ExternalId { client, value } = id.clone();
        Self { client, value }
    }
}
