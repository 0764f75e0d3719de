//! Set the password of a profile.

use super::super::password::PasswordHash;
use super::super::policy::Action;
use super::{Command, Target, WriteContext};
use crate::domain::diff::Difference;
use crate::domain::{NodeId, Profile, Result};
use serde::Serialize;
use serde_json::Value;

/// Sets the password with which a profile signs in here. Its history says that it was set, when and by whom.
#[derive(Debug, Clone, Serialize)]
pub struct SetPassword {
    /// Whose.
    pub id: NodeId,
    /// The version that the client has seen.
    pub expected_version: Option<i64>,
    /// The hash of the password.
    pub hash: PasswordHash,
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
        context.unit().write_password(self.id, self.hash.as_str()).await?;
        // What it was and what it is are nobody's business.
        let change = Difference { path: "password".to_owned(), before: Value::Null, after: Value::Bool(true) };
        context.tell(self.id, change)?;
        Ok(self.id)
    }
}
