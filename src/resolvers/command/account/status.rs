//! Disable and enable an account.

use super::super::super::policy::Action;
use super::super::super::write::WriteContext;
use super::super::{Command, DisableProfile, EnableProfile, Target};
use super::{begin, confirmed, record, revoke_sessions_of};
use crate::domain::action::ActionKind;
use crate::domain::identity::IdentityStatus;

use crate::domain::session::SessionEnd;
use crate::domain::{LinkedIdentity, NodeId, Result};
use serde::Serialize;
use uuid::Uuid;

/// Bars an account and the profile that it belongs to, as [`DisableProfile`] does, and ends their sessions.
#[derive(Debug, Clone, Serialize)]
pub struct DisableIdentity {
    /// The linked identity.
    pub id: NodeId,
    /// Why.
    pub reason: String,
}

impl Command for DisableIdentity {
    type Output = Uuid;
    const ACTION: &'static str = "identity.disable";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        let (_, profile) = begin(context, self.id, Action::Administer).await?;
        let live = context.unit().live_sessions(self.id).await?.len();
        let mut receipts = Vec::new();
        if let Some(id) = profile {
            context.perform(&DisableProfile { id, expected_version: None, reason: self.reason.clone() }).await?;
            receipts.push(confirmed("idgraph:profile", None));
        }
        context.because(Some(&self.reason))?;
        let identity = set_status(context, self.id, IdentityStatus::Disabled).await?;
        // Those of a profile have ended with it, unless it was barred before.
        if profile.is_none() || !context.unit().live_sessions(self.id).await?.is_empty() {
            revoke_sessions_of(context, self.id, SessionEnd::Disabled).await?;
        }
        receipts.push(confirmed("idgraph:sessions", u64::try_from(live).ok()));
        record(context, &identity, (ActionKind::Disable, Some(&self.reason)), receipts).await
    }
}

/// Lets an account, and the profile that it belongs to, be used again.
#[derive(Debug, Clone, Serialize)]
pub struct EnableIdentity {
    /// The linked identity.
    pub id: NodeId,
    /// Why.
    pub reason: Option<String>,
}

impl Command for EnableIdentity {
    type Output = Uuid;
    const ACTION: &'static str = "identity.enable";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        let (_, profile) = begin(context, self.id, Action::Administer).await?;
        let mut receipts = Vec::new();
        if let Some(id) = profile {
            let enable = EnableProfile { id, expected_version: None, reason: self.reason.clone() };
            context.perform(&enable).await?;
            receipts.push(confirmed("idgraph:profile", None));
        }
        context.because(self.reason.as_deref())?;
        let identity = set_status(context, self.id, IdentityStatus::Active).await?;
        record(context, &identity, (ActionKind::Enable, self.reason.as_deref()), receipts).await
    }
}

async fn set_status(context: &mut WriteContext<'_>, id: NodeId, status: IdentityStatus) -> Result<LinkedIdentity> {
    let mut identity: LinkedIdentity = context.load(id, "id").await?;
    if identity.status != status {
        identity.status = status;
        context.save(identity.clone())?;
    }
    Ok(identity)
}
