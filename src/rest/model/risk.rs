//! How risky an account is, and why.

use super::choice::RiskLevel;
use super::moment::Moment;
use crate::domain::risk::{self, Level, ScorePoint, moment};
use crate::resolvers::risk::{Explanation, Piece};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

choice! {
    /// What kind of thing evidence says.
    RiskSignal = risk::Signal {
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
}

choice! {
    /// Where a score is going, compared with a day ago.
    RiskTrend = risk::Trend {
        /// It is higher.
        Rising,
        /// It is the same.
        Steady,
        /// It is lower.
        Falling,
    }
}

/// How risky an account is at the moment, and why.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Risk {
    /// Public id of the account.
    pub identity_id: String,
    /// Its provider.
    pub provider: String,
    /// The provider's id of it.
    pub provider_id: String,
    /// From 0 (nothing speaks against it) to 100 (critical).
    #[schemars(range(min = 0, max = 100))]
    pub score: u8,
    /// The same in a word.
    pub level: RiskLevel,
    /// Whether somebody confirmed that it is compromised, which keeps the score at 95 or more.
    pub compromised: bool,
    /// Where the score is going, compared with a day ago.
    pub trend: RiskTrend,
    /// When the level drops next if nothing happens; null if it does not.
    pub next_change: Option<RiskLevelChange>,
    /// What the score is made of, what adds most first.
    pub factors: Vec<RiskFactor>,
    /// The last scores that were written down, the latest first; at most 100.
    pub history: Vec<RiskScore>,
}

/// A change of a level that comes by itself.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RiskLevelChange {
    /// When.
    pub at: Moment,
    /// The new level.
    pub level: RiskLevel,
}

impl From<(crate::domain::Timestamp, Level)> for RiskLevelChange {
    fn from((at, level): (crate::domain::Timestamp, Level)) -> Self {
        Self { at: at.into(), level: level.into() }
    }
}

/// A score when it was written down.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RiskScore {
    /// Since when.
    pub at: Moment,
    /// From 0 to 100.
    pub score: u8,
    /// The same in a word.
    pub level: RiskLevel,
}

impl From<&ScorePoint> for RiskScore {
    fn from(point: &ScorePoint) -> Self {
        Self { at: point.at.into(), score: point.score, level: point.level.into() }
    }
}

/// What one signal adds to a score.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RiskFactor {
    /// Which signal.
    pub signal: RiskSignal,
    /// What it adds by itself, from 0 to 1. Together they make 1 less the product of what each leaves.
    pub contribution: f64,
    /// The most that it may add.
    pub cap: f64,
    /// After how many seconds evidence is worth half; null if it stands until something changes.
    pub half_life_seconds: Option<i64>,
    /// What the score would be without it.
    pub score_without: u8,
    /// When it was first seen, of the evidence that is listed.
    pub first_seen: Option<Moment>,
    /// When it was last seen.
    pub last_seen: Option<Moment>,
    /// Its evidence, the latest first; at most 128 in all.
    pub evidence: Vec<RiskEvidence>,
    /// How much older evidence there is that is not listed, but counts.
    pub older: u32,
}

/// What an event says.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RiskEvidence {
    /// Public id.
    pub id: String,
    /// When the event happened.
    pub happened_at: Moment,
    /// How strongly it spoke for a compromise then, from 0 to 1.
    pub strength: f64,
    /// Public id of what it was found in: an access record (`acc_…`), a session (`ses_…`) or an alert (`alr_…`).
    pub source: Option<String>,
    /// The raw values, and what they were compared with; `kind` says what it is.
    pub reason: Option<Value>,
}

impl From<Piece> for RiskEvidence {
    fn from(piece: Piece) -> Self {
        Self {
            id: piece.id,
            happened_at: moment(piece.item.at).into(),
            strength: piece.item.strength.value(),
            source: piece.source,
            reason: piece.item.reason.and_then(|reason| serde_json::to_value(reason).ok()),
        }
    }
}

impl From<Explanation> for RiskFactor {
    fn from(Explanation { factor, evidence }: Explanation) -> Self {
        Self {
            signal: factor.signal.into(),
            contribution: f64::from(factor.effect) / 1e9,
            cap: factor.cap,
            half_life_seconds: factor.half_life.map(|millis| millis / 1_000),
            score_without: factor.score_without,
            first_seen: factor.first_seen.map(|at| moment(at).into()),
            last_seen: factor.last_seen.map(|at| moment(at).into()),
            evidence: evidence.into_iter().map(RiskEvidence::from).collect(),
            older: factor.older,
        }
    }
}
