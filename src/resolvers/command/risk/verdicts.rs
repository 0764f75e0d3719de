//! What somebody who has looked decides: that an account is compromised, that it is safe, that evidence is none.

use super::super::super::policy::Action;
use super::super::super::risk::{MODEL, changed, risen, settle};
use super::super::super::write::WriteContext;
use super::super::{Command, Target};
use crate::domain::diff::Difference;
use crate::domain::risk::{
    Arrival, Entry, EventId, Evidence, Finding, Kind, Origin, Risk, ScorePoint, SignIn, Signal, evidence_id, millis,
};
use crate::domain::{Error, LinkedIdentity, NodeId, NodeKind, Result, text};
use risk_model::Cleared;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The path under which events tell of a confirmed compromise.
const COMPROMISED: &str = "compromised";
/// How much evidence is looked at.
const EVIDENCE: u32 = 200;

/// Confirms that an account is compromised: its score is at least 95 until it is confirmed to be safe.
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmCompromised {
    /// The linked identity.
    pub id: NodeId,
    /// Why.
    pub reason: Option<String>,
}

impl Command for ConfirmCompromised {
    type Output = NodeId;
    const ACTION: &'static str = "identity.confirm_compromised";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let mut risk = begin(context, self.id, self.reason.as_deref()).await?;
        if risk.state.is_compromised() {
            return Ok(self.id);
        }
        // It may have been confirmed to be safe in this very millisecond, or by a server whose clock is ahead.
        let at = risk.state.remediated_at().map_or(i64::MIN, |safe| safe + 1).max(millis(context.now()));
        risk.state.confirm_compromised(at);
        context.tell(self.id, told(COMPROMISED, Value::Null, true.into()))?;
        keep(context, risk, Entry::Compromised { at }).await
    }
}

/// Confirms that an account is safe: what was found until now counts no more, nor does a compromise that was confirmed, and from
/// where and with what it came is usual. What stands until it changes, such as a leaked credential, stays.
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmSafe {
    /// The linked identity.
    pub id: NodeId,
    /// Why.
    pub reason: Option<String>,
}

impl Command for ConfirmSafe {
    type Output = NodeId;
    const ACTION: &'static str = "identity.confirm_safe";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let mut risk = begin(context, self.id, self.reason.as_deref()).await?;
        let mut findings = context.unit().latest_findings(self.id, EVIDENCE).await?;
        findings.retain(|finding| !finding.evidence.signal.stands());
        if findings.is_empty() && !risk.state.is_compromised() {
            return Ok(self.id);
        }
        if risk.state.is_compromised() {
            context.tell(self.id, told(COMPROMISED, true.into(), Value::Null))?;
        }
        tell_dismissed(context, self.id, &findings)?;
        // The clock of another server may be ahead.
        let known = findings.iter().map(|finding| finding.evidence.at).chain(risk.state.confirmed_at());
        let at = known.fold(millis(context.now()), i64::max);
        let places: BTreeSet<i64> = findings.iter().map(|finding| finding.arrival).collect();
        let places: Vec<i64> = places.into_iter().collect();
        let learned: Vec<(Origin, i64)> =
            context.unit().arrived(self.id, &places).await?.iter().filter_map(origin_of).collect();
        for (origin, at) in &learned {
            risk.state.learn(origin, *at);
        }
        if risk.state.remediate(at) == Cleared::Rebuild {
            tracing::error!("evidence of the future cannot be told from that of the past");
            return Err(Error::internal());
        }
        context.facts()?.cancel_fading_findings(self.id).await?;
        keep(context, risk, Entry::Safe { at, learned }).await
    }
}

/// A piece of evidence, as it is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvidenceRef {
    /// The event.
    pub event: EventId,
    /// What it says.
    pub signal: Signal,
}

impl Serialize for EvidenceRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&evidence_id(self.event, self.signal))
    }
}

/// Dismisses evidence: it counts no more.
#[derive(Debug, Clone, Serialize)]
pub struct DismissEvidence {
    /// The linked identity.
    pub id: NodeId,
    /// What is no evidence.
    pub evidence: Vec<EvidenceRef>,
    /// Why.
    pub reason: Option<String>,
}

