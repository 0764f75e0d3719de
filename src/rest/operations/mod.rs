//! The table of operations.

mod alerts;
mod collectives;
mod feeds;
mod identities;
mod lists;
mod members;
mod organizations;
mod profiles;
mod reports;
mod resolution;
mod risk_policies;
mod search;
mod webhooks;

use super::operation::Operation;
use std::sync::LazyLock;

/// The headings of the reference, and what stands below them.
pub const TAGS: &[(&str, &str)] = &[
    (PROFILES, "Users, service accounts and bots."),
    (LINKED_IDENTITIES, "The accounts that profiles own elsewhere."),
    (RESOLUTION, "From whatever is known of somebody to the profile."),
    (ORGANIZATIONS, "Tenants: everything else belongs to one."),
    (TEAMS, "Teams, their hierarchy, and who is in them."),
    (GROUPS, "Groups, which may contain groups, and who is in them."),
    (IDENTITIES, "Accounts at identity providers, with roles and risk, and the actions on them."),
    (ACTIVITY, "What accounts do: sessions and access records."),
    (WEBHOOKS, "Where changes of an organization are sent, and what became of what was sent."),
    (ALERTS, "What other systems have noticed about accounts."),
    (FEEDS, "Lists that others publish of addresses that attack or hide who is behind them."),
    (RISK_POLICIES, "What is done by itself about accounts whose risk has risen."),
];

const PROFILES: &str = "Profiles";
const LINKED_IDENTITIES: &str = "Linked identities";
const RESOLUTION: &str = "Resolution";
const ORGANIZATIONS: &str = "Organizations";
const TEAMS: &str = "Teams";
const GROUPS: &str = "Groups";
const IDENTITIES: &str = "Identities";
const ACTIVITY: &str = "Activity";
const WEBHOOKS: &str = "Webhooks";
const ALERTS: &str = "Alerts";
const FEEDS: &str = "Threat-intelligence feeds";
const RISK_POLICIES: &str = "Risk policies";

static ALL: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let mut all = profiles::operations();
    all.extend(profiles::links::operations());
    all.extend(resolution::operations());
    all.extend(organizations::operations());
    all.extend(collectives::operations());
    all.extend(members::operations());
    all.extend(identities::operations());
    all.extend(reports::operations());
    all.extend(webhooks::operations());
    all.extend(alerts::operations());
    all.extend(feeds::operations());
    all.extend(risk_policies::operations());
    all
});

/// Every operation, in the order in which they are described.
#[must_use]
pub fn all() -> &'static [Operation] {
    &ALL
}
