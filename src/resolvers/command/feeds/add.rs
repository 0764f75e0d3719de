//! Add a threat-intelligence feed.

use super::super::super::write::WriteContext;
use super::super::{Command, Target};
use super::{authorize, tell};
use crate::domain::feed::{Feed, FeedKind, FeedSignal, FeedState, MAX_FEEDS};
use crate::domain::{Error, OrganizationId, Result, text};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Adds a feed, which is fetched at once. The caller seals its password or token.
#[derive(Debug, Clone, Serialize)]
pub struct AddFeed {
    /// Of which organization; [none](OrganizationId::INSTANCE) for one that counts for all.
    pub organization: OrganizationId,
    /// The id of the feed.
    #[serde(skip)]
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// In which form it is published.
    pub kind: FeedKind,
    /// What it means to be named.
    pub signal: FeedSignal,
    /// Where it is.
    pub url: String,
    /// How sure it is, from 0 to 100.
    pub confidence: u8,
    /// After how many minutes it is fetched again.
    pub refresh_minutes: u32,
    /// For how many hours what it names holds after it was last heard of.
    pub lifetime_hours: u32,
    /// As whom it is asked.
    pub username: Option<String>,
    /// The password or token, sealed.
    #[serde(skip)]
    pub sealed: Option<Vec<u8>>,
}

impl Command for AddFeed {
    type Output = Uuid;
    const ACTION: &'static str = "threat_feed.add";

    fn target(&self) -> Target {
        Target::Organization(self.organization, "organizationId")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<Uuid> {
        authorize(context).await?;
        let feed = Feed {
            id: self.id,
            organization: context.tenant(),
            name: self.name.clone(),
            kind: self.kind,
            signal: self.signal,
            url: self.url.clone(),
            confidence: self.confidence,
            refresh_minutes: self.refresh_minutes,
            lifetime_hours: self.lifetime_hours,
            username: self.username.clone(),
            sealed: self.sealed.clone(),
            created_at: context.now(),
            created_by: context.viewer().actor.clone(),
            state: FeedState::begun(context.now()),
        };
        feed.check()?;
        if feed.username.is_some() && feed.sealed.is_none() {
            return Err(Error::invalid("secret", "Send the password that goes with the user name."));
        }
        let known = context.unit().feeds().await?;
        if known.len() >= MAX_FEEDS {
            return Err(Error::conflict(
                "name",
                format!("There are {MAX_FEEDS} feeds, as many as there can be; remove one."),
            ));
        }
        if known.iter().any(|other| text::key(&other.name) == text::key(&feed.name)) {
            return Err(Error::conflict("name", "There is a feed of this name; take another, or remove that one."));
        }
        let after = json!({"name": feed.name, "kind": feed.kind, "signal": feed.signal, "url": feed.url,
            "confidence": feed.confidence, "refresh_minutes": feed.refresh_minutes, "lifetime_hours": feed.lifetime_hours});
        tell(context, (feed.id, ""), Value::Null, after)?;
        context.facts()?.write_feed(&feed).await?;
        Ok(feed.id)
    }
}
