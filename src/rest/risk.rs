//! How the risk of an account is shown: what it follows from, why it is so, and how it was.

use super::call::Call;
use super::model::risk::{Risk, RiskScore};
use super::refusal::Result;
use crate::domain::risk::{Finding, trend};
use crate::domain::{LinkedIdentity, Page, Slice};
use crate::resolvers::query::questions::accounts::{Findings, RiskStates, Scores};
use crate::resolvers::risk::explained;
use chrono::TimeDelta;
use std::sync::Arc;

/// How many scores of the past are shown.
const HISTORY: u32 = 100;
/// Since when a score is taken to have risen or fallen.
const TREND: TimeDelta = TimeDelta::hours(24);

/// How risky an account is, if the viewer may know.
pub async fn risk(call: &Call, identity: &LinkedIdentity) -> Result<Risk> {
    let (reader, id, now) = (call.reader(), identity.id.uuid, call.app.clock().now());
    reader.allow_private(identity.organization, None)?;
    let state = reader.ask(&RiskStates, &[id]).await?.remove(&id);
    let findings = reader.ask(&Findings, &[id]).await?.remove(&id);
    let findings: Vec<Arc<Finding>> = findings.map(|slice| slice.items).unwrap_or_default();
    let history = Scores { until: None, page: Page::first(HISTORY) };
    let history = reader.ask(&history, &[id]).await?.remove(&id).unwrap_or_else(Slice::empty);
    let earlier = Scores { until: Some(now - TREND), page: Page::first(1) };
    let earlier = reader.ask(&earlier, &[id]).await?.remove(&id);
    let earlier = earlier.and_then(|slice| slice.items.first().map(|point| point.score));
    let explained = explained(state.as_deref(), &findings, now);
    let assessment = &explained.assessment;
    Ok(Risk {
        identity_id: identity.id.to_string(),
        provider: identity.provider.clone(),
        provider_id: identity.account_id.clone(),
        score: assessment.score,
        level: assessment.level.into(),
        compromised: assessment.compromised,
        trend: trend(assessment.score, earlier).into(),
        next_change: explained.next_change.map(Into::into),
        factors: explained.factors.into_iter().map(Into::into).collect(),
        history: history.items.iter().map(|point| RiskScore::from(&**point)).collect(),
    })
}