impl Command for DismissEvidence {
    type Output = NodeId;
    const ACTION: &'static str = "identity.dismiss_evidence";

    fn target(&self) -> Target {
        Target::Node(self.id, "id")
    }

    async fn execute(&self, context: &mut WriteContext<'_>) -> Result<NodeId> {
        let mut risk = begin(context, self.id, self.reason.as_deref()).await?;
        text::check_count("evidenceIds", &self.evidence)?;
        if self.evidence.is_empty() {
            return Err(Error::invalid("evidenceIds", "Name at least one piece of evidence."));
        }
        let named: Vec<(EventId, Signal)> = self.evidence.iter().map(|one| (one.event, one.signal)).collect();
        let found = context.unit().findings(self.id, &named).await?;
        let is_known = |(event, signal): &(EventId, Signal)| {
            found.iter().any(|known| known.evidence.event == *event && known.evidence.signal == *signal)
        };
        if let Some(place) = named.iter().position(|one| !is_known(one)) {
            return Err(Error::not_found(format!("evidenceIds[{place}]"), "evidence about this identity"));
        }
        let findings: Vec<Finding> = found.into_iter().filter(|finding| finding.counts).collect();
        if findings.is_empty() {
            return Ok(self.id);
        }
        tell_dismissed(context, self.id, &findings)?;
        let dismissed: Vec<Evidence> = findings.into_iter().map(|finding| finding.evidence).collect();
        for evidence in &dismissed {
            risk.state.cancel(&MODEL, evidence);
            risk.unhear(evidence);
        }
        context.facts()?.cancel_findings(self.id, &named).await?;
        keep(context, risk, Entry::Dismissed { evidence: dismissed }).await
    }
}

/// Loads an account and what is kept of its risk, and asks the policy.
async fn begin(context: &mut WriteContext<'_>, id: NodeId, reason: Option<&str>) -> Result<Risk> {
    if id.kind != NodeKind::LinkedIdentity {
        return Err(Error::not_found("id", "linked identity"));
    }
    let _: LinkedIdentity = context.load(id, "id").await?;
    context.authorize_tenant(Action::EditDirectory)?;
    context.because(reason)?;
    let known = context.unit().risks(&[id.uuid]).await?.remove(&id.uuid);
    Ok(known.unwrap_or_else(|| Risk::unknown(id)))
}

/// Writes what a verdict has made of an account, and tells the level in the same event.
async fn keep(context: &mut WriteContext<'_>, mut risk: Risk, entry: Entry) -> Result<NodeId> {
    let (id, now, before) = (risk.identity, context.now(), risk.levels());
    let was = risk.schedule.level_at(now);
    risk.arrivals += 1;
    settle(&mut risk, now);
    context.occur(risen(&risk, was));
    if let Some(change) = changed(&risk, before) {
        for difference in change.told() {
            context.tell(id, difference)?;
        }
    }
    let arrival = Arrival { identity: id.uuid, place: risk.arrivals, entry };
    let facts = context.facts()?;
    facts.write_risks(&[&risk], MODEL.version()).await?;
    facts.write_arrivals(&[arrival]).await?;
    facts.write_scores(&[(id.uuid, ScorePoint { at: now, score: risk.score, level: risk.level })]).await?;
    Ok(id)
}

fn told(path: &str, before: Value, after: Value) -> Difference {
    Difference { path: path.to_owned(), before, after }
}

fn tell_dismissed(context: &mut WriteContext<'_>, id: NodeId, findings: &[Finding]) -> Result<()> {
    for Finding { evidence, .. } in findings {
        let path = format!("risk_evidence.{}", evidence_id(evidence.event, evidence.signal));
        context.tell(id, told(&path, json!("counts"), json!("dismissed")))?;
    }
    Ok(())
}

/// From where and with what somebody came.
fn origin_of(entry: &Entry) -> Option<(Origin, i64)> {
    let Entry::Event { observation, .. } = entry else { return None };
    match &observation.kind {
        Kind::SignIn(SignIn { origin, .. }) | Kind::SessionUse { origin, .. } => Some((*origin, observation.at)),
        _ => None,
    }
}
