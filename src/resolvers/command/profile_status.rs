//! Disable, suspend and enable a profile.

use super::super::policy::Action;
use super::account::revoke_sessions_of_profile;
use super::{Command, Target, WriteContext};
use crate::domain::profile::ProfileStatus;
use crate::domain::session::SessionEnd;
use crate::domain::{NodeId, Profile, Result};
use serde::Serialize;

macro_rules! status_command {
    ($(#[$doc:meta])* $name:ident, $action:literal, $status:expr, $reason:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize)]
        pub struct $name {
            /// Which profile.
            pub id: NodeId,
            /// The version that the client has seen.
            pub expected_version: Option<i64>,
            /// Why.
            pub reason: $reason,
        }

        impl Command for $name {
            type Output = NodeId;
            const ACTION: &'static str = $action;

            fn target(&self) -> Target {
                Target::Node(self.id, "id")
            }

            async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
                change(context, self.id, self.expected_version, $status, Option::from(self.reason.clone())).await
            }
        }
    };
}

status_command!(
    /// Bars a profile for good, unless somebody enables it again.
    DisableProfile, "profile.disable", ProfileStatus::Disabled, String
);
status_command!(
    /// Bars a profile for a time.
    SuspendProfile, "profile.suspend", ProfileStatus::Suspended, String
);
status_command!(
    /// Puts a profile to use (again): a staged, suspended or disabled one.
    EnableProfile, "profile.enable", ProfileStatus::Active, Option<String>
);

async fn change(
    context: &mut WriteContext<'_>,
    id: NodeId,
    expected: Option<i64>,
    status: ProfileStatus,
    reason: Option<String>,
) -> Result<NodeId> {
    let mut profile: Profile = context.load(id, "id").await?;
    context.authorize_tenant(Action::Administer)?;
    context.expect_version(id, expected)?;
    context.because(reason.as_deref())?;
    let was_usable = profile.status == ProfileStatus::Active;
    let another_reason = reason.is_some() && status != ProfileStatus::Active && profile.status_reason != reason;
    if profile.status != status || another_reason {
        profile.status = status;
        profile.status_reason = reason;
        context.save(profile)?;
    }
    if was_usable && status != ProfileStatus::Active {
        // Whoever is barred is signed in nowhere; and what was issued before is no good when they come back.
        revoke_sessions_of_profile(context, id, SessionEnd::Disabled).await?;
    }
    Ok(id)
}
