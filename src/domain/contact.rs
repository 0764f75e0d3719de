//! E-mail addresses, telephone numbers, postal addresses and external ids: the multi-valued fields of a profile.

use super::error::{Error, Result};
use super::text;
use serde::{Deserialize, Serialize};

/// An e-mail address of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// The address, as it was given.
    pub value: String,
    /// What it is for, such as `work` or `home`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether this is the address to use.
    #[serde(default)]
    pub primary: bool,
    /// Whether somebody has proved that the address reaches the profile.
    #[serde(default)]
    pub verified: bool,
}

/// A telephone number of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// The number, as it was given.
    pub value: String,
    /// What it is for, such as `work` or `mobile`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether this is the number to use.
    #[serde(default)]
    pub primary: bool,
}

/// A postal address of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Address {
    /// What it is for, such as `work` or `home`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The whole address, as it is written on a letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Street and house number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// City or town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// State or province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country: two capital letters (ISO 3166-1 alpha-2), or the name that a directory has sent, as it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Whether this is the address to use.
    #[serde(default)]
    pub primary: bool,
}

/// The id by which a client of the directory knows a profile, a team or a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalId {
    /// The client, such as `entra` or `payroll`.
    pub client: String,
    /// Its id for the profile. Case counts.
    pub value: String,
}

/// An e-mail address or a telephone number.
pub trait Contact: Clone {
    /// One with that value and that label, which is the one to use.
    fn to_use(value: String, label: Option<String>) -> Self;

    /// The value.
    fn value(&self) -> &str;

    /// What it is for.
    fn label(&self) -> Option<&str>;

    /// Whether it is the one to use.
    fn is_primary(&self) -> bool;

    /// Makes it the one to use, or not.
    fn set_primary(&mut self, primary: bool);

    /// Writes the value another way.
    fn respell(&mut self, value: &str);

    /// What makes two spellings of a value the same.
    fn key(value: &str) -> String;
}

macro_rules! contact {
    ($type:ident, $key:path $(, $field:ident: $value:expr)*) => {
        impl Contact for $type {
            fn to_use(value: String, label: Option<String>) -> Self {
                Self { value, label, primary: true $(, $field: $value)* }
            }

            fn value(&self) -> &str {
                &self.value
            }

            fn label(&self) -> Option<&str> {
                self.label.as_deref()
            }

            fn is_primary(&self) -> bool {
                self.primary
            }

            fn set_primary(&mut self, primary: bool) {
                self.primary = primary;
            }

            fn respell(&mut self, value: &str) {
                value.clone_into(&mut self.value);
            }

            fn key(value: &str) -> String {
                $key(value)
            }
        }
    };
}

contact!(Email, text::key, verified: false);
contact!(Phone, text::phone_key);

/// The one to use: the primary one, else the first.
pub fn used<C: Contact>(known: &[C]) -> Option<&C> {
    known.iter().find(|one| one.is_primary()).or_else(|| known.first())
}

/// The known ones, of which another value is to be the one to use; without the one to use, if there is to be none. One that is
/// known already stays what it is, however it is spelled; another takes the place of the one that was to be used.
#[must_use]
pub fn using<C: Contact>(known: &[C], value: Option<&str>) -> Vec<C> {
    let mut all = known.to_vec();
    let used = all.iter().position(Contact::is_primary).or_else(|| (!all.is_empty()).then_some(0));
    let Some(value) = value else {
        if let Some(used) = used {
            all.remove(used);
        }
        return all;
    };
    let same = all.iter().position(|one| C::key(one.value()) == C::key(value));
    for one in &mut all {
        one.set_primary(false);
    }
    if let Some(same) = same.and_then(|same| all.get_mut(same)) {
        same.respell(value);
        same.set_primary(true);
    } else if let Some(used) = used.and_then(|used| all.get_mut(used)) {
        *used = C::to_use(value.to_owned(), used.label().map(str::to_owned));
    } else {
        all.push(C::to_use(value.to_owned(), None));
    }
    all
}

