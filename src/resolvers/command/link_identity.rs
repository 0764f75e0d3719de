//! Link an account at another provider to a profile.

use super::super::policy::Action;
use super::super::write::WriteContext;
use super::{Command, Target};
use crate::domain::identity::{DEFAULT_ENVIRONMENT, IdentityStatus, LOCAL_PROVIDER, MfaState};
use crate::domain::{EdgeKind, Error, LinkedIdentity, Meta, NodeId, NodeKind, Patch, Profile, Result, text};
use crate::store::{NewEdge, Side};
use serde::Serialize;
use serde_json::{Map, Value};

/// Changes to what is known of an account.
#[derive(Debug, Clone, Default, Serialize)]
pub struct IdentityPatch {
    /// The name of the account at the provider.
    pub username: Patch<String>,
    /// The e-mail address of the account at the provider.
    pub email: Patch<String>,
    /// Whether the owner has proved to own the account.
    pub verified: Option<bool>,
    /// Where the account stands at its provider.
    pub status: Option<IdentityStatus>,
    /// What is known of its second factor.
    pub mfa_state: Option<MfaState>,
    /// The methods of its second factor; replace those there were.
    pub mfa_methods: Patch<Vec<String>>,
    /// How risky the provider says that it is, from 0 to 100.
    pub provider_risk: Patch<i32>,
    /// Free JSON; replaces what there was.
    pub metadata: Patch<Map<String, Value>>,
}

impl IdentityPatch {
    /// Applies the changes.
    pub fn apply(&self, identity: &mut LinkedIdentity) {
        self.username.clone().apply(&mut identity.username);
        self.email.clone().apply(&mut identity.email);
        identity.verified = self.verified.unwrap_or(identity.verified);
        identity.status = self.status.unwrap_or(identity.status);
        identity.mfa_state = self.mfa_state.unwrap_or(identity.mfa_state);
        self.mfa_methods.clone().apply_or_default(&mut identity.mfa_methods);
        self.provider_risk.clone().apply(&mut identity.provider_risk);
        self.metadata.clone().apply_or_default(&mut identity.metadata);
    }
}

/// Links an account to a profile. An account that belongs to another profile must be unlinked from it first; those of this
/// server itself are nobody's to link.
#[derive(Debug, Clone, Serialize)]
pub struct LinkIdentity {
    /// The profile.
    pub profile: NodeId,
    /// The provider.
    pub provider: String,
    /// The provider's environment; `production` if none is named.
    pub environment: Option<String>,
    /// The provider's id of the account.
    pub account_id: String,
    /// What else is known of the account.
    pub fields: IdentityPatch,
}

impl Command for LinkIdentity {
    type Output = NodeId;
    const ACTION: &'static str = "identity.link";

    fn target(&self) -> Target {
        Target::Node(self.profile, "profileId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let _: Profile = context.load(self.profile, "profileId").await?;
        context.authorize_tenant(Action::EditDirectory)?;
        let environment = self.environment.clone().unwrap_or_else(|| DEFAULT_ENVIRONMENT.to_owned());
        text::check_slug("provider", &self.provider)?;
        if self.provider == LOCAL_PROVIDER {
            return Err(Error::invalid(
                "provider",
                "The accounts of this provider are those of this server itself; a profile gets its own with a password.",
            ));
        }
        text::check_slug("environment", &environment)?;
        text::check_line("accountId", &self.account_id, text::MAX_NAME)?;
        let account = (self.provider.clone(), environment, self.account_id.clone());
        let known = context.unit().identities_by_accounts(std::slice::from_ref(&account)).await?.pop();
        let is_known = known.is_some();
        let mut identity = known.unwrap_or_else(|| LinkedIdentity {
            id: context.new_id(NodeKind::LinkedIdentity),
            organization: context.tenant(),
            provider: account.0,
            environment: account.1,
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
        let id = identity.id;
        if is_known {
            context.stage(identity.clone().into());
            self.fields.apply(&mut identity);
            context.save(identity)?;
        } else {
            self.fields.apply(&mut identity);
            context.create(identity)?;
        }
        attach(context, id, self.profile).await?;
        Ok(id)
    }
}

/// Links an identity that the context has loaded or made to a profile.
async fn attach(context: &mut WriteContext<'_>, identity: NodeId, profile: NodeId) -> Result<()> {
    let current = context.unit().open_edges(EdgeKind::Link, Side::Out, &[identity.uuid], None).await?.pop();
    if let Some(edge) = &current {
        if edge.to == profile {
            return Err(Error::conflict("accountId", "This account is linked to this profile already."));
        }
        // A deleted profile does not hold its accounts back.
        if !context.unit().nodes(&[edge.to], false).await?.is_empty() {
            return Err(Error::conflict(
                "accountId",
                format!("This account is linked to {}; unlink it there first.", edge.to),
            ));
        }
    }
    let new = NewEdge::new(EdgeKind::Link, identity, profile);
    context.replace_edge(current.as_ref(), Some(new))
}
