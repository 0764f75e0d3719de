//! How risky accounts and profiles are, and why.

mod overview;

pub use overview::{RiskOverview, of_organization};

use super::activity::{self, AccessRecord};
use super::connection::{connection, count_by};
use super::failure::{Nullable, Result, nullable, present};
use super::identity::LinkedIdentity;
use super::moment::At;
use super::request::{PageArgs, ask, of};
use crate::domain;
use crate::domain::access;
use crate::domain::id::parse_typeid;
use crate::domain::risk::{Finding, ScorePoint, State, moment, trend};
use crate::domain::{Cursor, CursorKey, Page, Timestamp};
use crate::resolvers::policy::Action;
use crate::resolvers::query::questions::Neighbours;
use crate::resolvers::query::questions::accounts::{AccessRecordById, Findings, RiskStates, ScoreCount, Scores};
use crate::resolvers::query::relation::LINKED_IDENTITIES;
use crate::resolvers::risk::{Explained, Piece, combined, explained, score};
use async_graphql::{Context, Enum, Json, Object, SimpleObject};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::marker::PhantomData;
use std::sync::Arc;

/// The order tag of lists of scores, the latest first.
const BY_TIME: char = 't';
/// How many accounts of a profile count.
const ACCOUNTS: u32 = 100;
/// Since when a score is taken to have risen or fallen.
const TREND: TimeDelta = TimeDelta::hours(24);

/// How risky something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::risk::Level")]
pub enum RiskLevel {
    /// 0 to 20: normal behaviour.
    Low,
    /// 21 to 50: monitor closely.
    Medium,
    /// 51 to 75: review, and consider to restrict access.
    High,
    /// 76 to 100: act at once.
    Critical,
}

/// What kind of thing evidence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::risk::Signal")]
pub enum RiskSignal {
    /// A sign-in from where, when and with what the account does not usually sign in.
    UnfamiliarSignIn,
    /// A session is used from elsewhere, or by another client, than before.
    SessionContext,
    /// Two sign-ins that are further apart than anyone travels in that time.
    ImpossibleTravel,
    /// An address that tries many accounts.
    AttackingAddress,
    /// Many failures, then a success.
    FailuresThenSuccess,
    /// A service that hides where someone is.
    Anonymiser,
    /// A data centre from which this account never signed in.
    HostingNetwork,
    /// The address is on a list of threat intelligence.
    ThreatIntelligence,
    /// The credential is known to others, until it changes.
    LeakedCredential,
    /// Prompts for a second factor that nobody answered, or that the user says were somebody else's.
    Mfa,
    /// Another system raised an alert.
    Alert,
    /// More, or rarer, accesses than before.
    AccessVolume,
    /// A privilege that few have was granted.
    RarePrivilege,
    /// Active after a long silence.
    Dormant,
    /// How the account is set up.
    Posture,
}

/// Where a score is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::risk::Trend")]
pub enum RiskTrend {
    /// It is higher than a day ago.
    Rising,
    /// It is as a day ago.
    Steady,
    /// It is lower than a day ago.
    Falling,
}

/// A change of a level that comes by itself.
#[derive(Debug, Clone, SimpleObject)]
pub struct RiskLevelChange {
    /// When.
    at: DateTime<Utc>,
    /// The new level.
    level: RiskLevel,
}

impl From<(Timestamp, domain::risk::Level)> for RiskLevelChange {
    fn from((at, level): (Timestamp, domain::risk::Level)) -> Self {
        Self { at, level: level.into() }
    }
}

/// A score when it was written down: with the event that moved it, or when its level had dropped.
#[derive(Debug, Clone, SimpleObject)]
pub struct RiskScore {
    /// Since when.
    at: DateTime<Utc>,
    /// From 0 to 100.
    score: u8,
    /// The same in a word.
    level: RiskLevel,
}

connection!(
    RiskScoreConnection,
    RiskScoreEdge,
    RiskScore,
    "A page of the scores of an account, the latest first. They are kept for 90 days.",
    "A score in a page."
);

/// What one signal adds to a score.
#[derive(SimpleObject)]
pub struct RiskFactor {
    /// Which signal.
    signal: RiskSignal,
    /// What it adds by itself, from 0 to 1. Together they make 1 less the product of what each leaves.
    contribution: f64,
    /// The most that it may add.
    cap: f64,
    /// After how many seconds evidence is worth half; null if it stands until something changes.
    half_life_seconds: Option<i64>,
    /// What the score would be without it.
    score_without: u8,
    /// When it was first seen, of the evidence that is listed.
    first_seen: Option<DateTime<Utc>>,
    /// When it was last seen.
    last_seen: Option<DateTime<Utc>>,
    /// Its evidence, the latest first; at most 128 in all.
    evidence: Vec<RiskEvidence>,
    /// How much older evidence there is that is not listed, but counts.
    older: u32,
}

