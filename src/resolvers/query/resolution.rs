//! From whatever somebody knows of a profile to the profile: which identifiers there are, and in which order they are
//! tried when nobody says which of them a text is.

use super::Reader;
use crate::domain::identity::DEFAULT_ENVIRONMENT;
use crate::domain::node::{external_id_key, namespace};
use crate::domain::{Error, NodeId, NodeKind, OrganizationId, Profile, Result, text};
use crate::store::{ProfileKey, Scope};

/// What somebody knows of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifier {
    /// Some text: each rule that it fits is tried, in the order of [`Rule`].
    Text(String),
    /// The public id of a profile, or of an account that belongs to one.
    Id(NodeId),
    /// An account elsewhere: provider, environment, account id.
    Account(String, String, String),
    /// An e-mail address.
    Email(String),
    /// A user name.
    Username(String),
    /// A telephone number.
    Phone(String),
    /// The id by which a client of the directory knows it: client, value.
    ExternalId(String, String),
}

/// By which rule a profile was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The text is its public id.
    Id,
    /// The text is the public id of an account that belongs to it.
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
    /// It identified a profile that was merged into this one.
    Merged,
}

/// A profile that was found, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    /// The profile.
    pub profile: Profile,
    /// The rule.
    pub rule: Rule,
}

impl Reader<'_> {
    /// The profile that this identifies, in one organization or all that the viewer sees.
    pub async fn resolve(&self, identifier: &Identifier, within: Option<OrganizationId>) -> Result<Option<Resolution>> {
        let (scope, _) = self.look(&[])?;
        let scope = match within {
            Some(organization) if !scope.contains(organization) => return Ok(None),
            Some(organization) => scope.within(organization),
            None => scope,
        };
        let candidates = candidates(identifier);
        for (rule, key) in &candidates {
            if *rule == Rule::ExternalId {
                self.allow_external_ids(within)?;
            }
            if let Some(profile) = self.one_by_key(scope, key, "identifier").await? {
                return Ok(Some(Resolution { profile, rule: *rule }));
            }
        }
        for (_, key) in &candidates {
            if let Some(profile) = self.one_by_former_key(scope, key, "identifier").await? {
                return Ok(Some(Resolution { profile, rule: Rule::Merged }));
            }
        }
        Ok(None)
    }

    /// The one profile with that key. More than one is a conflict, which the viewer has to resolve.
    pub(super) async fn one_by_key(&self, scope: Scope, key: &ProfileKey, field: &str) -> Result<Option<Profile>> {
        // Whoever sees its own profile only finds no other one, nor how many there are.
        let own = self.own_profile()?.map(|own| own.uuid);
        one_of(self.store().profiles_by_key(scope, key, own, 2).await?, field)
    }

    /// The one profile into which others were merged that had that key.
    pub(super) async fn one_by_former_key(
        &self,
        scope: Scope,
        key: &ProfileKey,
        field: &str,
    ) -> Result<Option<Profile>> {
        let own = self.own_profile()?.map(|own| own.uuid);
        one_of(self.store().profiles_by_former_key(scope, key, own, 2).await?, field)
    }

    /// External ids are for the eyes of editors, in the organization they ask about.
    fn allow_external_ids(&self, within: Option<OrganizationId>) -> Result<()> {
        let missing = || Error::invalid("organization", "External ids are looked up in one organization; name it.");
        self.allow_private(within.or_else(|| self.own_organization()).ok_or_else(missing)?, None)
    }
}

fn one_of(mut found: Vec<Profile>, field: &str) -> Result<Option<Profile>> {
    if found.len() > 1 {
        return Err(Error::conflict(field, "More than one profile has this; use profiles(filter:) to see them."));
    }
    Ok(found.pop())
}

/// The rules that an identifier fits, in the order in which they are tried.
fn candidates(identifier: &Identifier) -> Vec<(Rule, ProfileKey)> {
    match identifier {
        Identifier::Text(text) => of_text(text),
        Identifier::Id(id) => of_id(*id).into_iter().collect(),
        Identifier::Account(provider, environment, account) => vec![account_key(provider, environment, account)],
        Identifier::Email(address) => vec![(Rule::Email, ProfileKey::Key(namespace::EMAIL, text::key(address)))],
        Identifier::Username(username) => vec![(Rule::Username, ProfileKey::Username(None, username.clone()))],
        Identifier::Phone(number) => vec![(Rule::Phone, ProfileKey::Key(namespace::PHONE, text::phone_key(number)))],
        Identifier::ExternalId(client, value) => {
            vec![(Rule::ExternalId, ProfileKey::Key(namespace::EXTERNAL_ID, external_id_key(client, value)))]
        }
    }
}

fn of_text(text: &str) -> Vec<(Rule, ProfileKey)> {
    let text = text.trim();
    if let Some(known) = text.parse::<NodeId>().ok().and_then(of_id) {
        return vec![known];
    }
    let mut found = Vec::new();
    // `github:1815`, or `github/staging:1815`.
    if let Some((place, account)) = text.split_once(':') {
        let (provider, environment) = place.split_once('/').unwrap_or((place, DEFAULT_ENVIRONMENT));
        found.push(account_key(provider, environment, account));
    }
    if text.contains('@') {
        found.push((Rule::Email, ProfileKey::Key(namespace::EMAIL, text::key(text))));
    }
    found.push((Rule::Username, ProfileKey::Username(None, text.to_owned())));
    if text::check_phone("identifier", text).is_ok() {
        found.push((Rule::Phone, ProfileKey::Key(namespace::PHONE, text::phone_key(text))));
    }
    found
}

fn of_id(id: NodeId) -> Option<(Rule, ProfileKey)> {
    match id.kind {
        NodeKind::LinkedIdentity => Some((Rule::IdentityId, ProfileKey::IdentityId(id.uuid))),
        kind if kind.is_profile() => Some((Rule::Id, ProfileKey::Id(id))),
        _ => None,
    }
}

fn account_key(provider: &str, environment: &str, account: &str) -> (Rule, ProfileKey) {
    let [provider, environment, account] = [provider, environment, account].map(|part| part.replace('\0', "\u{fffd}"));
    (Rule::Account, ProfileKey::Identity(provider, environment, account))
}
