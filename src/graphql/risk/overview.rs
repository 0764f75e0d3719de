//! How risky the accounts of an organization are.

use super::super::failure::{Nullable, Result, nullable};
use super::super::identity::LinkedIdentity;
use super::super::moment::At;
use super::super::request::{ask, of};
use super::{RiskLevel, RiskSignal};
use crate::domain;
use crate::domain::OrganizationId;
use crate::domain::risk::Overview;
use crate::resolvers::query::questions::Found;
use crate::resolvers::query::questions::accounts::RiskOverviews;
use crate::resolvers::risk::score;
use async_graphql::{Context, Object, SimpleObject};
use std::marker::PhantomData;
use std::sync::Arc;

/// How many accounts are at a level.
#[derive(Debug, Clone, SimpleObject)]
pub struct RiskLevelCount {
    /// The level.
    level: RiskLevel,
    /// How many accounts are at it.
    identities: i64,
}

/// How often something was found.
#[derive(Debug, Clone, SimpleObject)]
pub struct RiskSignalCount {
    /// The signal.
    signal: RiskSignal,
    /// About how many accounts.
    identities: i64,
    /// How often.
    evidence: i64,
}

/// An account whose score has risen.
pub struct RiskMover {
    identity: domain::NodeId,
    score: u8,
    level: RiskLevel,
    before: u8,
}

/// An account whose score has risen.
#[Object]
impl RiskMover {
    /// The account.
    async fn identity(&self, context: &Context<'_>) -> Nullable<LinkedIdentity> {
        nullable(
            async {
                let question = Found::<domain::LinkedIdentity> { of: PhantomData };
                let found = ask(context, question, (self.identity.uuid, None)).await?;
                Ok(found.map(|node| LinkedIdentity(At::new(node, None))))
            }
            .await,
        )
    }

    /// Its score now.
    async fn score(&self) -> u8 {
        self.score
    }

    /// Its level now.
    async fn level(&self) -> RiskLevel {
        self.level
    }

    /// Its score a day ago, as it was last written down then.
    async fn score_before(&self) -> u8 {
        self.before
    }
}

/// How risky the accounts of an organization are, as of now.
#[derive(SimpleObject)]
pub struct RiskOverview {
    /// How many accounts are at each level, the lowest first.
    levels: Vec<RiskLevelCount>,
    /// The accounts whose scores have risen most within a day; at most ten.
    movers: Vec<RiskMover>,
    /// What was found within seven days, about how many accounts, the most frequent first.
    top_signals: Vec<RiskSignalCount>,
}

/// How risky the accounts of an organization are, if the viewer may know.
pub async fn of_organization(context: &Context<'_>, organization: OrganizationId) -> Result<RiskOverview> {
    of(context).read().allow_private(organization, None)?;
    let found: Option<Arc<Overview>> = ask(context, RiskOverviews, (organization.0, None)).await?;
    let overview = found.map(Arc::unwrap_or_clone).unwrap_or_default();
    let now = of(context).app.clock().now();
    let levels = domain::risk::Level::ALL.map(|level| {
        let counted = overview.levels.iter().find(|(known, _)| *known == level);
        RiskLevelCount { level: level.into(), identities: counted.map_or(0, |(_, count)| *count) }
    });
    let movers = overview.risers.iter().map(|riser| {
        let (score, level) = score(Some(&riser.state), now);
        RiskMover { identity: riser.identity, score, level: level.into(), before: riser.before }
    });
    let signals = overview.signals.iter().map(|(signal, identities, evidence)| RiskSignalCount {
        signal: (*signal).into(),
        identities: *identities,
        evidence: *evidence,
    });
    Ok(RiskOverview { levels: levels.to_vec(), movers: movers.collect(), top_signals: signals.collect() })
}
