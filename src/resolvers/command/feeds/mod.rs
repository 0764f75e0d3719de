//! Add a threat-intelligence feed, remove one, have one fetched.
//!
//! What is done to the feeds of an organization is told in the history of the organization. For those that count for every
//! organization, the feeds themselves, which are kept when they are removed, are the history.

mod add;
mod remove;

pub use add::AddFeed;
pub use remove::{HastenFeed, RemoveFeed};

use super::super::policy::Action;
use super::super::write::WriteContext;
use crate::domain::diff::Difference;
use crate::domain::feed::{Feed, feed_id};
use crate::domain::{Error, Organization, OrganizationId, Result};
use serde_json::Value;
use uuid::Uuid;

/// Asks the policy, and loads the organization whose feeds they are.
async fn authorize(context: &mut WriteContext<'_>) -> Result<()> {
    if context.tenant() == OrganizationId::INSTANCE {
        return context.authorize_tenant(Action::OwnServer);
    }
    let tenant = context.tenant();
    context.load::<Organization>(tenant.node(), "organizationId").await?;
    context.authorize_tenant(Action::ManageFeeds)
}

async fn find(context: &WriteContext<'_>, id: Uuid) -> Result<Feed> {
    let found = context.unit().feeds().await?.into_iter().find(|feed| feed.id == id);
    found.ok_or_else(|| Error::not_found("feedId", "feed"))
}

/// Tells what has become of a feed in the history of its organization.
fn tell(context: &mut WriteContext<'_>, (id, part): (Uuid, &str), before: Value, after: Value) -> Result<()> {
    let tenant = context.tenant();
    if tenant == OrganizationId::INSTANCE {
        return Ok(());
    }
    let path = format!("threat_feeds.{}{part}", feed_id(id));
    context.tell(tenant.node(), Difference { path, before, after })
}
