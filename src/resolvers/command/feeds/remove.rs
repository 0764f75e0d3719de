//! Remove a threat-intelligence feed, or have it fetched.

use super::super::super::write::{WriteContext, expect};
use super::super::{Command, Target};
use super::{authorize, find, tell};
use crate::domain::{OrganizationId, Result};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Removes a feed: from now on it names nothing. What was assessed by it stays.
#[derive(Debug, Clone, Serialize)]
pub struct RemoveFeed {
    /// Of which organization it is.
    pub organization: OrganizationId,
    /// Which.
    pub id: Uuid,
    /// The version that the client has seen: when it was added, in microseconds, for it never changes.
    pub expected_version: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

impl Command for RemoveFeed {
    type Output = Uuid;
    const ACTION: &'static str = "threat_feed.remove";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "feedId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        authorize(context).await?;
        context.because(self.reason.as_deref())?;
        let feed = find(context, self.id).await?;
        expect(feed.created_at.timestamp_micros(), self.expected_version)?;
        tell(context, (feed.id, ""), json!({"name": feed.name, "url": feed.url}), Value::Null)?;
        let actor = context.viewer().actor.clone();
        context.facts()?.remove_feed(feed.id, &actor).await?;
        Ok(feed.id)
    }
}

/// Has a feed fetched as soon as a server can, instead of when it is due.
#[derive(Debug, Clone, Serialize)]
pub struct HastenFeed {
    /// Of which organization it is.
    pub organization: OrganizationId,
    /// Which.
    pub id: Uuid,
}

impl Command for HastenFeed {
    type Output = Uuid;
    const ACTION: &'static str = "threat_feed.sync";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "feedId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        authorize(context).await?;
        let feed = find(context, self.id).await?;
        let now = context.now();
        tell(context, (feed.id, ".next_at"), json!(feed.state.next_at), json!(now))?;
        context.facts()?.hasten_feed(feed.id).await?;
        Ok(feed.id)
    }
}
