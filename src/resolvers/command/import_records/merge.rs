//! What becomes of something when a record is merged into it.
//!
//! Whether a record makes sense by itself is found out by merging it into nothing.

use super::record::{
    ImportRecord, ImportedCollective, ImportedIdentity, ImportedMembership, ImportedOrganization, ImportedProfile,
    ImportedRole,
};
use crate::domain::contact::Email;
use crate::domain::edge::MemberFacts;
use crate::domain::identity::{IdentityStatus, MfaState};
use crate::domain::profile::ProfileStatus;
use crate::domain::{
    Collective, Error, Extensions, LinkedIdentity, Meta, NodeId, NodeKind, Organization, OrganizationId, Patch,
    Profile, Result, Role, text,
};
use serde_json::Map;
use uuid::Uuid;

impl ImportRecord {
    /// Requires what the record says by itself to be sound. Whether it fits to what exists is another question.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::Organization(organization) => {
                let mut blank = blank_organization();
                organization.apply(&mut blank)?;
                blank.check()
            }
            Self::Collective(collective) => collective.merged(None, nowhere(collective.kind)).check(),
            Self::Role(role) => role.merged(None, nowhere(NodeKind::Role)).check(),
            Self::Profile(profile) => profile.check(),
            Self::Membership(membership) => membership.facts(None).check("functions"),
            Self::OrganizationParent(_)
            | Self::Parent { .. }
            | Self::Manager { .. }
            | Self::Owner { .. }
            | Self::Grant(_) => Ok(()),
        }
    }
}

impl ImportedOrganization {
    /// Sets what the record says.
    pub(super) fn apply(&self, organization: &mut Organization) -> Result<()> {
        let slug = organization.slug.clone();
        set_or(self.name.clone(), &mut organization.name, || slug);
        self.description.clone().apply(&mut organization.description);
        self.metadata.clone().apply_or_default(&mut organization.metadata);
        match &self.extensions {
            Patch::Absent => Ok(()),
            Patch::Null => organization.extensions.become_these(&Extensions::default()),
            Patch::Value(wanted) => organization.extensions.become_these(wanted),
        }
        .map_err(|error| error.within("extensions"))
    }
}

impl ImportedCollective {
    /// What there is, or else something new under that id, with what the record says.
    pub(super) fn merged(
        &self,
        present: Option<&Collective>,
        (id, organization): (NodeId, OrganizationId),
    ) -> Collective {
        let mut collective = present.cloned().unwrap_or_else(|| Collective::new(id, organization, self.slug.clone()));
        set_or(self.name.clone(), &mut collective.name, || self.slug.clone());
        self.description.clone().apply(&mut collective.description);
        self.category.clone().apply(&mut collective.category);
        self.metadata.clone().apply_or_default(&mut collective.metadata);
        self.external_ids.clone().apply_or_default(&mut collective.external_ids);
        self.extensions.clone().apply_or_default(&mut collective.extensions);
        collective
    }
}

impl ImportedRole {
    /// What there is, or else something new under that id, with what the record says.
    pub(super) fn merged(&self, present: Option<&Role>, (id, organization): (NodeId, OrganizationId)) -> Role {
        let mut role = present.cloned().unwrap_or_else(|| Role {
            id,
            organization,
            slug: self.slug.clone(),
            name: self.slug.clone(),
            description: None,
            privileged: false,
            metadata: Map::new(),
            meta: Meta::default(),
        });
        set_or(self.name.clone(), &mut role.name, || self.slug.clone());
        self.description.clone().apply(&mut role.description);
        self.privileged.clone().apply_or_default(&mut role.privileged);
        self.metadata.clone().apply_or_default(&mut role.metadata);
        role
    }
}

impl ImportedProfile {
    /// What there is, or else something new under that id, with what the record says.
    pub(super) fn merged(&self, present: Option<&Profile>, (id, organization): (NodeId, OrganizationId)) -> Profile {
        let mut profile = present.cloned().unwrap_or_else(|| Profile::new(id, organization, self.username.clone()));
        self.fields.apply(&mut profile);
        match &self.email {
            Patch::Absent => {}
            Patch::Null => profile.emails.clear(),
            // What else is known of the address must not be lost.
            Patch::Value(address) if profile.email() == Some(address.as_str()) => {}
            Patch::Value(address) => {
                let value = address.clone();
                profile.emails = vec![Email { value, label: None, primary: true, verified: false }];
            }
        }
        let before = profile.status;
        self.status.clone().apply_or_default(&mut profile.status);
        if profile.status != before {
            // A reason is one for the status it was given with.
            profile.status_reason = None;
        }
        self.status_reason.clone().apply(&mut profile.status_reason);
        profile
    }