/// What an event says.
pub struct RiskEvidence {
    piece: Piece,
    identity: At<domain::LinkedIdentity>,
}

/// What an event says.
#[Object]
impl RiskEvidence {
    /// Public id: give it to `dismissEvidence`.
    async fn id(&self) -> &str {
        &self.piece.id
    }

    /// When the event happened.
    async fn happened_at(&self) -> DateTime<Utc> {
        moment(self.piece.item.at)
    }

    /// How strongly it spoke for a compromise then, from 0 to 1.
    async fn strength(&self) -> f64 {
        self.piece.item.strength.value()
    }

    /// How strongly it does now.
    async fn strength_now(&self) -> f64 {
        -(-(self.piece.item.nano_nats as f64 / 1e9)).exp_m1()
    }

    /// The raw values, and what they were compared with: JSON, whose `kind` says what it is.
    async fn reason(&self) -> Option<Json<Value>> {
        self.piece.item.reason.as_ref().and_then(|reason| serde_json::to_value(reason).ok()).map(Json)
    }

    /// Public id of what it was found in: an access record (`acc_…`), a session (`ses_…`) or an alert (`alr_…`).
    async fn source(&self) -> Option<&str> {
        self.piece.source.as_deref()
    }

    /// The access record that it was found in; null if it was something else. Needs the role admin and the scope `history:read`.
    async fn access_record(&self, context: &Context<'_>) -> Nullable<AccessRecord> {
        nullable(
            async {
                let id = self.piece.source.as_deref().and_then(|id| parse_typeid(id, access::PREFIX));
                let Some(id) = id else { return Ok(None) };
                activity::allow(context, &self.identity, Action::ReadHistory).await?;
                let found = ask(context, AccessRecordById, (id, None)).await?;
                Ok(found.map(|record| AccessRecord { record, moment: None }))
            }
            .await,
        )
    }
}

/// How risky an account is, as of now, and why.
pub struct IdentityRisk {
    identity: At<domain::LinkedIdentity>,
    state: Option<Arc<State>>,
    at: Timestamp,
}

impl IdentityRisk {
    async fn explained(&self, context: &Context<'_>) -> Result<Explained> {
        let findings = ask(context, Findings, (self.identity.id.uuid, None)).await?;
        let findings: Vec<Arc<Finding>> = findings.map(|slice| slice.items).unwrap_or_default();
        Ok(explained(self.state.as_deref(), &findings, self.at))
    }

    fn factors_of(&self, explained: Explained) -> Vec<RiskFactor> {
        let factor = |found: crate::resolvers::risk::Explanation| RiskFactor {
            signal: found.factor.signal.into(),
            contribution: f64::from(found.factor.effect) / 1e9,
            cap: found.factor.cap,
            half_life_seconds: found.factor.half_life.map(|millis| millis / 1_000),
            score_without: found.factor.score_without,
            first_seen: found.factor.first_seen.map(moment),
            last_seen: found.factor.last_seen.map(moment),
            older: found.factor.older,
            evidence: found
                .evidence
                .into_iter()
                .map(|piece| RiskEvidence { piece, identity: self.identity.clone() })
                .collect(),
        };
        explained.factors.into_iter().map(factor).collect()
    }
}

/// How risky an account is, as of now, and why.
#[Object]
impl IdentityRisk {
    /// From 0 (nothing speaks against it) to 100.
    async fn score(&self) -> u8 {
        score(self.state.as_deref(), self.at).0
    }

    /// The same in a word.
    async fn level(&self) -> RiskLevel {
        score(self.state.as_deref(), self.at).1.into()
    }

