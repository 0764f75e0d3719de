//! Set the password of a profile, or take it away.

use super::super::password::PasswordHash;
use super::super::policy::Action;
use super::super::risk;
use super::account::{LinkLocalIdentity, password_reset_change};
use super::{Command, Target, WriteContext};
use crate::domain::diff::Difference;
use crate::domain::{LinkedIdentity, NodeId, Profile, Result};
use serde::Serialize;
use serde_json::Value;

/// Sets the password with which a profile signs in here, with the account that it has here for that; or takes it away. Its
/// history says that this was done, when and by whom.
#[derive(Debug, Clone, Serialize)]
pub struct SetPassword {
    /// Whose.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// The hash of the password; none, if the profile is to have no password any more.
    pub hash: Option<PasswordHash>,
}

impl Command for SetPassword {
    type Output = NodeId;
    const ACTION: &'static str = "profile.set_password";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let _: Profile = context.load(self.id, "id").await?;
        context.authorize_tenant(Action::Administer)?;
        context.expect_version(self.id, self.expected_version)?;
        // What it was and what it is are nobody's business.
        let Some(hash) = &self.hash else {
            if context.unit().remove_password(self.id).await? {
                let change = Difference { path: "password".to_owned(), before: Value::Bool(true), after: Value::Null };
                context.tell(self.id, change)?;
            }
            return Ok(self.id);
        };
        let identity = context.perform(&LinkLocalIdentity { profile: self.id }).await?;
        // What was known to others is not the credential any more.
        let changed = risk::of_changed_credential(identity, context.unit().new_id(), context.now());
        risk::assess(context, &[changed]).await?;
        let _: Profile = context.load(self.id, "id").await?;
        context.unit().write_password(self.id, hash.as_str()).await?;
        let change = Difference { path: "password".to_owned(), before: Value::Null, after: Value::Bool(true) };
        context.tell(self.id, change)?;
        let since = context.unit().standing(identity).await?.password_reset_since;
        if since.is_some() {
            let _: LinkedIdentity = context.load(identity, "id").await?;
            context.facts()?.require_password_reset(identity, None).await?;
            context.tell(identity, password_reset_change(since, None))?;
        }
        Ok(self.id)
    }
}