    fn check(&self) -> Result<()> {
        if self.status == Patch::Value(ProfileStatus::Deleted) {
            let message = "A record cannot delete a profile; it can be staged, active, suspended or disabled.";
            return Err(Error::invalid("status", message));
        }
        self.merged(None, nowhere(self.kind)).check().map_err(|error| match error.field.as_deref() {
            // The only address of the blank profile is the one of the shorthand.
            Some("emails[0].value") if matches!(self.email, Patch::Value(_)) => error.at("email"),
            _ => error,
        })?;
        text::check_count("linked_identities", &self.identities)?;
        for (index, identity) in self.identities.iter().enumerate() {
            let blank = identity.merged(None, nowhere(NodeKind::LinkedIdentity));
            let place = format!("linked_identities[{index}]");
            blank.check().map_err(|error| error.within(&place))?;
            if self.identities[..index].iter().any(|earlier| earlier.account() == identity.account()) {
                let message = "This account stands in the list twice; name it once.";
                return Err(Error::invalid(place, message));
            }
        }
        Ok(())
    }
}

impl ImportedIdentity {
    /// What identifies the account: provider, environment, account id.
    pub(super) fn account(&self) -> (String, String, String) {
        (self.provider.clone(), self.environment.clone(), self.account_id.clone())
    }

    /// What there is, or else something new under that id, with what the record says.
    pub(super) fn merged(
        &self,
        present: Option<&LinkedIdentity>,
        (id, organization): (NodeId, OrganizationId),
    ) -> LinkedIdentity {
        let mut identity = present.cloned().unwrap_or_else(|| LinkedIdentity {
            id,
            organization,
            provider: self.provider.clone(),
            environment: self.environment.clone(),
            account_id: self.account_id.clone(),
            username: None,
            email: None,
            verified: false,
            status: IdentityStatus::Active,
            mfa_state: MfaState::Unknown,
            mfa_methods: Vec::new(),
            provider_risk: None,
            metadata: Map::new(),
            meta: Meta::default(),
        });
        self.fields.apply(&mut identity);
        identity
    }
}

impl ImportedMembership {
    /// What the membership is to say, given what it says now.
    pub(super) fn facts(&self, present: Option<&MemberFacts>) -> MemberFacts {
        let mut facts = present.cloned().unwrap_or_default();
        self.role.clone().apply_or_default(&mut facts.role);
        self.functions.clone().apply_or_default(&mut facts.functions);
        facts
    }
}

/// Sets a field that is never empty: what clears it leaves it with a stand-in.
fn set_or(patch: Patch<String>, field: &mut String, stand_in: impl FnOnce() -> String) {
    match patch {
        Patch::Absent => {}
        Patch::Null => *field = stand_in(),
        Patch::Value(value) => *field = value,
    }
}

/// Where the blank nodes live on which records are tried.
const fn nowhere(kind: NodeKind) -> (NodeId, OrganizationId) {
    (NodeId::new(kind, Uuid::nil()), OrganizationId::INSTANCE)
}

fn blank_organization() -> Organization {
    Organization {
        id: OrganizationId::INSTANCE,
        slug: "organization".to_owned(),
        name: "organization".to_owned(),
        description: None,
        metadata: Map::new(),
        extensions: Extensions::default(),
        meta: Meta::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::ProfilePatch;
    use super::*;

    #[test]
    fn the_shorthand_address_keeps_what_is_known_of_the_same_address() {
        let mut present = Profile::new(nowhere(NodeKind::User).0, OrganizationId::INSTANCE, "ada".to_owned());
        let email = |value: &str, verified| Email { value: value.to_owned(), label: None, primary: true, verified };
        present.emails = vec![email("ada@example.org", true)];
        let record = |address: &str| ImportedProfile {
            kind: NodeKind::User,
            username: "ada".to_owned(),
            fields: ProfilePatch::default(),
            email: Patch::Value(address.to_owned()),
            status: Patch::Absent,
            status_reason: Patch::Absent,
            identities: Vec::new(),
        };
        let same = record("ada@example.org").merged(Some(&present), nowhere(NodeKind::User));
        assert_eq!(same.emails, present.emails);
        let other = record("countess@example.org").merged(Some(&present), nowhere(NodeKind::User));
        assert_eq!(other.emails, [email("countess@example.org", false)]);
    }
}