    /// Whether somebody confirmed that it is compromised, which keeps the score at 95 or more.
    async fn compromised(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.is_compromised())
    }

    /// What the score is made of, what adds most first.
    async fn factors(&self, context: &Context<'_>) -> Nullable<Vec<RiskFactor>> {
        present(async { Ok(self.factors_of(self.explained(context).await?)) }.await)
    }

    /// When the level drops next if nothing happens; null if it does not.
    async fn next_change(&self) -> Option<RiskLevelChange> {
        explained(self.state.as_deref(), &[], self.at).next_change.map(Into::into)
    }

    /// Where the score is going, compared with a day ago.
    async fn trend(&self, context: &Context<'_>) -> Nullable<RiskTrend> {
        present(
            async {
                let question = Scores { until: Some(self.at - TREND), page: Page::first(1) };
                let earlier = ask(context, question, (self.identity.id.uuid, None)).await?;
                let earlier = earlier.and_then(|slice| slice.items.first().map(|point| point.score));
                Ok(trend(score(self.state.as_deref(), self.at).0, earlier).into())
            }
            .await,
        )
    }

    /// The scores of the past, the latest first: one for each time that something moved it.
    async fn history(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many entries from the beginning; 25 unless given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Only entries behind this place: a cursor of the same list.")] after: Option<String>,
        #[graphql(desc = "How many entries from the end; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only entries before this place: a cursor of the same list.")] before: Option<String>,
    ) -> Nullable<RiskScoreConnection> {
        present(
            async {
                let (id, page) =
                    (self.identity.id.uuid, PageArgs { first, after, last, before }.page(context, BY_TIME)?);
                let slice = ask(context, Scores { until: None, page }, (id, None)).await?;
                Ok(RiskScoreConnection::of(slice, count_by(ScoreCount, (id, None)), |point| RiskScoreEdge {
                    cursor: Cursor { order: BY_TIME, key: CursorKey::Number(point.at.timestamp_micros()), id }.encode(),
                    node: shown(&point),
                    says: (),
                }))
            }
            .await,
        )
    }
}

fn shown(point: &ScorePoint) -> RiskScore {
    RiskScore { at: point.at, score: point.score, level: point.level.into() }
}

/// What a signal adds to the score of a profile.
#[derive(Debug, Clone, SimpleObject)]
pub struct RiskContribution {
    /// Which signal.
    signal: RiskSignal,
    /// What it adds by itself, from 0 to 1: as much as to the account to which it adds most.
    contribution: f64,
}

/// How risky a profile is, as of now: its accounts combined. `LinkedIdentity.risk` says why.
#[derive(SimpleObject)]
pub struct ProfileRisk {
    /// From 0 to 100; at least that of each of its accounts.
    score: u8,
    /// The same in a word.
    level: RiskLevel,
    /// Whether somebody confirmed that one of its accounts is compromised.
    compromised: bool,
    /// What it is made of, what adds most first.
    factors: Vec<RiskContribution>,
    /// When the level drops next if nothing happens; null if it does not.
    next_change: Option<RiskLevelChange>,
    /// The accounts that count; at most 100.
    identities: Vec<LinkedIdentity>,
}

/// How risky an account is, if the viewer may know.
pub async fn of_identity(context: &Context<'_>, identity: &At<domain::LinkedIdentity>) -> Result<IdentityRisk> {
    of(context).read().allow_private(identity.organization, None)?;
    let state = ask(context, RiskStates, (identity.id.uuid, None)).await?;
    Ok(IdentityRisk { identity: identity.clone(), state, at: of(context).app.clock().now() })
}

/// How risky a profile is, if the viewer may know.
pub async fn of_profile(context: &Context<'_>, profile: &At<domain::Profile>) -> Result<ProfileRisk> {
    of(context).read().allow_private(profile.organization, None)?;
    let page = Page::first(ACCOUNTS);
    let question = Neighbours::<domain::LinkedIdentity> { relation: LINKED_IDENTITIES, page, of: PhantomData };
    let accounts = ask(context, question, (profile.id.uuid, None)).await?.map(|slice| slice.items).unwrap_or_default();
    let states = accounts.iter().map(|account| ask(context, RiskStates, (account.node.id.uuid, None)));
    let states: Vec<Arc<State>> = futures::future::try_join_all(states).await?.into_iter().flatten().collect();
    let (assessment, next_change) = combined(&states, of(context).app.clock().now());
    let mut factors: Vec<RiskContribution> = assessment
        .effects
        .iter()
        .map(|(signal, effect)| RiskContribution { signal: (*signal).into(), contribution: f64::from(*effect) / 1e9 })
        .collect();
    factors.sort_by(|one, other| other.contribution.total_cmp(&one.contribution));
    Ok(ProfileRisk {
        score: assessment.score,
        level: assessment.level.into(),
        compromised: assessment.compromised,
        factors,
        next_change: next_change.map(Into::into),
        identities: accounts.into_iter().map(|account| LinkedIdentity(At::new(account.node, None))).collect(),
    })
}
