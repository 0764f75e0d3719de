//! The account with which a profile signs in to this server itself.

use super::super::super::policy::Action;
use super::super::super::write::WriteContext;
use super::super::{Command, Target};
use crate::domain::identity::{DEFAULT_ENVIRONMENT, IdentityStatus, LOCAL_PROVIDER, MfaState};
use crate::domain::{EdgeKind, LinkedIdentity, Meta, NodeId, NodeKind, Profile, Result};
use crate::store::{NewEdge, Side};
use serde::Serialize;
use serde_json::Map;

/// Sees to it that a profile has an account here, which is part of giving it a password.
#[derive(Debug, Clone, Serialize)]
pub struct LinkLocalIdentity {
    /// The profile.
    pub profile: NodeId,
}

impl Command for LinkLocalIdentity {
    type Output = NodeId;
    const ACTION: &'static str = "identity.link";

    fn target(&self) -> Target {
        Target::Node(self.profile, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let profile: Profile = context.load(self.profile, "id").await?;
        context.authorize_tenant(Action::Administer)?;
        local_identity(context, &profile).await
    }
}

/// The account of a profile here, which it is given if it has none.
async fn local_identity(context: &mut WriteContext<'_>, profile: &Profile) -> Result<NodeId> {
    let account = (LOCAL_PROVIDER.to_owned(), DEFAULT_ENVIRONMENT.to_owned(), profile.id.to_string());
    let known = context.unit().identities_by_accounts(std::slice::from_ref(&account)).await?.pop();
    let identity = if let Some(identity) = known {
        let id = identity.id;
        context.stage(identity.into());
        id
    } else {
        let id = context.new_id(NodeKind::LinkedIdentity);
        context.create(LinkedIdentity {
            id,
            organization: context.tenant(),
            provider: account.0,
            environment: account.1,
            account_id: account.2,
            username: Some(profile.username.clone()),
            email: None,
            verified: true,
            status: IdentityStatus::Active,
            mfa_state: MfaState::Unknown,
            mfa_methods: Vec::new(),
            provider_risk: None,
            metadata: Map::new(),
            meta: Meta::default(),
        })?;
        id
    };
    let link = context.unit().open_edges(EdgeKind::Link, Side::Out, &[identity.uuid], None).await?.pop();
    // Whoever it was linked to, as by an import, it is this profile's by its name.
    if link.as_ref().is_none_or(|link| link.to != profile.id) {
        let own = NewEdge::new(EdgeKind::Link, identity, profile.id);
        context.replace_edge(link.as_ref(), Some(own))?;
    }
    Ok(identity)
}
