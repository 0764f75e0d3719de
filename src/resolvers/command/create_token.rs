//! Make an API token.

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::{Command, Target};
use crate::domain::token::{ApiToken, OrganizationRole, ScimOptions, Scope};
use crate::domain::{Error, Meta, NodeId, NodeKind, OrganizationId, Profile, Result, Timestamp};
use serde::Serialize;

/// Makes an API token. The caller makes the secret, shows it once, and hands in its hash.
#[derive(Debug, Clone, Serialize)]
pub struct CreateToken {
    /// What it is for.
    pub name: String,
    /// The one organization it is good for; none for every organization.
    pub organization: Option<OrganizationId>,
    /// What it may do at most.
    pub role: OrganizationRole,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// The profile it acts for.
    pub profile: Option<NodeId>,
    /// When it ceases to work.
    pub expires_at: Option<Timestamp>,
    /// How its holder wants to be understood by the SCIM face.
    pub scim: ScimOptions,
    /// SHA-256 of the secret.
    pub hash: Vec<u8>,
}

impl Command for CreateToken {
    type Output = NodeId;
    const ACTION: &'static str = "token.create";

    fn target(&self) -> Target {
        Target::Organization(self.organization.unwrap_or(OrganizationId::INSTANCE), "organization")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        context.authorize_tenant(Action::OwnServer)?;
        if self.organization.is_some() {
            super::require_tenant(context).await?;
        }
        if let Some(profile) = self.profile {
            if self.organization.is_none() {
                return Err(Error::invalid(
                    "profile",
                    "A token that acts for a profile is good for its organization only; name the organization.",
                ));
            }
            let _: Profile = context.load(profile, "profile").await?;
        }
        if self.role == OrganizationRole::OnlySelf && self.profile.is_none() {
            return Err(Error::invalid("role", "The role self needs a profile to act for."));
        }
        if self.scopes.is_empty() {
            return Err(Error::invalid("scopes", "A token without scopes is of no use; name one at least."));
        }
        if self.expires_at.is_some_and(|expiry| expiry <= context.now()) {
            return Err(Error::invalid("expiresAt", "This time has passed; name one in the future."));
        }
        let id = context.new_id(NodeKind::Token);
        context.create(ApiToken {
            id,
            organization: self.organization,
            name: self.name.clone(),
            role: self.role,
            scopes: self.scopes.clone(),
            profile: self.profile,
            expires_at: self.expires_at,
            last_used_at: None,
            scim: self.scim.clone(),
            hash: self.hash.clone(),
            meta: Meta::default(),
        })?;
        Ok(id)
    }
}
