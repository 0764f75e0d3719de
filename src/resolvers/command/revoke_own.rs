//! What a client gives up that is its own: its API token, or a token that was issued to it.

use super::{Command, Target, WriteContext};
use crate::domain::diff::Difference;
use crate::domain::{ApiToken, NodeId, Result, Timestamp};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

/// Revokes the API token that the viewer holds, for good.
#[derive(Debug, Clone, Serialize)]
pub struct RevokeOwnToken {
    /// The API token.
    pub id: NodeId,
}

impl Command for RevokeOwnToken {
    type Output = NodeId;
    const ACTION: &'static str = "token.revoke";

    fn target(&self) -> Target {
        Target::Node(self.id, "token")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let mut token: ApiToken = context.load(self.id, "token").await?;
        context.authorize_own(Some(self.id))?;
        token.meta.deleted_at = Some(context.now());
        context.save(token)?;
        Ok(self.id)
    }
}

/// Revokes a JWT that was issued to the API token that the viewer holds. That is remembered until the JWT expires.
#[derive(Debug, Clone, Serialize)]
pub struct RevokeJwt {
    /// The API token.
    pub token: NodeId,
    /// The JWT.
    pub jti: Uuid,
    /// When it expires.
    pub expires_at: Timestamp,
}

impl Command for RevokeJwt {
    type Output = NodeId;
    const ACTION: &'static str = "token.revoke_jwt";

    fn target(&self) -> Target {
        Target::Node(self.token, "token")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let _: ApiToken = context.load(self.token, "token").await?;
        context.authorize_own(Some(self.token))?;
        if context.facts()?.revoke_jwt(self.jti, self.token, self.expires_at).await? {
            let path = format!("jwts.{}", super::super::oauth::jwt_id(self.jti));
            context.tell(self.token, Difference { path, before: json!("live"), after: json!("revoked") })?;
        }
        Ok(self.token)
    }
}