/// Requires every e-mail address to be one, none twice for the same end, and at most one primary.
pub fn check_emails(field: &str, emails: &[Email]) -> Result<()> {
    text::check_count(field, emails)?;
    for (index, email) in emails.iter().enumerate() {
        text::check_email(&format!("{field}[{index}].value"), &email.value)?;
        check_label(field, index, email.label.as_deref())?;
    }
    check_distinct(field, emails.iter().map(|email| labelled(email.label.as_deref(), &text::key(&email.value))))?;
    check_one_primary(field, emails.iter().map(|email| email.primary))
}

/// Requires every telephone number to be one, none twice for the same end, and at most one primary.
pub fn check_phones(field: &str, phones: &[Phone]) -> Result<()> {
    text::check_count(field, phones)?;
    for (index, phone) in phones.iter().enumerate() {
        text::check_phone(&format!("{field}[{index}].value"), &phone.value)?;
        check_label(field, index, phone.label.as_deref())?;
    }
    check_distinct(field, phones.iter().map(|phone| labelled(phone.label.as_deref(), &text::phone_key(&phone.value))))?;
    check_one_primary(field, phones.iter().map(|phone| phone.primary))
}

/// Requires every postal address to say something, in sound texts, and at most one primary.
pub fn check_addresses(field: &str, addresses: &[Address]) -> Result<()> {
    text::check_count(field, addresses)?;
    for (index, address) in addresses.iter().enumerate() {
        check_label(field, index, address.label.as_deref())?;
        let parts = [
            ("formatted", &address.formatted),
            ("street", &address.street),
            ("locality", &address.locality),
            ("region", &address.region),
            ("postalCode", &address.postal_code),
            ("country", &address.country),
        ];
        if parts.iter().all(|(_, part)| part.is_none()) {
            return Err(Error::invalid(
                format!("{field}[{index}]"),
                "This address is empty; give at least one of its parts.",
            ));
        }
        for (name, part) in parts {
            let Some(part) = part else { continue };
            let place = format!("{field}[{index}].{name}");
            match name {
                "formatted" | "street" => text::check_paragraph(&place, part, text::MAX_TEXT)?,
                _ => text::check_line(&place, part, text::MAX_NAME)?,
            }
        }
    }
    check_one_primary(field, addresses.iter().map(|address| address.primary))
}

/// Requires every external id to name its client, one id for each client.
pub fn check_external_ids(field: &str, ids: &[ExternalId]) -> Result<()> {
    text::check_count(field, ids)?;
    for (index, id) in ids.iter().enumerate() {
        text::check_slug(&format!("{field}[{index}].client"), &id.client)?;
        text::check_line(&format!("{field}[{index}].value"), &id.value, text::MAX_NAME)?;
    }
    check_distinct(field, ids.iter().map(|id| id.client.clone()))
}

pub(super) fn check_label(field: &str, index: usize, label: Option<&str>) -> Result<()> {
    label.map_or(Ok(()), |label| text::check_line(&format!("{field}[{index}].type"), label, 64))
}

/// A value with what it is for: the same value may serve two ends, and directories send it once for each (RFC 7643 §2.4).
fn labelled(label: Option<&str>, value: &str) -> String {
    format!("{label:?} {value}")
}

pub(super) fn check_distinct(field: &str, keys: impl Iterator<Item = String>) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    for (index, key) in keys.enumerate() {
        if !seen.insert(key) {
            return Err(Error::invalid(
                format!("{field}[{index}]"),
                "This value stands in the list twice; send it once.",
            ));
        }
    }
    Ok(())
}

pub(super) fn check_one_primary(field: &str, primaries: impl Iterator<Item = bool>) -> Result<()> {
    if primaries.filter(|primary| *primary).count() > 1 {
        return Err(Error::invalid(field, "More than one value is primary; mark one at most."));
    }
    Ok(())
}
